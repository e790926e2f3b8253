/** The levels of all k-gons, and the trained models that stand on them. */
import type { TrainedModels } from '../join.ts';
import type { SpecInput } from '../spec.ts';
import { onesOfFeatures } from '../theory/kgon.ts';
import { atLeast, atMost, noted, shareAtLeast, statement } from './claims.ts';
import { byRow } from './dictionaries.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';
import { FEATURES, KGON_MODEL, type KgonPhase, type Placed, phasesFrom, placeOf, WITHIN } from './kgons.ts';

export interface KgonLevelsData {
  phases: KgonPhase[]; // of all k, the simplest first
  models: Placed[]; // trained from random weights
}

/** The published table: loss and ½‖w*‖² of phases, to five digits. */
const TABLE: Readonly<Record<string, readonly [loss: number, half: number]>> = {
  '4': [0.11111, 2],
  '4⁺': [0.10417, 2.00347],
  '5': [0.06874, 3.62417],
  '5⁺': [0.0618, 3.62765],
  '6': [0.04819, 6.37769],
};

/** λ of those around which the loss is analytic. */
const LAMBDAS: Readonly<Record<string, number>> = { '5': 7, '5⁺': 8.5, '6': 8.5 };

/** Models from random weights on the expected loss itself. */
function levelsSpec(scale: Scale): SpecInput {
  const quick = scale === 'quick';
  const values = onesOfFeatures(FEATURES, quick ? 64 : 256);
  return {
    name: 'kgon-levels',
    ...KGON_MODEL,
    input: { ...KGON_MODEL.input, samples: { values } },
    training: {
      optimizer: 'adam',
      learningRate: 0.01,
      schedule: 'cosine',
      weightDecay: 0,
      reduction: 'sum',
      steps: quick ? 1_500 : 10_000,
    },
    replicas: quick ? 200 : 500,
  };
}

function data([result]: TrainedModels[]): KgonLevelsData {
  const phases = phasesFrom(1);
  const models = byRow(result, ({ params: { W, b }, rows }, i) =>
    placeOf(
      rows[i],
      W.subarray(2 * FEATURES * i, 2 * FEATURES * (i + 1)),
      b.subarray(FEATURES * i, FEATURES * (i + 1)),
      phases,
    ),
  );
  return { phases, models };
}

/** Largest difference of a number of the table from ours. */
const worst = (phases: KgonPhase[], of: (phase: KgonPhase) => number, column: 0 | 1): number =>
  Math.max(
    ...phases.filter(({ name }) => name in TABLE).map((own) => Math.abs(of(own) - TABLE[own.name][column])),
  );

/** By how much a positive bias lowers the level, least and most over all phases. */
function gains(phases: KgonPhase[]): [least: number, most: number] {
  const all = phases.flatMap((own) => {
    const simpler = phases.find(({ k, positive }) => k === own.k && positive === own.positive - 1);
    return simpler ? [simpler.level - own.level] : [];
  });
  return [Math.min(...all), Math.max(...all)];
}

function tableClaims(phases: KgonPhase[]): Claim[] {
  const [least, most] = gains(phases);
  const known = phases.filter(({ name }) => name in LAMBDAS);
  const lambdas = known.map(({ name, lambda }) => `${name}: ${lambda}`).join(', ');
  return [
    atMost(
      'losses of 4, 4⁺, 5, 5⁺ and 6 are those of the table, largest difference',
      'CHEN-F; half a digit of the table',
      worst(phases, ({ level }) => level, 0),
      6e-6,
    ),
    noted(
      atMost(
        'so are their ½‖w*‖², largest difference',
        'CHEN-F; rounding of l* and b* in the table',
        worst(phases, ({ half }) => half, 1),
        1e-4,
      ),
      'biases of dead features are free below 0, and 0 in the table',
    ),
    atMost(
      'every positive bias of a dead feature lowers the loss by 1/144, largest difference over all k-gons',
      'exact; to the six digits that figures keep',
      Math.max(Math.abs(least - 1 / 144), Math.abs(most - 1 / 144)),
      1e-6,
    ),
    statement(
      'λ is half the rank of the Hessian where the loss is smooth',
      'CHEN-F',
      '5: 7, 5⁺: 8.5, 6: 8.5',
      lambdas,
      known.length === 3 && known.every(({ name, lambda }) => lambda === LAMBDAS[name]),
    ),
  ];
}

/** How far a model's ½‖w‖² may be from that of its phase, over it; those of the paper are 40 % apart or equal. Ours. */
const HALF_WITHIN = 0.02;

function signature({ phases, models }: KgonLevelsData): Claim[] {
  const on = models.filter(({ phase }) => phase >= 0);
  const alike = on.filter(({ half, phase }) => Math.abs(half / phases[phase].half - 1) <= HALF_WITHIN);
  const lowest = Math.min(...phases.map(({ level }) => level));
  return [
    ...tableClaims(phases),
    shareAtLeast(
      `trained from random weights, models end on a level of a k-gon, within ${WITHIN}`,
      'CHEN-R, of SGD from a square',
      on.length,
      models.length,
      0.95,
    ),
    shareAtLeast(
      `and have its ½‖w*‖², within ${100 * HALF_WITHIN} %`,
      'ours, from the table; share and distance ours',
      alike.length,
      on.length,
      0.95,
    ),
    atLeast(
      'no model is below the hexagon, least exact loss over that of the hexagon',
      'ours; to 1e-4, the midpoints that stand for the integral',
      Math.min(...models.map(({ loss }) => loss)) / lowest,
      1 - 1e-4,
    ),
  ];
}

export const kgonLevels: Experiment<KgonLevelsData> = {
  name: 'kgon-levels',
  id: 'L1',
  paper: 'learning',
  section: 'The loss and its critical points',
  title: 'The levels of k-gons',
  caption:
    'Six features in two dimensions, one of them active at a time: the expected loss is a closed form, and its critical ' +
    'points are k-gons of k features, the others dead, with a bias of 1/12 (⁺, each lowers the loss by 1/144) or one ' +
    'that is free below 0. Above: the phases of the paper. Left: exact levels of all of them. Right: models trained from ' +
    'random weights, by their exact loss and ½‖w‖²: they stand on the levels.',
  seconds: { quick: 6, paper: 200 },
  specs: (scale) => [levelsSpec(scale)],
  data,
  signature,
};
