/**
 * What a residual MLP loses that is to compute x + ReLU(x) (models/residual.ts), x_i uniform on [−1, 1] with probability p
 * and else 0. Losses are means over features; M (n, n) is the mixing matrix, symmetric and of diagonal 0.
 */
import { svd } from '../metrics/svd.ts';

/** E ReLU(x)² of an active feature, and E x². */
const [HALF, WHOLE] = [1 / 6, 1 / 3];

/** Sizes of a residual MLP. */
export interface Compressed {
  features: number; // n
  hidden: number; // m neurons
  density: number; // p
}

/** Loss of m features that are computed exactly, the others left at x, where nothing mixes: (1 − m/n) p/6, for any p. */
export const computedLoss = ({ features: n, hidden: m, density: p }: Compressed): number =>
  (1 - Math.min(m, n) / n) * p * HALF;

/**
 * The same where M mixes and is left as it is: ‖M‖² p/(3n) more. The two errors of a feature are uncorrelated, since
 * M_ii = 0 and E x_j = 0.
 */
export function mixedLoss(M: ArrayLike<number>, sizes: Compressed): number {
  const squares = Array.from(M).reduce((sum, entry) => sum + entry * entry, 0);
  return computedLoss(sizes) + (squares * sizes.density * WHOLE) / sizes.features;
}

/** T Tᵀ of T = (I − M, M), what neurons are to add for each feature at +1 and at −1: I − 2M + 2M². Shape (n, n). */
function wantedGram(M: ArrayLike<number>, n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let square = 0;
    for (let k = 0; k < n; k++) square += M[i * n + k] * M[k * n + j];
    return Number(i === j) - 2 * M[at] + 2 * square;
  });
}

/** Directions of outputs, the most wanted first. */
export interface Wanted {
  values: Float64Array; // (n) τ_e = 1 − 2λ_e + 2λ_e² of the eigenvalues λ_e of M, falling
  directions: Float64Array; // (n, n) an eigenvector of M a column
}

/** The eigenvectors of M by how much of what is wanted of the neurons lies along them. */
export function wantedDirections(M: ArrayLike<number>, features: number): Wanted {
  const { sigma, U } = svd(wantedGram(M, features), features);
  return { values: sigma, directions: U };
}

/**
 * Least loss of any m neurons without biases where one feature is active at a time, p the probability that a given one
 * is: Σ_{e > m} τ_e p/(6n). What they add to feature j at ±1 is a column of V f(±Wᵀ), so that all 2n of these have rank m
 * at most, and no such matrix is nearer to T than Σ_{e > m} τ_e (Eckart and Young 1936). (1 − m/n) p/6 where M = 0.
 */
export function leastSparseLoss(
  M: ArrayLike<number>,
  { features: n, hidden: m, density: p }: Compressed,
): number {
  const left = wantedDirections(M, n).values.subarray(m);
  return (left.reduce((sum, value) => sum + value, 0) * p * HALF) / n;
}
