/** The page of dictionaries in a browser: the map forms, a cell tells its scores, keys move, settings train anew. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseSpec } from '../sim/spec.ts';
import { chromiumMissing, openSite, type Site, saved, until } from './site.ts';
import { testUnless } from './skip.ts';

let site: Site;
test.before(async () => {
  if (!chromiumMissing) site = await openSite();
});
test.after(async () => {
  await site?.close();
});

/** Keeps what the progress is once the page has dealt with another number of features, before it trains on. */
const NOTE_PROGRESS = `document.getElementById('features').addEventListener('change', () => {
  window.noted = document.getElementById('progress').value;
})`;

const DONE = 'document.getElementById("progress").value === 1';

testUnless(
  chromiumMissing,
  'a map of dictionaries forms, cells tell what was found, and all of it leaves',
  async () => {
    const { page, complaints } = await site.visit('dictionaries.html#seeds=1');
    await until(page, 'document.querySelectorAll("#map-picture text[font-size=\'14\']").length >= 8');
    await until(page, DONE);
    assert.is(
      await page.evaluate('document.querySelectorAll("#map-picture text[font-size=\'14\']").length'),
      48,
    );
    assert.is(await page.textContent('#counter'), '48 of 48 dictionaries, 3,000 steps each');
    const before = (await page.textContent('#cell-text'))!;
    assert.match(
      before,
      /^5 latents, λ 0\.2: \d+ % of the features found, MMCS [01]\.\d{3}; variance explained /,
    );
    assert.is(
      await page.evaluate('document.querySelectorAll("#cell circle").length'),
      6,
      'a guide and five latents',
    );
    await page.locator('#map').scrollIntoViewIfNeeded();
    const box = (await page.locator('#map').boundingBox())!;
    await page.mouse.click(box.x + (box.width * 88) / 548, box.y + (box.height * 316) / 396);
    assert.match((await page.textContent('#cell-text'))!, /^3 latents, λ 0\.003: /, 'a click chooses');
    await page.mouse.click(box.x + (box.width * 388) / 548, box.y + (box.height * 204) / 396);
    await page.focus('#map');
    await page.keyboard.press('ArrowUp');
    assert.match((await page.textContent('#summary'))!, /^6 latents, λ 0\.2: /);
    await page.selectOption('#measure', 'r2');
    assert.match(page.url(), /measure=r2/);
    assert.is(await page.evaluate(DONE), true, 'another measure trains nothing');
    const rows = String(await saved(page, 'button[aria-label="Save map as CSV"]'))
      .trim()
      .split('\n');
    assert.is(rows.length, 49);
    const spec = parseSpec(JSON.parse(String(await saved(page, '#spec'))));
    assert.is(spec.dictionary!.penalty, 'unit-norm');
    await page.evaluate(NOTE_PROGRESS);
    await page.selectOption('#features', '6');
    assert.is(await page.evaluate('window.noted'), 0, 'another model trains anew');
    assert.equal(complaints, []);
    await page.context().close();
  },
);

testUnless(
  chromiumMissing,
  'a hostile link to the page of dictionaries gives a clear message and the defaults',
  async () => {
    for (const hash of ['features=100', 'density=0', 'seeds=-1', 'measure=x']) {
      const { page } = await site.visit(`dictionaries.html#${hash}`);
      assert.match((await page.textContent('#notice'))!, /^This link cannot be read/, hash);
      assert.is(await page.inputValue('#features'), '5');
      await page.context().close();
    }
  },
);

test.run();
