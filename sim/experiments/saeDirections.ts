/** Dictionaries of many random directions: over λ and size, what is found, and does agreement tell it? */
import type { TrainedModels } from '../join.ts';
import { agreement } from '../metrics/dictionary.ts';
import { specimenAt } from '../metrics/dictionaryScores.ts';
import type { SpecInput } from '../spec.ts';
import { atLeast, atMost, shareAtLeast, statement } from './claims.ts';
import { byRow, meanOf, runs, scoreAt } from './dictionaries.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';

/** Means over seeds, S = λ, L = sizes; all (L, S). */
export interface DirectionsData {
  features: number; // n
  hidden: number; // m
  sparsities: number[]; // (S) rising
  sizes: number[]; // (L)
  seeds: number;
  trueL0: number;
  mmcs: number[];
  mccOfFeatures: number[];
  r2: number[];
  l0: number[];
  agreement: number[]; // mean MCC between dictionaries of different seeds
  orthonormal: { dictionaries: number; found: number; least: number }; // MMCS of independent orthonormal features
}

const SPARSITIES = [0.003, 0.03, 0.1, 0.2, 0.4];
const SIZES = [16, 24, 32, 48];
const SEEDS = 4;
const [FEATURES, HIDDEN] = [32, 16];

function directionsSpec(scale: Scale): SpecInput {
  return {
    model: { features: FEATURES, hidden: HIDDEN },
    input: { density: 3 / FEATURES },
    dictionary: {
      reads: 'random',
      latents: FEATURES,
      penalty: 'unit-norm',
      training: {
        steps: scale === 'quick' ? 2_500 : 20_000,
        batch: 256,
        learningRate: 3e-3,
        schedule: 'last-fifth',
      },
    },
    sweep: [
      { path: 'dictionary.latents', values: SIZES },
      { path: 'dictionary.sparsity', values: SPARSITIES },
      { path: 'dictionary.seed', values: Array.from({ length: SEEDS }, (_, k) => k) },
    ],
    replicas: scale === 'quick' ? 1 : 4,
  };
}

/** Eight orthonormal features in eight dimensions, as many latents. */
function orthonormalSpec(scale: Scale): SpecInput {
  return {
    model: { features: 8, hidden: 8 },
    input: { density: { from: 0.25, to: 0.05 } },
    dictionary: {
      reads: 'orthonormal',
      latents: 8,
      sparsity: 0.03,
      training: {
        steps: scale === 'quick' ? 6_000 : 40_000,
        batch: 256,
        learningRate: 3e-3,
        schedule: 'last-fifth',
      },
    },
    replicas: scale === 'quick' ? 12 : 100,
  };
}

/** How much dictionaries of different seeds on the same directions agree: mean over replicas of a cell's rows. */
function cellAgreement(decoders: Float64Array[], replicas: number): number {
  const of = Array.from({ length: replicas }, (_, r) =>
    agreement(
      decoders.filter((_, at) => at % replicas === r),
      HIDDEN,
    ),
  );
  return meanOf(of)!;
}

function data([directions, orthonormal]: TrainedModels[]): DirectionsData {
  const { replicas } = directions.spec;
  const cells = runs(byRow(directions, scoreAt), SEEDS * replicas);
  const mean = (of: (own: (typeof cells)[number][number]) => number) =>
    cells.map((cell) => meanOf(cell.map(of)) ?? 0);
  const decoders = byRow(directions, ({ problem, params }, i) => specimenAt(problem, params, i, 1).decoder);
  const easy = byRow(orthonormal, scoreAt).map(({ mmcs }) => mmcs);
  return {
    features: FEATURES,
    hidden: HIDDEN,
    sparsities: SPARSITIES,
    sizes: SIZES,
    seeds: SEEDS * replicas,
    trueL0: cells[0][0].true_l0,
    mmcs: mean(({ mmcs }) => mmcs),
    mccOfFeatures: mean(({ mcc_of_features }) => mcc_of_features),
    r2: mean(({ r2 }) => r2),
    l0: mean(({ l0 }) => l0),
    agreement: runs(decoders, SEEDS * replicas).map((cell) => cellAgreement(cell, replicas)),
    orthonormal: {
      dictionaries: easy.length,
      found: easy.filter((value) => value >= 0.99).length,
      least: Math.min(...easy),
    },
  };
}

function signature(own: DirectionsData): Claim[] {
  const { sizes, sparsities, features: n } = own;
  const row = (values: number[], size: number) =>
    values.slice(sizes.indexOf(size) * sparsities.length, (sizes.indexOf(size) + 1) * sparsities.length);
  const [mmcs, r2, l0] = [own.mmcs, own.r2, own.l0].map((values) => row(values, n));
  const best = mmcs.indexOf(Math.max(...mmcs));
  const nearest = l0
    .map((value) => Math.abs(value - own.trueL0))
    .reduce((low, value, k, all) => (value < all[low] ? k : low), 0);
  const enough = sizes.filter((size) => size >= n).map((size) => Math.max(...row(own.mmcs, size)));
  const few = sizes.filter((size) => size < n).map((size) => Math.max(...row(own.mmcs, size)));
  const wide = sizes.flatMap((size, a) =>
    size >= n ? sparsities.map((_, b) => a * sparsities.length + b) : [],
  );
  const agreeing = wide.filter((cell) => own.agreement[cell] >= 0.9).map((cell) => own.mmcs[cell]);
  const { orthonormal } = own;
  return [
    shareAtLeast(
      'independent orthonormal features: dictionaries with MMCS of at least 0.99',
      'ABS; share ours',
      orthonormal.found,
      orthonormal.dictionaries,
      0.9,
    ),
    atLeast(
      'a band of λ where MMCS is about 1, for dictionaries at least as large as the truth (lowest best)',
      'SHARK; bound ours',
      Math.min(...enough),
      0.95,
    ),
    atMost('and none for smaller ones (highest best)', 'SHARK; bound ours', Math.max(...few), 0.95),
    atMost(
      'where MMCS is highest, R² is below that of the least λ by: difference',
      'ours',
      r2[best] - r2[0],
      -0.05,
    ),
    atLeast(
      'the λ whose L0 is nearest the true one has nearly the highest MMCS: ratio',
      'ours; bound ours',
      mmcs[nearest] / mmcs[best],
      0.95,
    ),
    atMost(
      'MCC over all features of half as many latents',
      'exact',
      Math.max(...row(own.mccOfFeatures, sizes[0])),
      0.5,
    ),
    statement(
      'where seeds agree (0.9 and more, at least as many latents as features) the dictionary is right',
      'ours; bounds ours',
      'some cells do, each with MMCS of at least 0.9',
      agreeing.map((value) => value.toFixed(2)).join(', ') || 'none agree',
      agreeing.length > 0 && agreeing.every((value) => value >= 0.9),
    ),
  ];
}

export const saeDirections: Experiment<DirectionsData> = {
  name: 'sae-directions',
  id: 'S1',
  paper: 'dictionaries',
  section: 'Finding features back',
  title: 'Size and sparsity of a dictionary of 32 random directions',
  caption:
    'Thirty-two random unit directions in sixteen dimensions, three active on average. Sparsity trades variance ' +
    'explained for true features; where the number of firing latents is right the features are found, if there are ' +
    'latents enough. Right: dictionaries of different seeds agree where they are right, so agreement can be read off ' +
    'where the truth is not known; spare latents lower it.',
  seconds: { quick: 25, paper: 1750 },
  specs: (scale) => [directionsSpec(scale), orthonormalSpec(scale)],
  data,
  signature,
};
