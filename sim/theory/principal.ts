/** Principal components of second moments: what a linear model keeps, and what it must lose. */
import { type LatentShape, latentThresholds, placeOf } from '../latent.ts';
import { svd } from '../metrics/svd.ts';
import { WORDS } from '../random.ts';

/**
 * Covariance of n binary features of a latent point that is one of their places: C_ij = mean over places of p_i p_j (of
 * p_i on the diagonal, the features being 0 or 1) minus the product of the means, p_i = σ(s w_i·u). Shape (n, n).
 */
export function latentCovariance(shape: LatentShape, sharpness: number, n: number): Float64Array {
  const places = Array.from({ length: n }, (_, j) => placeOf(shape, j, n));
  const p = places.map((point) =>
    Array.from(latentThresholds(places, point, sharpness), (word) => word / WORDS),
  );
  const mean = places.map((_, j) => p.reduce((sum, row) => sum + row[j] / n, 0));
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    const both = i === j ? mean[i] : p.reduce((sum, row) => sum + (row[i] * row[j]) / n, 0);
    return both - mean[i] * mean[j];
  });
}

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

/** Σ_{k ≥ m} of the eigenvalues: the least loss, summed over features, of a linear model of m dimensions without bias. */
export const tailOf = ({ values }: Principal, m: number): number =>
  values.slice(m).reduce((sum, value) => sum + value, 0);

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
