/** Bytes that must come out the same on every engine of JavaScript. It runs in Node and, bundled, in a page. */
import { axisPoints, perFeature } from '../sim/curves.ts';
import type { EngineName } from '../sim/engine.ts';
import type { TrainedGroup } from '../sim/join.ts';
import { capacity } from '../sim/metrics/dimensionality.ts';
import { interference } from '../sim/metrics/interference.ts';
import { scoreParts } from '../sim/metrics/partsScores.ts';
import { schedule, stepCoefficients } from '../sim/optimizer.ts';
import { instanceKey, normals } from '../sim/random.ts';
import type { SpecInput } from '../sim/spec.ts';
import { trainAll } from '../sim/train.ts';

/** The README's axis, decades, one that runs upwards, and a linear one. */
const AXES = [
  { path: 'input.density', from: 1, to: 0.05, count: 8, scale: 'log' },
  { path: 'input.density', from: 1, to: 1e-5, count: 6, scale: 'log' },
  { path: 'input.importance.base', from: 0.1, to: 10, count: 1000, scale: 'log' },
  { path: 'input.density', from: 0.1, to: 1, count: 97, scale: 'linear' },
] as const;

/** A model taken apart: masks drawn for every sample, GELU in its own form. */
const PARTS: SpecInput = {
  model: { features: 4, hidden: 2 },
  input: { density: 0.3 },
  training: { steps: 30, batch: 16, learningRate: 0.01 },
  decomposition: { identity: true, subcomponents: 5, units: 3, training: { steps: 20, batch: 18 } },
};

/** The same against an adversary: sources that stay, an Adam of their own, a logarithm of what a batch has. */
const ADVERSARIAL: SpecInput = {
  ...PARTS,
  decomposition: {
    ...{ method: 'vpd', identity: true, subcomponents: 5, units: 7 },
    training: { steps: 20, batch: 18 },
  },
};

/** Schedules and activations whose functions the standard leaves open, a curve, sets, and the plain model. */
export const SPECS: [name: string, engine: EngineName, spec: SpecInput][] = [
  [
    'simd',
    'simd',
    {
      model: { features: 5, hidden: 2 },
      input: { density: 1, importance: { base: 0.9 } },
      training: { steps: 300, batch: 64, schedule: 'cosine' },
      sweep: [AXES[0]],
      replicas: 3,
    },
  ],
  [
    'simd wide',
    'simd',
    {
      model: { features: 40, hidden: 10, hiddenActivation: 'relu' },
      input: { density: { from: 0.5, to: 0.01 } },
      training: { steps: 60, batch: 32, schedule: 'quarter-cosine' },
      replicas: 2,
    },
  ],
  [
    'reference',
    'reference',
    {
      model: { features: 4, hidden: 2, hiddenActivation: 'tanh', outputActivation: 'gelu' },
      input: { density: 0.3, sets: [{ kind: 'correlated', size: 2 }] },
      training: { steps: 60, batch: 16, schedule: 'cosine', optimizer: 'adam' },
      replicas: 2,
    },
  ],
  [
    'noise',
    'simd',
    {
      model: { features: 3, hidden: 2 },
      input: { density: { exactly: 1 }, samples: { count: 50, batches: 'drawn' } },
      training: {
        ...{ optimizer: 'sgd', learningRate: 0.05, weightDecay: 0, reduction: 'sum', steps: 100, batch: 20 },
        init: { values: { W: [[1, 0], [0, 1], [-1, 0]], b: [0, 0, 0] }, noise: 0.01 }, // biome-ignore format: a table
      },
      replicas: 3,
    },
  ],
  ['parts', 'simd', PARTS],
  ['parts reference', 'reference', PARTS],
  ['adversarial parts', 'simd', ADVERSARIAL],
  ['adversarial parts reference', 'reference', ADVERSARIAL],
];

/** SHA-256 of the bytes of numbers, 64 hexadecimal digits. */
async function hashOf(values: Float32Array | Float64Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', values.slice().buffer);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Everything that is drawn or computed before training. */
function beforeTraining(): [string, Float64Array][] {
  const training = { steps: 1000, warmup: 0, beta1: 0.9, beta2: 0.999 };
  const steps = Array.from({ length: 1000 }, (_, k) => k);
  const rates = (['cosine', 'quarter-cosine'] as const).flatMap((name) =>
    steps.map((step) => schedule({ ...training, schedule: name } as never, step)),
  );
  const corrections = steps.flatMap((step) => {
    const { correct1, correct2 } = stepCoefficients({ ...training, schedule: 'constant' } as never, step);
    return [correct1, correct2];
  });
  const curves = [
    { base: 0.7, scale: 2 },
    { from: 1, to: 0.003 },
  ].flatMap((curve) => [...perFeature(curve, 100)]);
  return [
    ['axes', Float64Array.from(AXES.flatMap(axisPoints))],
    ['curves', Float64Array.from(curves)],
    ['normals', normals(instanceKey(7, 3), 0, 20_001)],
    ['schedules', Float64Array.from(rates)],
    ['corrections', Float64Array.from(corrections)],
  ];
}

/** What is measured of trained models. */
function measure({ problem, params }: TrainedGroup): ArrayLike<number>[] {
  const { family } = problem;
  if (family.decomposition) return scoreParts(problem, params, 64).map((scores) => Object.values(scores));
  return [interference(params, family), capacity(params, family)];
}

/** Hashes by name: numbers before training, weights and tables after it. */
export async function goldenHashes(): Promise<Record<string, string>> {
  const out: Record<string, string> = {};
  for (const [name, values] of beforeTraining()) out[name] = await hashOf(values);
  for (const [name, engine, spec] of SPECS) {
    const { groups, grid } = await trainAll(spec, { engine, threads: 1 });
    const [group] = groups;
    for (const [tensor, values] of Object.entries(group.params))
      out[`${name}: ${tensor}`] = await hashOf(values);
    out[`${name}: losses`] = await hashOf(group.losses);
    const measured = [...grid.axisValues, ...measure(group)];
    out[`${name}: measured`] = await hashOf(
      Float64Array.from(measured.flatMap((values) => Array.from(values))),
    );
  }
  return out;
}
