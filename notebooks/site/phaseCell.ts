/** One cell of the phase diagram: its best model beside theory. */

import { reluOutputFamily } from '../../sim/family.ts';
import { interference } from '../../sim/metrics/interference.ts';
import { featureNorms } from '../../sim/metrics/norms.ts';
import { type Region, regionOf } from '../../sim/metrics/phaseRegion.ts';
import { exactLoss } from '../../sim/theory/exactLoss.ts';
import { bestSolution, candidateLosses, meanOverFeatures, regionOfSolution } from '../../sim/theory/phase.ts';
import { cellValues } from './phaseState.ts';
import type { Sweep } from './phaseTraining.ts';

export interface PhaseCell {
  density: number;
  importance: number;
  W: Float32Array; // (n, n − 1)
  b: Float32Array; // (n)
  region: Region;
  loss: number; // exact expected loss, mean over features
  theory: { region: Region; solution: string; loss: number };
  candidates: { solution: string; loss: number }[];
}

/** Expected loss of one model under one cell's inputs, exact, mean over features. */
function lossOf(n: 2 | 3, density: number, importance: number, W: Float32Array, b: Float32Array): number {
  const model = { W: Float64Array.from(W), b: Float64Array.from(b) };
  const weights = n === 2 ? [1, importance] : [1, 1, importance];
  return exactLoss(reluOutputFamily(n, n - 1), model, new Array(n).fill(density), weights).loss;
}

/** The best model of cell (x, y), both counted from the sparse and unimportant corner. */
export function cellAt(sweep: Sweep, x: number, y: number): PhaseCell {
  const { state, params, best } = sweep;
  const { features: n, cells } = state;
  const m = n - 1;
  const row = best[y * cells + x];
  const W = params.W.subarray(row * n * m, (row + 1) * n * m);
  const b = params.b.subarray(row * n, (row + 1) * n);
  const { density, importance } = cellValues(state, x, y);
  const shape = { features: n, hidden: m };
  const winner = bestSolution(n, density, importance);
  return {
    density,
    importance,
    W,
    b,
    region: regionOf(featureNorms({ W }, shape)[n - 1], interference({ W }, shape)[n - 1]),
    loss: lossOf(n, density, importance, W, b),
    theory: {
      region: regionOfSolution(winner.solution),
      solution: winner.solution,
      loss: meanOverFeatures(winner.loss, n),
    },
    candidates: candidateLosses(n, density, importance).map(([solution, loss]) => ({
      solution,
      loss: meanOverFeatures(loss, n),
    })),
  };
}

/** A trained cell is a stray when it costs so many times what theory's best costs: all its seeds stayed in a worse shape. */
const STRAY = 1.1;

/** Cells (row-major, from the sparse and unimportant corner) whose best model is in a local minimum; at the end only. */
export function strays({ state, best, loss }: Sweep): number[] {
  const { features: n, cells } = state;
  return Array.from(best.keys()).filter((cell) => {
    const { density, importance } = cellValues(state, cell % cells, Math.floor(cell / cells));
    const theory = meanOverFeatures(bestSolution(n, density, importance).loss, n);
    return loss[best[cell]] > STRAY * theory;
  });
}
