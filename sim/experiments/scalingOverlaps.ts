/** LS4: in strong superposition directions overlap as little as so many can. */
import type { TrainedModels } from '../join.ts';
import { overlaps } from '../metrics/overlaps.ts';
import { randomOverlap, welchBound } from '../theory/packing.ts';
import { atLeast, atMost, statement } from './claims.ts';
import type { Claim, Context, Experiment } from './experiment.ts';
import { EXPONENTS, FEATURES, HIDDEN, regimeSpec, type Scaled, scaledModels, shortened } from './scaling.ts';

export interface Overlapping extends Scaled {
  mean: number; // of squared overlaps
  variance: number;
}

export interface OverlapsData {
  models: Overlapping[]; // by m, then α
}

async function data([result]: TrainedModels[], context: Context): Promise<OverlapsData> {
  const models = await scaledModels(result, EXPONENTS[context.scale], context);
  const all = result.groups.flatMap(({ params, problem }) => overlaps(params, problem.family));
  return { models: models.map((own, k) => ({ ...own, ...all[k] })) };
}

/** How far 1/m is from Welch's bound where they differ most, as a share of 1/m. */
const GAP = Math.max(...HIDDEN.map((m) => 1 - m * welchBound(FEATURES, m)));

function signature({ models }: OverlapsData): Claim[] {
  const off = models.map(({ mean, hidden }) => Math.abs(hidden * mean - 1));
  const flat = models.filter(({ exponent }) => exponent <= 1);
  const spread = flat.map(({ variance, hidden }) => variance / randomOverlap(hidden).variance);
  const full = models.filter(({ exponent, hidden }) => exponent === 1 && hidden ** 2 / 2 < FEATURES);
  return [
    atMost(
      'the mean squared overlap of two directions is 1/m: relative difference, worst of all m and α',
      'LIU; tolerance: how far Welch’s bound is from 1/m at m = 100',
      Math.max(...off),
      GAP,
    ),
    atLeast(
      'it is never below Welch’s bound (n − m)/(m (n − 1)): least ratio to it',
      'exact',
      Math.min(...models.map(({ mean, hidden }) => mean / welchBound(FEATURES, hidden))),
      1 - 1e-6,
    ),
    atMost(
      'its variance is below that of random directions, 2 (m − 1)/(m² (m + 2)): largest ratio, α ≤ 1',
      'LIU',
      Math.max(...spread),
      1,
    ),
    statement(
      'about m²/2 directions are longer than 1, as many as equal angles allow, at α = 1',
      'LIU; a factor of 2, ours',
      full.map(({ hidden }) => `m = ${hidden}: ${Math.round(hidden ** 2 / 2)}`).join('; '),
      full.map(({ hidden, long }) => `m = ${hidden}: ${long}`).join('; '),
      full.every(({ hidden, long }) => Math.abs(Math.log2((2 * long) / hidden ** 2)) <= 1),
    ),
  ];
}

export const scalingOverlaps: Experiment<OverlapsData> = {
  name: 'scaling-overlaps',
  id: 'LS4',
  paper: 'scaling',
  section: 'Why the loss falls as 1/m',
  title: 'In strong superposition directions overlap as little as so many can',
  caption:
    'Models with γ = −1, which represent all of a thousand features. Left: mean of the squared cosine of two directions, ' +
    'beside 1/m and the least possible, Welch’s bound. Middle: its variance, as a share of that of random directions. ' +
    'Right: directions longer than 1, beside m²/2.',
  seconds: { quick: 25, paper: 15_000 },
  specs: (scale) => [regimeSpec(scale, -1)],
  data,
  signature: (data, scale) => shortened(signature(data), scale),
};
