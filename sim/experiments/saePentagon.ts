/** Dictionaries on the hidden layer of pentagons: over λ and size, where do they find the five features? */
import type { TrainedModels } from '../join.ts';
import type { SpecInput } from '../spec.ts';
import { noted, shareAtLeast, statement } from './claims.ts';
import { byRow, isPentagon, meanOf, runs, scoreAt, truthAt } from './dictionaries.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';

/** Means over dictionaries of one start, S = λ, L = sizes. */
interface RecoveryMap {
  start: 'tied' | 'untied';
  mmcs: (number | null)[]; // (L, S)
  r2: (number | null)[];
  dead: (number | null)[];
  complete: number[]; // (L, S) dictionaries that found all five
}

export interface PentagonData {
  sparsities: number[]; // (S) rising
  sizes: number[]; // (L) latents
  dictionaries: number; // of each cell, all on pentagons
  maps: RecoveryMap[]; // tied, untied
}

const SPARSITIES = [0.003, 0.01, 0.03, 0.06, 0.1, 0.2, 0.4, 0.8];
const SIZES = [3, 4, 5, 6, 8, 12];
const SEEDS = 3;

/** The model of the notebook's pentagon and what reads it. */
function pentagonSpec(scale: Scale, start: 'tied' | 'untied'): SpecInput {
  const quick = scale === 'quick';
  return {
    name: 'sae-pentagon',
    model: { features: 5, hidden: 2 },
    input: { density: 0.05 },
    dictionary: {
      latents: 5,
      penalty: 'unit-norm',
      start,
      training: quick
        ? { steps: 5_000, batch: 256, learningRate: 3e-3 }
        : { steps: 20_000, batch: 1024, learningRate: 1e-3 },
    },
    sweep: [
      { path: 'dictionary.latents', values: SIZES },
      { path: 'dictionary.sparsity', values: SPARSITIES },
      { path: 'dictionary.seed', values: Array.from({ length: SEEDS }, (_, k) => k) },
    ],
    replicas: quick ? 4 : 16,
  };
}

function recoveryMap(
  result: TrainedModels,
  start: RecoveryMap['start'],
): { map: RecoveryMap; count: number } {
  const all = byRow(result, (group, i) => (isPentagon(truthAt(group, i)) ? scoreAt(group, i) : null));
  const cells = runs(all, SEEDS * result.spec.replicas).map((cell) => cell.filter((own) => own !== null));
  const means = (of: (own: (typeof cells)[number][number]) => number) =>
    cells.map((cell) => meanOf(cell.map(of)));
  const map = {
    start,
    mmcs: means(({ mmcs }) => mmcs),
    r2: means(({ r2 }) => r2),
    dead: means(({ dead_share }) => dead_share),
    complete: cells.map((cell) => cell.filter(({ found }) => found === 1).length),
  };
  return { map, count: cells[0].length };
}

function data(results: TrainedModels[]): PentagonData {
  const [tied, untied] = [recoveryMap(results[0], 'tied'), recoveryMap(results[1], 'untied')];
  return {
    sparsities: SPARSITIES,
    sizes: SIZES,
    dictionaries: tied.count,
    maps: [tied.map, untied.map],
  };
}

/** Place of the cell of a size and a λ. */
const cellOf = ({ sizes, sparsities }: PentagonData, size: number, lambda: number) =>
  sizes.indexOf(size) * sparsities.length + sparsities.indexOf(lambda);

function signature(own: PentagonData): Claim[] {
  const [tied] = own.maps;
  const low = (size: number) => cellOf(own, size, own.sparsities[0]);
  const spare = own.sizes.filter((size) => size > 5);
  const atArena = (sizes: number[]) =>
    sizes.reduce((sum, size) => sum + tied.complete[cellOf(own, size, 0.2)], 0);
  const [r2, mmcs] = [tied.r2[low(4)] ?? Number.NaN, tied.mmcs[low(4)] ?? Number.NaN];
  const [r5, m5] = [tied.r2[low(5)] ?? Number.NaN, tied.mmcs[low(5)] ?? Number.NaN];
  return [
    statement(
      'four latents reconstruct five features perfectly and are wrong (smallest λ)',
      'ours; bounds ours',
      'R² at least 0.98, MMCS at most 0.95',
      `R² ${r2.toFixed(3)}, MMCS ${mmcs.toFixed(3)}`,
      r2 >= 0.98 && mmcs <= 0.95,
    ),
    statement(
      'so are five, although they could be right (smallest λ)',
      'ours; bounds ours',
      'R² at least 0.98, MMCS at most 0.95',
      `R² ${r5.toFixed(3)}, MMCS ${m5.toFixed(3)}`,
      r5 >= 0.98 && m5 <= 0.95,
    ),
    shareAtLeast(
      'five latents find the five features at λ = 0.2, in most seeds',
      'ARENA; share ours',
      atArena([5]),
      own.dictionaries,
      0.5,
    ),
    noted(
      shareAtLeast(
        'with spare latents in all or nearly all',
        'ARENA; share ours',
        atArena(spare),
        own.dictionaries * spare.length,
        0.9,
      ),
      'tied start; from untied random directions many latents die, and fewer dictionaries are whole',
    ),
  ];
}

export const saePentagon: Experiment<PentagonData> = {
  name: 'sae-pentagon',
  id: 'S2',
  paper: 'dictionaries',
  section: 'Finding features back',
  title: 'Dictionaries on a pentagon: perfect reconstruction, wrong features',
  caption:
    'Sparse autoencoders that read the two hidden dimensions of models which store five features as a pentagon. Left: ' +
    'how near the five features the latents point. With little sparsity a few latents reconstruct the plane perfectly ' +
    '(second map) and point anywhere; from λ of about 0.2 on they are the features. Right: share of dictionaries that ' +
    'found all five, for encoder and decoder that start alike and apart.',
  seconds: { quick: 20, paper: 540 },
  specs: (scale) => [pentagonSpec(scale, 'tied'), pentagonSpec(scale, 'untied')],
  data,
  signature,
};
