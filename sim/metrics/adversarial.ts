/**
 * How much a small, well-aimed change of the input hurts: the analytic L2 attacks on the tied ReLU-output model,
 * along rows of its gram matrix G = WᵀW.
 */
import { lengthOf, square } from '../elementary.ts';
import type { Family } from '../family.ts';
import { activate, type Model, target } from '../model.ts';
import { gram } from './gram.ts';

/** Attack directions G_i / ‖G_i‖, one aimed at each feature; 0 for an absent feature. Shape (n, n). */
export function attackDirections(G: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const length = lengthOf(G.subarray(i * n, (i + 1) * n));
    for (let j = 0; j < n; j++) out[i * n + j] = length > 1e-12 ? G[i * n + j] / length : 0;
  }
  return out;
}

/** Mean Euclidean norm of the inputs of a batch (batch, n). */
export function meanInputNorm(batch: Float32Array | Float64Array, n: number): number {
  let sum = 0;
  for (let s = 0; s < batch.length; s += n) sum += lengthOf(batch.subarray(s, s + n));
  return sum / (batch.length / n);
}

/** Mean losses of one model on one batch. */
export interface AttackedLoss {
  clean: number; // L
  attacked: Float64Array; // (n) under the attack on each feature
  worst: number; // L', the largest of them
}

/** Output before g of each direction's push: shift_i = budget · G d_i. Shape (n, n). */
function shiftsOf(G: Float64Array, n: number, budget: number): Float64Array {
  const directions = attackDirections(G, n);
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < n; k++) out[i * n + j] += budget * G[j * n + k] * directions[i * n + k];
    }
  }
  return out;
}

/**
 * Loss of a tied model with identity hidden layer on a batch (batch, n), unharmed and under each attack
 * x + budget · G_i / ‖G_i‖, with the unharmed x as target. importance is (n); losses are means over batch and
 * features. The paper's budget is 0.1 · meanInputNorm; its L' is the attack that is worst on average.
 */
export function attackedLoss(
  family: Family,
  model: Model,
  batch: ArrayLike<number>,
  importance: ArrayLike<number>,
  budget: number,
): AttackedLoss {
  const n = family.features;
  const samples = batch.length / n;
  const G = gram(model, family);
  const shifts = shiftsOf(G, n, budget);
  const attacked = new Float64Array(n);
  let clean = 0;
  const yPre = new Float64Array(n);
  const cost = (j: number, wanted: number, y: number) =>
    (importance[j] * square(wanted - activate(family.outputActivation, y))) / (n * samples);
  for (let s = 0; s < batch.length; s += n) {
    for (let j = 0; j < n; j++) {
      yPre[j] = model.b[j];
      for (let i = 0; i < n; i++) yPre[j] += G[j * n + i] * batch[s + i];
      clean += cost(j, target(family, batch[s + j]), yPre[j]);
    }
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        attacked[i] += cost(j, target(family, batch[s + j]), yPre[j] + shifts[i * n + j]);
      }
    }
  }
  return { clean, attacked, worst: Math.max(...attacked) };
}

/** Relative vulnerability (L' − L) / (L'₀ − L₀), the reference being a model without superposition. */
export function relativeVulnerability(model: AttackedLoss, reference: AttackedLoss): number {
  return (model.worst - model.clean) / (reference.worst - reference.clean);
}
