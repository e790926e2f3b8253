/**
 * Binary features of a latent point (Prieto et al. 2026): feature j of n has a place w_j of its own on a circle, a
 * figure-eight or a sphere, and is 1 with probability σ(k w_j·u), where u is the sample's point. For tables only: what
 * it takes is no arithmetic for kernels.
 */
import { cos, exp, sin } from './elementary.ts';
import { draw, type Stream, WORDS } from './random.ts';

/** Where the points lie, and how sharply features know them. */
export interface Latent {
  shape: 'circle' | 'figure-eight' | 'sphere';
  steepness: number; // k
}

const TURN = 2 * Math.PI;
const GOLDEN = Math.PI * (3 - Math.sqrt(5)); // the angle from one Fibonacci point to the next

type Point = readonly number[];

/** Point i of n on the unit sphere, by the spiral of Fibonacci. */
function onSphere(i: number, n: number): Point {
  const z = 1 - (2 * i + 1) / n;
  const r = Math.sqrt(1 - z * z);
  return [r * cos(GOLDEN * i), r * sin(GOLDEN * i), z];
}

/** Place of feature j of n. */
export function placeOf({ shape }: Latent, j: number, n: number): Point {
  const t = (TURN * j) / n;
  if (shape === 'sphere') return onSphere(j, n);
  return shape === 'circle' ? [cos(t), sin(t)] : [sin(t), sin(2 * t)];
}

/** A random point of the sphere, uniform in area. */
function anywhere(stream: Stream): Point {
  const z = 2 * (draw(stream) / WORDS) - 1;
  const [angle, r] = [TURN * (draw(stream) / WORDS), Math.sqrt(1 - z * z)];
  return [r * cos(angle), r * sin(angle), z];
}

/** Probability that feature j of n is 1 at a point: σ(k w_j·u). */
export function probabilityAt(latent: Latent, u: Point, j: number, n: number): number {
  const along = placeOf(latent, j, n).reduce((sum, w, k) => sum + w * u[k], 0);
  return 1 / (1 + exp(-latent.steepness * along));
}

/** Probabilities of the features at each of the n places. Shape (n)(n). */
const atPlaces = (latent: Latent, n: number): number[][] =>
  Array.from({ length: n }, (_, t) =>
    Array.from({ length: n }, (_, j) => probabilityAt(latent, placeOf(latent, t, n), j, n)),
  );

/** What draws sample t into x (n): its point is one of the places in turn, or anywhere on a sphere. */
export function latentDrawer(
  latent: Latent,
  n: number,
): (t: number, stream: Stream, x: Float32Array) => void {
  const places = latent.shape === 'sphere' ? null : atPlaces(latent, n);
  const around = (u: Point) => Array.from({ length: n }, (_, j) => probabilityAt(latent, u, j, n));
  return (t, stream, x) => {
    const p = places ? places[t % n] : around(anywhere(stream));
    for (let j = 0; j < n; j++) x[j] = Number(draw(stream) < p[j] * WORDS);
  };
}

/**
 * Covariance of the features, exact where the points are the n places in turn: C_ij = mean over points of p_i p_j (of
 * p_i on the diagonal, the features being 0 or 1) minus the product of the means. Shape (n, n).
 */
export function latentCovariance(latent: Latent, n: number): Float64Array {
  if (latent.shape === 'sphere') throw new RangeError('shape: expected circle or figure-eight, got sphere');
  const p = atPlaces(latent, n);
  const mean = Array.from({ length: n }, (_, j) => p.reduce((sum, row) => sum + row[j] / n, 0));
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    const both = i === j ? mean[i] : p.reduce((sum, row) => sum + (row[i] * row[j]) / n, 0);
    return both - mean[i] * mean[j];
  });
}
