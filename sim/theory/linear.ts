/** Loss algebra: what the linear model optimises, and what one active feature costs the ReLU-output model. */
import type { Family } from '../family.ts';
import { couplings } from '../metrics/couplings.ts';
import type { Model } from '../model.ts';
import { inputVariance } from './phase.ts';

/** The two terms whose sum the paper writes for the linear model with importance I. */
interface LinearLoss {
  benefit: number; // Σ_i I_i (1 − ‖W_i‖²)²: what is not represented
  interference: number; // Σ_{i≠j} I_j (W_j·W_i)²: what features do to each other
}

/** The paper's two terms for one linear model; W (n, m), importance (n). */
export function linearLossTerms(family: Family, model: Model, importance: ArrayLike<number>): LinearLoss {
  const n = family.features;
  const C = couplings(family, model);
  const out = { benefit: 0, interference: 0 };
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      if (i === j) out.benefit += importance[j] * (1 - C[j * n + j]) ** 2;
      else out.interference += importance[j] * C[j * n + i] ** 2;
    }
  }
  return out;
}

/**
 * Expected loss of the linear model x' = V Wᵀx + b for independent features U[0, 1] of density p_i, mean over
 * features: (1/n) Σ_j I_j [Σ_i (δ_ij − C_ji)² Var x_i + (E x_j − E x'_j)²], Var x = p/3 − p²/4, E x = p/2. With
 * the best bias and equal densities it is Var x / n times the sum of the two terms above.
 */
export function linearExpectedLoss(
  family: Family,
  model: Model,
  density: ArrayLike<number>,
  importance: ArrayLike<number>,
): number {
  const n = family.features;
  const C = couplings(family, model);
  let loss = 0;
  for (let j = 0; j < n; j++) {
    let variance = 0;
    let shift = -model.b[j];
    for (let i = 0; i < n; i++) {
      const rest = (i === j ? 1 : 0) - C[j * n + i];
      variance += rest * rest * inputVariance(density[i]);
      shift += (rest * density[i]) / 2;
    }
    loss += (importance[j] * (variance + shift * shift)) / n;
  }
  return loss;
}

/**
 * Loss of the ReLU-output model on inputs with exactly one feature at value 1, summed over features and inputs:
 * Σ_i I_i (1 − ReLU(‖W_i‖² + b_i))² + Σ_{i≠j} I_j ReLU(W_j·W_i + b_j)². Negative interference is free in it.
 */
export function oneSparseLoss(family: Family, model: Model, importance: ArrayLike<number>): number {
  const n = family.features;
  const C = couplings(family, model);
  let loss = 0;
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      const output = Math.max(0, C[j * n + i] + model.b[j]);
      loss += importance[j] * ((i === j ? 1 : 0) - output) ** 2;
    }
  }
  return loss;
}

/** Probability that exactly k of n independent features are active: C(n, k) p^k (1 − p)^(n−k). */
export function activeProbability(n: number, k: number, p: number): number {
  let choose = 1;
  for (let i = 1; i <= k; i++) choose *= (n - k + i) / i;
  return choose * p ** k * (1 - p) ** (n - k);
}

/**
 * Compressed-sensing lower bound on hidden dimensions, −n p log p, up to a constant factor: recovering k-sparse
 * vectors needs m = Ω(k log(n/k)), and k = O(n p) features are active at density p.
 */
export function compressedSensingBound(n: number, p: number): number {
  return -n * p * Math.log(p);
}
