/** Squared overlaps (Ŵ_i·Ŵ_j)² of n unit vectors in m dimensions, and what ignored features cost. */

/**
 * Least mean squared overlap over pairs i ≠ j, (n − m)/(m (n − 1)), n > m: Welch's bound, reached by tight frames. It
 * follows from Σ_ij (Ŵ_i·Ŵ_j)² = ‖Σ_i Ŵ_i Ŵ_iᵀ‖² ≥ n²/m.
 */
export function welchBound(n: number, m: number): number {
  return n > m ? (n - m) / (m * (n - 1)) : 0;
}

/** Mean 1/m and variance 2 (m − 1)/(m² (m + 2)) of the squared overlap of two random directions. */
export function randomOverlap(m: number): { mean: number; variance: number } {
  return { mean: 1 / m, variance: (2 * (m - 1)) / (m * m * (m + 2)) };
}

/** Σ_{i ≥ kept} p_i E[v²], the loss of a model that returns 0 for all but its first `kept` features, and these exactly. */
export function ignoredLoss(density: ArrayLike<number>, kept: number, square: number): number {
  let sum = 0;
  for (let i = kept; i < density.length; i++) sum += density[i];
  return square * sum;
}
