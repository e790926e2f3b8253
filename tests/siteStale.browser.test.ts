/** What a page must not show: messages, verdicts and controls of a state it has left; numbers read out at every frame. */
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exerciseOf } from '../notebooks/exercises/index.ts';
import { chromiumMissing, editorIn, openSite, type Site, saved, trainedTo, until } from './site.ts';
import { testUnless } from './skip.ts';

let site: Site;
test.before(async () => {
  if (!chromiumMissing) site = await openSite();
});
test.after(() => site?.close());

const visiting = (name: string, body: () => Promise<void>) => testUnless(chromiumMissing, name, body);

const DONE = 'document.getElementById("progress").value === 1';
const REGION = 'density=[0.035,0.0351]&importance=[0.35,0.351]'; // a twelfth of it is too small to train

visiting('a message of the phase diagram goes when another diagram is trained', async () => {
  const { page } = await site.visit(`phase.html#cells=8&replicas=1&${REGION}`);
  await until(page, DONE);
  await page.click('#zoom-in');
  assert.is(await page.textContent('#notice'), 'Too small to zoom into.');
  await page.click('#zoom-out');
  assert.is(await page.isVisible('#notice'), false);
  await until(page, '!location.hash.includes("density")');
  const whole: string = await page.evaluate('location.hash');
  await page.click('#zoom-out');
  assert.is(await page.textContent('#notice'), 'This is the whole diagram.');
  assert.is(await page.evaluate('location.hash'), whole);
  await page.context().close();
});

visiting('a diagram that another engine took over says so, until one is trained that runs', async () => {
  const { page } = await site.visit('phase.html#cells=8&replicas=1&engine=webgpu'); // there is no adapter
  await until(page, DONE);
  assert.match((await page.textContent('#notice'))!, /"webgpu" cannot run here.* It starts again on SIMD\.$/);
  assert.match((await page.textContent('#engine-report'))!, /^Runs on simd .*: webgpu did not run\.$/);
  await page.selectOption('#engine', 'simd');
  assert.is(await page.isVisible('#notice'), false);
  await page.context().close();
});

visiting('nothing can be saved while nothing is trained', async () => {
  const { page } = await site.visit('phase.html#cells=8&replicas=1');
  const save = 'button[aria-label="Save diagram as CSV"]';
  await until(page, DONE);
  assert.is(await page.isEnabled(save), true);
  // both before the worker can answer
  await page.evaluate('document.getElementById("again").click()');
  const restarted = `document.getElementById('again').click(), document.querySelector('.save button').disabled`;
  assert.is(await page.evaluate(restarted), true);
  await until(page, DONE);
  assert.is(String(await saved(page, save)).split('\n').length, 1 + 64 + 1);
  await page.context().close();
});

visiting('hiding the boundaries is in the address', async () => {
  const { page } = await site.visit('phase.html#cells=8&replicas=1');
  await page.selectOption('#theory', 'hidden');
  assert.match(await page.evaluate('location.hash'), /theory=hidden/);
  await page.context().close();
});

visiting('a link that is opened in a paused page trains', async () => {
  const { page } = await site.visit('play.html');
  await trainedTo(page, 0);
  await page.click('#play');
  await page.evaluate('location.hash = "features=6"');
  await until(page, 'document.getElementById("directions-title").textContent.startsWith("6 features")');
  await trainedTo(page, 0);
  assert.is(await page.textContent('#play'), 'Pause');
  await page.context().close();
});

visiting('a number that is none gives way to the one in force', async () => {
  const { page } = await site.visit('play.html');
  await trainedTo(page, 0);
  await page.fill('#features', '');
  await page.press('#features', 'Enter');
  assert.is(await page.inputValue('#features'), '5');
  await page.context().close();
});

visiting('an engine that cannot run does not claim to go on from its weights', async () => {
  const { page } = await site.visit('play.html');
  await trainedTo(page, 100);
  await page.selectOption('#engine', 'webgpu'); // there is no adapter
  await until(page, '!document.getElementById("notice").hidden');
  assert.match((await page.textContent('#notice'))!, /It starts on the engine that auto chooses\.$/);
  await until(page, 'document.getElementById("engine").value === "auto"');
  await page.context().close();
});

/** Live regions of the page, by id, that say more than two things within a second. */
const CHATTER = `new Promise((resolve) => {
  const said = new Map();
  const live = [...document.querySelectorAll('output, [role=status], [role=alert], [aria-live]')];
  for (const region of live)
    new MutationObserver(() => {
      if (region.ariaLive !== 'off') said.set(region, (said.get(region) ?? 0) + 1);
    }).observe(region, { childList: true, characterData: true, subtree: true });
  const often = () => [...said].filter(([, times]) => times > 2).map(([region]) => region.id || region.className);
  setTimeout(() => resolve(often()), 1000);
})`;

visiting('a screen reader is not told of every frame', async () => {
  const playground = await site.visit('play.html');
  await trainedTo(playground.page, 0);
  assert.equal(await playground.page.evaluate(CHATTER), []);
  await playground.page.locator('#switches button, #switches input').first().click();
  assert.equal(await playground.page.evaluate(CHATTER), []); // while numbers of the answer change
  const phase = await site.visit('phase.html#cells=24');
  await until(phase.page, 'document.getElementById("progress").value > 0');
  assert.equal(await phase.page.evaluate(CHATTER), []);
  await until(phase.page, DONE);
  assert.is(await phase.page.textContent('#summary'), 'The diagram is trained.');
  await phase.page.focus('#map');
  await phase.page.keyboard.press('ArrowRight');
  assert.match((await phase.page.textContent('#summary'))!, /^Density .* In theory it /);
  await playground.page.context().close();
  await phase.page.context().close();
});

visiting('presets are named in words, and a picture can be turned only where it is in space', async () => {
  const { page } = await site.visit('play.html');
  await trainedTo(page, 0);
  const preset = (name: string) => page.getByRole('button', { name, exact: true });
  const group = page.getByRole('group', { name: 'Turn with the arrow keys' });
  assert.is(await page.getByRole('img', { name: /^Directions of 5 features in 2 / }).count(), 1);
  assert.is(await group.count(), 0);
  await preset('Octahedron').click();
  await group.getByRole('img', { name: /^Directions of 6 features in 3 / }).waitFor(); // drawn in the next frame
  await page.setViewportSize({ width: 1280, height: 400 });
  await group.focus();
  const scrolled: number = await page.evaluate('scrollY');
  await page.click('#play');
  await group.focus();
  const before = await group.innerHTML();
  await page.keyboard.press('ArrowDown');
  await until(page, `document.getElementById('directions').innerHTML !== ${JSON.stringify(before)}`);
  assert.is(await page.evaluate('scrollY'), scrolled);
  await preset('Pentagon').click();
  await group.waitFor({ state: 'detached' });
  await page.context().close();
});

/** The card of an exercise, answered and checked. */
async function checked(page: Page, id: string, text: string) {
  const card = page.locator(`#exercise-${id}`);
  await (await editorIn(card)).fill(text);
  await card.getByRole('button', { name: /check/i }).click();
  await card.locator('.verdict.pass, .verdict.fail').waitFor({ timeout: 30_000 });
  return card;
}

visiting('a verdict goes when its answer changes', async () => {
  const { page } = await site.visit('3-phase-change.html');
  const right = exerciseOf('lower-boundary').solution;
  const card = await checked(page, 'lower-boundary', right);
  await (await editorIn(card)).press('End');
  await (await editorIn(card)).pressSequentially(' ');
  assert.is(await card.locator('.verdict').textContent(), '');
  await checked(page, 'lower-boundary', right);
  await card.getByRole('button', { name: 'Start over' }).click();
  assert.is(await card.locator('.verdict').textContent(), '');
  await page.context().close();
});

/** Presses a button of the card of five-in-two from within the page. */
const CLICK = `var card = document.getElementById('exercise-five-in-two');
var click = (name) => [...card.querySelectorAll('button')].find((b) => b.textContent === name).click()`;

visiting('an answer that changes while it is trained is not judged', async () => {
  const { page } = await site.visit('2-sparsity.html');
  const card = page.locator('#exercise-five-in-two');
  await (await editorIn(card)).fill(exerciseOf('five-in-two').solution);
  // in one go, before the training can end
  await page.evaluate(`${CLICK}; click('Train and check'); click('Start over')`);
  await card.getByText('The answer has changed meanwhile: check it again.').waitFor();
  assert.is(await card.locator('.verdict.pass, .verdict.fail, figure').count(), 0);
  assert.is(await card.locator('progress').isVisible(), false);
  await page.context().close();
});

visiting('a training says how far it is in a bar, not in words that are read out', async () => {
  const { page } = await site.visit('2-sparsity.html');
  const card = page.locator('#exercise-five-in-two');
  await (await editorIn(card)).fill(exerciseOf('five-in-two').solution);
  const said: string[] = await page.evaluate(`${CLICK}; new Promise((resolve) => {
    const said = [];
    const verdict = card.querySelector('.verdict');
    new MutationObserver(() => {
      said.push(verdict.textContent);
      if (verdict.className !== 'verdict') resolve(said);
    }).observe(verdict, { childList: true });
    click('Train and check');
  })`);
  assert.is(said.length, 2);
  assert.is(said[0], 'Training …');
  assert.match(said[1], /^✓ Pass\./);
  await page.context().close();
});

visiting('the workbench clears what an unreadable spec has not trained', async () => {
  const { page } = await site.visit('8-sweep.html');
  const bench = page.getByRole('region', { name: 'Workbench' });
  const box = await editorIn(bench);
  await box.fill(
    '{ "model": { "features": 3, "hidden": 2 }, "input": { "density": 0.1 }, "training": { "steps": 50 } }',
  );
  await bench.getByRole('button', { name: 'Train', exact: true }).click();
  await bench.locator('figure svg').first().waitFor();
  await box.fill('{ model }');
  await bench.getByRole('button', { name: 'Train', exact: true }).click();
  assert.match((await bench.locator('.verdict').textContent())!, /^This is not JSON: /);
  assert.is(await bench.locator('svg').count(), 0);
  await page.context().close();
});

visiting('a slider in equal ratios says its value, not the logarithm', async () => {
  const { page } = await site.visit('3-phase-change.html');
  const sliders = page.locator('input[type=range]');
  await sliders.first().waitFor();
  for (const slider of await sliders.all()) {
    const shown = await slider.locator('xpath=following-sibling::output').textContent();
    assert.is(await slider.getAttribute('aria-valuetext'), shown);
  }
  await page.context().close();
});

visiting('headings do not skip a level', async () => {
  for (const path of ['1-features.html', '4-geometry.html', 'guide.html', 'play.html', 'phase.html']) {
    const { page } = await site.visit(path);
    await page
      .locator(/^\d/.test(path) ? '.exercise h3' : 'h1')
      .first()
      .waitFor();
    const levels: number[] = await page.evaluate(
      `[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map((heading) => Number(heading.tagName[1]))`,
    );
    assert.is(levels[0], 1, path);
    assert.ok(
      levels.every((level, k) => k === 0 || level <= levels[k - 1] + 1),
      `${path}: ${levels}`,
    );
    await page.context().close();
  }
});

test.run();
