/** Stochastic parameter decomposition of a model that stores five features in two dimensions: one run, and the seeds. */
import type { TrainedModels } from '../join.ts';
import type { SpecInput } from '../spec.ts';
import { atLeast, near, noted, shareText, statement } from './claims.ts';
import {
  bestParts,
  type DrawnSite,
  drawnRow,
  isWhole,
  pentagonParts,
  type Scored,
  scoredParts,
  spanText,
} from './decompositions.ts';
import { meanOf } from './dictionaries.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';

export interface PartsPentagonData {
  seeds: Scored[]; // of models that are pentagons
  others: number; // seeds whose model is none
  row: number; // of the one that is drawn
  sites: DrawnSite[]; // encoder, decoder
}

/** Seeds at each scale. */
export const SEEDS = { quick: 12, paper: 32 };

const specs = (scale: Scale): SpecInput[] => [pentagonParts(scale, false, SEEDS[scale])];

export function pentagonData([result]: TrainedModels[]): PartsPentagonData {
  const all = scoredParts(result);
  const seeds = all.filter(({ pentagon }) => pentagon);
  const { row } = bestParts(all);
  return { seeds, others: all.length - seeds.length, row, sites: drawnRow(result, row) };
}

/** What an attack finds beyond random masks, in every seed. */
export const attackClaim = (seeds: readonly Scored[]): Claim =>
  atLeast(
    'masks found by an attack harm the output more than random ones do: least ratio of the errors',
    'ours',
    Math.min(...seeds.map(({ scores }) => scores.adversarial_error / scores.stochastic_error)),
    1,
  );

function signature({ seeds }: PartsPentagonData, scale: Scale): Claim[] {
  const whole = seeds.filter(isWhole);
  const share = whole.length / seeds.length;
  const mean = (pick: (own: Scored['scores']) => number) =>
    meanOf(whole.map(({ scores }) => pick(scores))) ?? Number.NaN;
  const counts = whole.map(({ scores }) => Math.max(scores.live_in, scores.live_out));
  const rate = statement(
    'seeds in which every feature has one subcomponent of its own in encoder and decoder (error 0 to 0.1)',
    'SPD-PR; tolerance ours',
    '83 % ± 15 %',
    shareText(whole.length, seeds.length),
    Math.abs(share - 0.83) <= 0.15,
  );
  return [
    near(
      'MMCS of such seeds',
      'SPD; tolerance ours',
      mean(({ mmcs }) => mmcs),
      1,
      0.005,
    ),
    near(
      'ML2R of such seeds',
      'SPD; tolerance ours',
      mean(({ ml2r }) => ml2r),
      0.993,
      0.02,
    ),
    scale === 'quick'
      ? noted(rate, '4,000 steps of 1,024 samples; published 10,000 of 4,096, and no definition of broken')
      : rate,
    statement(
      'five of twenty subcomponents are alive in each of them, in encoder and decoder',
      'SPD',
      '5',
      spanText(counts),
      counts.length > 0 && counts.every((count) => count === 5),
    ),
    attackClaim(seeds),
  ];
}

export const partsPentagon: Experiment<PartsPentagonData> = {
  name: 'parts-pentagon',
  id: 'P1',
  paper: 'decomposition',
  section: 'Stochastic parameter decomposition',
  title: 'A pentagon taken apart: one subcomponent a feature',
  caption:
    'Encoder (top) and decoder (bottom) of a model of five features in two dimensions, each written as twenty rank-one ' +
    'subcomponents. Left: the model’s directions (grey), all subcomponents together (circles), and each feature’s own ' +
    'subcomponent alone (arrows). Middle: causal importance of every subcomponent when one feature is on; each feature ' +
    'needs its own and no other. Right: how large each subcomponent is. The title counts seeds that end like this.',
  seconds: { quick: 35, paper: 900 },
  specs,
  data: pentagonData,
  signature,
};
