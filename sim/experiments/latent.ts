/** What the figures on features of a latent point share: binary features with places, and the part of ‖W‖² they keep. */

import { heldOutLoss } from '../evaluate.ts';
import type { LatentShape } from '../latent.ts';
import { gram } from '../metrics/gram.ts';
import { median } from '../metrics/replicas.ts';
import { takeParams } from '../problem.ts';
import type { SpecInput } from '../spec.ts';
import { fromCirculant, type Principal, shareAlong } from '../theory/principal.ts';
import type { TrainResult } from '../train.ts';
import type { Context, Scale } from './experiment.ts';

export const FEATURES = 12;
export const SHARPNESS = 10;
/** Samples of a held-out loss: those of one draw differ by some 1 % at 8,192. */
const HELD_OUT = 32_768;

/** Models of each number of dimensions: medians over replicas. */
export interface LatentSeries {
  hidden: number[]; // (M)
  share: number[]; // (M) of ‖W‖² along the first components of the covariance
  circulant: number[]; // (M) distance of W Wᵀ from a circulant matrix
  loss: number[]; // (M) held-out, summed over features
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
export async function seriesOf(
  result: TrainResult,
  which: number,
  parts: Principal,
  components: number,
  context: Context,
): Promise<LatentSeries> {
  const { replicas, sweep } = result.spec;
  const decays = (sweep[1] as { values: number[] }).values.length;
  const out: LatentSeries = { hidden: [], share: [], circulant: [], loss: [] };
  for (const { params, problem } of result.groups) {
    const { family } = problem;
    const loss = await heldOutLoss(context.engine, problem, params, HELD_OUT, context.threads);
    const own = Array.from({ length: replicas }, (_, r) => which * replicas + r);
    if (own.some((i) => i >= decays * replicas)) throw new RangeError('which: expected a decay of the sweep');
    const weights = own.map((i) => takeParams(params, family, [i]));
    out.hidden.push(family.hidden);
    out.share.push(median(weights.map(({ W }) => shareAlong(parts, W, FEATURES, components))));
    out.circulant.push(median(weights.map((one) => fromCirculant(gram(one, family), FEATURES))));
    out.loss.push(median(own.map((i) => FEATURES * loss[i])));
  }
  return out;
}
