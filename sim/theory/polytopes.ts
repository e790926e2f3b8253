/**
 * Exact coordinates of the arrangements that features fall into: unit vectors from the centre, as rows. A
 * tegum product puts arrangements into orthogonal subspaces, so its features interfere only within a factor.
 */
import { featureDimensionality } from '../metrics/dimensionality.ts';

/** k points in m dimensions: `points` is (k, m). */
export interface Polytope {
  k: number;
  m: number;
  points: Float64Array;
}

/** Regular k-gon; k = 2 is the digon in a plane of its own, use simplex(2) for the digon on a line. */
export function polygon(k: number): Polytope {
  const points = Float64Array.from({ length: 2 * k }, (_, at) => {
    const angle = (2 * Math.PI * Math.floor(at / 2)) / k;
    return at % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
  });
  return { k, m: 2, points };
}

/**
 * Regular simplex of k points in k − 1 dimensions, all cosines −1/(k − 1): digon, triangle, tetrahedron, …
 * Built upwards: the simplex of k − 1 points shrinks onto the base, the last point is the apex.
 */
export function simplex(k: number): Polytope {
  if (k === 2) return { k, m: 1, points: Float64Array.of(1, -1) };
  const base = simplex(k - 1);
  const m = k - 1;
  const points = new Float64Array(k * m);
  const height = -1 / m;
  for (let i = 0; i < k - 1; i++) {
    for (let d = 0; d < m - 1; d++) {
      points[i * m + d] = base.points[i * (m - 1) + d] * Math.sqrt(1 - height * height);
    }
    points[i * m + m - 1] = height;
  }
  points[k * m - 1] = 1;
  return { k, m, points };
}

/** Square antiprism whose eight points are a tight frame of R³: polar angles with cos² = 1/3. */
export function squareAntiprism(): Polytope {
  const z = Math.sqrt(1 / 3);
  const rho = Math.sqrt(2 / 3);
  const points = Array.from({ length: 8 }, (_, i) => {
    const angle = (Math.PI / 4) * i;
    return [rho * Math.cos(angle), rho * Math.sin(angle), i % 2 === 0 ? z : -z];
  });
  return { k: 8, m: 3, points: Float64Array.from(points.flat()) };
}

/** Tegum product: the points of every factor, each factor in its own orthogonal subspace. */
export function tegumProduct(...factors: Polytope[]): Polytope {
  const k = factors.reduce((sum, factor) => sum + factor.k, 0);
  const m = factors.reduce((sum, factor) => sum + factor.m, 0);
  const points = new Float64Array(k * m);
  let row = 0;
  let column = 0;
  for (const factor of factors) {
    for (let i = 0; i < factor.k; i++, row++) {
      points.set(factor.points.subarray(i * factor.m, (i + 1) * factor.m), row * m + column);
    }
    column += factor.m;
  }
  return { k, m, points };
}

/** D_i of each point. Shape (k). */
export function dimensionalityOf({ k, m, points }: Polytope): Float64Array {
  return featureDimensionality({ W: points }, { features: k, hidden: m });
}
