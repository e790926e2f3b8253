/** The room in a real browser: contents, progress, the line that is handed in, its tally, links made by check boxes, views. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exerciseOf } from '../notebooks/exercises/index.ts';
import {
  chromiumMissing,
  dimensionalities,
  openSite,
  type Site,
  saved,
  settled,
  trainedTo,
  until,
} from './site.ts';
import { testUnless } from './skip.ts';

let site: Site;
test.before(async () => {
  if (!chromiumMissing) site = await openSite();
});
test.after(() => site?.close());

const visiting = (name: string, body: () => Promise<void>) => testUnless(chromiumMissing, name, body);

/** Passes a choice exercise. */
async function choose(page: Page, id: string): Promise<void> {
  const card = page.locator(`#exercise-${id}`);
  const exercise = exerciseOf(id);
  await card.locator(`input[value="${exercise.solution}"]`).check();
  await card.getByRole('button', { name: 'Check' }).click();
  await card.locator('.verdict.pass').waitFor();
}

visiting(
  'what was passed stands beside the notebook, survives a reload, and is tallied by the guide',
  async () => {
    const { page, complaints } = await site.visit('2-sparsity.html', {
      viewport: { width: 1280, height: 800 },
    });
    const told = `document.querySelector('#contents .progress')?.textContent ?? ''`;
    await until(page, `/^0 of 5 passed here/.test(${told})`);
    await choose(page, 'why-negative-bias');
    await until(page, `/^1 of 5 passed here, 1 of \\d+ in all\\.$/.test(${told})`);
    await page.reload();
    await until(page, `/^1 of 5 passed here/.test(${told})`);
    const card = page.locator('#exercise-why-negative-bias');
    assert.is(await card.locator('input:checked').inputValue(), exerciseOf('why-negative-bias').solution);
    assert.is(await card.locator('.done').count(), 1);
    await page.locator('.hand-in summary').click();
    await page.locator('.hand-in input').fill('Ada');
    await page.getByRole('button', { name: 'Make my line' }).click();
    const line = await page.locator('.hand-in textarea').inputValue();
    assert.is(line, 'superpose: Ada: why-negative-bias');
    await page.goto(new URL('guide.html', page.url()).href);
    await page
      .locator('.tally textarea')
      .fill(`${line}\nsuperpose: Bo: all-silent why-negative-bias\nrubbish`);
    await until(
      page,
      `/^2 handed in: Ada 1, Bo 2\\. expected .*rubbish/.test(document.querySelector('.tally [role=status]').textContent)`,
    );
    const row = page.locator('.tally tr', { hasText: 'What the bias is for' });
    assert.is(await row.locator('td').last().textContent(), '2');
    assert.equal(complaints, []);
    await page.context().close();
  },
);

visiting('a built notebook marks what code will fill, and asks for its letters early', async () => {
  const html = readFileSync(join(site.folder, '9-memory.html'), 'utf8');
  assert.is(html.match(/<div id="cell-\d+" data-fills /g)?.length, 7);
  assert.is(html.match(/<link rel="preload" as="font"[^>]*latin-wght-normal/g)?.length, 3);
  assert.not.match(html, /Variable"?;[^}]*font-display:swap/);
});

visiting('contents name every section and exercise, and one goes on to the next notebook', async () => {
  const { page } = await site.visit('2-sparsity.html');
  await until(page, `document.querySelectorAll('#contents .task').length === 5`);
  const wanted = `[...document.querySelectorAll('main h2')].map((h) => h.textContent).join() ===
    [...document.querySelectorAll('#contents li:not(.task)')].map((item) => item.textContent).join()`;
  assert.ok(await page.evaluate(wanted));
  assert.is(
    await page.evaluate(
      `[...document.querySelectorAll('#contents a')].every((a) => document.querySelector(a.hash))`,
    ),
    true,
  );
  assert.is(await page.getAttribute('nav.next a[rel=next]', 'href'), './3-phase-change.html');
  assert.is(await page.getAttribute('nav.next a[rel=prev]', 'href'), './1-features.html');
  await page.context().close();
});

visiting('a link made by check boxes shows what was ticked and asks the question', async () => {
  const { page } = await site.visit('guide.html');
  await page.locator('.builder').waitFor();
  await page.getByLabel('Start with').selectOption('Digons');
  await page.getByLabel('learning rate', { exact: true }).uncheck();
  await page.getByLabel('Question').fill('Why two?');
  const href = (await page.locator('.builder a').getAttribute('href'))!;
  const { page: play } = await site.visit(href);
  await trainedTo(play, 0);
  assert.is(await play.textContent('#question'), 'Why two?');
  assert.is(await play.inputValue('#features'), '4');
  assert.is(await play.isVisible('#rate'), false);
  assert.is(await play.isVisible('#density'), true);
  await play.context().close();
  await page.context().close();
});

/** Elements that are seen, of the playground's figures and sliders. */
const SEEN = `[...document.querySelectorAll('main figure, main input[type=range]')].filter((part) => part.checkVisibility()).map((part) => part.className || part.id)`;

visiting(
  'to the room: one picture, one slider, letters of 20 pixels, the screen full; Escape leads back',
  async () => {
    const { page, complaints } = await site.visit(
      'play.html#view=present&picture=loss&slider=importance&question=Why%3F',
      { viewport: { width: 1920, height: 1080 } },
    );
    await trainedTo(page, 0);
    assert.equal(await page.evaluate(SEEN), ['importance', 'loss']);
    assert.is(await page.evaluate('getComputedStyle(document.body).fontSize'), '20px');
    await until(page, `document.querySelector('#loss svg') !== null`); // drawn some frames after the first step
    const size = `(({ width, height }) => [width, height])(document.querySelector('#loss svg').getBoundingClientRect())`;
    const [width, height] = (await page.evaluate(size)) as number[];
    assert.ok(width > 1800 && height > 600, `${width} × ${height}`);
    assert.ok(((await page.evaluate('document.documentElement.scrollHeight')) as number) <= 1080);
    await page.keyboard.press('Escape');
    await until(page, '!location.hash.includes("view")');
    assert.is(await page.isVisible('#rate'), true);
    assert.equal(complaints, []);
    await page.context().close();
  },
);

visiting(
  'in a frame of 360 pixels nothing is cut off, and the code of a frame is that of the state',
  async () => {
    const { page } = await site.visit('play.html#features=4&view=embed', {
      viewport: { width: 360, height: 540 },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await trainedTo(page, 0);
    assert.equal(await page.evaluate(SEEN), ['directions', 'density']);
    assert.ok(((await page.evaluate('document.documentElement.scrollHeight')) as number) <= 540);
    const [popup] = await Promise.all([page.context().waitForEvent('page'), page.click('#leave')]);
    assert.match(popup.url(), /play\.html#features=4$/);
    await popup.click('#embed');
    await until(popup, 'document.getElementById("share-note").textContent === "copied"');
    const code = await popup.evaluate('navigator.clipboard.readText()');
    assert.match(
      code as string,
      /^<iframe src="http:[^"]+play\.html#features=4&amp;view=embed" title="[^"]+" width/,
    );
    await page.context().close();
  },
);

/** (4, 2) of float32 as NumPy writes it. */
function digons(): Buffer {
  const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 2), }".padEnd(117);
  const head = Buffer.from(`\x93NUMPY\x01\x00${String.fromCharCode(118, 0)}${text}\n`, 'latin1');
  return Buffer.concat([head, Buffer.from(Float32Array.of(1, 0, -1, 0, 0, 1, 0, -1).buffer)]);
}

visiting(
  'a hundred seeds end in shapes that add up to a hundred; a weight from NumPy shows its geometry',
  async () => {
    const { page, complaints } = await site.visit('play.html#density=0.1&importance=1');
    await trainedTo(page, 0);
    await page.setInputFiles('#weights', { name: 'W.npy', mimeType: '', buffer: digons() });
    await until(page, `/4 of 4 kept: two digons/.test(document.getElementById('own-said').textContent)`);
    assert.is(await page.locator('#own svg').count(), 1);
    await page.setInputFiles('#weights', { name: 'W.npy', mimeType: '', buffer: digons().subarray(0, 140) });
    await until(
      page,
      `/This cannot be shown: expected 32 bytes of numbers, got 12/.test(document.getElementById('own-said').textContent)`,
    );
    await page.click('#show-ends');
    await until(page, `/after 6,000 steps/.test(document.getElementById('ends-said').textContent)`);
    const name = (await page.getAttribute('#ends svg', 'aria-label'))!;
    const counts = [...name.matchAll(/(\d+) \d of 5 kept/g)].map(([, count]) => Number(count));
    assert.is(
      counts.reduce((sum, count) => sum + count, 0),
      100,
    );
    assert.match(name, /a pentagon; /, 'the cheapest first');
    assert.equal(complaints, []);
    await page.context().close();
  },
);

visiting('a film of the training is saved', async () => {
  const { page, complaints } = await site.visit('play.html');
  await trainedTo(page, 0);
  await page.click('#record');
  await until(page, `document.getElementById('record').textContent === 'Stop'`);
  await trainedTo(page, 60);
  const film = await saved(page, '#record');
  assert.is(film.readUInt32BE(0), 0x1a45dfa3, 'the mark of a WebM file');
  assert.ok(film.length > 5_000, `${film.length} bytes`);
  await until(page, `document.getElementById('record').textContent === 'Film'`);
  assert.equal(complaints, []);
  await page.context().close();
});

/** What the browser's own decoder sees of a GIF: frames, size, and how many different pictures and colours. */
const DECODED = `async (base64) => {
  const data = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const decoder = new ImageDecoder({ data, type: 'image/gif' });
  await decoder.tracks.ready;
  await decoder.completed;
  const { frameCount, repetitionCount } = decoder.tracks.selectedTrack;
  const pictures = new Set();
  let [ms, width, height, dark] = [0, 0, 0, 0];
  for (let frameIndex = 0; frameIndex < frameCount; frameIndex++) {
    const { image } = await decoder.decode({ frameIndex });
    [width, height] = [image.displayWidth, image.displayHeight];
    ms += image.duration / 1000;
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    pictures.add(data.join());
    dark = data.reduce((sum, value, at) => sum + (at % 4 === 0 && value < 100 && data[at + 3] === 255), 0) / (width * height);
  }
  return { frameCount, again: repetitionCount === Infinity, pictures: pictures.size, width, height, ms, dark };
}`;

visiting('a GIF of the training is saved, its encoder fetched when it is wanted', async () => {
  const { page, complaints } = await site.visit('play.html#speed=normal');
  await trainedTo(page, 0);
  const scripts = `performance.getEntriesByType('resource').filter(({ name }) => /\\/gif-[^/]*\\.js$/.test(name)).length`;
  assert.is(await page.evaluate(scripts), 0);
  await page.click('#record-gif');
  await until(page, `document.getElementById('record-gif').textContent === 'Stop'`);
  assert.is(await page.evaluate(scripts), 1);
  const began = Date.now();
  await trainedTo(page, 300);
  await page.waitForTimeout(1_000);
  const gif = await saved(page, '#record-gif');
  assert.is(gif.subarray(0, 6).toString('latin1'), 'GIF89a');
  const seen = (await page.evaluate(`(${DECODED})('${gif.toString('base64')}')`)) as Record<string, number>;
  assert.ok(seen.again, 'it begins again at its end');
  assert.is(seen.width, 420);
  assert.ok(seen.pictures >= 3, `${seen.pictures} different pictures in ${seen.frameCount} frames`);
  assert.ok(seen.ms >= 300 && seen.ms <= Date.now() - began + 1_000, `${seen.ms} ms`);
  assert.ok(seen.dark > 0.002 && seen.dark < 0.5, `a share of ${seen.dark} is ink`);
  await until(page, `document.getElementById('share-note').textContent === 'The GIF is saved.'`);
  assert.is(await page.textContent('#record-gif'), 'GIF');
  assert.equal(complaints, []);
  await page.context().close();
});

visiting(
  'with importances of its own the model keeps what matters, whichever it is, and the link carries them',
  async () => {
    const { page, complaints } = await site.visit('play.html#density=1&speed=fast');
    await trainedTo(page, 0);
    await page.locator('.lists summary').click();
    await page.fill('#importances', '0.01, 0.01, 0.01, 1, 1');
    await page.press('#importances', 'Enter');
    await until(page, `location.hash.includes('importances=%5B0.01%2C0.01%2C0.01%2C1%2C1%5D')`);
    assert.is(await page.isDisabled('#importance'), true);
    await trainedTo(page, 6_000);
    await page.click('#play');
    await settled(page);
    const D = await dimensionalities(page);
    assert.equal(
      D.map((share) => share > 0.9),
      [false, false, false, true, true],
    );
    await page.fill('#importances', 'much');
    await page.press('#importances', 'Enter');
    assert.is(
      await page.inputValue('#importances'),
      '0.01, 0.01, 0.01, 1, 1',
      'what is no number changes nothing',
    );
    assert.equal(complaints, []);
    await page.context().close();
  },
);

test.run();
