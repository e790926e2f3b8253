import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { test } from 'uvu';
import { build } from 'vite';
import { exerciseOf, exercises } from '../notebooks/exercises/index.ts';
import { CHROMIUM, chromiumMissing } from './chromium.ts';
import { testUnless } from './skip.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const folder = mkdtempSync(join(tmpdir(), 'superpose-site-'));

const server = createServer(async (request, response) => {
  const path = new URL(request.url!, 'http://localhost').pathname.replace(/\/$/, '/index.html');
  const bytes = await readFile(join(folder, path)).catch(() => null);
  response.writeHead(bytes ? 200 : 404, { 'content-type': TYPES[extname(path)] ?? 'text/plain' });
  response.end(bytes);
});

let browser: Browser;
let origin = '';

test.before(async () => {
  if (chromiumMissing) return;
  const configFile = join(import.meta.dirname, '../notebooks/site/vite.config.ts');
  await build({ configFile, logLevel: 'error', build: { outDir: folder } });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
});

test.after(async () => {
  await browser?.close();
  server.close();
  rmSync(folder, { recursive: true });
});

/** Opens a page of the site. `complaints` gathers console errors, exceptions and requests to anywhere else. */
async function visit(path: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(blob|data):/.test(url)) complaints.push(`asked for ${url}`);
  });
  await page.goto(`${origin}/${path}`);
  return { page, complaints };
}

/** Types an answer into an exercise, checks it and waits for the verdict. */
async function answer(page: Page, id: string, text: string): Promise<string> {
  const card = page.locator(`#exercise-${id}`);
  await card.locator('textarea').fill(text);
  await card.getByRole('button', { name: /check/i }).click();
  await card.locator('.verdict.pass, .verdict.fail').waitFor({ timeout: 30_000 });
  return (await card.locator('.verdict').textContent()) ?? '';
}

for (const [notebook, list] of Object.entries(exercises)) {
  testUnless(
    chromiumMissing,
    `${notebook} runs from the built files: cells, training, no complaints`,
    async () => {
      const { page, complaints } = await visit(`${notebook}.html`);
      await page
        .locator('.exercise[id]')
        .nth(list.length - 1)
        .waitFor();
      for (const panel of await page.locator('.panel').all()) {
        await panel.scrollIntoViewIfNeeded();
        await panel.locator('.picture svg').first().waitFor({ timeout: 30_000 });
        assert.match(
          (await panel.locator('.status').textContent()) ?? '',
          /models? in .* on \w+ \(auto: .+\)$/,
        );
      }
      assert.equal(await page.locator('.exercise[id]').count(), list.length);
      assert.equal(await page.locator('.observablehq--error').count(), 0);
      assert.ok((await page.locator('math').count()) > 0);
      assert.deepEqual(complaints, []);
      await page.close();
    },
  );
}

testUnless(chromiumMissing, 'a wrong formula hears why, a right one turns green', async () => {
  const { page, complaints } = await visit('3-phase-change.html');
  assert.match(
    await answer(page, 'lower-boundary', '(p) => (2 * p) / (4 - 3 * p)'),
    /^✗ Not yet\. On the right/,
  );
  assert.match(await answer(page, 'lower-boundary', exerciseOf('lower-boundary').solution), /^✓ Pass\./);
  assert.deepEqual(complaints, []);
  await page.close();
});

testUnless(chromiumMissing, 'a loop without end is stopped and the page lives on', async () => {
  const { page } = await visit('3-phase-change.html');
  assert.match(await answer(page, 'triple-point', '(() => { for (;;) {} })()'), /Stopped after 3 seconds/);
  assert.match(await answer(page, 'triple-point', '4/7'), /^✓ Pass\./);
  await page.close();
});

testUnless(chromiumMissing, 'a spec is trained in the tab, judged and drawn', async () => {
  const { page } = await visit('2-sparsity.html');
  assert.match(await answer(page, 'five-in-two', exerciseOf('five-in-two').solution), /^✓ Pass\. All five/);
  assert.equal(await page.locator('#exercise-five-in-two figure svg').count(), 4);
  assert.match(
    await answer(page, 'five-in-two', '{ "model": 3 }'),
    /^✗ Not yet\. model: expected an object, got 3/,
  );
  await page.close();
});

testUnless(
  chromiumMissing,
  'a choice is judged, hints and solution unfold, and an answer survives a reload',
  async () => {
    const { page } = await visit('1-features.html');
    const card = page.locator('#exercise-linear-and-density');
    await card.getByRole('radio', { name: /keeps m features/ }).check();
    await card.getByRole('button', { name: 'Check' }).click();
    assert.match((await card.locator('.verdict').textContent()) ?? '', /^✓ Pass\./);
    const first = page.locator('#exercise-all-silent');
    await first.getByText('Solution').click();
    await first.getByRole('button', { name: 'Put it in the box' }).click();
    await first.locator('textarea').press('End');
    await first.locator('textarea').pressSequentially(' ');
    await page.reload();
    await page.locator('#exercise-all-silent textarea').waitFor();
    assert.match(await page.locator('#exercise-all-silent textarea').inputValue(), /\(1 - p\) \*\* n/);
    await page.close();
  },
);

testUnless(chromiumMissing, 'once opened, a notebook works without network', async () => {
  const { page } = await visit('8-sweep.html');
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null, null, { timeout: 30_000 });
  await page.context().setOffline(true);
  await page.reload();
  assert.match(await answer(page, 'count-models', exerciseOf('count-models').solution), /^✓ Pass\./);
  await page.close();
});

testUnless(chromiumMissing, 'the guide lists every exercise with its answer', async () => {
  const { page, complaints } = await visit('guide.html');
  await page.locator('.help details').first().waitFor();
  assert.equal(await page.locator('.help details').count(), Object.values(exercises).flat().length);
  assert.deepEqual(complaints, []);
  await page.close();
});

test.run();
