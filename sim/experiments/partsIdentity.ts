/** The same model with an identity between encoder and decoder, which has no features to be taken apart into. */
import type { TrainedModels } from '../join.ts';
import type { SpecInput } from '../spec.ts';
import { near, shareText, statement } from './claims.ts';
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

export interface PartsIdentityData {
  hidden: number; // m
  seeds: Scored[]; // of models that are pentagons
  row: number; // of the one that is drawn
  sites: DrawnSite[]; // encoder, identity, decoder
}

const SEEDS = { quick: 5, paper: 16 };

const specs = (scale: Scale): SpecInput[] => [pentagonParts(scale, true, SEEDS[scale])];

export function identityData([result]: TrainedModels[]): PartsIdentityData {
  const all = scoredParts(result);
  const { row } = bestParts(all);
  const seeds = all.filter(({ pentagon }) => pentagon);
  return { hidden: result.spec.model.hidden, seeds, row, sites: drawnRow(result, row) };
}

export function identityClaims({ hidden, seeds }: PartsIdentityData): Claim[] {
  const whole = seeds.filter(isWhole);
  const mean = (pick: (own: Scored['scores']) => number) =>
    meanOf(whole.map(({ scores }) => pick(scores))) ?? Number.NaN;
  const live = seeds.map(({ scores }) => scores.live_mid);
  const dense = seeds.filter(({ scores }) => scores.dense_error === 0).length;
  return [
    statement(
      'the identity splits into as many live subcomponents as there are dimensions, in every seed',
      'SPD',
      String(hidden),
      spanText(live),
      live.length > 0 && live.every((count) => count === hidden),
    ),
    statement(
      'and those are fully on: seeds in which they reach 0.9 and no other exceeds 0.1',
      'SPD; tolerance ours',
      'all',
      shareText(dense, seeds.length),
      seeds.length > 0 && dense === seeds.length,
    ),
    near(
      'MMCS of seeds whose features have one subcomponent each in encoder and decoder',
      'SPD; tolerance ours',
      mean(({ mmcs }) => mmcs),
      1,
      0.005,
    ),
    near(
      'ML2R of such seeds',
      'SPD; tolerance ours',
      mean(({ ml2r }) => ml2r),
      0.992,
      0.02,
    ),
  ];
}

export const partsIdentity: Experiment<PartsIdentityData> = {
  name: 'parts-identity',
  id: 'P2',
  paper: 'decomposition',
  section: 'Stochastic parameter decomposition',
  title: 'An identity between encoder and decoder',
  caption:
    'The same pentagon with a frozen identity of two dimensions between encoder and decoder, as a third map that is taken ' +
    'apart. Top: causal importances on one feature at a time. Bottom: how large each of the twenty subcomponents is. Two ' +
    'subcomponents carry the identity for all five features; a feature along one of them needs only that one.',
  seconds: { quick: 25, paper: 700 },
  specs,
  data: identityData,
  signature: identityClaims,
};
