/** Forty features in ten dimensions, taken apart with and without an adversary. */
import type { TrainedModels } from '../join.ts';
import { partsScoresAt } from '../metrics/partsScores.ts';
import type { SpecInput } from '../spec.ts';
import { near, noted, shareText, statement } from './claims.ts';
import { bestParts, type DrawnMap, drawnRow, isWhole, METHODS, type Scored } from './decompositions.ts';
import { byRow, meanOf } from './dictionaries.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';

/** The decompositions by one method, and the maps of one of them. */
export interface FortyMethod {
  seeds: Scored[];
  row: number; // of the one that is drawn
  sites: DrawnMap[]; // encoder, decoder
}

export type FortyData = Record<(typeof METHODS)[number], FortyMethod>;

/** Held-out samples of the scores. */
const SCORED = 256;

/** Published settings of each method. Quick: a fraction of the steps, of an eighth of the samples. */
const SETTINGS = {
  spd: { subcomponents: 200, minimality: 1e-4, power: 2, steps: 10_000 },
  vpd: { method: 'vpd', subcomponents: 100, units: 200, minimality: 6e-5, frequency: 3e-5, steps: 20_000 },
} as const;

function fortySpec(scale: Scale, method: keyof typeof SETTINGS): SpecInput {
  const quick = scale === 'quick';
  const { steps, ...settings } = SETTINGS[method];
  const training = quick ? { steps: 2_000, batch: 512, learningRate: 2e-3 } : { steps, batch: 4096 };
  return {
    model: { features: 40, hidden: 10 },
    input: { density: 0.05 },
    training: {
      steps: quick ? 3_000 : 10_000,
      batch: quick ? 1024 : 8192,
      learningRate: 5e-3,
      weightDecay: 0,
      init: { std: 0.0913 }, // of numbers uniform in ±1/√40
    },
    decomposition: { ...settings, training },
    replicas: quick ? 2 : 8,
  };
}

const rounded = (values: number[]): number[] => values.map((value) => Number(value.toFixed(4)));

function methodData(result: TrainedModels): FortyMethod {
  const seeds = byRow(result, (group, i): Scored => {
    const scores = partsScoresAt(group.problem, group.params, i, SCORED);
    return { row: group.rows[i], pentagon: false, scores };
  });
  const { row } = bestParts(seeds);
  const sites = drawnRow(result, row).map(({ name, importance, sizes }) => ({
    name,
    importance: rounded(importance),
    sizes: rounded(sizes),
  }));
  return { seeds, row, sites };
}

const data = ([spd, vpd]: TrainedModels[]): FortyData => ({ spd: methodData(spd), vpd: methodData(vpd) });

/** Errors, and subcomponents alive in encoder and decoder, of every seed. */
const aliveText = ({ seeds }: FortyMethod): string =>
  seeds
    .map(
      ({ scores }) => `${scores.live_in} and ${scores.live_out} alive, ${scores.identity_error} entries off`,
    )
    .join('; ');

const BRIEF = '2,000 steps of 512 samples; published 10,000 (SPD) and 20,000 (VPD) of 4,096';

function wholeClaim(method: (typeof METHODS)[number], own: FortyMethod, scale: Scale): Claim {
  const whole = own.seeds.filter(isWhole).length;
  const text = 'every feature has one subcomponent of its own in encoder and decoder (error 0 to 0.1)';
  const claim =
    method === 'spd'
      ? statement(
          `SPD: seeds in which ${text}`,
          'SPD-PR; tolerance ours',
          '74 % ± 15 %',
          shareText(whole, own.seeds.length),
          Math.abs(whole / own.seeds.length - 0.74) <= 0.15,
        )
      : statement(
          `VPD: ${text} in every seed`,
          'PD, a test of its code',
          'all',
          shareText(whole, own.seeds.length),
          own.seeds.length > 0 && whole === own.seeds.length,
        );
  return noted(claim, [aliveText(own), ...(scale === 'quick' ? [BRIEF] : [])].join('; '));
}

function signature({ spd, vpd }: FortyData, scale: Scale): Claim[] {
  const mean = (pick: (own: Scored['scores']) => number) =>
    meanOf(spd.seeds.map(({ scores }) => pick(scores))) ?? Number.NaN;
  const numbers = [
    near(
      'SPD: MMCS, mean over seeds',
      'SPD; tolerance ours',
      mean(({ mmcs }) => mmcs),
      1,
      0.005,
    ),
    near(
      'SPD: ML2R, mean over seeds',
      'SPD; tolerance ours',
      mean(({ ml2r }) => ml2r),
      1.01,
      0.02,
    ),
  ];
  return [
    ...numbers.map((claim) => (scale === 'quick' ? noted(claim, BRIEF) : claim)),
    wholeClaim('spd', spd, scale),
    wholeClaim('vpd', vpd, scale),
  ];
}

export const partsForty: Experiment<FortyData> = {
  name: 'parts-forty',
  id: 'P7',
  paper: 'decomposition',
  section: 'Forty features in ten dimensions',
  title: 'Forty features in ten dimensions, taken apart',
  caption:
    'Models of forty features in ten dimensions, taken apart by SPD (top, 200 subcomponents a map) and by VPD (bottom, 100). ' +
    'Causal importance of every subcomponent when one feature is on, in the encoder (left) and the decoder (middle); a ' +
    'diagonal alone would be one subcomponent a feature. Right: how large the subcomponents of the encoder are.',
  seconds: { quick: 60, paper: 6000 },
  specs: (scale) => METHODS.map((method) => fortySpec(scale, method)),
  data,
  signature,
};
