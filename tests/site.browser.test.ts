/** The built site in a real browser: what a participant does, what a teacher links to, what a stranger tries. */
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseEngine } from '../sim/engines.ts';
import { expandGrid } from '../sim/grid.ts';
import { initParams } from '../sim/params.ts';
import { parseSpec } from '../sim/spec.ts';
import {
  chromiumMissing,
  dimensionalities,
  openSite,
  type Site,
  saved,
  settled,
  stepOf,
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

const HIDDEN_SAVE = 'button[aria-label="Save directions as CSV"]';
/** Weights as the page saves them: text of (step, feature, w1 … wm), nine digits. */
const weights = async (page: Page) => String(await saved(page, HIDDEN_SAVE));
const near = (value: number, target: number) => Math.abs(value - target) < 0.06;

/** Waits for feature dimensionalities, ascending, of which `shape` is true: at which step, an edit's moment decides. */
async function become(page: Page, shape: (D: number[]) => boolean): Promise<void> {
  const last = (await stepOf(page)) + 20_000;
  for (;;) {
    const step = await stepOf(page);
    const D = (await dimensionalities(page)).sort();
    if (shape(D)) return;
    assert.ok(step < last, `got ${D} at step ${step}`);
    await page.waitForTimeout(50);
  }
}

visiting('the playground trains when it appears, and says on what and why', async () => {
  const { page, complaints } = await site.visit('play.html');
  await trainedTo(page, 100);
  assert.match(
    (await page.textContent('#engine-report'))!,
    /Runs on simd .*one small model cannot fill a GPU/,
  );
  assert.equal(complaints, []);
  await page.context().close();
});

visiting('a pentagon collapses into digons when the density is dragged up', async () => {
  const { page } = await site.visit('play.html');
  await trainedTo(page, 2_000);
  assert.ok(
    (await dimensionalities(page)).every((D) => near(D, 2 / 5)),
    'five features share two dimensions',
  );
  await page.fill('#density', String(Math.log10(0.3)));
  await become(page, ([absent, ...paired]) => absent < 0.1 && paired.every((D) => near(D, 1 / 2)));
  await page.context().close();
});

visiting('play, pause, step, reset and seed do what they say', async () => {
  const { page } = await site.visit('play.html');
  await trainedTo(page, 0);
  await page.click('#play');
  await settled(page);
  const paused = await stepOf(page);
  await page.waitForTimeout(200);
  assert.is(await stepOf(page), paused);
  await page.click('#single');
  await trainedTo(page, paused);
  await settled(page);
  assert.is(await stepOf(page), paused + 1);
  await page.fill('#seed', '7');
  await page.press('#seed', 'Enter');
  await until(page, 'location.hash.includes("seed=7")');
  await page.click('#reset');
  await trainedTo(page, 0);
  assert.is(await page.textContent('#play'), 'Pause');
  await page.context().close();
});

visiting('a link to a moment replays it to the bit, live edits included', async () => {
  const { page } = await site.visit('play.html', { permissions: ['clipboard-read', 'clipboard-write'] });
  await trainedTo(page, 200);
  for (const density of [0.1, 0.3]) {
    const at = await stepOf(page);
    await page.fill('#density', String(Math.log10(density)));
    await trainedTo(page, at + 400);
  }
  await page.click('#play');
  await settled(page);
  const shown = await weights(page);
  await page.click('#moment');
  await until(page, 'document.getElementById("share-note").textContent === "copied"');
  const link: string = await page.evaluate('navigator.clipboard.readText()');
  assert.match(link, /edits=.*stop=\d+/);
  const again = await site.visit(link.slice(link.indexOf('play.html')));
  await settled(again.page);
  assert.is(await weights(again.page), shown);
  await page.context().close();
  await again.page.context().close();
});

visiting('the saved spec trains to the same weights in Node', async () => {
  const { page } = await site.visit('play.html#stop=500&seed=3');
  await settled(page);
  const spec = parseSpec(JSON.parse(String(await saved(page, '#spec'))));
  assert.is(spec.training.steps, 500);
  const { problem, initStd } = expandGrid(spec).groups[0];
  const { engine } = await chooseEngine('simd');
  const session = await engine.open(problem, initParams(problem, initStd), { lossEvery: 100, threads: 1 });
  await session.run(500);
  const { W } = await session.read();
  await session.close();
  const rows = (await weights(page)).trim().split('\n').slice(1);
  const shown = Float32Array.from(rows.flatMap((row) => row.split(',').slice(2).map(Number)));
  assert.equal([...shown], [...W]);
  await page.context().close();
});

/** A few of the links that siteLink.test.ts tries without a browser. */
const HOSTILE = ['features=1e9', 'model=%3Cscript%3Ealert(1)%3C/script%3E', '__proto__=1', '%E0%A4%A'];

visiting('a hostile link gives a clear message and the defaults', async () => {
  const { page, complaints } = await site.visit('play.html');
  for (const hash of HOSTILE) {
    await page.goto('about:blank');
    await page.goBack();
    await page.evaluate((text) => location.replace(`#${text}`), hash);
    await page.reload();
    await trainedTo(page, 0);
    const message = (await page.textContent('#notice'))!;
    assert.match(
      message,
      /^This link cannot be read \(.+\)\. The playground starts with its defaults\.$/,
      hash,
    );
    assert.is(await page.inputValue('#features'), '5', hash);
  }
  const cut = (complaint: string) => complaint.startsWith('failed:'); // by the next reload
  assert.equal(
    complaints.filter((complaint) => !cut(complaint)),
    [],
  );
  await page.context().close();
});

visiting('a question is shown as text, and a link hides what it names', async () => {
  const question = '<img src=x onerror=alert(1)> Which feature goes first?';
  const hash = `#question=${encodeURIComponent(question)}&hide=["density","gram"]`;
  const { page, complaints } = await site.visit(`play.html${hash}`);
  await trainedTo(page, 0);
  assert.is(await page.textContent('#question'), question);
  assert.is(await page.isVisible('#density'), false);
  assert.is(await page.isVisible('#gram'), false);
  assert.is(await page.isVisible('#loss'), true);
  assert.equal(complaints, []);
  await page.context().close();
});

/** Chromium drops what exceeds ten downloads of a page within a second, so each panel has a page of its own. */
for (const panel of ['directions', 'gram', 'loss', 'dimensions']) {
  visiting(`the picture of ${panel} is saved as PNG, SVG and CSV`, async () => {
    const { page } = await site.visit('play.html');
    await trainedTo(page, 100);
    const file = (kind: string) => saved(page, `button[aria-label="Save ${panel} as ${kind}"]`);
    const png = await file('PNG');
    assert.is(png.subarray(1, 4).toString(), 'PNG');
    assert.ok(png.readUInt32BE(16) >= 900, 'three times the size on the page');
    assert.match(String(await file('SVG')), /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" .*<\/svg>$/s);
    assert.match(String(await file('CSV')), /^[a-zA-Z0-9,_]+\n([^\n]+\n)+$/);
    await page.context().close();
  });
}

visiting('each preset starts its own training', async () => {
  const { page, complaints } = await site.visit('play.html#speed=fast');
  const presets = page.locator('#presets button');
  assert.is(await presets.count(), 8);
  for (let k = 0; k < 8; k++) {
    await presets.nth(k).click();
    await trainedTo(page, 0);
    assert.is(await page.isVisible('#notice'), false);
  }
  assert.equal(complaints, []);
  await page.context().close();
});

visiting(
  'the phase diagram forms, a cell tells its loss beside theory, and a region is trained anew',
  async () => {
    const { page, complaints } = await site.visit('phase.html#cells=16');
    await until(page, 'document.getElementById("progress").value === 1');
    await page.locator('#map').scrollIntoViewIfNeeded();
    const box = (await page.locator('#pixels').boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.1, box.y + box.height * 0.1);
    const said = 'document.getElementById("cell-text").textContent';
    await until(page, `/of its own, loss .* In theory it has a dimension of its own /.test(${said})`);
    const told = (await page.textContent('#cell-text'))!;
    const [, loss, theory] = told.match(
      /has a dimension of its own, loss ([\d.e-]+)\. In theory it has a dimension of its own .* loss ([\d.e-]+)\./,
    )!;
    assert.ok(Math.abs(Number(loss) / Number(theory) - 1) < 0.1, told);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.5);
    await page.mouse.up();
    await until(page, 'location.hash.includes("density")');
    await until(page, 'document.getElementById("progress").value === 1');
    const spec = parseSpec(JSON.parse(String(await saved(page, '#spec'))));
    assert.is(spec.sweep.length, 2);
    const rows = String(await saved(page, 'button[aria-label="Save diagram as CSV"]'))
      .trim()
      .split('\n');
    assert.is(rows.length, 1 + 16 * 16);
    assert.equal(complaints, []);
    await page.context().close();
  },
);

visiting('a diagram that starts anew shows nothing of the one before', async () => {
  const { page } = await site.visit('phase.html#cells=16');
  await until(page, 'document.getElementById("progress").value === 1');
  const shown = `({
    done: document.getElementById('progress').value,
    ink: document.getElementById('pixels').getContext('2d').getImageData(0, 0, 16, 16).data.some((v) => v > 0),
  })`;
  assert.equal(await page.evaluate(shown), { done: 1, ink: true });
  const restarted = `document.getElementById('zoom-in').click(), ${shown}`; // before the worker can answer
  assert.equal(await page.evaluate(restarted), { done: 0, ink: false });
  await page.context().close();
});

visiting('a hostile link to the phase diagram gives a clear message and the defaults', async () => {
  for (const hash of ['cells=100000', 'density=[1,0.1]', 'density=[0,1]', 'features=40', 'replicas=-1']) {
    const { page } = await site.visit(`phase.html#${hash}`);
    assert.match((await page.textContent('#notice'))!, /^This link cannot be read/, hash);
    assert.is(await page.inputValue('#cells'), '48');
    await page.context().close();
  }
});

visiting('all of it works by keyboard, and every control has a name', async () => {
  const { page } = await site.visit('play.html');
  await trainedTo(page, 0);
  const nameless = await page.evaluate(`[...document.querySelectorAll('button, input, select')].filter((e) =>
    !(e.labels?.[0]?.textContent.trim() || e.getAttribute('aria-label') || e.textContent.trim())).map((e) => e.id)`);
  assert.equal(nameless, []);
  await page.focus('#density');
  await page.keyboard.press('ArrowRight');
  assert.is(await page.textContent('#density-value'), '0.0513');
  await page.focus('#play');
  await page.keyboard.press('Space');
  assert.is(await page.textContent('#play'), 'Play');
  await settled(page);
  assert.match((await page.textContent('#summary'))!, /^Step \d+, loss .* feature 1: /);
  const phase = await site.visit('phase.html#cells=8');
  await until(phase.page, 'document.getElementById("progress").value === 1');
  const before = await phase.page.textContent('#cell-text');
  await phase.page.focus('#map');
  await phase.page.keyboard.press('ArrowRight');
  assert.is.not(await phase.page.textContent('#cell-text'), before);
  await page.context().close();
  await phase.page.context().close();
});

visiting('a dark page is drawn in dark colours', async () => {
  const { page } = await site.visit('play.html', { colorScheme: 'dark' });
  await trainedTo(page, 0);
  assert.is(await page.evaluate('getComputedStyle(document.body).backgroundColor'), 'rgb(13, 17, 23)');
  assert.is(await page.getAttribute('#directions svg > rect', 'fill'), '#151b23');
  await page.context().close();
});

visiting('with reduced motion the pictures change at most twice a second', async () => {
  const { page } = await site.visit('play.html', { reducedMotion: 'reduce' });
  await trainedTo(page, 0);
  const [changes, seconds] = (await page.evaluate(`new Promise((resolve) => {
    const started = performance.now();
    let count = 0;
    new MutationObserver(() => count++).observe(document.getElementById('directions'), { childList: true });
    setTimeout(() => resolve([count, (performance.now() - started) / 1000]), 2000);
  })`)) as [number, number];
  assert.ok(changes <= Math.ceil(2 * seconds), `${changes} changes in ${seconds} seconds`);
  await page.context().close();
});

test.run();
