/** What the figures on features of a latent point share: binary features with places, and the part of ‖W‖² they keep. */
import type { TrainedModels } from '../join.ts';
import type { LatentShape } from '../latent.ts';
import { gram } from '../metrics/gram.ts';
import { median } from '../metrics/replicas.ts';
import { takeParams } from '../problem.ts';
import type { SpecInput } from '../spec.ts';
import { fromCirculant, linearLoss, type Moments, type Principal, shareAlong } from '../theory/principal.ts';
import { atMost, noted } from './claims.ts';
import type { Claim, Scale } from './experiment.ts';

export const FEATURES = 12;
export const SHARPNESS = 10;

/** Models of each number of dimensions: medians over replicas. */
export interface LatentSeries {
  hidden: number[]; // (M)
  share: number[]; // (M) of ‖W‖² along the first components of the covariance
  circulant: number[]; // (M) distance of W Wᵀ from a circulant matrix
}

/** Linear models of each number of dimensions. */
export interface LinearSeries {
  hidden: number[];
  loss: number[]; // (M) expected, summed over features: medians over replicas
}

/** Points of a shape, or independent features of density ½. */
export type Places = { shape: LatentShape; points: 'places' | 'uniform' } | null;

/** 8,000 samples, 200 epochs of batches of 256; clipped gradients, a rate of 0.01 that falls as a cosine. */
export function latentSpec(
  scale: Scale,
  places: Places,
  relu: boolean,
  hidden: number[],
  decays: number[],
): SpecInput {
  return {
    model: { features: FEATURES, hidden: 2, outputActivation: relu ? 'relu' : 'identity' },
    input: {
      density: places ? 1 : 0.5, // of the point, or of each feature
      magnitude: 'one',
      samples: { count: 8_000, batches: 'drawn' },
      ...(places && { latent: { ...places, sharpness: SHARPNESS } }),
    },
    training: {
      steps: 6_250,
      batch: 256,
      learningRate: 0.01,
      schedule: 'cosine',
      clip: 1,
    },
    sweep: [
      { path: 'model.hidden', values: hidden },
      { path: 'training.weightDecay', values: decays },
    ],
    replicas: scale === 'quick' ? 3 : 10,
  };
}

/** What the models with the decay number `which` of a result show, beside the first components of their features. */
export function seriesOf(
  { spec, groups }: TrainedModels,
  which: number,
  parts: Principal,
  components: number,
): LatentSeries {
  const { replicas, sweep } = spec;
  const decays = (sweep[1] as { values: number[] }).values.length;
  if (which >= decays)
    throw new RangeError(`which: expected below ${decays}, the decays of the sweep, got ${which}`);
  const out: LatentSeries = { hidden: [], share: [], circulant: [] };
  for (const { params, problem } of groups) {
    const { family } = problem;
    const weights = Array.from({ length: replicas }, (_, r) =>
      takeParams(params, family, [which * replicas + r]),
    );
    out.hidden.push(family.hidden);
    out.share.push(median(weights.map(({ W }) => shareAlong(parts, W, FEATURES, components))));
    out.circulant.push(median(weights.map((one) => fromCirculant(gram(one, family), FEATURES))));
  }
  return out;
}

/** What linear models lose, in expectation over the features whose moments these are. */
export function linearSeries({ spec, groups }: TrainedModels, moments: Moments): LinearSeries {
  const lossOf = ({ params, problem: { family } }: TrainedModels['groups'][number], r: number) => {
    const own = takeParams(params, family, [r]);
    return linearLoss(moments, gram(own, family), own.b);
  };
  return {
    hidden: groups.map(({ problem }) => problem.family.hidden),
    loss: groups.map((group) => median(Array.from({ length: spec.replicas }, (_, r) => lossOf(group, r)))),
  };
}

/** The claim that linear models lose the `tail` (M), by the largest relative difference over the numbers of dimensions. */
export function losesTail(text: string, { loss }: LinearSeries, tail: readonly number[]): Claim {
  const off = tail.map((best, k) => Math.abs(loss[k] - best) / Math.max(best, 0.05));
  return noted(
    atMost(text, 'exact; tolerance 2 %, of losses above 0.05', Math.max(...off), 0.02),
    'the bias takes the means; expected over all samples, not those of training',
  );
}
