/**
 * The exact optimum of a phase-diagram cell, as well as it is known. The closed forms of phase.ts fix all norms at 1;
 * letting weights and biases follow the exact loss lowers it, by a few percent at density 1/2 and by half at 4/7, and
 * moves the boundaries. Found by descent in float64 from many starts: the paper's solutions, the triangle
 * W ⊥ (1, 1, 1) that it leaves out, seeded random weights, and the optima of neighbouring cells.
 */
import { type Family, reluOutputFamily } from '../family.ts';
import { interference } from '../metrics/interference.ts';
import { featureNorms } from '../metrics/norms.ts';
import { type Region, regionOf } from '../metrics/phaseRegion.ts';
import type { Model } from '../model.ts';
import { instanceKey, normals } from '../random.ts';
import { minimiseExactLoss } from './optimum.ts';

/** Starting directions (n, n − 1): one feature ignored, a pair, a pair of unequal lengths, or a triangle. */
const STARTS: Record<2 | 3, readonly (readonly number[])[]> = {
  2: [
    [1, 0],
    [0, 1],
    [1, -1],
    [1, -0.4],
    [-0.4, 1],
  ],
  3: [
    [1, 0, 0, 1, 0, 0],
    [1, 0, 0, 0, 0, 1],
    [1, 0, 0, 1, 0, -1],
    [1, 0, -1, 0, 0, 1],
    [1, 0, -0.4, 0, 0, 1],
    [0, 1, 1, 0, -0.4, 0],
    [0, 1, -0.4, 0, 1, 0],
    [1, 0, -0.5, Math.sqrt(3) / 2, -0.5, -Math.sqrt(3) / 2],
  ],
};

/** Starting bias: p/2, as in the paper's solutions, for an ignored or short feature, else 0. */
function startBias(W: readonly number[], n: number, p: number): Float64Array {
  return featureNorms({ W }, { features: n, hidden: n - 1 }).map((norm) => (norm < 0.5 ? p / 2 : 0));
}

/** Random starts of each cell of a plane. */
const RANDOM = 2;

/** Random start number k: W from a standard normal, b = 0.1. The same for every cell. */
function randomStart(n: 2 | 3, k: number): Model {
  return {
    W: Float64Array.from(normals(instanceKey(1, k), 0, n * (n - 1))),
    b: new Float64Array(n).fill(0.1),
  };
}

/** A solution, its exact loss as a mean over features, and what it does to the extra, last feature. */
interface BestKnown {
  model: Model;
  loss: number;
  region: Region;
}

/** Density and relative importance of one cell. */
interface Cell {
  n: 2 | 3;
  p: number; // in (0, 1]
  r: number; // > 0, of the last feature; the others have 1
}

const familyOf = (n: 2 | 3): Family => reluOutputFamily(n, n - 1);

/** The least local minimum that is reached from `starts`, or `known` where that is no worse. */
function lowest({ n, p, r }: Cell, starts: readonly Model[], known?: BestKnown): BestKnown {
  const family = familyOf(n);
  const density = new Array<number>(n).fill(p);
  const importance = density.map((_, i) => (i === n - 1 ? r : 1));
  const minima = starts.map((start) => minimiseExactLoss(family, start, density, importance));
  const best = minima.reduce<{ model: Model; loss: number } | undefined>(
    (low, other) => (low && low.loss <= other.loss ? low : other),
    known,
  );
  const { model, loss } = best!;
  return { model, loss, region: regionOf(featureNorms(model, family)[n - 1], interference(model, family)[n - 1]) }; // biome-ignore format: one line
}

/** Least exact loss found at density p in (0, 1] and relative importance r > 0 of the last feature. */
export function bestKnown(n: 2 | 3, p: number, r: number, randomStarts = 0): BestKnown {
  const named = STARTS[n].map((W) => ({ W: Float64Array.from(W), b: startBias(W, n, p) }));
  const random = Array.from({ length: randomStarts }, (_, k) => randomStart(n, k));
  return lowest({ n, p, r }, [...named, ...random]);
}

/**
 * The optimum of every cell of a plane of D densities and R relative importances. Each cell also starts from the
 * optima of its neighbours, forwards and then backwards, so that a solution spreads as far as it is the best.
 * Shape (D, R).
 */
export function bestKnownPlane(
  n: 2 | 3,
  densities: readonly number[],
  importances: readonly number[],
): BestKnown[] {
  const R = importances.length;
  const found = densities.flatMap((p) => importances.map((r) => bestKnown(n, p, r, RANDOM)));
  const improve = (at: number, neighbours: readonly number[]) => {
    const [d, k] = [Math.floor(at / R), at % R];
    const cell = { n, p: densities[d], r: importances[k] };
    const starts = neighbours
      .filter(
        (other) => found[other] && Math.abs((other % R) - k) <= 1 && found[other].region !== found[at].region,
      )
      .map((other) => found[other].model);
    if (starts.length > 0) found[at] = lowest(cell, starts, found[at]);
  };
  for (let at = 0; at < found.length; at++) improve(at, [at - 1, at - R]);
  for (let at = found.length - 1; at >= 0; at--) improve(at, [at + 1, at + R]);
  return found;
}
