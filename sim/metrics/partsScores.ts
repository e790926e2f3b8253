/** Every score of trained decompositions, from a problem and its weights. */
import { drawBatch } from '../features.ts';
import { partsOf, sitesOf } from '../models/sites.ts';
import { type Params, type Problem, takeParams } from '../problem.ts';
import { draw, HELD_OUT_STEP, sampleStream, sampleWord, stepKey, unit } from '../random.ts';
import {
  adversarialError,
  alive,
  type Decomposed,
  denseError,
  directions,
  identityError,
  misfitOf,
  prepare,
  probed,
  type SiteParts,
  stochasticError,
  TOLERANCE,
} from './parts.ts';

/** Held-out samples on which masks are drawn and attacked. */
const SCORED_SAMPLES = 1024;

/** Mᵀ of M (rows, columns). */
function turned(M: Float64Array, columns: number): Float64Array {
  const rows = M.length / columns;
  return M.map((_, at) => M[(at % rows) * columns + Math.floor(at / rows)]);
}

/** Instance i of trained decompositions. */
export function decomposedAt({ family }: Problem, params: Params, i: number): Decomposed {
  const own = takeParams(params, family, [i]);
  const { method } = partsOf(family);
  const of = (name: string) => Float64Array.from(own[name]);
  const { features, hidden } = family;
  const W = of('W');
  const maps = { In: W, Mid: own.I && of('I'), Out: turned(W, hidden) };
  const sites = sitesOf(family).map((site): SiteParts => {
    const tensors = ['V', 'U', 'inner', 'shift', 'outer', 'base'].map((name) => [
      name,
      of(`${name}${site.name}`),
    ]);
    return { ...site, method, map: maps[site.name]!, ...Object.fromEntries(tensors) };
  });
  return { features, hidden, b: of('b'), rectified: family.outputActivation === 'relu', sites };
}

/** What the table of a training says of a decomposition. */
export const PARTS_SCORES = {
  identity_error: [
    '1',
    'of encoder and decoder on probes x = 0.75 e_i: causal importances away from a permutation by more than 0.1',
  ],
  identity_error_02: ['1', 'the same with 0.2'],
  dense_error: ['1', 'of the identity between them: importances away from m subcomponents that are on'],
  live_in: ['subcomponents', 'of the encoder, with an importance above 0.1 on some probe'],
  live_mid: ['subcomponents', 'of the identity'],
  live_out: ['subcomponents', 'of the decoder'],
  mmcs: ['1', 'encoder: mean over features of the largest cosine with an alive subcomponent'],
  ml2r: ['1', 'encoder: mean over features of the length of that subcomponent’s, over the feature’s'],
  mmcs_out: ['1', 'decoder: mean largest cosine'],
  ml2r_out: ['1', 'decoder: mean ratio of lengths'],
  misfit: ['1', 'mean over maps of ‖W − VU‖ / ‖W‖'],
  stochastic_error: ['1', 'mean squared error of the output under random masks'],
  adversarial_error: ['1', 'the same under the masks that an attack of 20 steps finds'],
} as const;

/** The scores of a decomposition by name; PARTS_SCORES says what each is. NaN: it does not have that. */
export type PartsScores = Record<keyof typeof PARTS_SCORES, number>;

/** Uniform numbers, the same for all decompositions. */
function drawnNumbers(): () => number {
  const stream = sampleStream(stepKey([1, 2], HELD_OUT_STEP), sampleWord(0));
  return () => unit(draw(stream));
}

/** Scores of one decomposition on held-out samples `batch` (T, n). */
export function partsScoresOf(own: Decomposed, batch: ArrayLike<number>): PartsScores {
  const C = own.sites[0].base.length;
  const importance = own.sites.map((_, k) => probed(own, k));
  const live = importance.map((g) => alive(g, C));
  const last = own.sites.length - 1;
  const hasMiddle = last === 2;
  const identity = (tolerance: number) =>
    identityError(importance[0], C, tolerance) + identityError(importance[last], C, tolerance);
  const [encoder, decoder] = [directions(own, 0, live[0]), directions(own, last, live[last])];
  const prepared = prepare(own, batch);
  return {
    identity_error: identity(TOLERANCE),
    identity_error_02: identity(2 * TOLERANCE),
    dense_error: hasMiddle ? denseError(importance[1], C, own.hidden) : Number.NaN,
    live_in: live[0].length,
    live_mid: hasMiddle ? live[1].length : Number.NaN,
    live_out: live[last].length,
    mmcs: encoder.mmcs,
    ml2r: encoder.ml2r,
    mmcs_out: decoder.mmcs,
    ml2r_out: decoder.ml2r,
    misfit: own.sites.reduce((sum, site) => sum + misfitOf(site) / own.sites.length, 0),
    stochastic_error: stochasticError(own, prepared, drawnNumbers()),
    adversarial_error: adversarialError(own, prepared, drawnNumbers()),
  };
}

/** Scores of instance i of trained decompositions. */
export function partsScoresAt(
  problem: Problem,
  params: Params,
  i: number,
  samples = SCORED_SAMPLES,
): PartsScores {
  const held = {
    ...problem,
    firstStep: HELD_OUT_STEP,
    training: { ...problem.training, batch: samples },
  };
  return partsScoresOf(decomposedAt(problem, params, i), drawBatch(held, i, 0));
}

/** Scores of all instances of a group. */
export function scoreParts(problem: Problem, params: Params, samples = SCORED_SAMPLES): PartsScores[] {
  return Array.from({ length: problem.instances }, (_, i) => partsScoresAt(problem, params, i, samples));
}
