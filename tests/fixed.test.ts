/** The kernel of a training set, held against the float64 reference where its outputs are off, on for all samples, or mixed. */
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { heldOutLoss } from '../sim/evaluate.ts';
import { expandGrid } from '../sim/grid.ts';
import { initParams } from '../sim/params.ts';
import type { Params, Problem } from '../sim/problem.ts';
import { reference } from '../sim/reference.ts';
import { simd } from '../sim/simd/engine.ts';
import { cellsOf, planFixed, rangesOf, TEAM } from '../sim/simd/fixed/plan.ts';
import { assemble, chooseKernel, kernelText, layoutFor } from '../sim/simd/kernel.ts';
import { entriesByFeature } from '../sim/simd/tables.ts';
import { parseSpec, type SpecInput } from '../sim/spec.ts';
import { trainAll } from '../sim/train.ts';
import { allClose } from './allClose.ts';

interface Change {
  model?: object;
  input?: object;
  samples?: object;
  training?: object;
}

const specOf = ({ model, input, samples, training }: Change): SpecInput => ({
  model: { features: 40, hidden: 2, ...model },
  input: { density: 0.1, samples: { count: 21, unitLength: true, ...samples }, ...input },
  training: { steps: 300, learningRate: 1e-2, reduction: 'sum', ...training },
  replicas: 3,
  record: { lossEvery: 1 },
});

const CASES: [string, Change][] = [
  ['two dimensions', {}],
  ['one, mean over the features', { model: { hidden: 1 }, training: { reduction: 'mean' } }],
  ['three, ReLU hidden layer', { model: { hidden: 3, hiddenActivation: 'relu' } }],
  ['eight, unequal importances', { model: { hidden: 8 }, input: { importance: { base: 0.95 } } }],
  ['one sample', { samples: { count: 1 } }],
  ['samples that count differently', { samples: { count: 24, repeats: [7, 0, 2.5] } }],
  ['signed inputs of any length', { input: { magnitude: 'signed' }, samples: { unitLength: false } }],
  ['no bias', { model: { bias: false } }],
  ['clipped SGD with momentum', { training: { optimizer: 'sgd', momentum: 0.9, clip: 0.5 } }],
  ['Adam, warm-up and cosine', { training: { optimizer: 'adam', warmup: 30, schedule: 'cosine' } }],
];

const problemOf = (spec: SpecInput): Problem => expandGrid(parseSpec(spec)).groups[0].problem;

for (const [name, change] of CASES) {
  test(`${name}: as the reference trains, on one thread as on three`, async () => {
    const spec = specOf(change);
    assert.is(chooseKernel(problemOf(spec)), 'fixed');
    const [one, three, loops] = [
      await trainAll(spec, { engine: 'simd', threads: 1 }),
      await trainAll(spec, { engine: 'simd', threads: 3 }),
      await trainAll(spec, { engine: 'reference' }),
    ].map(({ groups }) => groups[0]);
    assert.equal(three.params, one.params);
    allClose(one.losses, loops.losses, { relative: 1e-3, absolute: 1e-5 }, 'losses');
    const held = await heldOutLoss(simd, one.problem, one.params, 2000);
    allClose(
      held,
      await heldOutLoss(reference, one.problem, one.params, 2000),
      { relative: 1e-5 },
      'held out',
    );
  });
}

test('a model of many samples trains on all threads, to the same bytes as on one', async () => {
  const samples = 2301; // ranges of unequal length, the last vector not full
  for (const replicas of [1, 2]) {
    const spec = { ...specOf({ samples: { count: samples }, training: { steps: 40 } }), replicas };
    assert.ok(rangesOf(samples) > 2);
    const loops = (await trainAll(spec, { engine: 'reference' })).groups[0];
    const trained = [];
    for (const threads of [1, 2, 3, 5]) {
      const { groups, engine } = await trainAll(spec, { engine: 'simd', threads });
      assert.is(engine.threads, threads);
      trained.push(groups[0]);
    }
    for (const own of trained) assert.equal(own.params, trained[0].params);
    allClose(trained[0].losses, loops.losses, { relative: 1e-3, absolute: 1e-5 }, 'losses');
  }
});

test('samples stand in cells where there are enough of them for so many dimensions', () => {
  const cells = (hidden: number) => [127, 128, 129, 299, 300, 500].map((samples) => cellsOf(samples, hidden));
  assert.equal([1, 2, 3, 4, 5].map(cells), [
    [0, 4, 8, 12, 12, 16],
    [0, 4, 8, 12, 12, 16],
    [0, 0, 0, 0, 12, 16],
    [0, 0, 0, 0, 0, 16],
    [0, 0, 0, 0, 0, 0],
  ]);
});

test('who comes to help before there is a list touches nothing', async () => {
  const problem = problemOf(specOf({ samples: { count: 2301 } }));
  const [layout, plan, pages] = [layoutFor(problem), planFixed(problem), 40];
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const own = new Uint8Array(memory.buffer, layout.work, plan.team).fill(0xaa);
  const { exports } = await WebAssembly.instantiate(await assemble(kernelText(problem, layout, pages)), {
    env: { memory },
  });
  const words = new Int32Array(memory.buffer, layout.work + plan.team, TEAM.size / 4);
  const later = `const { workerData: words } = require('node:worker_threads');
    setTimeout(() => {
      Atomics.store(words, ${TEAM.ended / 4}, 1);
      Atomics.add(words, ${TEAM.epoch / 4}, 1);
      Atomics.notify(words, ${TEAM.epoch / 4});
    }, 50);`;
  const worker = new Worker(later, { eval: true, workerData: words });
  (exports.help as () => void)();
  await worker.terminate();
  assert.ok(own.every((byte) => byte === 0xaa));
});

test('entries by feature: where each stands, of which sample it is, and its value', () => {
  const table = {
    samples: 3,
    features: 4,
    starts: Int32Array.of(0, 2, 2, 4),
    indices: Int32Array.of(1, 3, 0, 3),
    values: Float32Array.of(0.5, 0.25, 0.125, 0.75),
  };
  const { places, byFeature } = entriesByFeature(table);
  assert.equal([...places], [4, 8, 0, 12]);
  assert.equal([...byFeature.starts], [0, 1, 2, 2, 4]);
  assert.equal([...byFeature.samples], [8, 0, 0, 8]);
  assert.equal([...byFeature.values], [0.125, 0.5, 0.25, 0.75]);
});

test('few samples are one range', () => {
  assert.equal([1, 2048, 2049, 4096, 1e6].map(rangesOf), [1, 1, 8, 16, 16]);
});

test('a session that is closed while a team works ends, and the next one opens', async () => {
  const problem = problemOf({
    ...specOf({ samples: { count: 4096 }, training: { steps: 1e6 } }),
    replicas: 1,
  });
  const params = initParams(problem, new Float64Array(1).fill(1));
  const session = await simd.open(problem, params, { lossEvery: 1e6, threads: 3 });
  const running = session.run(1e6).then(
    () => 'ended',
    (error: Error) => error.message,
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  await session.close(); // while all three work
  assert.match(await running, /closed/);
  const again = await simd.open(problem, params, { lossEvery: 10, threads: 3 });
  const { lossSteps } = await again.run(10);
  await again.close();
  assert.equal(lossSteps, [0]);
});

/** What one step of SGD at rate 1 takes off the weights: the gradient. */
async function gradient(engine: typeof simd, problem: Problem, params: Params): Promise<Params> {
  const session = await engine.open(problem, params, { lossEvery: 1, threads: 1 });
  await session.run(1);
  const after = await session.read();
  await session.close();
  return Object.fromEntries(
    Object.entries(params).map(([name, own]) => [name, own.map((w, k) => w - after[name][k])]),
  );
}

test('outputs that are off or on for all samples have the gradient of the sums, to rounding', async () => {
  for (const hiddenActivation of ['identity', 'relu'] as const) {
    const training = { optimizer: 'sgd' as const, learningRate: 1, weightDecay: 0, steps: 1 };
    const problem = problemOf(specOf({ model: { hidden: 3, hiddenActivation }, training }));
    const params = initParams(problem, new Float64Array(3).fill(0.5));
    for (const [k, bias] of [
      [0, 9],
      [1, -9],
      [2, 0],
    ]) {
      params.b.fill(bias, 40 * k, 40 * k + 20); // half of the features of each model, the rest is mixed
    }
    const [own, expected] = [
      await gradient(simd, problem, params),
      await gradient(reference, problem, params),
    ];
    for (const name of ['W', 'b'])
      allClose(own[name], expected[name], { relative: 1e-4, absolute: 2e-5 }, name);
    assert.ok(
      own.b.subarray(0, 20).every((g) => g > 0.5),
      'outputs that are on are pulled down',
    );
    assert.ok(
      own.b.subarray(40, 60).every((g) => g === 0),
      'outputs that are off are left alone',
    );
  }
});

/** Largest entry of an array, without its sign. */
const largest = (values: Float32Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

for (const [samples, hidden, bias, repeats] of [
  [129, 2, 0.1, []], // a second group, of which one sample counts
  [700, 1, -0.2, []],
  [700, 2, 0, []],
  [700, 2, -0.3, [7, 0, 2.5]],
  [1500, 3, 0.2, []],
  [1500, 4, -0.1, []],
  [2100, 5, -0.1, []], // passes over ranges
] satisfies [number, number, number, number[]][]) {
  test(`${samples} samples in ${hidden} dimensions, bias ${bias}, ${repeats.length ? 'repeated: ' : ''}gradient of the sums, to rounding`, async () => {
    const count = repeats.length ? 24 * 30 : samples;
    const problem = problemOf(
      specOf({
        model: { hidden, features: 60 },
        samples: { count, ...(repeats.length ? { repeats } : {}) },
        training: { optimizer: 'sgd', learningRate: 1, weightDecay: 0, steps: 1 },
      }),
    );
    const params = initParams(problem, new Float64Array(3).fill(0.5));
    params.b.fill(bias);
    const [own, expected] = [
      await gradient(simd, problem, params),
      await gradient(reference, problem, params),
    ];
    for (const name of ['W', 'b'])
      allClose(own[name], expected[name], { absolute: 3e-6 * largest(expected[name]) }, name);
  });
}

test('dense samples, minibatches and other models go to other kernels', () => {
  const shapeOf = (change: Change) => chooseKernel(problemOf(specOf(change)));
  assert.is(shapeOf({ input: { density: 0.5 } }), 'program');
  assert.is(shapeOf({ samples: { batches: 'drawn' } }), 'program');
  assert.is(shapeOf({ model: { tied: false } }), 'program');
  assert.is(shapeOf({ model: { hidden: 9 }, samples: { count: 24 } }), 'rows');
  assert.is(shapeOf({ training: { hiddenPenalty: 0.1 } }), 'program');
});

test.run();
