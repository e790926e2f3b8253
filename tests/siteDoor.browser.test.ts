/** The first half minute in a real browser: the front door, a birth one can watch, one click into the model, words. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { STORY } from '../notebooks/site/story.ts';
import { chromiumMissing, openSite, type Site, stepOf, trainedTo, until } from './site.ts';
import { testUnless } from './skip.ts';

let site: Site;
test.before(async () => {
  if (!chromiumMissing) site = await openSite();
});
test.after(() => site?.close());

const visiting = (name: string, body: () => Promise<void>) => testUnless(chromiumMissing, name, body);
const text = (id: string) => `document.getElementById('${id}').textContent`;

visiting('the front door shows a model that learns, and every door opens', async () => {
  const { page, complaints } = await site.visit('index.html');
  await until(page, `/5 of 5 kept: a pentagon/.test(${text('live-said')})`);
  const hrefs: string[] = await page.evaluate(
    '[...document.querySelectorAll(".doorway, nav.top a, footer a")].map((link) => link.getAttribute("href"))',
  );
  for (const href of hrefs) {
    if (!/^https:/.test(href)) assert.ok(existsSync(join(site.folder, href.replace(/#.*/, ''))), href);
  }
  assert.ok(hrefs.some((href) => href.includes('transformer-circuits.pub')));
  assert.equal(complaints, []);
  await page.context().close();
});

visiting('a link of the time when the playground was the first page still leads to it', async () => {
  const { page } = await site.visit('index.html#features=7&seed=3');
  await page.waitForURL(/play\.html#features=7&seed=3$/);
  await trainedTo(page, 0);
  assert.is(await page.inputValue('#features'), '7');
  await page.context().close();
});

visiting(
  'the playground opens slowly, with the loss and the dimensionalities in view on a laptop',
  async () => {
    const { page } = await site.visit('play.html', { viewport: { width: 1280, height: 800 } });
    await trainedTo(page, 0);
    const [from, frames] = [await stepOf(page), 60];
    const drawn = `new Promise((done) => { let k = 0; const next = () => (++k > ${frames} ? done() : requestAnimationFrame(next)); next(); })`;
    await page.evaluate(drawn);
    assert.ok((await stepOf(page)) - from <= 2 * frames, 'about one update a frame');
    for (const id of ['loss', 'dimensions']) {
      const rect = `document.querySelector('#${id} svg').getBoundingClientRect()`;
      const bottom = (await page.evaluate(`${rect}.bottom`)) as number;
      assert.ok(bottom <= 800, `${id} ends at ${bottom}`);
    }
    await until(page, `${text('said')}.startsWith('5 of 5 kept: a pentagon.')`);
    assert.ok((await stepOf(page)) < 900);
    await trainedTo(page, 2_000);
    await page.context().close();
  },
);

visiting(
  'a feature is switched on by a click, by the keyboard and by a link, and the answer is told',
  async () => {
    const { page, complaints } = await site.visit('play.html#speed=fast&importance=1');
    await trainedTo(page, 6_000);
    await page.click('#play');
    const box = (await page.locator('#diagram [data-switch="1"]').boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await until(
      page,
      `/1 comes back as (0.9|1.0)\\d; interference at \\d .*, \\d .*; the ReLU cuts \\d, \\d/.test(${text('answer')})`,
    );
    assert.is(await page.getAttribute('#switches button', 'aria-pressed'), 'true');
    await until(page, 'location.hash.includes("on=%5B1%5D")');
    const linked = await site.visit(`play.html#${new URL(page.url()).hash.slice(1)}`);
    await until(linked.page, `/1 comes back/.test(${text('answer')})`);
    await page.focus('#switches button');
    await page.keyboard.press('Space');
    await until(page, `${text('answer')} === 'Switch on a feature: what comes back?'`);
    assert.equal(complaints, []);
    await page.context().close();
    await linked.page.context().close();
  },
);

visiting('pointing at a bar lights its row, its column, its arrow and its wires together', async () => {
  const { page } = await site.visit('play.html');
  await trainedTo(page, 100);
  await page.hover('#dimensions rect[data-feature="2"]');
  const bright = `[...document.querySelectorAll('.picture [data-feature]')].filter((part) => getComputedStyle(part).opacity === '1')`;
  const lit = (await page.evaluate(
    `${bright}.every((part) => part.dataset.feature.split(' ').includes('2'))`,
  )) as boolean;
  assert.is(lit, true);
  for (const panel of ['directions', 'diagram', 'gram', 'dimensions']) {
    const count = (await page.evaluate(
      `${bright}.filter((part) => part.closest('#${panel}')).length`,
    )) as number;
    assert.ok(count > 0, panel);
  }
  await page.context().close();
});

/** Sparse, dense, sparse again: the model keeps two digons of the time when all was dense. */
const HYSTERESIS =
  'play.html#importance=1&speed=fast&edits=[[3000,1,1,0.003],[9000,0.05,1,0.003]]&stop=20000';

visiting(
  'a model held in the shape of its past says so; a fresh start stands beside, or takes its place',
  async () => {
    const { page, complaints } = await site.visit(HYSTERESIS);
    await until(
      page,
      `/Held in a local minimum: a pentagon would cost \\d+ % less. .*hysteresis/.test(${text('said')})`,
    );
    await page.click('#show-beside');
    await until(page, `/5 of 5 kept: a pentagon/.test(${text('beside-said')})`);
    await page.click('#restart-here');
    await until(page, `${text('said')} === '5 of 5 kept: a pentagon. No shape we know costs less here.'`);
    assert.is(await page.isVisible('#restart-here'), false);
    assert.equal(complaints, []);
    await page.context().close();
  },
);

visiting('the story goes from step to step by keyboard, and each step is its link', async () => {
  const { page, complaints } = await site.visit('play.html#story=1');
  for (let k = 1; k <= STORY.length; k++) {
    await until(page, `${text('story-title')}.startsWith('${k} of ${STORY.length}')`);
    await until(page, `location.hash.startsWith('#') && /story=${k}/.test(location.hash)`);
    await trainedTo(page, 0);
    await page.focus('#story-next');
    await page.keyboard.press('Enter');
  }
  await until(page, 'document.getElementById("story").hidden');
  assert.equal(complaints, []);
  await page.context().close();
});

test.run();
