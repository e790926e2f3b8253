/** Principal components of second moments: what a linear model keeps, and what it must lose. */
import { type LatentShape, latentOf, opens } from '../latent.ts';
import { svd } from '../metrics/svd.ts';
import { WORDS } from '../random.ts';

type Points = 'places' | 'uniform';

/** Words for each coordinate of a uniform point: cells of equal weight, the error of a mean below 1e-4. */
const CELLS = 200;

/** Probabilities p_i = σ(s w_i·u), a row for each of many points u of equal weight. */
function openings(shape: LatentShape, sharpness: number, n: number, points: Points): Float64Array[] {
  const own = latentOf(shape, points === 'places', sharpness, n);
  const rows = shape === 'sphere' && points === 'uniform' ? CELLS : 1;
  const columns = points === 'places' ? n : CELLS;
  const word = (k: number, of: number) => Math.floor(((k + 0.5) / of) * WORDS);
  return Array.from({ length: rows * columns }, (_, at) =>
    Float64Array.from(
      opens(own, word(at % columns, columns), word(Math.floor(at / columns), rows)),
      (threshold) => threshold / WORDS,
    ),
  );
}

/** E x (n) and E x xᵀ (n, n). */
export interface Moments {
  mean: Float64Array;
  second: Float64Array;
}

/**
 * Moments of n binary features of a latent point: means over points of p_i and of p_i p_j (of p_i on the diagonal, the
 * features being 0 or 1), p_i = σ(s w_i·u). Exact where points are the places, else by a grid of them.
 */
export function latentMoments(
  shape: LatentShape,
  sharpness: number,
  n: number,
  points: Points = 'places',
): Moments {
  const rows = openings(shape, sharpness, n, points);
  const mean = new Float64Array(n);
  const second = new Float64Array(n * n);
  for (const p of rows) {
    for (let i = 0; i < n; i++) {
      mean[i] += p[i] / rows.length;
      for (let j = 0; j < n; j++) second[i * n + j] += (i === j ? p[i] : p[i] * p[j]) / rows.length;
    }
  }
  return { mean, second };
}

/** Covariance E x xᵀ − E x E xᵀ. Shape (n, n). */
export const covarianceOf = ({ mean, second }: Moments): Float64Array =>
  second.map((both, at) => both - mean[Math.floor(at / mean.length)] * mean[at % mean.length]);

/** Eigenvalues, falling, and eigenvectors (n, n), a column each, of a symmetric matrix without negative eigenvalues. */
export interface Principal {
  values: Float64Array; // (n)
  vectors: Float64Array; // (n, n)
}

/** Decomposes a covariance or a matrix of second moments (n, n): its singular values are its eigenvalues. */
export function principal(matrix: ArrayLike<number>, n: number): Principal {
  const { sigma, V } = svd(matrix, n);
  return { values: sigma, vectors: V };
}

/**
 * Σ_{k ≥ m} of the eigenvalues: the least loss, summed over features, of a linear model of m dimensions: of
 * second moments without a bias, of the covariance with one.
 */
export const tailOf = ({ values }: Principal, m: number): number =>
  values.slice(m).reduce((sum, value) => sum + value, 0);

/**
 * Expected loss, summed over features, of the linear model x' = A x + b, A (n, n) symmetric and b (n):
 * E‖x − A x − b‖² = tr(R S R) − 2 b·R μ + ‖b‖² with R = 1 − A, S = E x xᵀ and μ = E x. Never below `tailOf` of its rank.
 */
export function linearLoss({ mean, second }: Moments, A: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = mean.length;
  const R = Float64Array.from(A, (own, at) => (at % (n + 1) === 0 ? 1 : 0) - own);
  let loss = 0;
  for (let j = 0; j < n; j++) {
    const row = R.subarray(j * n, (j + 1) * n);
    let kept = 0; // (R μ)_j
    for (let i = 0; i < n; i++) {
      kept += row[i] * mean[i];
      for (let k = 0; k < n; k++) loss += row[i] * second[i * n + k] * row[k];
    }
    loss += b[j] ** 2 - 2 * b[j] * kept;
  }
  return loss;
}

/** Share of ‖W‖² (n, m) that lies along the first `count` components. */
export function shareAlong({ vectors }: Principal, W: ArrayLike<number>, n: number, count: number): number {
  const m = W.length / n;
  let [inside, all] = [0, 0];
  for (let k = 0; k < m; k++) {
    for (let c = 0; c < count; c++) {
      let along = 0;
      for (let i = 0; i < n; i++) along += vectors[i * n + c] * W[i * m + k];
      inside += along * along;
    }
    for (let i = 0; i < n; i++) all += W[i * m + k] ** 2;
  }
  return inside / all;
}

/** Distance of a matrix (n, n) from the nearest circulant one, over its own norm: 0 if entry ij depends on j − i alone. */
export function fromCirculant(matrix: ArrayLike<number>, n: number): number {
  const mean = new Float64Array(n);
  for (let at = 0; at < n * n; at++) mean[((at % n) - Math.floor(at / n) + n) % n] += matrix[at] / n;
  let [off, all] = [0, 0];
  for (let at = 0; at < n * n; at++) {
    off += (matrix[at] - mean[((at % n) - Math.floor(at / n) + n) % n]) ** 2;
    all += matrix[at] ** 2;
  }
  return Math.sqrt(off / all);
}
