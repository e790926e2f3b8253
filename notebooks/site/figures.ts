/** Vite plugin: takes the gallery that `npm run figures` made into the site, with doors to it and back. */
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Plugin } from 'vite';
import { CHECKSUMS } from '../../sim/store/sums.ts';

const MADE = process.env.SUPERPOSE_FIGURES ?? resolve(import.meta.dirname, '../../figures');
const PLACE = 'figures';
/** What a folder says of itself that is no page: of the copy it would not be true. */
const OF_THE_FOLDER = ['gallery.json', CHECKSUMS];

/** The door to the gallery, or nothing where `folder` holds none. */
export function figuresDoor(folder: string): string {
  if (!existsSync(join(folder, 'index.html'))) return '';
  return `<a class="doorway" href="./${PLACE}/index.html"><strong>The papers' figures</strong> Each redrawn, its claims judged by numbers, its models a click from the playground.</a>`;
}

/** Whether this build takes a gallery along. */
export const hasGallery = () => figuresDoor(MADE) !== '';

/** A page of the gallery as a page of the site: its playground is the one beside it, and there is a way back. */
export function asPartOfSite(html: string): string {
  return html
    .replace(/href="[^"]*\/(play\.html#[^"]*)"/g, 'href="../$1"')
    .replace(
      '<main>',
      '<main>\n<nav class="section" aria-label="Workshop"><a href="../index.html">The workshop</a> · <a href="../play.html">Playground</a></nav>',
    );
}

/** Copies a gallery into the site. */
export function copyGallery(from: string, to: string): void {
  cpSync(from, to, { recursive: true, filter: (file) => !OF_THE_FOLDER.includes(basename(file)) });
  for (const name of readdirSync(to).filter((file) => file.endsWith('.html'))) {
    const file = join(to, name);
    writeFileSync(file, asPartOfSite(readFileSync(file, 'utf8')));
  }
}

export function figures(): Plugin {
  let out = '';
  return {
    name: 'figures',
    configResolved({ root, build }) {
      out = resolve(root, build.outDir);
    },
    transformIndexHtml: (html) => html.replace('<!-- figures-door -->', figuresDoor(MADE)),
    closeBundle() {
      if (hasGallery()) copyGallery(MADE, join(out, PLACE));
    },
  };
}
