import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expandGrid, takeGroup } from '../sim/grid.ts';
import { scaleOf } from '../sim/hidden.ts';
import { modelDirections } from '../sim/models/directions.ts';
import { instanceKey } from '../sim/random.ts';
import { parseSpec, type SpecInput } from '../sim/spec.ts';
import { provideWeights } from '../sim/start.ts';
import { trainAll } from '../sim/train.ts';
import { allClose } from './allClose.ts';

const MODELS: SpecInput = {
  model: { features: 5, hidden: 2 },
  input: { density: 0.1 },
  training: { steps: 30, batch: 32, learningRate: 1e-2 },
  sweep: [{ path: 'input.density', values: [0.1, 0.3] }],
  replicas: 2,
};

const SPEC: SpecInput = {
  ...MODELS,
  dictionary: { latents: 4, training: { steps: 20, batch: 16 } },
  sweep: [
    ...MODELS.sweep!,
    { path: 'dictionary.latents', values: [3, 6] },
    { path: 'dictionary.sparsity', values: [0.01, 0.1] },
    { path: 'dictionary.seed', values: [0, 1] },
  ],
};

/** Numbers of row `row` of tensor `name`. */
function weightsOf(result: Awaited<ReturnType<typeof trainAll>>, name: string, row: number): number[] {
  for (const { rows, params } of result.groups) {
    const at = rows.indexOf(row);
    const width = params[name].length / rows.length;
    if (at >= 0) return [...params[name].subarray(at * width, (at + 1) * width)];
  }
  throw new Error(`no row ${row}`);
}

test('dictionaries read the very models that the first stage alone would train', async () => {
  const [alone, both] = [await trainAll(MODELS), await trainAll(SPEC)];
  // rows: density (2) × latents (2) × λ (2) × seed (2) × replica (2); the first reader of a model has its key
  for (let row = 0; row < 32; row++) {
    const first = 16 * Math.floor(row / 16) + (row % 2);
    assert.equal(
      weightsOf(both, 'W', row),
      weightsOf(both, 'W', first),
      `row ${row} reads the model of ${first}`,
    );
  }
  assert.equal(weightsOf(both, 'W', 0), weightsOf(alone, 'W', 0));
  assert.equal(weightsOf(both, 'W', 1), weightsOf(alone, 'W', 1));
  assert.not.equal(weightsOf(both, 'W', 16), weightsOf(both, 'W', 0));
});

test('dictionaries of one seed on one model share start and samples, others do not', async () => {
  const { groups } = expandGrid(parseSpec(SPEC));
  const keyOf = (row: number) => {
    const group = groups.find(({ rows }) => rows.includes(row))!;
    const at = group.rows.indexOf(row);
    return [...group.problem.keys.subarray(2 * at, 2 * at + 2)];
  };
  assert.equal(keyOf(0), keyOf(4), 'another λ');
  assert.equal(keyOf(0), keyOf(8), 'another size');
  assert.not.equal(keyOf(0), keyOf(2), 'another seed');
  assert.not.equal(keyOf(0), keyOf(1), 'another model');
  assert.not.equal(keyOf(0), [...instanceKey(0, 0)], 'not the samples that trained the model');
});

test('blocks, and a group in parts, train the same bytes', async () => {
  const [whole, parts] = [await trainAll(SPEC), await trainAll(SPEC, { blockInstances: 3 })];
  for (const [g, { params }] of whole.groups.entries()) {
    for (const name of Object.keys(params)) assert.equal(parts.groups[g].params[name], params[name], name);
  }
  const [group] = whole.grid.groups;
  const some = takeGroup(group, [15, 2]);
  const rowRead = (own: typeof group, at: number) => own.first!.group.rows[own.first!.of[at]];
  assert.equal([rowRead(some, 0), rowRead(some, 1)], [rowRead(group, 15), rowRead(group, 2)]);
});

test('known directions are of length 1, and orthogonal where that is said', () => {
  for (const kind of ['random', 'orthonormal']) {
    const M = modelDirections(instanceKey(1, 2), 4, 6, kind);
    const dot = (i: number, j: number) =>
      Array.from({ length: 6 }, (_, k) => M[i * 6 + k] * M[j * 6 + k]).reduce((a, b) => a + b);
    for (let i = 0; i < 4; i++) {
      assert.ok(Math.abs(dot(i, i) - 1) < 1e-6);
      for (let j = 0; j < i; j++) assert.is(Math.abs(dot(i, j)) < 1e-6, kind === 'orthonormal');
    }
  }
});

test('h is scaled to a mean length of √m, or to a mean square of 1', async () => {
  const h = Float64Array.of(3, 4, 0, 0, 0, 1); // lengths 5, 0 and 1
  allClose([scaleOf(h, 2, 'mean-norm')], [Math.SQRT2 / 2], { absolute: 1e-12 });
  allClose([scaleOf(h, 2, 'mean-square')], [Math.sqrt(3 / 26)], { absolute: 1e-12 });
  assert.is(scaleOf(new Float64Array(6), 2, 'mean-norm'), 1);
  for (const [scaling, length] of [
    ['mean-norm', 2],
    ['mean-square', 1],
  ]) {
    const spec = {
      model: { features: 1, hidden: 4 },
      input: { density: 1, magnitude: 'one' }, // ‖h‖ = ‖W_0‖ in every sample
      dictionary: { latents: 2, reads: 'random', scaling, training: { steps: 1, batch: 2 } },
    };
    const [{ params }] = (await trainAll(spec as SpecInput)).groups;
    allClose([Math.hypot(...params.W)], [length as number], { absolute: 1e-6 }, scaling as string);
  }
});

test('a dictionary reads the models of weights that were stored, as they are', async () => {
  const W = Float32Array.from([1, 0, 0, 2, -1, 1, 3, 3, 0, 1, 1, 1]); // two models of 3 features in 2 dimensions
  provideWeights('stored models', {
    W: { shape: [2, 3, 2], data: W },
    b: { shape: [2, 3], data: new Float32Array(6) },
  });
  const spec: SpecInput = {
    model: { features: 3, hidden: 2 },
    input: { density: 0.5 },
    training: { init: { from: 'stored models' } },
    dictionary: { latents: 4, reads: 'stored', training: { steps: 3, batch: 8 } },
    sweep: [{ path: 'dictionary.sparsity', values: [0.01, 0.1] }],
    replicas: 2,
  };
  const result = await trainAll(spec);
  for (let row = 0; row < 4; row++)
    assert.equal(weightsOf(result, 'W', row), [...W.subarray(6 * (row % 2), 6 * (row % 2) + 6)]);
  assert.is(result.samples, 4 * 3 * 8, 'no model is trained');
});

const refusal = (dictionary: object, model: object = {}) => {
  try {
    parseSpec({ ...MODELS, sweep: [], model: { features: 5, hidden: 2, ...model }, dictionary });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

test('a dictionary that cannot be is refused, by field, expected and got', () => {
  assert.is(refusal({ latents: 3 }), '');
  assert.match(
    refusal({ latents: 3, active: 5 }),
    'dictionary.active: expected at most dictionary.latents = 3, got 5',
  );
  assert.match(
    refusal({ latents: 3, prefixes: [2, 1] }),
    'dictionary.prefixes: expected ascending numbers below',
  );
  assert.match(refusal({ latents: 3, reads: 'orthonormal' }), /dictionary.reads: expected model or random/);
  assert.match(refusal({ latents: 9, start: 'truth' }), /dictionary.start: expected tied or untied/);
  assert.match(
    refusal({ latents: 3 }, { hiddenActivation: 'relu' }),
    /dictionary.reads: expected random or ortho/,
  );
  assert.match(
    refusal({ latents: 3, training: { warmup: 1e5 } }),
    /dictionary.training.warmup: expected fewer than/,
  );
  assert.match(
    refusal({ latents: 3, training: { perTensor: { U: {} } } }),
    /dictionary.training.perTensor.U: expected/,
  );
  assert.match(refusal({ latents: 3, kind: 'gated' }), 'dictionary.penalty: expected unit-norm for gated');
  assert.match(refusal({ latents: 3, reads: 'stored' }), /dictionary.reads: expected model, random or ortho/);
  const resample = { every: 1e4 };
  assert.match(
    refusal({ latents: 3, resample }),
    /resample.every: expected below dictionary.training.steps = /,
  );
  assert.match(
    refusal({ latents: 3, auxiliary: { active: 2 } }),
    /dictionary.auxiliary: expected only of topk/,
  );
  assert.match(
    refusal({ latents: 3, kind: 'topk', auxiliary: { active: 4 } }),
    /dictionary.auxiliary.active: expected at most dictionary.latents = 3, got 4/,
  );
  assert.match(
    refusal({ latents: 3, prefixes: [1], drawnPrefixes: {} }),
    /drawnPrefixes: expected none beside/,
  );
  assert.match(refusal({ latents: 3, sparsityWarmup: 1e5 }), /dictionary.sparsityWarmup: expected at most/);
});

test.run();
