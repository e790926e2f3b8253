/** Vite plugin: writes the service worker, which keeps every file of the build for the time without network. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Plugin } from 'vite';

/** Libraries that notebooks may ask for and ours do not, and letters that no page has. */
const UNUSED =
  /^assets\/((mermaid|leaflet|duckdb|vega-lite|mapboxgl|xlsx|zip|dot|tex|sqlite)-|.*-(cyrillic|greek|vietnamese)(-ext)?-)/;

/** Whether a file is kept for the time without network. */
export const needed = (file: string): boolean => !UNUSED.test(file) && file !== 'card.png';

export function offline(): Plugin {
  return {
    name: 'offline',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const files = Object.keys(bundle).filter(needed).sort();
        const contents = createHash('sha256');
        for (const file of files) {
          const entry = bundle[file];
          contents.update(file).update(entry.type === 'chunk' ? entry.code : entry.source);
        }
        const source = readFileSync(resolve(import.meta.dirname, 'sw.js'), 'utf8')
          .replace('__VERSION__', contents.digest('hex').slice(0, 12))
          .replace('__FILES__', JSON.stringify(files));
        this.emitFile({ type: 'asset', fileName: 'sw.js', source });
      },
    },
  };
}
