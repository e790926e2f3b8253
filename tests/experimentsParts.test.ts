import { test } from 'uvu';
import type { DrawnSite, Scored } from '../sim/experiments/decompositions.ts';
import { type AdversaryData, partsAdversary } from '../sim/experiments/partsAdversary.ts';
import { partsAdversaryIdentity } from '../sim/experiments/partsAdversaryIdentity.ts';
import { type AttackData, partsAttack } from '../sim/experiments/partsAttack.ts';
import { type FortyData, partsForty } from '../sim/experiments/partsForty.ts';
import { type PartsIdentityData, partsIdentity } from '../sim/experiments/partsIdentity.ts';
import { type PartsPentagonData, partsPentagon } from '../sim/experiments/partsPentagon.ts';
import { partsRate, type RateData } from '../sim/experiments/partsRate.ts';
import type { PartsScores } from '../sim/metrics/partsScores.ts';
import { judges } from './judges.ts';

/** Scores of a decomposition that is as it should be, or that found nothing. */
const scored = (row: number, right: boolean, more: Partial<PartsScores> = {}): Scored => ({
  row,
  pentagon: true,
  scores: {
    identity_error: right ? 0 : 7,
    identity_error_02: right ? 0 : 7,
    dense_error: Number.NaN,
    live_in: right ? 5 : 9,
    live_mid: Number.NaN,
    live_out: right ? 5 : 2,
    mmcs: right ? 1 : 0.9,
    ml2r: right ? 0.99 : 0.8,
    mmcs_out: 1,
    ml2r_out: 0.97,
    misfit: 0.01,
    stochastic_error: 2e-4,
    adversarial_error: right ? 3e-4 : 1e-4,
    ...more,
  },
});

const site = (name: DrawnSite['name']): DrawnSite => ({
  name,
  importance: Array.from({ length: 30 }, (_, at) => Number(at % 7 === 0)),
  sizes: [1, 1, 1, 1, 1, 0.1],
  live: 5,
  truth: new Array(10).fill(0.7),
  sum: new Array(10).fill(0.7),
  own: new Array(10).fill(0.7),
});

/** Seeds of a world in which five of six end whole, or of one in which one does, and that one is not as published. */
function pentagonData(right: boolean): PartsPentagonData {
  const seeds = right
    ? [0, 1, 2, 3, 4, 5].map((row) => scored(row, row > 0, row > 0 ? {} : { adversarial_error: 3e-4 }))
    : [0, 1, 2, 3, 4, 5].map((row) => scored(row, false, row === 0 ? { identity_error: 0 } : {}));
  return { seeds, others: 0, row: 1, sites: [site('In'), site('Out')] };
}
judges(partsPentagon, pentagonData(true), pentagonData(false));

function identityData(right: boolean): PartsIdentityData {
  const middle = right ? { live_mid: 2, dense_error: 0 } : { live_mid: 3, dense_error: 4 };
  const seeds = [0, 1, 2].map((row) => scored(row, right, { ...middle, identity_error: 0 }));
  return { hidden: 2, seeds, row: 0, sites: [site('In'), site('Mid'), site('Out')] };
}
judges(partsIdentity, identityData(true), identityData(false));

/** Seeds that are right at the published coefficient, or nowhere but at the largest. */
function rateData(right: boolean): RateData {
  const cells = [3e-4, 3e-3, 3e-2].map((minimality, k) => ({
    minimality,
    seeds: 12,
    whole: right ? [2, 10, 0][k] : [0, 0, 6][k],
    nearly: 10,
    liveIn: right ? [9, 5.1, 3][k] : 5,
    liveOut: 5,
    stochastic: 1e-4,
    adversarial: right ? 2e-4 : 5e-5,
  }));
  return { published: 3e-3, cells };
}
judges(partsRate, rateData(true), rateData(false));

/** The same with models of as many dimensions as features, all of which end whole or one does not. */
const adversaryData = (right: boolean): AdversaryData => ({
  ...pentagonData(right),
  ...(right ? {} : { seeds: [scored(0, false)] }),
  square: { seeds: 4, nearly: right ? 4 : 3 },
});
judges(partsAdversary, adversaryData(true), adversaryData(false));
judges(partsAdversaryIdentity, identityData(true), identityData(false));

/** Decompositions that an attack harms less if they were trained against one, or more. */
function attackData(right: boolean): AttackData {
  const of = (attacked: number, whole: boolean) =>
    [1, 1, 3].map((scale) => ({ scale, whole, liveIn: 5, liveOut: 5, random: 1e-4, attacked }));
  const [low, high] = [of(2e-4, true), of(4e-4, false)];
  return { scales: [1, 3], methods: right ? { spd: high, vpd: low } : { spd: low, vpd: high } };
}
judges(partsAttack, attackData(true), attackData(false));

/** Forty features: three of four seeds whole with SPD and all with VPD, or none with either. */
function fortyData(right: boolean): FortyData {
  const of = (whole: number) => ({
    seeds: [0, 1, 2, 3].map((row) =>
      scored(row, right, { identity_error: right && row < whole ? 0 : 3, ml2r: right ? 1.01 : 0.8 }),
    ),
    row: 0,
    sites: [site('In'), site('Out')],
  });
  return { spd: of(3), vpd: of(4) };
}
judges(partsForty, fortyData(true), fortyData(false));

test.run();
