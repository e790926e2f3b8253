/** Builds the workshop site: the playground, the phase diagram and every notebook, into one static folder. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { config as notebookConfig, observable } from '@observablehq/notebook-kit/vite';
import { defineConfig, type IndexHtmlTransformHook, type Plugin } from 'vite';
import { markFilled, typeset } from '../kit.ts';
import { chrome } from './chrome.ts';
import { figures } from './figures.ts';
import { fonts } from './fonts.ts';
import { offline } from './offline.ts';

const notebooks = resolve(import.meta.dirname, '..');

/** Notebook Kit takes every page for a notebook; the pages that are not one pass by. */
function notebookPages(): Plugin {
  const template = resolve(import.meta.dirname, 'notebook.template.html');
  const plugin = observable({ template, transformNotebook: typeset }) as Plugin;
  const { order, handler } = plugin.transformIndexHtml as { order: 'pre'; handler: IndexHtmlTransformHook };
  return {
    ...plugin,
    transformIndexHtml: {
      order,
      async handler(html, context) {
        if (!html.includes('<notebook')) return html;
        return markFilled((await handler.call(this, html, context)) as string, html);
      },
    },
  };
}

/** Title of a page or notebook file. */
function titleOf(file: string): string {
  return readFileSync(resolve(notebooks, file), 'utf8').match(/<title>(.*?)<\/title>/)?.[1] ?? file;
}

/** Says at the end what to do with the build. */
function nextStep(): Plugin {
  const closeBundle = () => console.log('site/ is built: npm run serve, or put it on any web host');
  return { name: 'next-step', apply: 'build', closeBundle };
}

const pages = readdirSync(notebooks).filter((file) => file.endsWith('.html'));
/** Titles of the notebooks, in order, by file. */
const notebookTitles = new Map(
  pages
    .filter((file) => /^\d/.test(file))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .map((file) => [file, titleOf(file)]),
);

export default defineConfig({
  ...notebookConfig(),
  root: notebooks,
  plugins: [notebookPages(), chrome(notebookTitles), fonts(), figures(), offline(), nextStep()],
  worker: { format: 'es' },
  build: {
    outDir: resolve(notebooks, '../site'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1_500, // kB: plotly and gpu.js, loaded when first needed
    rolldownOptions: { input: pages.map((file) => resolve(notebooks, file)) },
  },
});
