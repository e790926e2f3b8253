/** Every metric of trained dictionaries at once, on held-out samples of their own input. */
import { drawBatch } from '../features.ts';
import { shapeOf } from '../models/sae.ts';
import { type Params, type Problem, takeParams } from '../problem.ts';
import { HELD_OUT_STEP } from '../random.ts';
import {
  type Coded,
  deadShare,
  detection,
  effectiveFeatures,
  explainedVariance,
  firingRates,
  meanFiring,
  meanTrulyActive,
  shrinkage,
} from './codes.ts';
import {
  cosines,
  decoderCosine,
  matchedCosine,
  meanMaxCosine,
  meanNormRatio,
  shareFound,
  uniqueness,
} from './dictionary.ts';
import {
  type DictionaryWeights,
  decodeAll,
  decoderDirections,
  encodeAll,
  type Firing,
  hiddenOf,
} from './encode.ts';

/** Samples on which codes are scored. */
const SCORED_SAMPLES = 4096;

/** One trained dictionary and what it makes of held-out samples. */
export interface Specimen {
  coded: Coded;
  weights: DictionaryWeights;
  decoder: Float64Array; // (L, m) directions with which codes are decoded
  truth: Float32Array; // (n, m) true features
}

/** Instance i of trained dictionaries on `samples` held-out samples. */
export function specimenAt(problem: Problem, params: Params, i: number, samples = SCORED_SAMPLES): Specimen {
  const { family, training } = problem;
  const { features: n, hidden: m } = family;
  const shape = shapeOf(family);
  const { W, ...rest } = takeParams(params, family, [i]);
  const weights = rest as unknown as DictionaryWeights;
  const firing: Firing = { ...shape, active: problem.active[i] };
  const x = drawBatch(
    { ...problem, firstStep: HELD_OUT_STEP, training: { ...training, batch: samples } },
    i,
    0,
  );
  const h = hiddenOf(x, W, n, m);
  const z = encodeAll(weights, firing, h);
  const output = decodeAll(weights, firing, z);
  const coded = { samples, features: n, latents: shape.latents, size: m, x, h, z, output };
  return { coded, weights, decoder: decoderDirections(weights, firing), truth: W };
}

/** What the table of a training says of a dictionary. */
export const SCORES = {
  mmcs: ['1', 'mean over true features of the largest cosine with an alive latent'],
  found: ['1', 'share of true features whose largest cosine with an alive latent is above 0.95'],
  mcc: ['1', 'mean |cos| of the best one-to-one matching, over min(n, L) pairs'],
  mcc_of_features: ['1', 'the same sum over n'],
  norm_ratio: [
    '1',
    'mean over true features of the length of the latent of largest cosine, over the feature’s',
  ],
  uniqueness: ['1', 'share of alive latents whose feature of largest |cos| is no other’s'],
  decoder_cosine: ['1', 'mean |cos| over pairs of alive latents'],
  precision: ['1', 'of the samples on which a latent fires, those with its feature; mean over alive latents'],
  recall: ['1', 'of the samples with its feature, those on which a latent fires; mean over alive latents'],
  f1: ['1', 'mean over alive latents of the harmonic mean of both'],
  l0: ['latents', 'mean number of latents that fire'],
  true_l0: ['features', 'mean number of active features'],
  r2: ['1', '1 − Σ ‖h − ĥ‖² / Σ ‖h − mean h‖²'],
  dead_share: ['1', 'share of latents that fire on no held-out sample'],
  shrinkage: ['1', 'mean of ‖ĥ‖ / ‖h‖ where h ≠ 0'],
  effective_features: ['features', 'exp of the entropy of the latents’ shares in all codes'],
} as const;

/** The scores of a dictionary by name; SCORES says what each is. */
export type Scores = Record<keyof typeof SCORES, number>;

/** Every score of one dictionary. */
export function scoresOf({ coded, decoder, truth }: Specimen): Scores {
  const d = coded.size;
  const cos = cosines(decoder, truth, d);
  const alive = firingRates(coded);
  const { ofPairs, ofFeatures } = matchedCosine(cos);
  return {
    mmcs: meanMaxCosine(cos, alive),
    found: shareFound(cos, alive),
    mcc: ofPairs,
    mcc_of_features: ofFeatures,
    norm_ratio: meanNormRatio(decoder, truth, d, alive),
    uniqueness: uniqueness(cos, alive),
    decoder_cosine: decoderCosine(decoder, d, alive),
    ...detection(coded, cos),
    l0: meanFiring(coded),
    true_l0: meanTrulyActive(coded),
    r2: explainedVariance(coded),
    dead_share: deadShare(coded),
    shrinkage: shrinkage(coded),
    effective_features: effectiveFeatures(coded),
  };
}

/** Scores of all instances of a group of trained dictionaries. */
export function scoreDictionaries(problem: Problem, params: Params, samples = SCORED_SAMPLES): Scores[] {
  return Array.from({ length: problem.instances }, (_, i) =>
    scoresOf(specimenAt(problem, params, i, samples)),
  );
}
