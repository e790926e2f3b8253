/** The phase diagram in a browser over axes of one's choice: what is chosen, what is refused, and that the numbers are Node's. */
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exactLosses } from '../sim/theory/exactLoss.ts';
import { trainAll } from '../sim/train.ts';
import { chromiumMissing, openSite, type Site, saved, until } from './site.ts';
import { testUnless } from './skip.ts';

let site: Site;
test.before(async () => {
  if (!chromiumMissing) site = await openSite();
});
test.after(() => site?.close());

const visiting = (name: string, body: () => Promise<void>) => testUnless(chromiumMissing, name, body);

const DONE = 'document.getElementById("progress").value === 1';

/** Cells of the table that the page saves, by column. */
async function tableOf(page: Page): Promise<Record<string, number>[]> {
  const [head, ...lines] = String(await saved(page, 'button[aria-label="Save diagram as CSV"]'))
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  return lines.map((line) => Object.fromEntries(line.map((value, k) => [head[k], Number(value)])));
}

/** Losses of all models of a saved spec, trained here, by row. */
async function lossesHere(spec: string): Promise<Map<number, number>> {
  const { groups } = await trainAll(JSON.parse(spec), { engine: 'simd', threads: 2 });
  return new Map(
    groups.flatMap(({ rows, problem, params }) => {
      const losses = exactLosses(problem, params);
      return Array.from(rows, (row, at): [number, number] => [row, losses[at]]);
    }),
  );
}

visiting(
  'over sizes and learning rates, every cell is the best of its models as Node trains them',
  async () => {
    const hash =
      'x=hidden&hidden=[1,2]&y=rate&density=0.1&importance=1&features=4&cells=8&replicas=2&steps=300';
    const { page, complaints } = await site.visit(`phase.html#${hash}&metric=kept`);
    await until(page, DONE);
    const table = await tableOf(page);
    const here = await lossesHere(String(await saved(page, '#spec')));
    assert.is(table.length, 2 * 8);
    assert.is(here.size, 2 * 8 * 2);
    for (const [cell, { row, loss, hidden }] of table.entries()) {
      assert.is(Math.floor(row / 2), cell);
      assert.is(hidden, 1 + (cell % 2));
      const best = Math.min(here.get(2 * cell)!, here.get(2 * cell + 1)!);
      assert.ok(Math.abs(loss / best - 1) < 1e-5, `cell ${cell}: ${loss} here ${best}`);
      assert.is(here.get(row), best);
    }
    assert.match((await page.textContent('#theory-note'))!, /run over density and importance/);
    assert.is(await page.isDisabled('#theory'), true);
    assert.is(await page.isVisible('#candidates'), false);
    assert.match(
      (await page.textContent('#cell-text'))!,
      /No closed form is known for 4 features in 1 dimension\.$/,
    );
    assert.equal(complaints, []);
    await page.context().close();
  },
);

visiting('axes are chosen, their ends typed and checked, and the link carries them', async () => {
  const { page, complaints } = await site.visit('phase.html#cells=8&replicas=1');
  await until(page, DONE);
  assert.is(await page.isVisible('#theory-note'), false);
  assert.is(await page.isVisible('#density'), false, 'what is an axis is not held');
  assert.is(await page.isVisible('#rate'), true);
  await page.selectOption('#y', 'rate');
  await until(page, `location.hash.includes('y=rate') && ${DONE}`);
  assert.is(await page.isVisible('#rate'), false);
  assert.is(await page.inputValue('#importance'), '1');
  assert.is(await page.inputValue('#y-from'), '0.001');
  assert.match((await page.textContent('#cell-text'))!, /^Density .*, learning rate .* In theory it /);
  await page.fill('#y-to', '0.1');
  await page.press('#y-to', 'Enter');
  await until(page, `decodeURIComponent(location.hash).includes('rate=[0.001,0.1]') && ${DONE}`);
  for (const [typed, told] of [
    ['2', /^This cannot be trained: rate.1: Too big/],
    ['0.0001', /^This cannot be trained: rate: expected a lower and a higher end/],
    ['much', /^This cannot be trained: rate: expected a number \(from 0\.0001 to 1\)/],
  ] as const) {
    await page.fill('#y-to', typed);
    await page.press('#y-to', 'Enter');
    assert.match((await page.textContent('#notice'))!, told);
    assert.is(await page.inputValue('#y-to'), '0.1', 'what is in force stands there again');
    assert.is(await page.evaluate(DONE), true, 'and nothing is trained');
  }
  await page.selectOption('#x', 'features');
  await until(page, `location.hash.includes('x=features') && ${DONE}`);
  assert.is(await page.isDisabled('#importance'), true);
  assert.is(await page.isVisible('#notice'), false);
  const address = page.url();
  const again = await site.visit(address.slice(address.indexOf('phase.html')));
  await until(again.page, DONE);
  assert.equal(await tableOf(again.page), await tableOf(page), 'the link trains the same models');
  assert.equal([...complaints, ...again.complaints], []);
  await page.context().close();
  await again.page.context().close();
});

visiting(
  'another metric trains nothing, has its scale, and goes into pictures with the names of the axes',
  async () => {
    const { page } = await site.visit('phase.html#cells=8&replicas=1&x=importance&y=density');
    await until(page, DONE);
    await page.selectOption('#metric', 'loss');
    assert.is(await page.evaluate(DONE), true);
    assert.match(page.url(), /metric=loss/);
    assert.is(await page.textContent('#diagram-title'), 'Exact expected loss');
    const svg = String(await saved(page, 'button[aria-label="Save diagram as SVG"]'));
    for (const text of [
      'Exact expected loss',
      'exact expected loss',
      'density (1 − sparsity)',
      'relative importance of feature 2',
    ])
      assert.ok(svg.includes(`>${text}<`), text);
    assert.match(svg, />2 features, 1 hidden, learning rate 0\.06, weight decay 0, steps 1000\./);
    assert.match(svg, /<image [^>]*href="data:image\/png/);
    await page.focus('#map');
    const before = (await page.textContent('#cell-text'))!.match(/Importance ([\d.]+), density ([\d.]+)/)!;
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowUp');
    const after = (await page.textContent('#cell-text'))!.match(/Importance ([\d.]+), density ([\d.]+)/)!;
    assert.ok(
      Number(after[1]) > Number(before[1]) && Number(after[2]) > Number(before[2]),
      `${before[0]}, ${after[0]}`,
    );
    await page.context().close();
  },
);

test.run();
