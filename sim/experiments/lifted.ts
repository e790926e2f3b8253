/** What figures of lifted weights share: models, samples, bins, ranks, correlations. */
import { drawBatch } from '../features.ts';
import type { TrainedGroup } from '../join.ts';
import { HELD_OUT_STEP } from '../random.ts';
import type { SpecInput } from '../spec.ts';
import type { Scale } from './experiment.ts';

/** Features n of the models of the identity. */
export const IDENTITY_FEATURES = 100;

/** Two models that return their features through 20 dimensions, trained briefly. */
export const IDENTITY_MODELS: SpecInput = {
  model: { features: IDENTITY_FEATURES, hidden: 20 },
  input: { density: 0.02 },
  training: { steps: 150, batch: 512, learningRate: 5e-3, weightDecay: 0 },
  replicas: 2,
};

/** Samples on which the weights of these are told apart. */
export const IDENTITY_SAMPLES: Record<Scale, number> = { quick: 8192, paper: 65_536 };

/** ε of ΔL above which a weight is real. */
export const REAL = 1e-4;

/** Bins of lifted weights: −1 to 1.5 in steps of 0.05; what lies outside is in the outermost. */
export const LIFTED_BINS = { from: -1, width: 0.05, count: 50 };

/** How many numbers are in each of the LIFTED_BINS. */
export function counted(values: number[]): number[] {
  const out = new Array<number>(LIFTED_BINS.count).fill(0);
  for (const value of values) {
    const bin = Math.floor((value - LIFTED_BINS.from) / LIFTED_BINS.width);
    out[Math.min(LIFTED_BINS.count - 1, Math.max(0, bin))]++;
  }
  return out;
}

/** Samples that the models of a group were not trained on. Shape (T, n). */
export function unseenSamples({ problem }: TrainedGroup, count: number): Float32Array {
  const training = { ...problem.training, batch: count };
  return drawBatch({ ...problem, firstStep: HELD_OUT_STEP, training }, 0, 0);
}

/** Places of the numbers, the greatest first. */
export const ranked = (scores: number[]): number[] =>
  [...scores.keys()].sort((p, q) => scores[q] - scores[p]);

/** Correlation of pairs of numbers. */
export function correlationOf(a: number[], b: number[]): number {
  const middle = (own: number[]) => own.reduce((sum, value) => sum + value, 0) / own.length;
  const [p, q] = [middle(a), middle(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, k) => {
    ab += (value - p) * (b[k] - q);
    aa += (value - p) ** 2;
    bb += (b[k] - q) ** 2;
  });
  return ab / Math.sqrt(aa * bb);
}

/** Three standard deviations of the correlation of so many independent pairs. */
export const chance = (pairs: number): number => 3 / Math.sqrt(pairs);
