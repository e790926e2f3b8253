/**
 * The expected loss of one small model under its input distribution, without sampling: a sum over activity
 * patterns of integrals over the active values. For models with an identity hidden layer, whose output is
 * x'_j = g(o_j + Σ_i C_ji x_i) with C = V Wᵀ and o = b + V c; each integral is then exact (moments.ts).
 */

import type { Family } from '../family.ts';
import { couplings } from '../metrics/couplings.ts';
import type { Model } from '../model.ts';
import { takeModel } from '../params.ts';
import { type Params, type Problem, takeRows } from '../problem.ts';
import { linearMoments, type Moments, reluMoments } from './moments.ts';
import { coactivity, visitPatterns } from './patterns.ts';

/** A loss between `loss` and `loss + bound`; bound > 0 only where improbable patterns were left out. */
export interface ExactLoss {
  loss: number; // mean over features, as in training
  bound: number;
}

/** o_j = b_j + Σ_k V_jk c_k, the output's bias and what a hidden bias adds to it. Shape (n). */
function offsets({ hidden: m }: Family, { W, V, b, c }: Model): Float64Array {
  return Float64Array.from(b, (bias, j) =>
    c ? c.reduce((sum, ck, k) => sum + (V ?? W)[j * m + k] * ck, bias) : bias,
  );
}

/** Moments of the output g(y), y as in moments.ts. */
function outputMoments(
  { outputActivation }: Family,
  offset: number,
  own: number | null,
  others: readonly number[],
): Moments {
  const moments = outputActivation === 'relu' ? reluMoments : linearMoments;
  return moments(offset, own, others);
}

/** E (t − g(y))² of an output whose own feature is silent (own = null, t = 0) or has value and target v ~ U[0, 1]. */
function squaredError(family: Family, offset: number, own: number | null, others: readonly number[]): number {
  const { square, cross } = outputMoments(family, offset, own, others);
  return own === null ? square : 1 / 3 - 2 * cross + square;
}

/** E (t_j − x'_j)² of output j given the active features; row is C_j (n). */
function patternError(
  family: Family,
  row: Float64Array,
  bias: number,
  j: number,
  active: readonly number[],
): number {
  const others: number[] = [];
  let own: number | null = null;
  for (const i of active) {
    if (i === j) own = row[j];
    else others.push(row[i]);
  }
  if (family.magnitude === 'unit') return squaredError(family, bias, own, others);
  const offset = others.reduce((sum, c) => sum - c, bias); // x_i = 2u_i − 1
  const wide = others.map((c) => 2 * c);
  if (own === null) return squaredError(family, offset, null, wide);
  const plus = squaredError(family, offset, own, wide); // x_j = v
  if (family.target === 'abs') return (plus + squaredError(family, offset, -own, wide)) / 2; // x_j = −v, t = v
  const { square, cross } = outputMoments(family, offset, -own, wide); // x_j = −v, t = −v
  return (plus + 1 / 3 + 2 * cross + square) / 2;
}

/**
 * A bound on Σ_j I_j (t_j − x'_j)² / n given the active features A, from |t_j − x'_j| ≤ |b_j| + Σ_{i∈A} a_ji with
 * a_ji = |C_ji| + δ_ij. Being quadratic in which features are active, its mean over all patterns is known too.
 */
interface Ceiling {
  at(active: readonly number[]): number;
  mean: number;
}

function ceilingOf(
  family: Family,
  C: Float64Array,
  b: ArrayLike<number>,
  importance: ArrayLike<number>,
  density: ArrayLike<number>,
): Ceiling {
  const n = family.features;
  const a = C.map((c, at) => Math.abs(c) + (at % (n + 1) === 0 ? 1 : 0)); // (n, n)
  const together = coactivity(family, density); // (n, n)
  let mean = 0;
  for (let j = 0; j < n; j++) {
    let square = b[j] * b[j];
    for (let i = 0; i < n; i++) {
      square += 2 * Math.abs(b[j]) * a[j * n + i] * together[i * n + i];
      for (let l = 0; l < n; l++) square += a[j * n + i] * a[j * n + l] * together[i * n + l];
    }
    mean += (importance[j] * square) / n;
  }
  const at = (active: readonly number[]) => {
    let sum = 0;
    for (let j = 0; j < n; j++) {
      let reach = Math.abs(b[j]);
      for (const i of active) reach += a[j * n + i];
      sum += (importance[j] * reach * reach) / n;
    }
    return sum;
  };
  return { at, mean };
}

/** What the integrals are known for. */
const KNOWN = {
  kind: ['toy'],
  hiddenActivation: ['identity'],
  outputActivation: ['identity', 'relu'],
  magnitude: ['unit', 'signed'],
  gating: ['independent'],
} as const;

function checkFamily(family: Family): void {
  for (const [name, known] of Object.entries(KNOWN)) {
    const got = family[name as keyof typeof KNOWN];
    if ((known as readonly unknown[]).includes(got)) continue;
    throw new RangeError(
      `${name}: expected ${known.map((one) => JSON.stringify(one)).join(' or ')}, got ${JSON.stringify(got)}`,
    );
  }
}

/**
 * Exact expected loss E Σ_j I_j (t_j − x'_j)² / n of one model, to about 1e-9 for weights of order 1. density
 * and importance are (n). Patterns less probable than `negligible` are skipped and bounded; 0 skips none, and
 * the cost is then about n · 3^n for independent features.
 * @throws RangeError for a family that has no such integrals: another hidden layer or output, or other inputs.
 */
export function exactLoss(
  family: Family,
  model: Model,
  density: ArrayLike<number>,
  importance: ArrayLike<number>,
  negligible = 0,
): ExactLoss {
  checkFamily(family);
  const n = family.features;
  const [C, offset] = [couplings(family, model), offsets(family, model)];
  const ceiling = negligible > 0 ? ceilingOf(family, C, offset, importance, density) : null;
  const rows = Array.from({ length: n }, (_, j) => C.subarray(j * n, (j + 1) * n));
  let loss = 0;
  let bound = ceiling?.mean ?? 0; // what the patterns not visited yet can cost at most
  visitPatterns(family, density, negligible, (active, probability) => {
    if (ceiling) bound -= probability * ceiling.at(active);
    for (let j = 0; j < n; j++) {
      const error = patternError(family, rows[j], offset[j], j, active);
      loss += (probability * importance[j] * error) / n;
    }
  });
  return { loss, bound };
}

/** Exact expected loss of each model of a problem, mean over features. Shape (I). */
export function exactLosses(problem: Problem, params: Params): Float64Array {
  const { family, instances } = problem;
  return Float64Array.from({ length: instances }, (_, i) => {
    const { density, importance } = takeRows(problem, [i]);
    return exactLoss(family, takeModel(params, family, i), density, importance).loss;
  });
}
