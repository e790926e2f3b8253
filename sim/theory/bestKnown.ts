/**
 * The best known solution of a phase-diagram cell. The closed forms of phase.ts fix all norms at 1; letting
 * weights and biases follow the exact loss lowers it, by a few percent at density 1/2, and moves the boundaries.
 * The triangle W ⊥ (1, 1, 1), which the paper leaves out, is among the starts.
 */
import { reluOutputFamily } from '../family.ts';
import { interference } from '../metrics/interference.ts';
import { featureNorms } from '../metrics/norms.ts';
import { type Region, regionOf } from '../metrics/phaseRegion.ts';
import type { Model } from '../model.ts';
import { minimiseExactLoss } from './optimum.ts';

/** Starting directions (n, n − 1): one feature ignored, a pair, or a triangle. */
const STARTS: Record<2 | 3, readonly (readonly number[])[]> = {
  2: [
    [1, 0],
    [0, 1],
    [1, -1],
  ],
  3: [
    [1, 0, 0, 1, 0, 0],
    [1, 0, 0, 0, 0, 1],
    [1, 0, 0, 1, 0, -1],
    [1, 0, -1, 0, 0, 1],
    [1, 0, -0.5, Math.sqrt(3) / 2, -0.5, -Math.sqrt(3) / 2],
  ],
};

/** Starting bias of the paper's solutions: p/2 for an ignored feature, else 0. */
function startBias(W: readonly number[], n: number, p: number): Float64Array {
  return featureNorms({ W }, { features: n, hidden: n - 1 }).map((norm) => (norm === 0 ? p / 2 : 0));
}

/** A solution, its exact loss as a mean over features, and what it does to the extra, last feature. */
export interface BestKnown {
  model: Model;
  loss: number;
  region: Region;
}

/** Least exact loss found at density p in (0, 1] and relative importance r > 0 of the last feature. */
export function bestKnown(n: 2 | 3, p: number, r: number): BestKnown {
  const family = reluOutputFamily(n, n - 1);
  const density = new Array<number>(n).fill(p);
  const importance = density.map((_, i) => (i === n - 1 ? r : 1));
  const minima = STARTS[n].map((W) => {
    const start = { W: Float64Array.from(W), b: startBias(W, n, p) };
    return minimiseExactLoss(family, start, density, importance);
  });
  const { model, loss } = minima.reduce((low, other) => (other.loss < low.loss ? other : low));
  const region = regionOf(featureNorms(model, family)[n - 1], interference(model, family)[n - 1]);
  return { model, loss, region };
}
