/** Fixed samples: drawn once from what the spec says, the same for all cells of a replica, in every engine and on any threads. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { heldOutLoss } from '../sim/evaluate.ts';
import { expandGrid } from '../sim/grid.ts';
import type { Problem } from '../sim/problem.ts';
import { reference } from '../sim/reference.ts';
import { simd } from '../sim/simd/engine.ts';
import { parseSpec, type SpecInput } from '../sim/spec.ts';
import {
  provideSamples,
  readBatch,
  readSample,
  sampleAt,
  sampleWeights,
  tableOfRows,
  tablesOf,
} from '../sim/table.ts';
import { trainAll } from '../sim/train.ts';
import { allClose } from './allClose.ts';
import { drawSurvivors } from './draws.ts';
import { checkEven } from './statistics.ts';

type Samples = NonNullable<SpecInput['input']['samples']>;

const specOf = (samples: Samples, more: Partial<SpecInput> = {}): SpecInput => ({
  model: { features: 6, hidden: 2 },
  input: { density: 0.3, samples },
  training: { batch: 8, steps: 40, learningRate: 1e-2 },
  ...more,
});
const problemOf = (spec: SpecInput): Problem => expandGrid(parseSpec(spec)).groups[0].problem;
const rowsOf = (x: Float32Array, n: number) =>
  Array.from({ length: x.length / n }, (_, s) => [...x.subarray(s * n, (s + 1) * n)]);

test('a table holds what was drawn, sparse, unit length on request, and without empty samples on request', () => {
  const problem = problemOf(specOf({ count: 200, unitLength: true, empty: 'redraw' }));
  const { list, of } = tablesOf(problem);
  assert.equal([list.length, of[0]], [1, 0]);
  const x = new Float32Array(6);
  for (let t = 0; t < 200; t++) {
    readSample(list[0], t, x);
    allClose([Math.hypot(...x)], [1], { absolute: 1e-6 });
  }
  assert.ok(list[0].values.length > 200 && list[0].values.length < 6 * 200);
  const kept = tablesOf(problemOf(specOf({ count: 200 }))).list[0];
  const empty = Array.from({ length: 200 }, (_, t) => kept.starts[t + 1] === kept.starts[t]).filter(Boolean);
  assert.ok(
    empty.length > 5 && empty.length < 50,
    `${empty.length} of 200 are empty, about 0.7^6 · 200 = 24`,
  );
});

test('cells of one replica share their samples, replicas and other seeds do not', () => {
  const sweep = [{ path: 'training.learningRate', values: [1e-3, 1e-2] }];
  const spec = specOf({ count: 20 }, { sweep, replicas: 2 });
  const { list, of } = tablesOf(problemOf(spec));
  assert.equal([list.length, ...of], [2, 0, 1, 0, 1]);
  assert.not.equal(list[0].values, list[1].values);
  const other = tablesOf(problemOf(specOf({ count: 20, seed: 1 }))).list[0];
  assert.not.equal(other.values, list[0].values);
  const dense = tablesOf(problemOf({ ...spec, sweep: [{ path: 'input.density', values: [0.3, 0.5] }] }));
  assert.equal([...dense.of], [0, 1, 2, 3]);
});

test('minibatches take every sample alike, and a full batch takes all', () => {
  const problem = problemOf(specOf({ count: 10, batches: 'drawn' }, { training: { batch: 1024, steps: 2 } }));
  const { list } = tablesOf(problem);
  const counts = new Float64Array(10);
  const places = new Map(
    rowsOf(readBatch(problemOf(specOf({ count: 10 })), list[0], 0, 0), 6).map((row, t) => [String(row), t]),
  );
  assert.is(places.size, 10, 'no two samples are alike');
  for (let step = 0; step < 64; step++) {
    for (const row of rowsOf(readBatch(problem, list[0], 0, step), 6)) counts[places.get(String(row))!]++;
  }
  checkEven(counts, 0.04, 'samples');
  assert.equal([sampleAt(0, 10), sampleAt(2 ** 24 - 1, 10), sampleAt(2 ** 23, 10)], [0, 9, 5]);
});

const CASES: [string, SpecInput][] = [
  ['full batch', specOf({ count: 21 })],
  ['unit length, all counted differently', specOf({ count: 21, unitLength: true, repeats: [9, 0, 2.5] })],
  ['minibatches', specOf({ count: 21, batches: 'drawn' })],
  ['wide', specOf({ count: 21 }, { model: { features: 6, hidden: 12 } })],
  ['wide, counted', specOf({ count: 21, repeats: [5] }, { model: { features: 6, hidden: 12 } })],
  ['a number of samples that fills its vectors', specOf({ count: 24 })],
  ['one sample', specOf({ count: 1 })],
  ['a hidden bias', specOf({ count: 21 }, { model: { features: 6, hidden: 2, hiddenBias: true, hiddenActivation: 'relu' } })],
  ['given', specOf({ values: [[1, 0, 0, 0.5, 0, 0], [0, 0, 0, 0, 0, 0], [0, 2, 0, 0, 0, -1]] })],
]; // biome-ignore format: a table

for (const [name, spec] of CASES) {
  test(`${name}: simd and the reference train alike, on one thread as on two`, async () => {
    const own = { ...spec, replicas: 3, record: { lossEvery: 1 } };
    const [one, two, loops] = [
      await trainAll(own, { engine: 'simd', threads: 1 }),
      await trainAll(own, { engine: 'simd', threads: 2 }),
      await trainAll(own, { engine: 'reference' }),
    ].map(({ groups }) => groups[0]);
    assert.equal(two.params, one.params);
    allClose(one.losses, loops.losses, { relative: 1e-4 }, 'losses');
    allClose(one.params.W, loops.params.W, { absolute: 1e-4 }, 'W');
  });
}

test('the kernels read the samples of the table to the bit', async () => {
  for (const hidden of [2, 12]) {
    for (const batches of ['full', 'drawn'] as const) {
      const problem = problemOf(specOf({ count: 21, batches }, { model: { features: 9, hidden } }));
      const [table] = tablesOf(problem).list;
      const wanted = rowsOf(readBatch(problem, table, 0, 3), 9);
      const shape = hidden === 2 ? 'program' : 'rows';
      assert.equal(rowsOf(await drawSurvivors(problem, 0, 3, shape), 9), wanted, `${batches}, ${shape}`);
    }
  }
});

test('a sample that counts twice is a sample that stands there twice', async () => {
  const rows = [[1, 0], [0, 1], [0.5, 0.5]]; // biome-ignore format: a table
  const train = async (values: number[][], repeats: number[]) => {
    const problem = problemOf({
      model: { features: 2, hidden: 1 },
      input: { density: 1, samples: { values } },
      training: { steps: 25, learningRate: 1e-2 },
    });
    const source = { ...problem.source!, repeats };
    const params = { W: Float32Array.of(0.5, -0.3), b: new Float32Array(2) };
    const session = await reference.open({ ...problem, source }, params, { lossEvery: 1, threads: 1 });
    await session.run(25);
    return (await session.read()).W;
  };
  allClose(await train(rows, [2]), await train([rows[0], ...rows], []), { absolute: 1e-7 });
  allClose(
    sampleWeights({ ...problemOf(specOf({ count: 4 })).source!, repeats: [3] }),
    [2, 2 / 3, 2 / 3, 2 / 3],
    {
      relative: 1e-15,
    },
  );
});

test('held-out losses are of other samples of the kind, or of those that were given', async () => {
  const { groups } = await trainAll(specOf({ count: 5, unitLength: true }, { replicas: 2 }), {
    engine: 'simd',
  });
  const [{ problem, params, losses }] = groups;
  const held = await heldOutLoss(simd, problem, params, 4096);
  assert.ok(
    held.every((loss, i) => loss > 1.2 * losses[losses.length - 2 + i]),
    'five samples are memorised',
  );
  allClose(await heldOutLoss(reference, problem, params, 4096), held, { relative: 1e-5 });
  const values = [[1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0]]; // biome-ignore format: a table
  const given = await trainAll(specOf({ values }), { engine: 'simd' });
  const [own] = given.groups;
  const after = await heldOutLoss(simd, own.problem, own.params);
  assert.ok(after[0] < own.losses[own.losses.length - 1], 'the last update has made it smaller');
  allClose(await heldOutLoss(reference, own.problem, own.params), after, { relative: 1e-5 });
});

test('samples of a file must be provided and fit, and what cannot be is refused by name', () => {
  const refused = (samples: object, more: Partial<SpecInput> = {}) => {
    try {
      problemOf(specOf(samples as Samples, more));
    } catch (error) {
      return (error as Error).message;
    }
    return 'accepted';
  };
  assert.match(refused({ file: 'none.npy' }), /input\.samples\.file: expected samples that were read before/);
  provideSamples('three.npy', tableOfRows([[1, 2, 3]]));
  assert.match(
    refused({ file: 'three.npy' }),
    /expected samples of model\.features = 6 numbers, got 3 numbers/,
  );
  assert.match(
    refused({ values: [[1, 2]] }),
    /input\.samples\.values\.0: expected model\.features = 6 numbers/,
  );
  assert.match(refused({ count: 3, repeats: [1, 1, 1, 1] }), /input\.samples\.repeats: expected at most 3/);
  assert.match(refused({ count: 3, batches: 'drawn', repeats: [2] }), /none where batches are drawn/);
  const training = { attack: { kind: 'feature' as const, length: 1 } };
  assert.match(refused({ count: 3 }, { training }), /no attack on fixed samples/);
  assert.throws(() => tableOfRows([[1, 2], [1]]), /samples\.1: expected 2 numbers/);
  assert.throws(
    () =>
      tablesOf(
        problemOf({
          ...specOf({ count: 3, empty: 'redraw' }),
          input: { density: 0, samples: { count: 3, empty: 'redraw' } },
        }),
      ),
    /input\.samples\.empty/,
  );
});

test.run();
