/**
 * The pages as people see them: every page on a phone, a laptop and a projector, light and dark, one picture each, and all
 * of them on one contact sheet; says which pages are wider than their window or complain. npx tsx notebooks/looks.ts [words of file names …], into looks/.
 * With --card it draws the picture that other sites show of a link, notebooks/site/card.png.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { kgonModel, solveKgon } from '../sim/theory/kgon.ts';
import { chromiumMissing, openSite, type Site } from '../tests/site.ts';
import { LIGHT } from './site/palette.ts';
import { vectorsSvg } from './site/vectors.ts';

const OUT = resolve(import.meta.dirname, '../looks');

const SIZES = { phone: [360, 740], laptop: [1280, 800], projector: [1920, 1080] } as const;
/** Every size, light and dark. */
const VIEWS = Object.entries(SIZES).flatMap(([name, [width, height]]) =>
  (['light', 'dark'] as const).map((colorScheme) => ({
    name: `${name}-${colorScheme}`,
    options: { viewport: { width, height }, colorScheme },
  })),
);

/** Milliseconds for a page to train a little and come to rest. */
const REST = 12_000;

/** States of a page beyond its first one. */
const STATES = ['play.html#story=5', 'phase.html#x=hidden&y=features&metric=kept&importance=1&cells=16', 'play.html#density=0.05&importance=1&speed=fast&edits=[[3000,1,1,0.003],[9000,0.05,1,0.003]]&beside=1']; // biome-ignore format: one list

const nameOf = (path: string, view: string) => `${path.replace(/\.html#?/, '-').replace(/[^\w-]+/g, '').slice(0, 40)}-${view}.png`; // biome-ignore format: one name

/** What a machine sees that is wrong with the look of a page. */
const WIDE = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';

async function shoot(site: Site, path: string): Promise<string[]> {
  const shots = VIEWS.map(async ({ name, options }) => {
    const { page, complaints } = await site.visit(path, options);
    await page.waitForTimeout(REST);
    const file = join(OUT, nameOf(path, name));
    await page.screenshot({ path: file });
    if (await page.evaluate(WIDE)) complaints.push('wider than its window');
    for (const complaint of new Set(complaints)) console.error(`${path} ${name}: ${complaint}`);
    await page.context().close();
    return file;
  });
  return Promise.all(shots);
}

const dataUrl = (file: string) => `data:image/png;base64,${readFileSync(file).toString('base64')}`;

/** All pictures on one page, a row a page. */
async function contactSheet(page: Page, rows: string[][]): Promise<void> {
  const cells = rows.map((row) => `<tr>${row.map((file) => `<td><img src="${dataUrl(file)}" height="300"></td>`).join('')}</tr>`); // biome-ignore format: one table
  await page.setContent(`<table>${cells.join('')}</table>`);
  await page.screenshot({ path: join(OUT, 'contact-sheet.png'), fullPage: true });
}

/** The share card: the best pentagon and the question of the front page. */
async function card(page: Page): Promise<void> {
  const { W } = kgonModel(5, solveKgon(5)!);
  const style = 'margin:0;width:1200px;height:630px;display:grid;grid-template-columns:630px 1fr;align-items:center;font:600 52px/1.2 sans-serif;background:#fff;color:#1d2733'; // biome-ignore format: one style
  await page.setViewportSize({ width: 1200, height: 630 });
  await page.setContent(
    `<body style="${style}"><div>${vectorsSvg(W, 5, 2, LIGHT, { yaw: 0, pitch: 0 })}</div><div>A layer of two numbers stores five features. How?<p style="font-size:26px;font-weight:400">Toy models of superposition, live in your browser</p></div></body>`,
  );
  await page.screenshot({ path: join(import.meta.dirname, 'site/card.png') });
}

async function main(words: string[]): Promise<void> {
  if (chromiumMissing) throw new Error(chromiumMissing);
  const site = await openSite();
  try {
    const blank = (await site.visit('index.html')).page;
    if (words[0] === '--card') return await card(blank);
    mkdirSync(OUT, { recursive: true });
    const pages = [...readdirSync(site.folder).filter((file) => file.endsWith('.html')), ...STATES];
    const rows: string[][] = [];
    for (const path of pages.filter(
      (file) => words.length === 0 || words.some((word) => file.includes(word)),
    )) {
      console.log(`${rows.length + 1} ${path}`);
      rows.push(await shoot(site, path));
    }
    await contactSheet(blank, rows);
    writeFileSync(join(OUT, 'pages.txt'), `${rows.flat().join('\n')}\n`);
    const views = VIEWS.map(({ name }) => name).join(', ');
    console.log(`looks/contact-sheet.png shows ${rows.length} pages in ${views}`);
  } finally {
    await site.close();
  }
}

await main(process.argv.slice(2));
