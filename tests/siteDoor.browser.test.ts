/** The first half minute in a real browser: the front door, a birth one can watch, one click into the model, words. */
import { readdirSync } from 'node:fs';
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
  const files = new Set(readdirSync(site.folder));
  for (const href of hrefs) {
    if (!/^https:/.test(href)) assert.ok(files.has(href.replace(/^\.\//, '').replace(/#.*/, '')), href);
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
  'every page has the bar with the notebooks, a title, and a card with a picture that is there',
  async () => {
    const files = readdirSync(site.folder);
    for (const path of files.filter((file) => file.endsWith('.html'))) {
      const { page } = await site.visit(path);
      assert.is(await page.locator('nav.top a[aria-label^="Notebook"]').count(), 8, path);
      assert.is(await page.locator(`nav.top a[aria-current=page]`).count(), 1, path);
      const meta = (name: string) => page.getAttribute(`meta[property="og:${name}"]`, 'content');
      assert.is(await meta('title'), await page.title(), path);
      assert.ok((await meta('description'))!.length > 40, path);
      assert.ok(files.includes((await meta('image'))!.replace('./', '')), path);
      await page.context().close();
    }
  },
);

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
      const bottom = (await page.evaluate(
        `document.querySelector('#${id} svg').getBoundingClientRect().bottom`,
      )) as number;
      assert.ok(bottom <= 800, `${id} ends at ${bottom}`);
    }
    await page.context().close();
  },
);

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
