/**
 * What the two phase diagrams share: an extra, last feature of relative importance r among n features in n − 1
 * hidden dimensions, over density and r; ten models a cell, the worst dropped, the rest averaged.
 */

import { reluOutputFamily } from '../family.ts';
import type { TrainedModels } from '../join.ts';
import { phaseColors, type Region, regionOf } from '../metrics/phaseRegion.ts';
import { averageRows, bestReplicas } from '../metrics/replicas.ts';
import type { SpecInput } from '../spec.ts';
import { bestKnown, bestKnownPlane } from '../theory/bestKnown.ts';
import { exactLosses } from '../theory/exactLoss.ts';
import { bestSolution, regionOfSolution } from '../theory/phase.ts';
import type { Scale } from './experiment.ts';
import { onlyGroup } from './trained.ts';

/** What a map shows of the extra feature, D = densities, R = relative importances. */
export interface PhaseCells {
  norm: number[]; // (D, R) min(1, ‖W_extra‖)
  superposition: number[]; // (D, R) min(1, interference of the extra feature)
}

/** The exact optimum on every second cell of the maps both ways, and at every density along equal importance. */
export interface Optimum extends PhaseCells {
  densities: number[]; // (E) every second
  importances: number[]; // (S) every second
  loss: number[]; // (E, S) summed over features
  equal: { loss: number[]; superposed: boolean[] }; // (D) at relative importance 1
}

export interface PhaseData {
  features: 2 | 3; // n
  densities: number[]; // (D) falling
  importances: number[]; // (R) rising
  replicas: number;
  mean: PhaseCells; // over all replicas but the worst, as the paper draws it
  best: PhaseCells; // of the replica of lowest exact loss
  bestRow: number[]; // (D, R) its instance
  loss: number[]; // (D, R) its exact loss, summed over features
  slice: number; // index of the density at which losses are drawn over r; even, so that the optimum is known there
  keptLoss: number[]; // (D, R) mean over the replicas that `mean` averages, summed over features
  optimum: Optimum;
}

/** Density at which the losses are drawn: both changes of the 2-feature diagram lie inside the axes there. */
const SLICE_DENSITY = 0.3;

/** Sweep of density 1 … 0.01 and relative importance 0.1 … 10. */
export function phaseSpec(features: 2 | 3, scale: Scale): SpecInput {
  const quick = scale === 'quick';
  const count = quick ? 25 : 33;
  return {
    model: { features, hidden: features - 1 },
    input: { density: 1, importance: 1 },
    training: quick ? { steps: 2_000, batch: 256, learningRate: 3e-3 } : {},
    sweep: [
      { path: 'input.density', from: 1, to: 0.01, count, scale: 'log' },
      { path: `input.importance.${features - 1}`, from: 0.1, to: 10, count, scale: 'log' },
    ],
    replicas: 10,
    record: { lossEvery: 1_000 },
  };
}

/** Index of the value nearest to `target` on a logarithmic scale. */
export const nearest = (values: readonly number[], target: number) =>
  values.reduce(
    (best, value, k) =>
      Math.abs(Math.log(value / target)) < Math.abs(Math.log(values[best] / target)) ? k : best,
    0,
  );

/** Means over the best `keep` replicas of each cell. colors is (I, 2), loss (I). */
function averageCells(colors: Float64Array, loss: Float64Array, replicas: number, keep: number): PhaseCells {
  const mean = averageRows(colors, 2, bestReplicas(loss, replicas, keep), keep); // (cells, 2)
  return {
    norm: [...mean].filter((_, k) => k % 2 === 0),
    superposition: [...mean].filter((_, k) => k % 2 === 1),
  };
}

const everySecond = (values: readonly number[]) => values.filter((_, k) => k % 2 === 0);

/** The exact optimum over the axes of the maps. */
function optimumOf(n: 2 | 3, all: readonly number[], every: readonly number[]): Optimum {
  const family = reluOutputFamily(n, n - 1);
  const [densities, importances] = [everySecond(all), everySecond(every)];
  const plane = bestKnownPlane(n, densities, importances);
  const equal = all.map((p) => bestKnown(n, p, 1, 4));
  const colors = plane.map(({ model }) => phaseColors(model, family, n - 1));
  return {
    densities,
    importances,
    norm: colors.map(([norm]) => norm),
    superposition: colors.map(([, shared]) => shared),
    loss: plane.map(({ loss }) => loss * n),
    equal: {
      loss: equal.map(({ loss }) => loss * n),
      superposed: equal.map(({ region }) => region === 'superposed'),
    },
  };
}

/** Trained cells in numbers. */
export function phaseData(features: 2 | 3, [result]: TrainedModels[]): PhaseData {
  const group = onlyGroup(result);
  const { replicas } = result.spec;
  const loss = exactLosses(group.problem, group.params).map((mean) => mean * features); // small models need no sampling
  const colors = phaseColors(group.params, group.problem.family, features - 1);
  const best = [...bestReplicas(loss, replicas, 1)];
  const [densities, importances] = result.grid.axisValues.map((axis) => [...new Set(axis)]);
  const slice = 2 * nearest(everySecond(densities), SLICE_DENSITY);
  const kept = Math.max(1, replicas - 1);
  return {
    features,
    densities,
    importances,
    replicas,
    mean: averageCells(colors, loss, replicas, kept),
    best: averageCells(colors, loss, replicas, 1),
    bestRow: best.map((i) => group.rows[i]),
    loss: best.map((i) => loss[i]),
    slice,
    keptLoss: [...averageRows(loss, 1, bestReplicas(loss, replicas, kept), kept)],
    optimum: optimumOf(features, densities, importances),
  };
}

/** Region of each cell. Shape (D, R). */
export function cellRegions({ norm, superposition }: PhaseCells): Region[] {
  return norm.map((value, cell) => regionOf(value, superposition[cell]));
}

/** Region of the best closed-form solution. */
export function exactRegion(n: 2 | 3, p: number, r: number): Region {
  return regionOfSolution(bestSolution(n, p, r).solution);
}
