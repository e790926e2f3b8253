/** IW1: a briefly trained model without its hidden layer: which weights are real, and which are interference. */
import type { TrainedModels } from '../join.ts';
import { gram } from '../metrics/gram.ts';
import { ablations, type Lifted, liftedLoss } from '../metrics/lifted.ts';
import { takeParams } from '../problem.ts';
import { atLeast, atMost, noted } from './claims.ts';
import type { Claim, Context, Experiment } from './experiment.ts';
import {
  chance,
  correlationOf,
  counted,
  IDENTITY_FEATURES,
  IDENTITY_MODELS,
  IDENTITY_SAMPLES,
  REAL,
  ranked,
  unseenSamples,
} from './lifted.ts';
import { onlyGroup } from './trained.ts';

/** What is kept when the weights of highest score are, the others being 0. */
export interface Kept {
  count: number; // weights that are kept
  precision: number; // share of these that are real
  recall: number; // share of the real ones that are kept
  gain: number; // (L(U) − L(kept))/(L(U) − L(real)): 1 as if the real ones alone were kept
}

export interface InterferenceData {
  diagonal: number[][]; // (2) of (n): U_ii of two models
  others: number[][]; // (2) of (n (n − 1)/2): U_ij of both, i < j
  real: number[]; // counts in LIFTED_BINS of the weights of the first model whose ΔL_ij > ε
  rest: number[]; // of its other ones
  bySize: Kept[];
  byTarget: Kept[];
  correlation: number; // of the others between the models
}

const FEATURES = IDENTITY_FEATURES;
const COUNTS = [1, 2, 3, 5, 7].flatMap((lead) => [10, 100, 1000].map((ten) => lead * ten)).sort((a, b) => a - b); // biome-ignore format: one line

/** Precision, recall and gain of keeping the weights of highest score. */
function curveOf(model: Lifted, scores: number[], real: boolean[], samples: Float32Array): Kept[] {
  const order = ranked(scores);
  const all = real.filter(Boolean).length;
  const lossOf = (isKept: (at: number) => boolean) =>
    liftedLoss({ ...model, U: Array.from(model.U, (value, at) => (isKept(at) ? value : 0)) }, samples);
  const whole = liftedLoss(model, samples);
  const best = lossOf((at) => real[at]);
  return [...new Set([...COUNTS, all])]
    .sort((p, q) => p - q)
    .map((count) => {
      const kept = new Set(order.slice(0, count));
      const found = [...kept].filter((at) => real[at]).length;
      const gain = (whole - lossOf((at) => kept.has(at))) / (whole - best);
      return { count, precision: found / count, recall: found / all, gain };
    });
}

/** |U_ij| times the mean of x_j x_i: what an input adds to an output when that is wanted. */
function targetWeighted(U: ArrayLike<number>, samples: Float32Array): number[] {
  const both = new Float64Array(FEATURES ** 2);
  for (let t = 0; t < samples.length; t += FEATURES) {
    for (let i = 0; i < FEATURES; i++) {
      if (samples[t + i] === 0) continue;
      for (let j = 0; j < FEATURES; j++) both[i * FEATURES + j] += samples[t + i] * samples[t + j];
    }
  }
  return Array.from(U, (value, at) => Math.abs(value) * both[at]);
}

function data([result]: TrainedModels[], { scale }: Context): InterferenceData {
  const group = onlyGroup(result);
  const samples = unseenSamples(group, IDENTITY_SAMPLES[scale]);
  const models = [0, 1].map((i): Lifted => {
    const own = takeParams(group.params, group.problem.family, [i]);
    return { U: gram(own, group.problem.family), b: own.b };
  });
  const pick = (isWanted: (i: number, j: number) => boolean) =>
    models.map(({ U }) =>
      Array.from(U).filter((_, at) => isWanted(Math.floor(at / FEATURES), at % FEATURES)),
    );
  const others = pick((i, j) => i < j);
  const [model] = models;
  const sizes = Array.from(model.U);
  const real = Array.from(ablations(model, samples), (rise) => rise > REAL);
  const curve = (scores: number[]) => curveOf(model, scores, real, samples);
  return {
    diagonal: pick((i, j) => i === j),
    others: others.map((own) => own.map((value) => Number(value.toFixed(4)))),
    real: counted(sizes.filter((_, at) => real[at])),
    rest: counted(sizes.filter((_, at) => !real[at])),
    bySize: curve(sizes.map(Math.abs)),
    byTarget: curve(targetWeighted(model.U, samples)),
    correlation: correlationOf(others[0], others[1]),
  };
}

/** The last place on the curve where at least half of what is kept is real. */
const halfway = (curve: Kept[]): Kept => curve.findLast(({ precision }) => precision >= 0.5) ?? curve[0];

function signature({ diagonal: [a, b], others, correlation, bySize }: InterferenceData): Claim[] {
  const least = Math.min(...a, ...b);
  const largest = others.flat().reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return [
    noted(
      atLeast(
        'real weights agree between models from other seeds: least U_ii of either, where the identity has 1',
        'IW; bound ours',
        least,
        0.5,
      ),
      `the largest of the others is ${largest.toFixed(2)}`,
    ),
    noted(
      atMost(
        'interference does not: correlation of U_ij, i ≠ j, between two models, its size',
        'IW; three standard deviations of independent pairs',
        Math.abs(correlation),
        chance(others[0].length),
      ),
      'the directions of a model turn with its first weights, and so does what they overlap with',
    ),
    atLeast(
      'the loss hardly minds interference that is kept: share of the gain where only half of the kept are real',
      'IW, by eye; bound ours',
      halfway(bySize).gain,
      0.8,
    ),
  ];
}

export const interferenceWeights: Experiment<InterferenceData> = {
  name: 'interference-weights',
  id: 'IW1',
  paper: 'interference',
  section: 'The identity',
  title: 'Real weights and interference in a lifted model',
  caption:
    'A model of 100 features in 20 dimensions, trained briefly, seen without its hidden layer: x′ = ReLU(U x + b) with ' +
    'U = W Wᵀ. A weight is real if the loss rises by more than 10⁻⁴ when it alone becomes 0. Left: all weights, real ' +
    'or not. Middle: those of two models from other seeds. Right: when only the weights of highest score are kept, the share ' +
    'of them that is real (precision), and the gain in loss as a share of that of keeping the real ones alone. Scores: ' +
    'the size |U_ij|, or what is wanted of it, |U_ij| times the mean of x_i x_j.',
  seconds: { quick: 12, paper: 60 },
  specs: () => [IDENTITY_MODELS],
  data,
  signature,
};
