import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import { exerciseOf, exercises } from '../notebooks/exercises/index.ts';
import { chromiumMissing, editorIn, openSite, type Site, saved } from './site.ts';
import { testUnless } from './skip.ts';

let site: Site;
test.before(async () => {
  if (!chromiumMissing) site = await openSite();
});
test.after(() => site?.close());

/** Types an answer into an exercise, checks it and waits for the verdict. */
async function answer(page: Page, id: string, text: string): Promise<string> {
  const card = page.locator(`#exercise-${id}`);
  await (await editorIn(card)).fill(text);
  await card.getByRole('button', { name: /check/i }).click();
  await card.locator('.verdict.pass, .verdict.fail').waitFor();
  return (await card.locator('.verdict').textContent()) ?? '';
}

for (const [notebook, list] of Object.entries(exercises)) {
  testUnless(
    chromiumMissing,
    `${notebook} runs from the built files: cells, training, no complaints`,
    async () => {
      const { page, complaints } = await site.visit(`${notebook}.html`);
      await page
        .locator('.exercise[id]')
        .nth(list.length - 1)
        .waitFor();
      for (const panel of await page.locator('.panel').all()) {
        await panel.scrollIntoViewIfNeeded();
        await panel.locator('.picture svg').first().waitFor();
        assert.match(
          (await panel.locator('.status').textContent()) ?? '',
          /models? in .* on \w+ \(auto: .+\)$/,
        );
      }
      assert.equal(await page.locator('.exercise[id]').count(), list.length);
      assert.equal(await page.locator('.observablehq--error').count(), 0);
      assert.ok((await page.locator('math').count()) > 0);
      assert.deepEqual(complaints, []);
      await page.context().close();
    },
  );
}

testUnless(
  chromiumMissing,
  'notebook 9 trains on as many samples as its slider says, anew when it moves',
  async () => {
    const { page, complaints } = await site.visit('9-memory.html');
    const memory = page.locator('.memory');
    await memory.locator('.status', { hasText: 'Trained on 5 samples.' }).waitFor();
    assert.match(
      (await memory.locator('.losses').textContent()) ?? '',
      /^Step 6000: training loss 0\.0\d\d, /,
    );
    await memory.locator('input').press('Home');
    await memory.locator('.status', { hasText: 'Trained on 3 samples.' }).waitFor();
    assert.equal(await memory.locator('.picture svg').count(), 2);
    assert.deepEqual(complaints, []);
    await page.context().close();
  },
);

testUnless(chromiumMissing, 'a wrong formula hears why, a right one turns green', async () => {
  const { page, complaints } = await site.visit('3-phase-change.html');
  assert.match(
    await answer(page, 'lower-boundary', '(p) => (2 * p) / (4 - 3 * p)'),
    /^✗ Not yet\. On the right/,
  );
  assert.match(await answer(page, 'lower-boundary', exerciseOf('lower-boundary').solution), /^✓ Pass\./);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

testUnless(chromiumMissing, 'answers are checked where the host forbids to compile text', async () => {
  const { page, complaints } = await site.visit('3-phase-change.html', { host: 'strict' });
  assert.match(await answer(page, 'lower-boundary', exerciseOf('lower-boundary').solution), /^✓ Pass\./);
  assert.match(await answer(page, 'lower-boundary', '(p) => q'), /This does not run: q is not defined/);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

/** Width and height of a PNG, and how many bytes it has. */
function pngSize(bytes: Buffer): { width: number; height: number; length: number } {
  assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), length: bytes.length };
}

testUnless(
  chromiumMissing,
  'a trained picture is saved as PNG, SVG, CSV and spec, with its command',
  async () => {
    const { page, complaints } = await site.visit('2-sparsity.html');
    const panel = page.locator('.panel').first();
    await panel.scrollIntoViewIfNeeded();
    await panel.locator('code').waitFor();
    assert.equal(await panel.locator('code').textContent(), 'superpose train five-in-two.json');
    const svg = String(await saved(page, '.panel >> [aria-label="Save five-in-two as SVG"] >> nth=0'));
    assert.equal(svg.match(/<svg/g)?.length, 7, 'six drawings in one picture');
    assert.doesNotMatch(svg, /var\(|currentColor(?!;)/);
    assert.match(svg, />density 1.0, loss /);
    const { width, length } = pngSize(await saved(page, '[aria-label="Save five-in-two as PNG"]'));
    assert.ok(width > 1000 && length > 20_000, `${width} pixels wide, ${length} bytes`);
    const [header, ...rows] = String(await saved(page, '[aria-label="Save five-in-two as CSV"]'))
      .trim()
      .split('\n');
    assert.match(header, /^row,input\.density,step,loss,feature,.*,W1,W2$/);
    assert.equal(rows.length, 6 * 4 * 5);
    const spec = JSON.parse(String(await saved(page, '.panel >> text="Spec (JSON)" >> nth=0')));
    assert.deepEqual([spec.name, spec.replicas, spec.seed], ['five-in-two', 4, 0]);
    assert.deepEqual(complaints, []);
    await page.context().close();
  },
);

testUnless(chromiumMissing, 'a chart that is not trained is saved with its numbers', async () => {
  const { page } = await site.visit('3-phase-change.html');
  await page.locator('[aria-label="Save strategies as SVG"]').waitFor();
  assert.match(String(await saved(page, '[aria-label="Save strategies as SVG"]')), /ignore extra/);
  assert.match(
    String(await saved(page, '[aria-label="Save strategies as CSV"]')),
    /^name,x,y\nignore extra,0\.1,/,
  );
  await page.context().close();
});

testUnless(chromiumMissing, 'a loop without end is stopped and the page lives on', async () => {
  const { page } = await site.visit('3-phase-change.html');
  assert.match(await answer(page, 'triple-point', '(() => { for (;;) {} })()'), /Stopped after 3 seconds/);
  assert.match(await answer(page, 'triple-point', '4/7'), /^✓ Pass\./);
  await page.context().close();
});

testUnless(chromiumMissing, 'a spec is trained in the tab, judged and drawn', async () => {
  const { page } = await site.visit('2-sparsity.html');
  assert.match(await answer(page, 'five-in-two', exerciseOf('five-in-two').solution), /^✓ Pass\. All five/);
  assert.equal(await page.locator('#exercise-five-in-two figure svg').count(), 4);
  assert.match(
    await answer(page, 'five-in-two', '{ "model": 3 }'),
    /^✗ Not yet\. model: expected an object, got 3/,
  );
  await page.context().close();
});

testUnless(
  chromiumMissing,
  'code is coloured, brackets close and match, an undo takes it back, and Tab leads on; without the editor a plain box serves',
  async () => {
    const { page, complaints } = await site.visit('1-features.html');
    const card = page.locator('#exercise-all-silent');
    const editor = await editorIn(card);
    await editor.fill('');
    await editor.pressSequentially('const f = Math.max(1, 2');
    const text = () => card.locator('textarea').inputValue(); // hidden; the editor writes into it
    assert.equal(await text(), 'const f = Math.max(1, 2)');
    assert.equal(await card.locator('.tok-keyword').first().textContent(), 'const');
    await editor.press('End');
    assert.equal(await card.locator('.cm-matchingBracket').count(), 2);
    await editor.press('Control+z');
    assert.notEqual(await text(), 'const f = Math.max(1, 2)');
    await editor.press('Tab');
    assert.equal(
      await card.getByRole('button', { name: 'Check' }).evaluate((b) => b === document.activeElement),
      true,
    );
    assert.deepEqual(complaints, []);
    await page.route(/\/editor-/, (route) => route.abort());
    await page.evaluate(
      'navigator.serviceWorker.getRegistrations().then((all) => Promise.all(all.map((one) => one.unregister())))',
    );
    await page.reload();
    await card.locator('textarea').fill(exerciseOf('all-silent').solution);
    await card.getByRole('button', { name: 'Check' }).click();
    await card.locator('.verdict.pass').waitFor();
    await page.context().close();
  },
);

testUnless(
  chromiumMissing,
  'a choice is judged, hints and solution unfold, and an answer survives a reload',
  async () => {
    const { page } = await site.visit('1-features.html');
    const card = page.locator('#exercise-linear-and-density');
    await card.getByRole('radio', { name: /keeps m features/ }).check();
    await card.getByRole('button', { name: 'Check' }).click();
    await card.locator('.verdict.pass, .verdict.fail').waitFor();
    assert.match((await card.locator('.verdict').textContent()) ?? '', /^✓ Pass\./);
    const first = page.locator('#exercise-all-silent');
    await first.getByText('Solution').click();
    await first.getByRole('button', { name: 'Put it in the box' }).click();
    await (await editorIn(first)).press('End');
    await (await editorIn(first)).pressSequentially(' ');
    await page.reload();
    await editorIn(page.locator('#exercise-all-silent'));
    assert.match(await page.locator('#exercise-all-silent textarea').inputValue(), /\(1 - p\) \*\* n/);
    await page.context().close();
  },
);

testUnless(chromiumMissing, 'once opened, a notebook works without network', async () => {
  const { page } = await site.visit('8-sweep.html');
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.context().setOffline(true);
  await page.reload();
  assert.match(await answer(page, 'count-models', exerciseOf('count-models').solution), /^✓ Pass\./);
  await page.context().close();
});

testUnless(
  chromiumMissing,
  'once one page was opened, every page has all its files without network',
  async () => {
    const { page, complaints } = await site.visit('8-sweep.html');
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await page.context().setOffline(true);
    for (const name of readdirSync(site.folder).filter((file) => file.endsWith('.html'))) {
      await page.goto(new URL(name, page.url()).href);
      await page.waitForLoadState('networkidle');
      assert.deepEqual(complaints, [], name);
    }
    await page.context().close();
  },
);

testUnless(
  chromiumMissing,
  'a page that only the guide leads to lists every exercise with its answer',
  async () => {
    const guide = await site.visit('guide.html');
    await guide.page.locator('main a[href="./answers.html"]').waitFor();
    await guide.page.context().close();
    const { page, complaints } = await site.visit('answers.html');
    assert.equal(await page.locator('nav a[href="./answers.html"]').count(), 0);
    await page.locator('.help details').first().waitFor();
    assert.equal(await page.locator('.help details').count(), Object.values(exercises).flat().length);
    assert.deepEqual(complaints, []);
    await page.context().close();
  },
);

test.run();
