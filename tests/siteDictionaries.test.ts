/** The page of dictionaries without its page: specs, the map as text, and where its cells are. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { arrowsSvg, cellAtPoint, MAP, mapCsv, mapSvg } from '../notebooks/site/dictionariesMap.ts';
import {
  dictionariesDefaults,
  dictionariesSchema,
  LAMBDAS,
  mapSpec,
  modelSpec,
  rowSpec,
  sizesOf,
} from '../notebooks/site/dictionariesState.ts';
import type { DictionaryCell } from '../notebooks/site/dictionariesTraining.ts';
import { LIGHT } from '../notebooks/site/palette.ts';
import { countRows } from '../sim/axes.ts';
import { expandGrid } from '../sim/grid.ts';
import { parseSpec } from '../sim/spec.ts';

const score = (mmcs: number) =>
  ({ mmcs, found: mmcs, r2: 1, dead_share: 0, l0: 1 }) as DictionaryCell['scores'];

/** A map of which row y, column x says (y + x) / 100, its last cell still missing. */
const cells = sizesOf(dictionariesDefaults).flatMap((latents, y) =>
  LAMBDAS.map((sparsity, x): DictionaryCell | null =>
    y === 5 && x === 7
      ? null
      : { latents, sparsity, scores: score(0.7 + (y + x) / 100), decoder: new Float32Array(2 * latents) },
  ),
);

test('every state of the page is a valid sweep of dictionaries, its rows those of the map', () => {
  for (let features = 3; features <= 8; features++) {
    for (const start of ['tied', 'untied'] as const) {
      const state = dictionariesSchema.parse({ features, start, seeds: 3 });
      const [whole, row] = [parseSpec(mapSpec(state)), parseSpec(rowSpec(state, features))];
      assert.is(countRows(whole), sizesOf(state).length * countRows(row));
      assert.is(countRows(row), 3 * LAMBDAS.length);
      assert.is(expandGrid(row).groups.length, 1, 'one session trains a row');
      assert.equal(whole.training, parseSpec(modelSpec(state)).training);
    }
  }
});

test('a cell is found again at its middle, and nothing beside the cells', () => {
  for (const [x, y] of [
    [0, 0],
    [7, 5],
    [3, 1],
  ] as const) {
    const [px, py] = [MAP.left + (x + 0.5) * MAP.cell, MAP.top + (5 - y + 0.5) * MAP.tall];
    assert.equal(cellAtPoint(dictionariesDefaults, px, py), [x, y]);
  }
  for (const [px, py] of [
    [MAP.left - 1, 20],
    [MAP.left + 8 * MAP.cell + 1, 20],
    [100, MAP.top + 6 * MAP.tall + 1],
  ])
    assert.is(cellAtPoint(dictionariesDefaults, px, py), null);
});

test('the map grows upwards and says its numbers; what is missing says nothing', () => {
  const svg = mapSvg(dictionariesDefaults, cells, LIGHT, [2, 1]);
  const shown = [...svg.matchAll(/x="([\d.]+)" y="([\d.]+)"[^>]*font-size="14">([\d.]+)</g)];
  assert.is(shown.length, cells.length - 1);
  const at = (value: string) => shown.find(([, , , text]) => text === value)!;
  assert.ok(Number(at('0.70')[2]) > Number(at('0.81')[2]), 'larger dictionaries above');
  assert.ok(Number(at('0.70')[1]) < Number(at('0.81')[1]), 'sparser ones to the right');
  assert.is(svg.match(/stroke-width="3"/g)?.length, 1, 'one chosen cell');
  const now = {
    state: dictionariesDefaults,
    cells,
    share: 1,
    trained: 1,
    W: new Float32Array(10),
    report: {} as never,
  };
  const lines = mapCsv(now).trim().split('\n');
  assert.is(lines[0], 'latents,sparsity,mmcs,found,r2,dead_share,l0');
  assert.is(lines.length, cells.length);
});

test('arrows of latents have length 1 beside features as long as they are', () => {
  const svg = arrowsSvg([2, 0], [0, 3], LIGHT);
  const lines = [...svg.matchAll(/<line x1="160" y1="160" x2="([\d.]+)" y2="([\d.]+)"/g)].map(([, x, y]) => [
    +x,
    +y,
  ]);
  assert.equal(
    lines,
    [
      [304, 160],
      [160, 88],
    ],
    'the feature to the right, twice as long as the latent upwards',
  );
});

test.run();
