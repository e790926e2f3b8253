/** What the experiments on decompositions share: scores of trained ones, and one of them as plain data. */
import type { TrainedGroup, TrainedModels } from '../join.ts';
import {
  alive,
  type Decomposed,
  largestImportances,
  matching,
  probed,
  sizes,
  together,
} from '../metrics/parts.ts';
import { decomposedAt, type PartsScores, partsScoresAt } from '../metrics/partsScores.ts';
import type { SpecInput } from '../spec.ts';
import { byRow, isPentagon, truthAt } from './dictionaries.ts';
import type { Scale } from './experiment.ts';

/** The methods of decomposition, in the order in which they are shown. */
export const METHODS = ['spd', 'vpd'] as const;

/** Held-out samples on which masks are drawn and attacked. */
const SAMPLES = 512;

/** A decomposition, its scores, and whether its model is a pentagon. */
export interface Scored {
  row: number;
  pentagon: boolean;
  scores: PartsScores; // NaN is null in a stored figure: read with `scoreOf`
}

/** That which is nearest to one subcomponent a feature, on a pentagon if there is one. */
export function bestParts(all: readonly Scored[]): Scored {
  const seeds = all.filter(({ pentagon }) => pentagon);
  const error = ({ scores }: Scored) => scores.identity_error + (scores.dense_error || 0);
  return [...(seeds.length > 0 ? seeds : all)].sort((p, q) => error(p) - error(q) || p.row - q.row)[0];
}

/** "5 to 6": the least and the most of some numbers. */
export const spanText = (counts: readonly number[]): string =>
  counts.length === 0 ? 'none' : `${Math.min(...counts)} to ${Math.max(...counts)}`;

/** Every decomposition of a result, in the order of the rows. */
export function scoredParts(result: TrainedModels, samples = SAMPLES): Scored[] {
  return byRow(result, (group, i) => ({
    row: group.rows[i],
    pentagon: isPentagon(truthAt(group, i)),
    scores: partsScoresAt(group.problem, group.params, i, samples),
  }));
}

/** Whether every feature has one subcomponent of its own in encoder and decoder, to the tolerance 0.1. */
export const isWhole = ({ scores }: Scored): boolean => scores.identity_error === 0;

/** Importances and sizes of a map, its subcomponents in order: each feature's own (Mid: the strongest), then by size. */
export interface DrawnMap {
  name: 'In' | 'Mid' | 'Out';
  importance: number[]; // (n, C)
  sizes: number[]; // (C)
}

/** One map of a decomposition as plain data. */
export interface DrawnSite extends DrawnMap {
  live: number; // subcomponents with an importance above 0.1 somewhere
  truth: number[]; // (n, m) directions of the model's features
  sum: number[]; // (n, m) of all subcomponents together
  own: number[]; // (n, m) of each feature's own subcomponent alone
}

/** A map in the rows of features: itself (In), or turned (Out). The identity's rows are hidden dimensions. */
function byFeature(matrix: ArrayLike<number>, writes: number, turned: boolean): number[] {
  const reads = matrix.length / writes;
  if (!turned) return Array.from(matrix);
  return Array.from(matrix, (_, at) => matrix[(at % reads) * writes + Math.floor(at / reads)]);
}

/** The subcomponents of largest importance, so many of them. */
function strongest(g: Float64Array, C: number, count: number): number[] {
  const largest = largestImportances(g, C);
  return [...largest.keys()].sort((p, q) => largest[q] - largest[p] || p - q).slice(0, count);
}

function drawnSite(own: Decomposed, k: number): DrawnSite {
  const site = own.sites[k];
  const C = site.base.length;
  const g = probed(own, k);
  const size = sizes(site);
  const matched = site.name === 'Mid' ? strongest(g, C, own.hidden) : [...matching(g, C)];
  const rest = [...size.keys()].filter((c) => !matched.includes(c)).sort((p, q) => size[q] - size[p]);
  const order = [...matched, ...rest];
  const rows = (matrix: ArrayLike<number>) => byFeature(matrix, site.writes, site.name === 'Out');
  const width = own.hidden;
  const mine = matched.flatMap((c, i) => rows(together(site, [c])).slice(i * width, (i + 1) * width)); // of In and Out
  return {
    name: site.name,
    importance: Array.from({ length: own.features }, (_, i) => order.map((c) => g[i * C + c])).flat(),
    sizes: order.map((c) => size[c]),
    live: alive(g, C).length,
    truth: rows(site.map),
    sum: rows(together(site, order)),
    own: site.name === 'Mid' ? [] : mine,
  };
}

/** Instance i of a group, map by map. */
export function drawnAt({ problem, params }: TrainedGroup, i: number): DrawnSite[] {
  const own = decomposedAt(problem, params, i);
  return own.sites.map((_, k) => drawnSite(own, k));
}

/** The decomposition of a result that stands at a row. */
export function drawnRow(result: TrainedModels, row: number): DrawnSite[] {
  const group = result.groups.find(({ rows }) => rows.includes(row))!;
  return drawnAt(group, group.rows.indexOf(row));
}

/** What a decomposition of the pentagon is asked for. */
type Decomposition = NonNullable<SpecInput['decomposition']>;

/** The same models taken apart by VPD with its published settings; quick: fewer steps of a quarter of the samples. */
export function pentagonAdversarial(scale: Scale, identity: boolean, replicas: number): SpecInput {
  const quick = scale === 'quick';
  const decomposition: Decomposition = {
    method: 'vpd',
    identity,
    subcomponents: 20,
    training: quick ? { steps: 4_000, batch: 1024, learningRate: 2e-3 } : { steps: 20_000, batch: 4096 },
  };
  return { ...pentagonParts(scale, identity, replicas), decomposition };
}

/** The published settings of SPD on five features in two dimensions; quick: fewer steps of a quarter of the samples. */
export function pentagonParts(scale: Scale, identity: boolean, replicas: number): SpecInput {
  const quick = scale === 'quick';
  return {
    model: { features: 5, hidden: 2 },
    input: { density: 0.05 },
    training: {
      steps: quick ? 3_000 : 10_000,
      batch: 1024,
      learningRate: 5e-3,
      init: { std: 0.2582 }, // of numbers uniform in ±1/√5
    },
    decomposition: {
      identity,
      subcomponents: 20,
      training: quick ? { steps: 4_000, batch: 1024, learningRate: 2e-3 } : { steps: 10_000, batch: 4096 },
    },
    replicas,
  };
}
