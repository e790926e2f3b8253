/** axe finds nothing to object to, on every page and in the states that change what is on it, light and dark. */
import { readdirSync } from 'node:fs';
import axe from 'axe-core';
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

interface Found {
  violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
}

const RUN = 'axe.run(document, { resultTypes: ["violations"] })';

async function violations(path: string, colorScheme: 'light' | 'dark'): Promise<string[]> {
  const { page } = await site.visit(path, { colorScheme });
  await page.waitForTimeout(3_000);
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate(RUN)) as Found;
  await page.context().close();
  return violations.flatMap(({ id, nodes }) =>
    nodes
      .slice(0, 3)
      .map(
        ({ html, failureSummary }) =>
          `${path} ${colorScheme} ${id}: ${html.slice(0, 160)} ${failureSummary.split('\n')[1]}`,
      ),
  );
}

testUnless(chromiumMissing, 'no page and no state breaks a rule of axe', async () => {
  const pages = [...readdirSync(site.folder).filter((file) => file.endsWith('.html')), ...STATES];
  const found: string[] = [];
  for (const path of pages) found.push(...(await violations(path, 'light')));
  for (const path of [
    'index.html',
    'play.html#story=5',
    'phase.html',
    'dictionaries.html',
    '3-phase-change.html',
  ])
    found.push(...(await violations(path, 'dark')));
  assert.is(found.join('\n'), '');
});

test.run();
