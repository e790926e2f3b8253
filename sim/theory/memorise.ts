/**
 * What a model of samples of length 1 can do without training: the least norm with which it stores T orthogonal samples,
 * and the test losses of constants and of stored features. Features are active with probability p, U[0, 1), and each
 * sample is divided by its length; a sample in which nothing is active stays 0.
 */

/** A code for T orthonormal samples: x' = ReLU(W Wᵀx + b) returns every sample exactly. */
interface Code {
  radius: number; // R² = ‖h_t‖² of every sample
  normW: number; // ‖W‖_F
  normB: number; // ‖b‖₂ on the samples' own directions
}

/**
 * Least norms of a code of T samples whose directions in the hidden space have largest cosine ρ < 1. With W = Σ h_t x_tᵀ
 * and b = −β Σ x_t, sample t comes back if R² − β = 1, and no other one shows if R² ρ ≤ β. So R² = 1/(1 − ρ) and
 * β = ρ/(1 − ρ), or R² = 1 and b = 0 for ρ ≤ 0.
 */
export function leastNormCode(samples: number, rho: number): Code {
  const radius = 1 / (1 - Math.max(0, rho));
  return { radius, normW: Math.sqrt(samples * radius), normB: Math.sqrt(samples) * (radius - 1) };
}

/** The regular T-gon, the code of two dimensions: ρ = cos 2π/T. */
export const polygonCode = (samples: number): Code =>
  leastNormCode(samples, samples < 2 ? -1 : Math.cos((2 * Math.PI) / samples));

/** P(two samples have an active feature in common) = 1 − (1 − p²)ⁿ. */
export const collisionProbability = (n: number, p: number): number => -Math.expm1(n * Math.log1p(-p * p));

/** E x_i and E x_i² of a feature of samples of length 1. */
interface UnitMoments {
  mean: number;
  square: number;
}

const INTERVALS = 20_000; // of Simpson's rule over s = y/(1 − y), y in [0, 1)

/**
 * Exact moments. By symmetry E x_i² = P(something is active)/n. From 1/√r = (2/√π) ∫ exp(−s² r) ds,
 *   E x_i = (2p/√π) ∫₀^∞ (1 − exp(−s²))/(2s²) · φ(s)^{n−1} ds,   φ(s) = 1 − p + p ∫₀¹ exp(−s²u²) du.
 * Simpson's rule; the error is below 1e-9 of the value.
 */
export function unitMoments(n: number, p: number): UnitMoments {
  let sum = 0;
  let area = 0; // ∫₀^s exp(−v²) dv
  let before = 0;
  for (let k = 0; k < INTERVALS; k++) {
    const y = k / INTERVALS;
    const s = y / (1 - y);
    const middle = Math.exp(-(((s + before) / 2) ** 2));
    area += ((s - before) / 6) * (Math.exp(-before * before) + 4 * middle + Math.exp(-s * s));
    before = s;
    const phi = s === 0 ? 1 : 1 - p + (p * area) / s;
    const gain = s < 1e-3 ? (1 - (s * s) / 2) / 2 : -Math.expm1(-s * s) / (2 * s * s);
    const weight = k === 0 ? 1 : k % 2 === 1 ? 4 : 2; // at y = 1 the integrand in y is finite: added below
    sum += (weight * gain * phi ** (n - 1)) / (1 - y) ** 2;
  }
  sum += (1 - p) ** (n - 1) / 2; // s² · 1/(2s²) · φ(∞)^{n−1}
  return {
    mean: ((2 * p) / Math.sqrt(Math.PI)) * (sum / (3 * INTERVALS)),
    square: -Math.expm1(n * Math.log1p(-p)) / n,
  };
}

/** Test loss, summed over the features, of the best constant output b_i = E x_i: n (E x_i² − (E x_i)²). */
export function constantLoss(n: number, p: number): number {
  const { mean, square } = unitMoments(n, p);
  return n * (square - mean * mean);
}

/** A test loss that nothing is below which returns `stored` features perfectly and the others as constants. */
export const storageFloor = (n: number, p: number, stored: number): number =>
  (1 - stored / n) * constantLoss(n, p);
