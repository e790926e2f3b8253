/** In how many seeds a decomposition finds one subcomponent a feature, over the price of an importance. */
import type { TrainedModels } from '../join.ts';
import type { SpecInput } from '../spec.ts';
import { noted, shareAtLeast, shareText, statement } from './claims.ts';
import { isWhole, pentagonParts, type Scored, scoredParts } from './decompositions.ts';
import { meanOf } from './dictionaries.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';
import { SEEDS as PUBLISHED_SEEDS } from './partsPentagon.ts';

/** Seeds of one coefficient. */
export interface RateCell {
  minimality: number;
  seeds: number; // of models that are pentagons
  whole: number; // with one subcomponent a feature, to 0.1
  nearly: number; // to 0.2
  liveIn: number; // means over the seeds
  liveOut: number;
  stochastic: number;
  adversarial: number;
}

export interface RateData {
  published: number; // the coefficient of the paper
  cells: RateCell[]; // rising coefficients
}

const PUBLISHED = 3e-3;
const OTHERS = [3e-4, 1e-3, 1e-2, 3e-2];
const SEEDS = { quick: 5, paper: 16 };

function specs(scale: Scale): SpecInput[] {
  const own = pentagonParts(scale, false, SEEDS[scale]);
  return [
    pentagonParts(scale, false, PUBLISHED_SEEDS[scale]), // those of the first figure
    { ...own, sweep: [{ path: 'decomposition.minimality', values: OTHERS }] },
  ];
}

function cellOf(minimality: number, all: readonly Scored[]): RateCell {
  const seeds = all.filter(({ pentagon }) => pentagon);
  const mean = (pick: (own: Scored['scores']) => number) =>
    meanOf(seeds.map(({ scores }) => pick(scores))) ?? 0;
  return {
    minimality,
    seeds: seeds.length,
    whole: seeds.filter(isWhole).length,
    nearly: seeds.filter(({ scores }) => scores.identity_error_02 === 0).length,
    liveIn: mean(({ live_in }) => live_in),
    liveOut: mean(({ live_out }) => live_out),
    stochastic: mean(({ stochastic_error }) => stochastic_error),
    adversarial: mean(({ adversarial_error }) => adversarial_error),
  };
}

function data([published, others]: TrainedModels[]): RateData {
  const all = scoredParts(others);
  const { replicas } = others.spec;
  const cells = OTHERS.map((value, k) => cellOf(value, all.slice(k * replicas, (k + 1) * replicas)));
  const own = cellOf(PUBLISHED, scoredParts(published));
  return {
    published: PUBLISHED,
    cells: [...cells, own].sort((p, q) => p.minimality - q.minimality),
  };
}

function signature({ published, cells }: RateData, scale: Scale): Claim[] {
  const own = cells.find(({ minimality }) => minimality === published)!;
  const [least, most] = [cells[0], cells[cells.length - 1]];
  const best = cells.reduce((p, q) => (q.whole / q.seeds > p.whole / p.seeds ? q : p));
  const rate = shareAtLeast(
    'at the published coefficient most seeds have one subcomponent a feature',
    'SPD-PR; bound ours',
    own.whole,
    own.seeds,
    0.5,
  );
  return [
    scale === 'quick' ? noted(rate, '4,000 steps of 1,024 samples; published 10,000 of 4,096') : rate,
    statement(
      'no coefficient a factor of three away or more does better than the published one',
      'ours',
      `at most ${shareText(own.whole, own.seeds)}`,
      `${best.minimality}: ${shareText(best.whole, best.seeds)}`,
      best.whole / best.seeds <= own.whole / own.seeds,
    ),
    statement(
      'a tenth of it leaves more subcomponents alive, ten times as much fewer',
      'ours',
      'more than five in the encoder, then fewer',
      `${least.liveIn.toFixed(1)}, then ${most.liveIn.toFixed(1)}`,
      least.liveIn > 5 && most.liveIn < 5,
    ),
    statement(
      'masks that an attack finds harm more than random ones, at every coefficient',
      'ours',
      'ratios above 1',
      cells.map(({ adversarial, stochastic }) => (adversarial / stochastic).toFixed(2)).join(', '),
      cells.every(({ adversarial, stochastic }) => adversarial > stochastic),
    ),
  ];
}

export const partsRate: Experiment<RateData> = {
  name: 'parts-rate',
  id: 'P3',
  paper: 'decomposition',
  section: 'Stochastic parameter decomposition',
  title: 'In how many seeds a decomposition is right',
  caption:
    'Over the coefficient of the importances (dotted: the published one): share of seeds in which every feature has one ' +
    'subcomponent of its own in encoder and decoder, with 95 % intervals; subcomponents alive in each map (five would be ' +
    'right); error of the output under random masks and under those that an attack finds.',
  seconds: { quick: 35, paper: 2500 },
  specs,
  data,
  signature,
};
