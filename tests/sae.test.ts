import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { emptyColumns } from '../sim/columns.ts';
import { drawnPrefix, edited, nextEdit } from '../sim/edits.ts';
import { type DictionaryShape, type Family, reluOutputFamily } from '../sim/family.ts';
import { drawBatch } from '../sim/features.ts';
import { scoreDictionaries } from '../sim/metrics/dictionaryScores.ts';
import { programFor, sizeOf, tensorsOf } from '../sim/models/models.ts';
import { columnsAt, type Problem } from '../sim/problem.ts';
import { evaluate } from '../sim/program/evaluate.ts';
import { instanceKey, normals } from '../sim/random.ts';
import type { SpecInput } from '../sim/spec.ts';
import { trainAll } from '../sim/train.ts';
import { ADAMW } from './adamw.ts';
import { allClose } from './allClose.ts';
import { slopesOf } from './slopes.ts';

const SHAPE: DictionaryShape = {
  kind: 'relu',
  reads: 'random',
  latents: 6,
  penalty: 'decoder-norm',
  threshold: 0.1,
  bandwidth: 0.1,
  prefixes: [],
  start: 'tied',
  startNorm: 1,
  decoderBias: true,
};

/** A dictionary of random weights on a batch of 12 samples. */
function instanceOf(shape: Partial<DictionaryShape>) {
  const family: Family = { ...reluOutputFamily(5, 3), kind: 'sae', dictionary: { ...SHAPE, ...shape } };
  const key = instanceKey(8, 1);
  const problem: Problem = {
    ...emptyColumns(family, 1),
    family,
    training: { ...ADAMW, batch: 12 },
    firstStep: 0,
    instances: 1,
    keys: Int32Array.from(key),
    density: new Float64Array(5).fill(0.5),
    sparsity: Float64Array.of(0.07),
    active: Float64Array.of(2),
    innerWeight: Float64Array.of(0.4),
  };
  const weights: Record<string, Float64Array> = Object.fromEntries(
    tensorsOf(family).map((tensor, part) => [
      tensor.name,
      normals(key, part, sizeOf(tensor)).map((value) => value / 2),
    ]),
  );
  weights.threshold?.fill(0.3);
  weights.prefix0?.fill(0).fill(1, 0, 2);
  weights.prefix1?.fill(0).fill(1, 0, 4);
  return { problem, weights, batch: Float64Array.from(drawBatch(problem, 0, 0)) };
}

type Own = ReturnType<typeof instanceOf>;

function run({ problem, weights, batch }: Own) {
  const columns = columnsAt(problem, ['sparsity', 'active', 'innerWeight'], 0);
  return evaluate(programFor(problem.family, problem.training), weights, columns, batch);
}

function checkDifferences(own: Own, names: string[]): void {
  const { gradients } = run(own);
  for (const name of names) {
    const slopes = slopesOf(own.weights[name], () => run(own).loss);
    allClose(gradients[name], slopes, { absolute: 1e-7, relative: 1e-6 }, name);
  }
}

const ALL = ['encoder', 'decoder', 'encoderBias', 'decoderBias'];
const PREFIXES = [2, 4];

for (const [name, shape, tensors] of [
  ['ReLU, weighted by decoder norms', {}, ALL],
  ['ReLU, directions of length 1', { penalty: 'unit-norm' }, ALL],
  ['ReLU, plain L1', { penalty: 'plain' }, ALL],
  ['ReLU, tanh', { penalty: 'tanh' }, ALL],
  ['TopK', { kind: 'topk' }, ALL],
  ['BatchTopK', { kind: 'batch-topk' }, ALL],
  ['Matryoshka', { prefixes: PREFIXES }, ALL],
  ['BatchTopK Matryoshka', { kind: 'batch-topk', prefixes: PREFIXES }, ALL],
  ['JumpReLU, all but its thresholds', { kind: 'jump-relu' }, ALL],
] as [string, Partial<DictionaryShape>, string[]][]) {
  test(`gradients by differences: ${name}`, () => checkDifferences(instanceOf(shape), tensors));
}

test('gated: gradients of the gate and magnitude by differences, the still decoder held apart', () => {
  const own = instanceOf({ kind: 'gated', penalty: 'unit-norm' });
  checkDifferences(own, ['gain', 'encoderBias']);
  const { gradients } = run(own);
  assert.ok(
    gradients.gateBias.some((value) => value !== 0),
    'the gate learns from its own reconstruction',
  );
});

/** Loss and gradients of JumpReLU's thresholds in plain loops. */
function jumpByHand({ problem, weights, batch }: Own) {
  const { W, encoder, decoder, encoderBias, decoderBias, threshold } = weights;
  const [n, m, L, width, lambda] = [5, 3, 6, 0.1, problem.sparsity[0]];
  const slopes = new Float64Array(L);
  let loss = 0;
  for (let s = 0; s < 12; s++) {
    const x = batch.subarray(s * n, (s + 1) * n);
    const h = Array.from({ length: m }, (_, k) => x.reduce((sum, v, i) => sum + v * W[i * m + k], 0));
    const a = Array.from({ length: L }, (_, i) =>
      h.reduce((sum, v, k) => sum + (v - decoderBias[k]) * encoder[i * m + k], encoderBias[i]),
    );
    const z = a.map((value, i) => (value > threshold[i] ? value : 0));
    const error = h.map(
      (v, k) => z.reduce((sum, code, i) => sum + code * decoder[i * m + k], decoderBias[k]) - v,
    );
    loss += (error.reduce((sum, e) => sum + e * e, 0) + lambda * z.filter((code) => code > 0).length) / 12;
    a.forEach((value, i) => {
      if (Math.abs(value - threshold[i]) >= width / 2) return;
      const pull = error.reduce((sum, e, k) => sum + 2 * e * decoder[i * m + k], 0);
      slopes[i] -= (threshold[i] * pull + lambda) / width / 12;
    });
  }
  return { loss, slopes };
}

test('JumpReLU: the loss counts what fires, and thresholds move by the straight-through rule', () => {
  const own = instanceOf({ kind: 'jump-relu' });
  own.weights.encoderBias.set([0.1, 0.2, 0.3, 0.3, 0.35, 0.25]);
  const { loss, gradients } = run(own);
  const wanted = jumpByHand(own);
  allClose([loss], [wanted.loss], { relative: 1e-12 });
  assert.ok(wanted.slopes.some((slope) => slope !== 0));
  allClose(gradients.threshold, wanted.slopes, { absolute: 1e-12, relative: 1e-10 });
});

test('TopK keeps k of a sample; BatchTopK keeps k on average, more where more is there', () => {
  const [one, many] = (['topk', 'batch-topk'] as const).map((kind) => {
    const own = instanceOf({ kind });
    own.problem.active[0] = 1;
    own.weights.encoderBias.fill(2); // everything would fire
    return run(own).loss;
  });
  assert.ok(one !== many);
});

/** Trains dictionaries of some shape on known directions, with the engine named. */
async function trained(
  engine: 'simd' | 'reference',
  dictionary: { kind?: string; [field: string]: unknown },
  [n, m, latents]: number[],
) {
  // Adam would make a step of what rounding leaves of a slope of 0, and a batch's choice then jump
  const training =
    dictionary.kind === 'batch-topk' ? { optimizer: 'sgd', learningRate: 0.03 } : { learningRate: 3e-3 };
  const spec = {
    model: { features: n, hidden: m },
    input: { density: 0.3 },
    dictionary: {
      reads: 'random',
      latents,
      sparsity: 0.05,
      active: 2,
      sparsityWarmup: 10,
      ...dictionary,
      training: { steps: 40, batch: 70, ...training },
    },
    replicas: 3,
    record: { lossEvery: 1 },
  };
  const [{ losses, params }] = (await trainAll(spec as SpecInput, { engine })).groups;
  return { losses, params };
}

const SHAPES: [string, { kind?: string; [field: string]: unknown }][] = [
  ['relu', {}],
  ['unit norm', { penalty: 'unit-norm' }],
  ['tanh', { penalty: 'tanh' }],
  ['plain, untied, no bias', { penalty: 'plain', start: 'untied', decoderBias: false }],
  ['topk', { kind: 'topk' }],
  ['batch-topk', { kind: 'batch-topk', active: 1.7 }],
  ['jump-relu', { kind: 'jump-relu', bandwidth: 0.3 }],
  ['gated', { kind: 'gated', penalty: 'unit-norm' }],
  ['matryoshka', { prefixes: [1, 3], innerWeight: 0.5 }],
  ['batch-topk matryoshka', { kind: 'batch-topk', prefixes: [2] }],
  ['drawn prefixes', { drawnPrefixes: { count: 3 }, innerWeight: 0.5 }],
  ['drawn prefixes that hold for 7 steps', { drawnPrefixes: { count: 2, every: 7 }, innerWeight: 0.5 }],
  [
    'topk with an auxiliary loss',
    { kind: 'topk', start: 'untied', auxiliary: { active: 3, every: 6, samples: 256 } },
  ],
  ['batch-topk with one', { kind: 'batch-topk', auxiliary: { active: 1, every: 6, samples: 256 } }],
  ['resampled', { start: 'untied', resample: { every: 9, times: 3, samples: 128 } }],
  ['resampled jump-relu', { kind: 'jump-relu', bandwidth: 0.3, resample: { every: 9, samples: 128 } }],
  ['scaled', { scaling: 'mean-norm' }],
];
const SIZES = [
  [5, 2, 4], // all written out
  [5, 3, 8],
  [12, 4, 24], // loops
  [15, 6, 20], // loops whose products need sweeps of their own
  [20, 12, 30], // long rows
];

for (const [name, shape] of SHAPES) {
  test(`simd trains as the reference does: ${name}`, async () => {
    for (const sizes of SIZES) {
      const [own, wanted] = [await trained('simd', shape, sizes), await trained('reference', shape, sizes)];
      allClose(own.losses, wanted.losses, { relative: 2e-4, absolute: 1e-6 }, `${sizes} losses`);
      for (const tensor of Object.keys(wanted.params)) {
        allClose(own.params[tensor], wanted.params[tensor], { absolute: 1e-4 }, `${sizes} ${tensor}`);
      }
    }
  });
}

/** α ‖e − Dᵀz‖² of a batch, the errors e as given, z the `k` largest a_i = E (h − b) + c of the latents marked dead. */
function auxiliaryByHand({ weights, batch }: Own, errors: number[][], k: number, weight: number): number {
  const { W, encoder, decoder, encoderBias, decoderBias, dead } = weights;
  const [n, m, L] = [5, 3, 6];
  return errors.reduce((sum, e, s) => {
    const x = batch.subarray(s * n, (s + 1) * n);
    const h = Array.from({ length: m }, (_, d) => x.reduce((all, v, i) => all + v * W[i * m + d], 0));
    const a = Array.from(
      { length: L },
      (_, i) =>
        dead[i] * h.reduce((all, v, d) => all + (v - decoderBias[d]) * encoder[i * m + d], encoderBias[i]),
    );
    const least = [...a].sort((p, q) => q - p)[k - 1];
    const z = a.map((value) => (value > 0 && value >= least ? value : 0));
    const made = e.map((_, d) => z.reduce((all, code, i) => all + code * decoder[i * m + d], 0));
    return sum + (weight * e.reduce((all, v, d) => all + (v - made[d]) ** 2, 0)) / errors.length;
  }, 0);
}

/** Errors h − ĥ of TopK with 2 latents on a batch. */
function errorsByHand({ weights, batch }: Own): number[][] {
  const { W, encoder, decoder, encoderBias, decoderBias } = weights;
  return Array.from({ length: 12 }, (_, s) => {
    const x = batch.subarray(5 * s, 5 * s + 5);
    const h = Array.from({ length: 3 }, (_, d) => x.reduce((all, v, i) => all + v * W[i * 3 + d], 0));
    const a = Array.from({ length: 6 }, (_, i) =>
      h.reduce((all, v, d) => all + (v - decoderBias[d]) * encoder[i * 3 + d], encoderBias[i]),
    );
    const least = [...a].sort((p, q) => q - p)[1];
    const z = a.map((value) => (value > 0 && value >= least ? value : 0));
    return h.map((v, d) => v - z.reduce((all, code, i) => all + code * decoder[i * 3 + d], decoderBias[d]));
  });
}

test('AuxK: what it adds to the loss and its slopes, by hand and by differences with the error held still', () => {
  const auxiliary = { weight: 0.3, every: 10, samples: 64 };
  const [plain, own] = [instanceOf({ kind: 'topk' }), instanceOf({ kind: 'topk', auxiliary })];
  own.problem.auxiliaryActive = Float64Array.of(2);
  Object.assign(own.weights, plain.weights, { dead: Float64Array.of(1, 0, 1, 0, 1, 1) });
  const columns = columnsAt(own.problem, ['active', 'auxiliaryActive'], 0);
  const { loss, gradients } = evaluate(
    programFor(own.problem.family, own.problem.training),
    own.weights,
    columns,
    own.batch,
  );
  const [alone, errors] = [run(plain), errorsByHand(own)];
  const lossAt = () => auxiliaryByHand(own, errors, 2, 0.3);
  allClose([loss - alone.loss], [lossAt()], { absolute: 1e-12 });
  for (const name of ALL) {
    const slopes = slopesOf(own.weights[name], lossAt);
    const added = gradients[name].map((slope, k) => slope - alone.gradients[name][k]);
    allClose(added, slopes, { absolute: 1e-7 }, name);
    if (name !== 'decoderBias')
      assert.ok(
        slopes.some((slope) => Math.abs(slope) > 1e-3),
        `${name} is moved`,
      );
  }
});

test('a drawn prefix is at least l long as often as a cut-off Pareto number is', () => {
  for (const [L, alpha] of [
    [20, 0.5],
    [6, 1.3],
  ]) {
    const lengths = Array.from({ length: 100_000 }, (_, k) => drawnPrefix((k + 0.5) / 100_000, L, alpha));
    for (let l = 1; l <= L; l++) {
      const share = lengths.filter((length) => length >= l).length / lengths.length;
      const wanted = l < L ? (l ** -alpha - L ** -alpha) / (1 - L ** -alpha) : 0;
      allClose([share], [wanted], { absolute: 2e-5 }, `${l} of ${L}`);
    }
  }
});

test('prefixes are drawn before every step, ascending, and each instance has its own', () => {
  const { family, ...rest } = instanceOf({
    drawnPrefixes: { count: 4, exponent: 0.5, every: 3 },
  }).problem;
  const two = {
    ...rest,
    family,
    training: { ...ADAMW, batch: 12, steps: 40 },
    instances: 2,
    keys: Int32Array.from([...instanceKey(8, 1), ...instanceKey(8, 2)]),
  };
  const params = Object.fromEntries(
    tensorsOf(family).map((own) => [own.name, new Float32Array(2 * sizeOf(own))]),
  );
  const drawn = (step: number) => {
    const after = edited(two, step)?.(params).params;
    return (
      after &&
      [0, 1].map((i) =>
        [0, 1, 2, 3].map((k) => after[`prefix${k}`].subarray(6 * i, 6 * i + 6).reduce((a, b) => a + b)),
      )
    );
  };
  assert.is(drawn(1), undefined);
  assert.is(nextEdit(two, 0), 3);
  const seen = [0, 3, 6, 9, 12].map((step) => drawn(step)!);
  for (const lengths of seen.flat()) {
    assert.equal(
      lengths,
      [...lengths].sort((a, b) => a - b),
    );
    assert.ok(lengths.every((length) => length >= 1 && length <= 5));
  }
  assert.ok(new Set(seen.flat().map(String)).size > 5, 'draws differ by step and instance');
});

test('resampling points dead latents at samples and leaves the others as they are', () => {
  const rule = { every: 5, times: 2, samples: 500, encoder: 0.2 };
  const { problem: plain, weights } = instanceOf({ kind: 'jump-relu', resample: rule });
  const problem = { ...plain, training: { ...plain.training, steps: 40 } };
  const params = Object.fromEntries(
    Object.entries(weights).map(([name, values]) => [name, Float32Array.from(values)]),
  );
  params.encoderBias.set([5, -99, 5, -99, 5, 5]);
  const { params: after, cleared } = edited(problem, 5)!(params);
  const lengthOf = (row: ArrayLike<number>) => Math.hypot(...Array.from(row));
  const rowOf = (M: Float32Array, i: number) => M.subarray(3 * i, 3 * i + 3);
  const alive = [0, 2, 4, 5];
  const mean = alive.reduce((sum, i) => sum + lengthOf(rowOf(params.encoder, i)), 0) / alive.length;
  for (const i of alive) {
    for (const name of ['encoder', 'decoder']) assert.equal(rowOf(after[name], i), rowOf(params[name], i));
    assert.is(after.encoderBias[i], params.encoderBias[i]);
  }
  for (const i of [1, 3]) {
    const v = rowOf(after.decoder, i);
    allClose([lengthOf(v)], [1], { absolute: 1e-6 });
    allClose(
      rowOf(after.encoder, i),
      Array.from(v, (value) => value * 0.2 * mean),
      { absolute: 1e-6 },
    );
    assert.equal([after.encoderBias[i], after.threshold[i]], [0, Math.fround(0.1)]);
  }
  assert.not.equal(
    [...rowOf(after.decoder, 1)],
    [...rowOf(after.decoder, 3)],
    'each draws a sample of its own',
  );
  assert.equal([...cleared.encoderBias], [0, 1, 0, 1, 0, 0]);
  assert.equal([...cleared.decoder], [0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
  assert.equal(
    [nextEdit(problem, 0), nextEdit(problem, 5), nextEdit(problem, 10)],
    [5, 10, Number.POSITIVE_INFINITY],
  );
  assert.is(edited(problem, 6), null);
});

test('resampling brings dead latents back, and with them the features that were missing', async () => {
  const scores = async (more: object) => {
    const spec = {
      model: { features: 32, hidden: 32 },
      input: { density: 0.1 },
      dictionary: {
        reads: 'orthonormal',
        latents: 32,
        start: 'untied',
        ...more,
        training: { steps: 800, batch: 64, learningRate: 0.03 },
      },
      replicas: 2,
    };
    const [{ problem, params }] = (await trainAll(spec as SpecInput, { engine: 'simd' })).groups;
    return scoreDictionaries(problem, params, 1024);
  };
  const [left, revived] = [await scores({}), await scores({ resample: { every: 150 } })];
  assert.ok(left.some(({ dead_share }) => dead_share > 0));
  for (const { dead_share, found } of revived) assert.equal([dead_share, found], [0, 1]);
});

test.run();
