/** What a browser or a host lacks is said on every page, in one sentence that helps; where nothing lacks, nothing is said. */
import { readdirSync } from 'node:fs';
import { chromium, type Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chromiumMissing, openSite, type Site, trainedTo, until, type VisitOptions } from './site.ts';
import { testUnless } from './skip.ts';

let site: Site;
test.before(async () => {
  if (!chromiumMissing) site = await openSite();
});
test.after(() => site?.close());

const visiting = (name: string, body: () => Promise<void>) => testUnless(chromiumMissing, name, body);
const SAID = '[...document.querySelectorAll(".failure")].map((sentence) => sentence.textContent).join(" ")';
const pages = () => readdirSync(site.folder).filter((file) => file.endsWith('.html'));

/** One page of each make; that every page carries the script, the pages from disk show. */
const MAKES = ['index.html', 'play.html', '2-sparsity.html'];

/** Each says one sentence, which matches. */
async function allSay(pattern: RegExp, options: VisitOptions): Promise<void> {
  for (const path of MAKES) {
    const { page } = await site.visit(path, options);
    await until(page, `document.querySelectorAll('.failure').length > 0`);
    assert.match((await page.evaluate(SAID)) as string, pattern, path);
    assert.is(await page.locator('.failure').count(), 1, path);
    await page.context().close();
  }
}

const LACKING: [what: string, flag: string, sentence: RegExp][] = [
  ['SIMD', '--js-flags=--no-enable-sse4-1', /^The WebAssembly of this browser has no SIMD, .*Safari 16\.4/],
  ['WebAssembly', '--js-flags=--jitless', /^This browser runs no WebAssembly/],
];

for (const [what, flag, sentence] of LACKING) {
  visiting(
    `a browser without ${what}: every page says so, and the playground trains all the same`,
    async () => {
      await allSay(sentence, { flags: [flag] });
      const { page } = await site.visit('play.html', { flags: [flag] });
      await trainedTo(page, 5);
      assert.match((await page.textContent('#engine-report'))!, /Runs on reference/);
      await page.context().close();
    },
  );
}

visiting('a host that forbids workers: every page says so', () =>
  allSay(/^This page may not start workers, .*npm run serve/, { host: 'workerless' }),
);

/** Opens a file of the build from disk. */
async function fromDisk(page: Page, path: string): Promise<string> {
  await page.goto(`file://${site.folder}/${path}`);
  return (await page.evaluate(SAID)) as string;
}

visiting('a page opened from disk says how to serve it', async () => {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  const page = await browser.newPage();
  for (const path of pages())
    assert.match(await fromDisk(page, path), /^This page was opened from disk/, path);
  await browser.close();
});

visiting('a browser that lacks nothing is told nothing', async () => {
  const { page } = await site.visit('index.html');
  await until(page, 'document.getElementById("live-step").textContent.length > 0');
  assert.is(await page.evaluate(SAID), '');
  await page.context().close();
});

test.run();
