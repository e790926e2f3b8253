/** Every figure from tiny models: what it draws and claims, and the gallery's pages in Chromium, opened from disk with the network off. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findChromium } from '../plots/browser.ts';
import type { Figure } from '../plots/figure.ts';
import { figures } from '../plots/figures/index.ts';
import { makeGallery } from '../plots/gallery.ts';
import { readEntry } from '../plots/write.ts';
import { experiments } from '../sim/experiments/index.ts';
import { shrink } from './shrink.ts';
import { testUnless } from './skip.ts';

const executable = findChromium();
const missing = executable ? null : 'no Chromium found (SUPERPOSE_CHROMIUM)';

/** Milliseconds that a busy machine may take. */
const PATIENCE = 180_000;

/** Every string inside a value. */
function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(strings);
}

/** Names of layout axes that traces draw in, x2 → xaxis2. */
function axesUsed({ data }: Figure): string[] {
  return data.flatMap((trace) =>
    ['xaxis', 'yaxis'].flatMap((key) => {
      const name = trace[key];
      return typeof name === 'string' ? [`${name[0]}axis${name.slice(1)}`] : [];
    }),
  );
}

/** Numbers of a trace's coordinates, heatmaps flattened. */
function coordinates(trace: Record<string, unknown>): unknown[] {
  return ['x', 'y', 'z'].flatMap((key) =>
    Array.isArray(trace[key]) ? (trace[key] as unknown[]).flat() : [],
  );
}

let out: string;
let browser: Browser;
const complaints: string[] = [];

/** A page without a network that writes down whatever goes wrong. */
async function open(name: string, width = 1280): Promise<Page> {
  const context = await browser.newContext({ offline: true, viewport: { width, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${name}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`${name}: ${error.message}`));
  page.on('request', (request) => {
    if (!/^(file|data|blob):/.test(request.url())) complaints.push(`${name}: asked for ${request.url()}`);
  });
  await page.goto(pathToFileURL(join(out, `${name}.html`)).href);
  return page;
}

/** Reaches for the figure of a page, and waits until it can be touched. */
async function reach(page: Page): Promise<void> {
  await page.hover('#plot');
  await until(page, 'window.drawn === true');
}

/** Whether an expression is true of a page; not while it goes to another one. */
const holds = (page: Page, expression: string) => page.evaluate(expression).catch(() => false);

/** Waits until an expression is true of a page. waitForFunction would compile it, which the pages' policy forbids. */
async function until(page: Page, expression: string): Promise<void> {
  for (const limit = Date.now() + PATIENCE; !(await holds(page, expression)); await sleep(50)) {
    if (Date.now() > limit) throw new Error(`${page.url()}: waited for ${expression}`);
  }
}

test.before(async () => {
  out = await mkdtemp(join(tmpdir(), 'gallery-'));
  const tiny = experiments.map((experiment) => ({
    ...experiment,
    specs: (scale: 'quick' | 'paper') => experiment.specs(scale).map(shrink),
  }));
  for await (const _ of makeGallery(tiny, { scale: 'quick', engine: 'simd', threads: 2, out })) {
    // only the files matter
  }
  if (!missing)
    browser = await chromium.launch({
      executablePath: executable!,
      args: ['--no-sandbox'],
      timeout: PATIENCE,
    });
});

test.after(async () => {
  await browser?.close();
  if (out) await rm(out, { recursive: true });
});

for (const experiment of experiments) {
  test(`${experiment.name}: its picture is whole and its signature can be judged`, async () => {
    const { data } = (await readEntry(out, experiment.name))!;
    const figure = figures[experiment.name](data);
    assert.ok(figure.layout.width > 0 && figure.layout.height > 0);
    assert.ok(figure.data.length > 0);
    for (const axis of axesUsed(figure)) assert.ok(axis in figure.layout, `${axis} is not in the layout`);
    for (const [name, axis] of Object.entries(figure.layout)) {
      if (!/^[xy]axis/.test(name)) continue;
      const [from, to] = (axis as { domain: [number, number] }).domain;
      assert.ok(from >= 0 && to <= 1 && from < to, `${name} lies at ${from} to ${to}`);
    }
    for (const trace of figure.data) {
      for (const value of coordinates(trace)) {
        assert.ok(
          value === null || typeof value === 'string' || Number.isFinite(value),
          `a coordinate is ${value}`,
        );
      }
    }
    const wrong = strings([figure.data, figure.layout]).filter((text) => /undefined|NaN|\[object/.test(text));
    assert.equal(wrong, []);
    const claims = experiment.signature(data, 'quick');
    assert.ok(claims.length > 0);
    for (const claim of claims) {
      assert.type(claim.holds, 'boolean');
      for (const key of ['text', 'expected', 'source', 'measured'] as const)
        assert.ok(claim[key].length > 0, key);
    }
  });
}

testUnless(missing, 'every figure is drawn, without a network and without complaints', async () => {
  const page = await open('index');
  for (const { name } of experiments) {
    await page.goto(pathToFileURL(join(out, `${name}.html`)).href);
    await reach(page);
    const drawn = '#plot svg .trace, #plot svg .heatmaplayer image, #plot svg .bars .point';
    const why = page.locator('#plot svg .annotation', { hasText: /^Nothing to draw: / });
    assert.ok((await page.locator(drawn).or(why).count()) > 0, `${name} shows nothing and does not say why`);
  }
  await page.context().close();
  assert.equal(complaints, []);
});

testUnless(missing, 'every figure has its SVG and a PNG of twice its size', async () => {
  for (const { name } of experiments) {
    const svg = await readFile(join(out, `${name}.svg`), 'utf8');
    const [, width, height] = svg.match(/^<svg[^>]* width="([\d.]+)" height="([\d.]+)"/)!;
    const png = await readFile(join(out, `${name}.png`));
    assert.is(png.readUInt32BE(16), 2 * Math.round(Number(width)), name);
    assert.is(png.readUInt32BE(20), 2 * Math.round(Number(height)), name);
  }
});

testUnless(missing, 'the index shows every figure and its pictures load', async () => {
  const page = await open('index');
  assert.is(await page.locator('article').count(), experiments.length);
  await page.evaluate("for (const image of document.images) image.loading = 'eager'");
  await until(page, '[...document.images].every((image) => image.complete && image.naturalWidth > 0)');
  assert.equal(complaints, []);
  await page.context().close();
});

testUnless(missing, 'the index and a figure can be used from the keyboard', async () => {
  const page = await open('index');
  await page.keyboard.press('Tab');
  assert.is(await page.evaluate('document.activeElement.closest("nav") !== null'), true);
  await page.locator('article a').first().focus();
  await page.keyboard.press('Enter');
  await page.locator('.wide').first().focus();
  await until(page, 'window.drawn === true');
  assert.is(await page.evaluate("document.activeElement.getAttribute('role')"), 'region');
  await page.context().close();
});

testUnless(
  missing,
  'on a screen 360 pixels wide the page keeps its width and the figure scrolls',
  async () => {
    for (const name of ['index', 'phase-diagram-2-1']) {
      const page = await open(name, 360);
      if (name !== 'index') await reach(page);
      assert.ok(
        Number(await page.evaluate('document.documentElement.scrollWidth')) <= 360,
        `${name} is too wide`,
      );
      await page.context().close();
    }
    assert.equal(complaints, []);
  },
);

testUnless(missing, 'the slider of the learning figure moves its shape', async () => {
  const page = await open('geometric-transformations');
  await reach(page);
  const shape = () => page.evaluate<string>("JSON.stringify(document.getElementById('plot').data.at(-1).x)");
  const before = await shape();
  await page.evaluate("Plotly.animate('plot', ['0'], { mode: 'immediate' })");
  await until(page, `JSON.stringify(document.getElementById('plot').data.at(-1).x) !== '${before}'`);
  await page.context().close();
});

testUnless(missing, 'a figure stands as its picture until somebody reaches for it', async () => {
  const page = await open('intro');
  const picture = page.locator('#plot > img');
  assert.is(await picture.evaluate((image) => (image as HTMLImageElement).decode().then(() => true)), true); // biome-ignore format: one claim
  assert.is(await page.evaluate('typeof Plotly'), 'undefined');
  const place = await page.locator('#plot').boundingBox();
  await reach(page);
  assert.is(await picture.count(), 0);
  assert.equal(await page.locator('#plot').boundingBox(), place);
  await page.context().close();
});

testUnless(missing, 'a page runs no script but its own, whatever got into it', async () => {
  const file = join(out, 'intro.html');
  const text = await readFile(file, 'utf8');
  const planted = '<img src=x onerror="window.planted=1"><script>window.planted=2</script><script src="data:text/javascript,window.planted=3"></script>'; // biome-ignore format: one line
  await writeFile(file, text.replace('<main>', `<main>${planted}`));
  const seen = complaints.length;
  const page = await open('intro');
  await reach(page);
  assert.is(await page.evaluate('window.planted'), undefined);
  assert.match(complaints.splice(seen).join('\n'), /Content Security Policy/);
  await page.context().close();
  await writeFile(file, text);
});

test.run();
