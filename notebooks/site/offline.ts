/** Vite plugin: writes the service worker, which keeps every file of the build for the time without network. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Plugin } from 'vite';

/** Libraries that notebooks may ask for and ours do not, and letters that no page has. */
const UNUSED =
  /^assets\/((mermaid|leaflet|duckdb|vega-lite|mapboxgl|xlsx|zip|dot|tex|sqlite)-|.*-(cyrillic|greek|vietnamese)(-ext)?-)/;

/** Chunks of Plot are ours whatever they are called: its dots are no graphs in dot. */
const isPlot = (modules: readonly string[]) => modules.some((id) => id.includes('@observablehq/plot/'));

/** Whether a file is kept for the time without network; `modules` = what a chunk was made of. */
export const needed = (file: string, modules: readonly string[] = []): boolean =>
  file !== 'card.png' && (!UNUSED.test(file) || isPlot(modules));

export function offline(): Plugin {
  return {
    name: 'offline',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const files = Object.entries(bundle)
          .filter(([file, part]) => needed(file, part.type === 'chunk' ? part.moduleIds : []))
          .map(([file]) => file)
          .sort();
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
