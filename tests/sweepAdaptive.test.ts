import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Engine } from '../sim/engine.ts';
import { overGrid } from '../sim/overGrid.ts';
import type { Problem } from '../sim/problem.ts';
import { reference } from '../sim/reference.ts';
import { type LabelCells, labelRegion, refineMap, sweepAdaptively } from '../sim/sweep/adaptive.ts';
import { bestSolution, regionOfSolution } from '../sim/theory/phase.ts';
import { trainAll } from '../sim/train.ts';

const SIZE = 256;

/** Region of the closed form at a cell of the paper's axes: density 1 … 0.01, importance 0.1 … 10. */
function theoryLabel(cell: number): string {
  const density = 0.01 ** (Math.floor(cell / SIZE) / (SIZE - 1));
  const importance = 0.1 * 100 ** ((cell % SIZE) / (SIZE - 1));
  return regionOfSolution(bestSolution(2, density, importance).solution);
}

test('at 256 × 256 the boundaries of the closed form are found exactly, at a tenth of the cells', async () => {
  const map = await refineMap(SIZE, SIZE, async (cells) => cells.map(theoryLabel));
  const wrong = map.labels.filter((label, cell) => label !== theoryLabel(cell)).length;
  const share = map.evaluated.reduce((a, b) => a + b, 0) / SIZE ** 2;
  console.log(`${(100 * share).toFixed(1)} % of the cells, ${wrong} labels differ`);
  assert.is(wrong, 0);
  assert.ok(share < 0.1, `${share}`);
});

test('maps of any size are covered, and no cell is looked at twice', async () => {
  for (const [width, height] of [
    [1, 1],
    [1, 7],
    [2, 2],
    [17, 33],
    [20, 50],
  ]) {
    const seen: number[] = [];
    const map = await refineMap(width, height, async (cells) => {
      seen.push(...cells);
      return cells.map((cell) => (cell % height < height / 2 ? 'low' : 'high'));
    });
    assert.is(new Set(seen).size, seen.length);
    assert.ok(seen.every((cell) => cell >= 0 && cell < width * height));
    for (let cell = 0; cell < width * height; cell++) {
      const expected = cell % height < height / 2 ? 'low' : 'high';
      assert.is(map.labels[cell], expected, `${width} × ${height}, cell ${cell}`);
    }
    assert.is(map.labels.length, width * height);
  }
});

test('the models that refinement trains are those of the full grid', async () => {
  const spec = {
    model: { features: 2, hidden: 1 },
    input: { density: 0.5 },
    training: { steps: 3, batch: 4 },
    sweep: [
      { path: 'input.density', values: [0.1, 0.2, 0.3] },
      { path: 'model.hidden', values: [1, 2, 3] },
    ],
    replicas: 2,
  };
  const weights = new Map<number, string>();
  const label: LabelCells = async ({ rows, params }, replicas) => {
    const width = params.W.length / rows.length;
    rows.forEach((row, i) => {
      weights.set(row, params.W.slice(i * width, (i + 1) * width).join());
    });
    return Array.from({ length: rows.length / replicas }, (_, k) => String(rows[k * replicas] % 3));
  };
  const result = await sweepAdaptively(spec, label, { engine: 'reference' }, 2);
  assert.is(result.models, weights.size);
  assert.is(result.modelsOfFullGrid, 18);
  const full = await trainAll(spec, { engine: 'reference' });
  for (const { rows, params } of full.groups) {
    const width = params.W.length / rows.length;
    rows.forEach((row, i) => {
      const expected = params.W.slice(i * width, (i + 1) * width).join();
      if (weights.has(row)) assert.is(weights.get(row), expected);
    });
  }
});

test('the replicas of a cell are told apart on one held-out sample, other cells on others', async () => {
  const problems: Problem[] = [];
  const spy: Engine = {
    ...reference,
    open: (problem, ...rest) => {
      problems.push(problem);
      return reference.open(problem, ...rest);
    },
  };
  const { groups } = await trainAll(
    {
      model: { features: 2, hidden: 1 },
      input: { density: 0.5 },
      training: { steps: 2, batch: 4 },
      sweep: [{ path: 'input.density', values: [0.1, 0.9] }],
      replicas: 3,
    },
    { engine: 'reference' },
  );
  const labels = await labelRegion(1, 1024)(groups[0], 3, spy);
  assert.is(labels.length, 2);
  const keys = Array.from({ length: 6 }, (_, i) => problems[0].keys.slice(2 * i, 2 * i + 2).join());
  assert.equal(new Set(keys.slice(0, 3)).size, 1);
  assert.equal(new Set(keys.slice(3)).size, 1);
  assert.is.not(keys[0], keys[3]);
});

test('axes of a function of the grid, and points that are equal, keep their places', async () => {
  const spec = overGrid({ density: [0.2, 0.9], copy: [0, 1, 2] }, ({ density, copy }) => ({
    model: { features: 2, hidden: 1 },
    input: { density },
    training: { steps: 2, batch: 4 },
    seed: copy,
  }));
  const label: LabelCells = async ({ rows }) => Array.from(rows, String);
  const { width, height, labels } = await sweepAdaptively(spec, label, { engine: 'reference' }, 2);
  assert.equal([width, height], [2, 3]);
  assert.equal(labels, ['0', '1', '2', '3', '4', '5']);
  const equal = { ...spec, sweep: [{ name: 'density', values: [5, 5] }, ...spec.sweep!.slice(1)] };
  assert.is((await sweepAdaptively(equal, label, { engine: 'reference' }, 2)).width, 2);
});

test('other than two axes are refused', async () => {
  const spec = { model: { features: 2, hidden: 1 }, input: { density: 0.5 } };
  try {
    await sweepAdaptively(spec, async () => []);
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /sweep: expected two axes, got 0/);
  }
});

test.run();
