import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { emptyColumns } from '../sim/columns.ts';
import { type DictionaryShape, type Family, reluOutputFamily } from '../sim/family.ts';
import { drawBatch } from '../sim/features.ts';
import { programFor, sizeOf, tensorsOf } from '../sim/models/models.ts';
import { columnsAt, type Problem } from '../sim/problem.ts';
import { evaluate } from '../sim/program/evaluate.ts';
import { instanceKey, normals } from '../sim/random.ts';
import type { SpecInput } from '../sim/spec.ts';
import { trainAll } from '../sim/train.ts';
import { ADAMW } from './adamw.ts';
import { allClose } from './allClose.ts';

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
    const values = own.weights[name];
    const slopes = Array.from(values, (value, k) => {
      const lossAt = (moved: number) => {
        values[k] = moved;
        return run(own).loss;
      };
      const slope = (lossAt(value + 1e-6) - lossAt(value - 1e-6)) / 2e-6;
      values[k] = value;
      return slope;
    });
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

test.run();
