/** The Thomson problem: N equal charges on the unit sphere of R³ at least Coulomb energy Σ_{i<j} 1/|r_i − r_j|. */
import { instanceKey, normals } from '../random.ts';
import { minimise } from './optimum.ts';
import type { Polytope } from './polytopes.ts';

/** Rows of x (N, 3) scaled to length 1. */
function ontoSphere(x: Float64Array): Float64Array {
  const out = x.slice();
  for (let i = 0; i < x.length; i += 3) {
    const length = Math.hypot(x[i], x[i + 1], x[i + 2]);
    for (let d = i; d < i + 3; d++) out[d] /= length;
  }
  return out;
}

/** Coulomb energy of points (N, 3). */
function coulombEnergy(points: Float64Array): number {
  let energy = 0;
  for (let i = 0; i < points.length; i += 3) {
    for (let j = 0; j < i; j += 3) {
      const square =
        (points[i] - points[j]) ** 2 +
        (points[i + 1] - points[j + 1]) ** 2 +
        (points[i + 2] - points[j + 2]) ** 2;
      energy += 1 / Math.sqrt(square);
    }
  }
  return energy;
}

/** Least energy found from `starts` seeded random starts, and its points; N ≥ 2. */
export function solveThomson(N: number, starts = 8, seed = 0): { polytope: Polytope; energy: number } {
  const minima = Array.from({ length: starts }, (_, start) =>
    minimise((x) => coulombEnergy(ontoSphere(x)), normals(instanceKey(seed, start), 0, 3 * N)),
  );
  const { x, value } = minima.reduce((low, other) => (other.value < low.value ? other : low));
  return { polytope: { k: N, m: 3, points: ontoSphere(x) }, energy: value };
}
