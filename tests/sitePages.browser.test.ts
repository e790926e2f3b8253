/**
 * Every page, and the states that change what is on one: it opens without a network, an error or a breach of its
 * policy, fits a phone, has the bar, a title and a card, and gives axe nothing to object to, light and dark.
 */
import { readdirSync } from 'node:fs';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chromiumMissing, openSite, type Site } from './site.ts';
import { testUnless } from './skip.ts';

let site: Site;
test.before(async () => {
  if (!chromiumMissing) site = await openSite();
});
test.after(() => site?.close());

/** States of the playground beyond its first. */
const STATES = ['play.html#story=5', 'play.html#story=8', 'play.html#beside=1&speed=normal', 'play.html#features=nine']; // biome-ignore format: one list
const DARK = ['index.html', 'play.html#story=5', 'phase.html', 'dictionaries.html', '3-phase-change.html'];

const PHONE = { width: 360, height: 720 };
const DESK = { width: 1280, height: 720 };

interface Found {
  violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
}

const RUN = 'axe.run(document, { resultTypes: ["violations"] })';

/** What axe objects to on a page as it is now. */
async function violations(page: Page, name: string): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate(RUN)) as Found;
  return violations.flatMap(({ id, nodes }) =>
    nodes
      .slice(0, 3)
      .map(
        ({ html, failureSummary }) => `${name} ${id}: ${html.slice(0, 160)} ${failureSummary.split('\n')[1]}`,
      ),
  );
}

/** Files that a page of the site may be or name. */
const files = () => readdirSync(site.folder);
const pages = () => files().filter((file) => file.endsWith('.html'));

/** Throws if a page does not fit a phone, or has no policy. */
async function checkFit(page: Page, path: string): Promise<void> {
  await page.waitForTimeout(300);
  const width: number = await page.evaluate('document.documentElement.scrollWidth');
  assert.ok(width <= PHONE.width, `${path} is ${width} pixels wide`);
  const policy = await page.getAttribute('meta[http-equiv=Content-Security-Policy]', 'content');
  assert.match(policy!, /script-src 'self' 'wasm-unsafe-eval';/, path);
}

/** Throws if a page lacks the bar with the notebooks, its title, or a card with a picture that is there. */
async function checkHead(page: Page, path: string): Promise<void> {
  const notebooks = files().filter((file) => /^\d+-.*\.html$/.test(file)).length;
  assert.ok(notebooks >= 10);
  assert.is(await page.locator('nav.top a[aria-label^="Notebook"]').count(), notebooks, path);
  const here = path === 'answers.html' ? 0 : 1;
  assert.is(await page.locator('nav.top a[aria-current=page]').count(), here, path);
  const meta = (name: string) => page.getAttribute(`meta[property="og:${name}"]`, 'content');
  assert.is(await meta('title'), await page.title(), path);
  assert.ok((await meta('description'))!.length > 40, path);
  assert.ok(files().includes((await meta('image'))!.replace('./', '')), path);
}

/** Visits a page as on a phone, then as on a desk, and throws at the first fault. */
async function check(path: string, colorScheme: 'light' | 'dark'): Promise<void> {
  const { page, complaints } = await site.visit(path, { colorScheme, viewport: PHONE });
  await checkFit(page, path);
  await checkHead(page, path);
  await page.setViewportSize(DESK);
  await page.waitForTimeout(3_000);
  assert.is((await violations(page, `${path} ${colorScheme}`)).join('\n'), '');
  assert.equal(complaints, [], path);
  await page.context().close();
}

testUnless(chromiumMissing, 'the site has its pages', () => {
  for (const name of ['index.html', 'play.html', 'phase.html']) assert.ok(pages().includes(name), name);
});

testUnless(chromiumMissing, 'no page and no state has a fault in the light', async () => {
  for (const path of [...pages(), ...STATES]) await check(path, 'light');
});

testUnless(chromiumMissing, 'no page has a fault in the dark', async () => {
  for (const path of DARK) await check(path, 'dark');
});

test.run();
