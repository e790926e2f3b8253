/**
 * What an engine must agree on with the reference, whatever it runs on: one body for Node and for a page. Every model
 * that the engine does not refuse: samples bit for bit, one step's gradients, 320 steps' losses, by nothing but the
 * engine's own interface.
 */
import { emptyColumns } from '../sim/columns.ts';
import type { Engine, Session } from '../sim/engine.ts';
import { type Family, reluOutputFamily, type Training } from '../sim/family.ts';
import { drawBatch } from '../sim/features.ts';
import { defineModel, modelNames, tensorsOf } from '../sim/models/models.ts';
import { mapTensors, type Params, type Problem } from '../sim/problem.ts';
import { squared, sub } from '../sim/program/ops.ts';
import { instanceKey, normals } from '../sim/random.ts';
import { reference } from '../sim/reference.ts';
import { ADAMW } from './adamw.ts';
import { perTensor } from './perTensor.ts';
import './zoo.ts';

const GRADIENT_TOLERANCE = 1e-5; // relative to the largest entry
const RATE = 256; // makes gradients as large as weights, whose float32 the difference is taken of
const LOSS_TOLERANCE = 1e-3; // relative to the loss, or the instance's mean loss if that is more
const STEPS = 320; // whole calls of 32 steps: no engine compiles a second plan for the rest

export interface Case {
  name: string;
  family: Family;
  training: Training;
  instances: number;
  pull?: true; // rows of matrices go to length 1
}

const TRAINING: Training = { ...ADAMW, batch: 8, steps: STEPS };

function build([n, m]: [number, number], family: Partial<Family>, training: Partial<Training> = {}): Case {
  const changes = JSON.stringify({ ...family, ...training }).replace(/[{}"]/g, '');
  return {
    name: `(${n},${m}) ${changes}`,
    family: { ...reluOutputFamily(n, m), ...family },
    training: { ...TRAINING, ...training },
    instances: n > 50 ? 1 : 3,
  };
}

/** A case whose rows are pulled to length 1. */
const pulled = (own: Case): Case => ({ ...own, name: `${own.name} rows pulled`, pull: true });

const pair = (kind: 'correlated' | 'anticorrelated', size = 2) => ({ kind, size });

/** Models whose loss moves b_j from 0 to x_j in one step of SGD at a rate of 1. */
defineModel({
  name: 'sampler',
  tensors: ({ features }) => [{ name: 'b', shape: [features], init: 'zero', trained: true }],
  losses: (_, { b }, x) => [squared(sub(b, x), 0.5)],
});

/** Parents of 20 features: five roots, each with three children. */
const TREE = Array.from({ length: 20 }, (_, i) => (i % 4 === 0 ? -1 : i - (i % 4)));

/** The toy model: each shape twice, so that every member of the family, optimiser and schedule is met small and large. */
const TOYS: Case[] = [
  build([2, 1], {}),
  build([2, 1], { hiddenActivation: 'relu', outputActivation: 'identity', tied: false, bias: false }),
  build([3, 2], { sets: [pair('anticorrelated')] }, { optimizer: 'sgd', momentum: 0.9, schedule: 'linear' }),
  build(
    [3, 2],
    { sets: [pair('correlated', 3)], magnitude: 'signed', target: 'abs' },
    { hiddenPenalty: 0.02 },
  ),
  build([5, 2], { bias: false }, { schedule: 'quarter-cosine', warmup: 20, batch: 11 }),
  build([5, 2], { tied: false, hiddenActivation: 'relu', magnitude: 'signed', target: 'abs' }),
  build([7, 3], { sets: [pair('correlated', 3), pair('anticorrelated')] }, { hiddenPenalty: 0.02 }),
  build([7, 3], { hiddenActivation: 'relu', outputActivation: 'identity' }, { optimizer: 'adam' }),
  build([20, 5], {}, { schedule: 'cosine', batch: 10 }),
  build([20, 5], { tied: false, sets: [pair('anticorrelated', 4)] }, { optimizer: 'sgd', batch: 5 }),
  build([6, 2], { tied: false }, { optimizer: 'sgld', schedule: 'linear' }),
  build([20, 7], { tied: false, bias: false }, { optimizer: 'sgld', batch: 6 }),
  build([6, 2], { tied: false }, { reduction: 'sum', clip: 0.5 }),
  build([20, 8], {}, { reduction: 'sum', clip: 0.5, batch: 4 }),
  pulled(build([4, 1], {}, { schedule: 'linear' })),
  pulled(build([6, 3], { tied: false }, { clip: 0.5, warmup: 20 })),
  pulled(build([20, 7], { tied: false }, { batch: 6 })),
  build([5, 2], { hiddenBias: true, hiddenActivation: 'relu' }, { hiddenPenalty: 0.02 }),
  build([5, 3], { hiddenBias: true, tied: false, outputActivation: 'gelu' }),
  build([5, 2], { hiddenActivation: 'tanh', outputActivation: 'leaky-relu' }),
  build([5, 2], { hiddenActivation: 'abs', outputActivation: 'identity', magnitude: 'signed' }),
  build([5, 2], {}, { attack: { kind: 'feature', of: 'mean' }, batch: 11 }),
  build([20, 5], { tied: false }, { attack: { kind: 'feature', of: 'own' } }),
  build([5, 2], {}, { attack: { kind: 'gradient', of: 'mean' }, batch: 11 }),
  build(
    [20, 5],
    { hiddenActivation: 'relu' },
    { attack: { kind: 'gradient', of: 'own' }, hiddenPenalty: 0.02 },
  ),
  build([12, 12], { outputActivation: 'tanh' }, { attack: { kind: 'gradient', of: 'own' } }),
  build([6, 3], { gating: 'copula', magnitude: 'normal' }, { batch: 11 }),
  build([20, 8], { gating: 'tree', parents: TREE, exclusive: true, magnitude: 'one' }, { batch: 11 }),
  build([12, 2], { gating: 'exactly', magnitude: 'signed' }),
  build([12, 8], { gating: 'figure-eight' }, { batch: 6 }),
  build([80, 20], {}, { batch: 4 }),
  build(
    [80, 2],
    {
      sets: [pair('correlated', 20), pair('anticorrelated', 9), pair('correlated', 30)],
      magnitude: 'signed',
    },
    { batch: 4 },
  ),
  build([520, 1], {}, { batch: 3 }),
  build(
    [80, 20],
    { tied: false, hiddenActivation: 'relu', magnitude: 'signed', target: 'abs', bias: false },
    { batch: 4 },
  ),
];

/** Every other model that takes features as they are: small, with vectors longer than a kernel writes out, and square. */
const OTHERS: Case[] = modelNames()
  .filter((kind) => !['toy', 'sampler', 'attention', 'circuit'].includes(kind))
  .flatMap((kind) => [
    build([5, 2], { kind }),
    build([20, 5], { kind, magnitude: 'signed' }, { clip: 0.5, batch: 6 }),
    build([12, 12], { kind }, { batch: 4 }),
  ]);

/** Attention on the sequences that it is for; the toy model draws the same. */
const HEADS: Case[] = [
  build([5, 1], { kind: 'attention', gating: 'trigrams', trigrams: { destinations: 2, length: 4 } }),
  build(
    [21, 3],
    { kind: 'attention', gating: 'trigrams', trigrams: { destinations: 8, length: 8 } },
    { batch: 11, optimizer: 'adam' },
  ),
  build([12, 8], { gating: 'trigrams', trigrams: { destinations: 3, length: 15 } }, { batch: 6 }),
];

/** A residual MLP of ReLU neurons on features that are mixed, and a sparse layer that is computed. */
const COMPUTED: Case[] = [
  build(
    [20, 5],
    { kind: 'circuit', tied: false, circuit: { blocks: 4, density: 0.5, shift: -0.1, seed: 0 } },
    { batch: 6 },
  ),
  build(
    [20, 10],
    { kind: 'residual-mlp', hiddenActivation: 'relu', tied: false, magnitude: 'signed', embedding: 30 },
    { batch: 6 },
  ),
];

export const CASES: Case[] = [...TOYS, ...OTHERS, ...COMPUTED, ...HEADS];

/** Densities differ between instances and, outside of sets, between features; one feature never occurs. */
function densities({ family, instances }: Case): Float64Array {
  const n = family.features;
  const inSets = family.sets.reduce((sum, set) => sum + set.size, 0);
  return Float64Array.from({ length: instances * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    if (j < inSets) return [0.4, 0.1, 0.9][i];
    return j === 1 ? 0 : [1, 0.3, 0.05][i] / (1 + (j % 3));
  });
}

/** Problem of a case with random initial weights. */
function problemOf(own: Case): { problem: Problem; params: Params } {
  const { features: n, hidden: m, bias } = own.family;
  const { instances } = own;
  const keys = Array.from({ length: instances }, (_, i) => instanceKey(2024, i));
  const fill = (part: number, size: number, scale: number) =>
    Float32Array.from(keys.flatMap((key) => [...normals(key, part, size).map((z) => z * scale)]));
  const problem: Problem = {
    family: own.family,
    training: own.training,
    firstStep: 0,
    ...emptyColumns(own.family, instances),
    instances,
    keys: Int32Array.from(keys.flat()),
    ...emptyColumns(own.family, instances),
    density: densities(own),
    importance: Float64Array.from({ length: instances * n }, (_, at) => 0.9 ** (at % n)),
    learningRate: perTensor(own.family, [1e-2, 3e-3, 1e-3].slice(0, instances)),
    weightDecay: perTensor(own.family, [0, 0.01, 0.1].slice(0, instances)),
    unitPull: Float64Array.of(1, 0, 20)
      .map((pull) => (own.pull ? pull : 0))
      .subarray(0, instances),
    attack: Float64Array.of(0.5, 0, 0.8).subarray(0, instances),
    inverseTemperature: Float64Array.of(5, 30, 100).subarray(0, instances),
    localization: Float64Array.of(10, 0, 3).subarray(0, instances),
    loading: new Float64Array(own.family.gating === 'copula' ? instances * n : 0).map(
      (_, at) => 0.8 - (at % 5) / 4,
    ),
    curveWidth: new Float64Array(instances).fill(0.2),
    magnitude: Float64Array.from(
      { length: own.family.magnitude === 'normal' ? 2 * instances : 0 },
      (_, at) => 0.5 - 0.2 * (at % 2),
    ),
  };
  const tensors = tensorsOf(own.family);
  const params = mapTensors(own.family, (name, size) => {
    const part = tensors.findIndex((tensor) => tensor.name === name);
    if (name === 'b' && !bias) return new Float32Array(instances * size);
    return fill(part, size, tensors[part].shape.length > 1 ? 1 / Math.sqrt(m) : 0.1);
  });
  return { problem, params };
}

/** SGD without momentum and decay: a step subtracts rate times the gradient. */
function plainStep(problem: Problem, rate: number): Problem {
  return {
    ...problem,
    training: { ...problem.training, optimizer: 'sgd', momentum: 0, schedule: 'constant', warmup: 0 },
    learningRate: problem.learningRate.map(() => rate),
    weightDecay: problem.weightDecay.map(() => 0),
  };
}

async function train(engine: Engine, problem: Problem, params: Params, steps: number) {
  const session = await engine.open(problem, params, { lossEvery: 1, threads: 0 });
  try {
    const { losses } = await session.run(steps);
    return { losses, params: await session.read() };
  } finally {
    await session.close();
  }
}

/** Largest difference, relative to the largest entry of `expected`. */
function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [worst, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
    largest = Math.max(largest, Math.abs(expected[i]));
    if (Number.isNaN(actual[i])) return Number.POSITIVE_INFINITY;
  }
  return largest > 0 ? worst / largest : worst;
}

/** The toy model without weights, of which b alone moves: to x_j at importance n/2. */
const PLAIN: Partial<Family> = {
  kind: 'toy',
  outputActivation: 'identity',
  bias: true,
  target: 'x',
  tied: true,
  hiddenBias: false,
  hiddenActivation: 'identity',
};

/** Samples out of an engine, exactly: an SGD step on a batch of one moves b_j from 0 to x_j. */
async function samplesOff(engine: Engine, own: Case, problem: Problem, kind: string): Promise<string[]> {
  const n = own.family.features;
  const { instances } = own;
  const family: Family = { ...own.family, ...PLAIN, kind };
  const single = {
    ...plainStep(problem, 1),
    family,
    firstStep: 100_003, // far from 0, where the other checks start
    importance: new Float64Array(instances * n).fill(n / 2),
  };
  single.training = {
    ...single.training,
    batch: 1,
    hiddenPenalty: 0,
    reduction: 'mean',
    clip: 0,
    attack: undefined,
  };
  single.learningRate = perTensor(family, new Array(instances).fill(1));
  single.weightDecay = perTensor(family, new Array(instances).fill(0));
  if (engine.refuses(single) !== null) return [];
  const zeros = mapTensors(family, (_, size) => new Float32Array(instances * size));
  const { params } = await train(engine, single, zeros, 1);
  const problems: string[] = [];
  for (let i = 0; i < instances; i++) {
    const expected = drawBatch(single, i, 0);
    const off = expected.findIndex((x, j) => x !== params.b[i * n + j]);
    if (off >= 0)
      problems.push(
        `${kind} sample of instance ${i}: x_${off} = ${params.b[i * n + off]}, not ${expected[off]}`,
      );
  }
  return problems;
}

async function gradientsOff(engine: Engine, problem: Problem, params: Params): Promise<string[]> {
  const plain = plainStep(problem, RATE);
  const [mine, theirs] = [await train(engine, plain, params, 1), await train(reference, plain, params, 1)];
  const problems: string[] = [];
  for (const name of Object.keys(params)) {
    const [start, own, expected] = [params[name], mine.params[name], theirs.params[name]];
    const off = distance(
      start.map((w, i) => w - own[i]),
      start.map((w, i) => w - expected[i]),
    );
    if (off > GRADIENT_TOLERANCE) problems.push(`gradient of ${name}: off by ${off.toExponential(1)}`);
  }
  return problems;
}

/** Mean loss of each instance: a batch without active features may lose next to nothing. Shape (I). */
function meanLosses(losses: Float32Array, instances: number): Float64Array {
  const sums = new Float64Array(instances);
  losses.forEach((loss, at) => {
    sums[at % instances] += (loss * instances) / losses.length;
  });
  return sums;
}

async function lossesOff(engine: Engine, problem: Problem, params: Params): Promise<string[]> {
  const [mine, theirs] = [
    await train(engine, problem, params, STEPS),
    await train(reference, problem, params, STEPS),
  ];
  const means = meanLosses(theirs.losses, problem.instances);
  let worst = 0;
  theirs.losses.forEach((loss, at) => {
    const off = Math.abs(mine.losses[at] - loss) / Math.max(loss, means[at % problem.instances]);
    worst = Math.max(worst, off); // NaN stays NaN, and is no agreement
  });
  const lengths = mine.losses.length === theirs.losses.length ? [] : ['losses: not as many as steps'];
  return worst <= LOSS_TOLERANCE ? lengths : [...lengths, `losses: off by ${worst.toExponential(1)}`];
}

/** Why the engine does not take a case, or null. */
export const refusal = (engine: Engine, own: Case): string | null => engine.refuses(problemOf(own).problem);

/** Everything in which the engine differs from the reference on one case; empty if it conforms or refuses it. */
export async function differences(engine: Engine, own: Case): Promise<string[]> {
  const { problem, params } = problemOf(own);
  if (engine.refuses(problem) !== null) return [];
  const all = [
    ...(await samplesOff(engine, own, problem, 'toy')),
    ...(await samplesOff(engine, own, problem, 'sampler')),
    ...(await gradientsOff(engine, problem, params)),
    ...(await lossesOff(engine, problem, params)),
  ];
  return all.map((difference) => `${own.name}: ${difference}`);
}

/** A session on the first case. */
export function openFirst(engine: Engine): Promise<Session> {
  const { problem, params } = problemOf(CASES[0]);
  return engine.open(problem, params, { lossEvery: 1, threads: 0 });
}

/** Device that a short run reports. */
export async function deviceThatRan(engine: Engine): Promise<string> {
  const session = await openFirst(engine);
  await session.run(1);
  await session.close();
  return session.report.device;
}
