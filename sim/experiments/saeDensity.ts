/** Dictionaries on trained models of many features: over density and λ, what do they find of what the model stores? */
import type { TrainedModels } from '../join.ts';
import type { SpecInput } from '../spec.ts';
import { atLeast, statement } from './claims.ts';
import { byRow, meanOf, runs, scoreAt } from './dictionaries.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';

/** Means over dictionaries of one shape of model, D = densities, S = λ; all (D, S). */
interface DensityMap {
  features: number; // n, as many latents
  hidden: number; // m
  mmcs: (number | null)[];
  found: (number | null)[];
  r2: (number | null)[];
}

export interface DensityData {
  densities: number[]; // (D) falling
  sparsities: number[]; // (S) rising
  dictionaries: number; // of each cell
  maps: DensityMap[];
}

const DENSITIES = [0.3, 0.1, 0.05, 0.02, 0.01];
const SPARSITIES = [0.003, 0.03, 0.1, 0.2, 0.4];

function densitySpec(scale: Scale, [n, m]: readonly [number, number]): SpecInput {
  const quick = scale === 'quick';
  return {
    model: { features: n, hidden: m },
    input: { density: 0.1 },
    training: {
      steps: quick ? 2_000 : 10_000,
      batch: quick ? 512 : 1024,
      learningRate: 5e-3,
      schedule: 'cosine',
      weightDecay: 0,
    },
    dictionary: {
      latents: n,
      penalty: 'unit-norm',
      training: {
        steps: quick ? 2_500 : 20_000,
        batch: 256,
        learningRate: 3e-3,
        schedule: 'last-fifth',
      },
    },
    sweep: [
      { path: 'input.density', values: DENSITIES },
      { path: 'dictionary.sparsity', values: SPARSITIES },
    ],
    replicas: quick ? 2 : 16,
  };
}

const SHAPES = [
  [20, 5],
  [40, 10],
] as const;

function densityMap(result: TrainedModels, k: number): DensityMap {
  const cells = runs(byRow(result, scoreAt), result.spec.replicas);
  const means = (of: (own: (typeof cells)[number][number]) => number) =>
    cells.map((cell) => meanOf(cell.map(of)));
  const [features, hidden] = SHAPES[k];
  return {
    features,
    hidden,
    mmcs: means(({ mmcs }) => mmcs),
    found: means(({ found }) => found),
    r2: means(({ r2 }) => r2),
  };
}

function data(results: TrainedModels[]): DensityData {
  return {
    densities: DENSITIES,
    sparsities: SPARSITIES,
    dictionaries: results[0].spec.replicas,
    maps: results.map(densityMap),
  };
}

/** Place of the largest number of a row of a map, −1 of none. */
const bestOf = (row: readonly (number | null)[]): number =>
  row.reduce<number>((best, value, k) => (value !== null && value > (row[best] ?? -1) ? k : best), -1);

function signature({ densities, sparsities, maps }: DensityData): Claim[] {
  const S = sparsities.length;
  return maps.flatMap(({ features, hidden, mmcs, r2 }) => {
    const name = `${features} features in ${hidden} dimensions`;
    const rows = runs(mmcs, S);
    const bests = rows.map(bestOf);
    const highest = rows.map((row, d) => row[bests[d]] ?? Number.NaN);
    const [dense, sparse] = [highest[0], highest[densities.length - 1]];
    const gains = rows.map((_, d) => (r2[d * S] ?? Number.NaN) - (r2[d * S + bests[d]] ?? Number.NaN));
    return [
      atLeast(
        `${name}: highest MMCS over λ at density ${densities[densities.length - 1]}`,
        'ours; bound ours',
        sparse,
        0.95,
      ),
      statement(
        `${name}: the sparser the inputs, the more a dictionary finds`,
        'ours',
        `highest MMCS at density ${densities[0]} below that at ${densities[densities.length - 1]}`,
        `${dense.toFixed(3)}, ${sparse.toFixed(3)}`,
        dense < sparse,
      ),
      statement(
        `${name}: the least λ reconstructs better than the one that finds most, at every density`,
        'ours',
        'R² of the least λ above that of the best',
        gains.map((gain) => gain.toFixed(3)).join(', '),
        gains.every((gain) => gain > 0),
      ),
    ];
  });
}

export const saeDensity: Experiment<DensityData> = {
  name: 'sae-density',
  id: 'S2b',
  paper: 'dictionaries',
  section: 'Finding features back',
  title: 'What dictionaries find in larger models, over density and sparsity',
  caption:
    'Models of 20 features in 5 dimensions and of 40 in 10, trained at five densities, and dictionaries of as many latents ' +
    'on their hidden layers. Rows are densities, columns λ. Mean max cosine is over all features, also those that a model ' +
    'does not store; the variance explained says nothing of it.',
  seconds: { quick: 25, paper: 1250 },
  specs: (scale) => SHAPES.map((shape) => densitySpec(scale, shape)),
  data,
  signature,
};
