/** IW3: what training on takes away from lifted weights, U − U*, beside what ablation calls interference. */
import type { TrainedModels } from '../join.ts';
import { gram } from '../metrics/gram.ts';
import { ablations } from '../metrics/lifted.ts';
import { type Params, takeParams } from '../problem.ts';
import type { SpecInput } from '../spec.ts';
import { trainAll } from '../train.ts';
import { atLeast, atMost, noted, statement } from './claims.ts';
import type { Claim, Context, Experiment } from './experiment.ts';
import {
  chance,
  correlationOf,
  counted,
  IDENTITY_FEATURES,
  IDENTITY_MODELS,
  IDENTITY_SAMPLES,
  REAL,
  unseenSamples,
} from './lifted.ts';
import { onlyGroup } from './trained.ts';

export interface SettledData {
  own: number[][]; // (2) of (n): U*_ii of two models
  before: number[][]; // of the first model: U_ii (n), then U_ij, i < j
  after: number[][]; // the same of U*
  largest: number; // |U*_ij| of the first model, i ≠ j
  taken: number[][]; // (2) of (n (n − 1)/2): U_ij − U*_ij, i < j
  takenBins: number[]; // counts in LIFTED_BINS of U − U* of the first model, its diagonal, too
  correlation: number; // of `taken` between the models
  real: number; // weights of the first model that ablation calls real
  same: number; // weights of which ablation and U* > ½ say the same, of n²
  losses: number[]; // (2) at the last step of training on, summed over features
}

const FEATURES = IDENTITY_FEATURES;

/** Training on of the lifted model ReLU(U x + b): an untied model whose encoder is the identity and stays. */
const LIFTED_SPEC: SpecInput = {
  model: { features: FEATURES, hidden: FEATURES, tied: false },
  input: { density: 0.02 },
  training: {
    ...{ steps: 1000, batch: 512, learningRate: 5e-3, weightDecay: 0.01, schedule: 'linear' },
    perTensor: { W: { learningRate: 0, weightDecay: 0 }, b: { weightDecay: 0 } },
  },
  replicas: 2,
};

/** Weights of the lifted models that two models begin training on with. */
function liftedStart(U: ArrayLike<number>, b: Float32Array): Params {
  const identity = Float32Array.from(U, (_, at) => {
    const place = at % (FEATURES * FEATURES);
    return Number(place % (FEATURES + 1) === 0);
  });
  return { W: identity, V: Float32Array.from(U), b };
}

const rounded = (values: number[]): number[] => values.map((value) => Number(value.toFixed(4)));

/** Entries (i, j) of the matrices of two models that a rule picks. */
function pick(all: ArrayLike<number>, isWanted: (i: number, j: number) => boolean): number[][] {
  const size = FEATURES * FEATURES;
  return [0, 1].map((k) =>
    Array.from(all)
      .slice(k * size, (k + 1) * size)
      .filter((_, at) => isWanted(Math.floor(at / FEATURES), at % FEATURES)),
  );
}

/** The diagonal of the first of two matrices, and what is above it. */
const split = (all: ArrayLike<number>): number[][] =>
  [pick(all, (i, j) => i === j)[0], pick(all, (i, j) => i < j)[0]].map(rounded);

async function data([result]: TrainedModels[], context: Context): Promise<SettledData> {
  const { problem, params } = onlyGroup(result);
  const { engine, threads, signal, scale } = context;
  const U = gram(params, problem.family);
  const start = liftedStart(U, params.b);
  const settled = onlyGroup(await trainAll(LIFTED_SPEC, { engine, threads, signal, start }));
  const after = settled.params.V;
  const taken = U.map((value, at) => value - after[at]);
  const [first] = pick(U, () => true);
  const { b } = takeParams(params, problem.family, [0]);
  const rises = ablations({ U: first, b }, unseenSamples(onlyGroup(result), IDENTITY_SAMPLES[scale]));
  const above = pick(taken, (i, j) => i < j);
  return {
    own: pick(after, (i, j) => i === j).map(rounded),
    before: split(U),
    after: split(after),
    largest: pick(after, (i, j) => i !== j)[0].reduce((most, value) => Math.max(most, Math.abs(value)), 0),
    taken: above.map(rounded),
    takenBins: counted(pick(taken, () => true)[0]),
    correlation: correlationOf(above[0], above[1]),
    real: rises.filter((rise) => rise > REAL).length,
    same: rises.reduce((count, rise, at) => count + Number(rise > REAL === after[at] > 0.5), 0),
    losses: [...settled.losses.subarray(-2)].map((loss) => loss * FEATURES),
  };
}

function signature({ own, largest, taken, correlation, real, same }: SettledData): Claim[] {
  const weights = FEATURES * FEATURES;
  return [
    noted(
      atLeast(
        'training on leaves what is real: least U*_ii of either model, where the exact U* without a penalty has 1',
        'exact; bound ours',
        Math.min(...own.flat()),
        0.9,
      ),
      `the largest of the others in the first model is ${largest.toFixed(3)}, where it has 0`,
    ),
    atMost(
      'interference U − U* is independent between models: its correlation between two, i < j',
      'IW; three standard deviations of independent pairs',
      Math.abs(correlation),
      chance(taken[0].length),
    ),
    statement(
      'both ways to tell interference call the same weights real: ΔL > 10⁻⁴, and U* > ½',
      'ours',
      `all ${weights} weights`,
      `${same} of ${weights}, ${real} of them real by ΔL`,
      same === weights,
    ),
  ];
}

export const interferenceLifted: Experiment<SettledData> = {
  name: 'interference-lifted',
  id: 'IW3',
  paper: 'interference',
  section: 'The identity',
  title: 'Interference as what training on takes away',
  caption:
    'The models of the figure before, 100 features in 20 dimensions, without their hidden layer: x′ = ReLU(U x + b), U = W Wᵀ, ' +
    'is trained on with all weights of U free and a small weight decay, to U*. Left: weights before and after; those of a feature ' +
    'for itself, U_ii, go to 1 and the others to 0, negative ones last, since the ReLU hides most of what they do. Middle: the interference U − U*, all weights of one model. Right: the ' +
    'same of two models from other seeds.',
  seconds: { quick: 5, paper: 5 },
  specs: () => [IDENTITY_MODELS],
  data,
  signature,
};
