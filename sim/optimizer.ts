/**
 * One optimiser step on a flat array of weights, in float64, with the update rules of PyTorch's AdamW, Adam
 * and SGD, and the learning-rate schedules.
 */
import { cos, lengthOf } from './elementary.ts';
import type { Training } from './family.ts';
import { powersOf } from './precise.ts';

/** Moments of one tensor: first (Adam's m, SGD's momentum buffer, or SGLD's centre w*) and second (Adam's v). */
export interface Moments {
  first: Float64Array;
  second: Float64Array;
}

/** Zero moments for a tensor of `length` weights. */
export function initMoments(length: number): Moments {
  return { first: new Float64Array(length), second: new Float64Array(length) };
}

/**
 * Factor on the learning rate at step t (0-based): linear warm-up over `warmup` steps, then, with
 * s = (t − warmup) / (steps − warmup), constant 1, linear 1 − s, cosine (1 + cos πs)/2 or nine tenths
 * of that and 1/10, or the notebook's quarter cosine cos(πs/2), or last-fifth 1 until s = 4/5 and then a line to 0.
 */
export function schedule(training: Training, step: number): number {
  const { warmup, steps } = training;
  if (step < warmup) return (step + 1) / warmup;
  const s = (step - warmup) / (steps - warmup);
  switch (training.schedule) {
    case 'constant':
      return 1;
    case 'linear':
      return 1 - s;
    case 'cosine':
      return (1 + cos(Math.PI * s)) / 2;
    case 'cosine-to-tenth':
      return 0.1 + 0.45 * (1 + cos(Math.PI * s));
    case 'quarter-cosine':
      return cos((Math.PI / 2) * s);
    case 'last-fifth':
      return Math.min(1, 5 * (1 - s));
  }
}

/** Share of a dictionary's λ at step t (0-based): rises from 1/warm-up to 1. */
export function sparsityRise({ sparsityWarmup = 0 }: Training, step: number): number {
  return Math.min(1, (step + 1) / Math.max(1, sparsityWarmup));
}

/** The powers of a β, kept because every step and tensor asks for them. */
const powers = new Map<number, (n: number) => number>();

function power(beta: number, n: number): number {
  const own = powers.get(beta) ?? powersOf(beta);
  powers.set(beta, own);
  return own(n);
}

/**
 * What undoes Adam's zero start at update t (0-based): `correct1` = 1/(1 − β1^(t+1)) and `correct2` = 1/√(1 − β2^(t+1))
 * (Kingma & Ba 2015).
 */
export function corrections({ beta1, beta2 }: Pick<Training, 'beta1' | 'beta2'>, step: number) {
  return {
    correct1: 1 / (1 - power(beta1, step + 1)),
    correct2: 1 / Math.sqrt(1 - power(beta2, step + 1)),
  };
}

/** Coefficients of update t (0-based), the same for all weights: `rate` multiplies the learning rate; `corrections`. */
export function stepCoefficients(training: Training, step: number) {
  return { rate: schedule(training, step), ...corrections(training, step) };
}

/**
 * Scales gradients in place so that their common norm is at most `limit`, by limit / (norm + 1e-6) as PyTorch does;
 * 0 is no limit.
 */
export function clipGradients(limit: number, gradients: Float64Array[]): void {
  if (limit === 0) return;
  let squares = 0;
  for (const own of gradients) for (const g of own) squares += g * g;
  const factor = Math.min(1, limit / (Math.sqrt(squares) + 1e-6));
  for (const own of gradients) for (let k = 0; k < own.length; k++) own[k] *= factor;
}

/** Updates `weights` and `moments` in place by update number `step` (0-based). */
export function optimizerStep(
  training: Training,
  step: number,
  learningRate: number,
  weightDecay: number,
  weights: Float64Array,
  gradients: Float64Array,
  moments: Moments,
): void {
  const { rate, correct1, correct2 } = stepCoefficients(training, step);
  const { beta1, beta2, epsilon, momentum, optimizer } = training;
  const lr = learningRate * rate;
  for (let i = 0; i < weights.length; i++) {
    let g = gradients[i];
    if (optimizer === 'adamw') weights[i] *= 1 - lr * weightDecay;
    else g += weightDecay * weights[i];
    if (optimizer === 'sgd') {
      moments.first[i] = momentum * moments.first[i] + g;
      weights[i] -= lr * moments.first[i];
      continue;
    }
    moments.first[i] = beta1 * moments.first[i] + (1 - beta1) * g;
    moments.second[i] = beta2 * moments.second[i] + (1 - beta2) * g * g;
    const denominator = Math.sqrt(moments.second[i]) * correct2 + epsilon;
    weights[i] -= (lr * correct1 * moments.first[i]) / denominator;
  }
}

/** Added to the length of a row, so that a row of zeros stays. */
export const LEAST_LENGTH = 1e-8;

/**
 * Moves each row w (`columns` numbers) of a matrix towards length 1, in place and before the update of AdamW:
 *
 *     w ← w − ε κ w (1 − 1/‖w‖),   ε the scheduled learning rate,
 *
 * the weight decay of negative sign of Liu, Liu and Gore (2025). `strength` is ε κ.
 */
export function pullRows(weights: Float64Array, columns: number, strength: number): void {
  for (let at = 0; at < weights.length; at += columns) {
    const row = weights.subarray(at, at + columns);
    const factor = 1 - strength * (1 - 1 / (lengthOf(row) + LEAST_LENGTH));
    for (let k = 0; k < columns; k++) row[k] *= factor;
  }
}

/** What Langevin dynamics asks of an instance: its inverse temperature nβ and the strength γ of the pull to w*. */
interface Langevin {
  inverseTemperature: number;
  localization: number;
}

/**
 * One step of stochastic gradient Langevin dynamics (Welling & Teh 2011; localised by Lau et al. 2023), in place:
 *
 *     w ← w − ε/2 (nβ ∇L(w) + γ (w − w*)) + √ε ξ,   ξ of mean 0 and variance 1 from `noise`,
 *
 * with ε the scheduled learning rate, whose chain samples exp(−nβ L(w) − γ/2 |w − w*|²) as ε → 0. Weight decay adds
 * to the gradient. `centre` is w*, the weights that the chain began with.
 */
export function langevinStep(
  { inverseTemperature, localization }: Langevin,
  rate: number,
  weightDecay: number,
  weights: Float64Array,
  gradients: Float64Array,
  centre: Float64Array,
  noise: () => number,
): void {
  for (let i = 0; i < weights.length; i++) {
    const g = gradients[i] + weightDecay * weights[i];
    const drift = inverseTemperature * g + localization * (weights[i] - centre[i]);
    weights[i] += Math.sqrt(rate) * noise() - (rate / 2) * drift;
  }
}
