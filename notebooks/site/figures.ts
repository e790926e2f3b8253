/** Vite plugin: takes the gallery that `npm run figures` made into the site, with a door on the front page. */
import { cpSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Plugin } from 'vite';

const MADE = process.env.SUPERPOSE_FIGURES ?? resolve(import.meta.dirname, '../../figures');
const PLACE = 'figures';

/** The door to the gallery, or nothing where `folder` holds none. */
export function figuresDoor(folder: string): string {
  if (!existsSync(join(folder, 'index.html'))) return '';
  return `<a class="doorway" href="./${PLACE}/index.html"><strong>The papers' figures</strong> Each redrawn, its claims judged by numbers, its models a click from the playground.</a>`;
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
      if (figuresDoor(MADE)) cpSync(MADE, join(out, PLACE), { recursive: true });
    },
  };
}
