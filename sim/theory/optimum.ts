/** The best nearby solution: minimises a smooth function of a few dozen numbers, such as an exact loss. */
import type { Family } from '../family.ts';
import type { Model } from '../model.ts';
import { exactLoss } from './exactLoss.ts';

/** A local minimum and its value. */
interface Minimum {
  x: Float64Array;
  value: number;
}

/** Step of central differences: truncation is 1e-8 of the third derivative, rounding 1e-12 of the value. */
const STEP = 1e-4;

/** Idle steps before giving up: one alone may be a kink in the curvature, as ReLU makes them. */
const STALLS = 5;

function gradient(f: (x: Float64Array) => number, x: Float64Array): Float64Array {
  const probe = x.slice();
  return x.map((centre, i) => {
    probe[i] = centre + STEP;
    const above = f(probe);
    probe[i] = centre - STEP;
    const below = f(probe);
    probe[i] = centre;
    return (above - below) / (2 * STEP);
  });
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** BFGS update of the inverse Hessian `H` (d, d) after step s with gradient change y (Nocedal & Wright, 6.17). */
function updateInverse(H: Float64Array, s: Float64Array, y: Float64Array): void {
  const d = s.length;
  const sy = dot(s, y);
  if (sy <= 0) return; // no curvature along the step: keep H positive definite
  const Hy = Float64Array.from({ length: d }, (_, i) => dot(H.subarray(i * d, (i + 1) * d), y));
  const scale = (1 + dot(y, Hy) / sy) / sy;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) H[i * d + j] += scale * s[i] * s[j] - (Hy[i] * s[j] + s[i] * Hy[j]) / sy;
  }
}

function identity(d: number, scale: number): Float64Array {
  return Float64Array.from({ length: d * d }, (_, at) => (at % (d + 1) === 0 ? scale : 0));
}

/** Largest step along `direction`, halving from 1, that lowers f enough (Armijo), or null if none does. */
function lineSearch(
  f: (x: Float64Array) => number,
  from: Minimum,
  direction: Float64Array,
  slope: number,
): Minimum | null {
  for (let t = 1; t > 1e-9; t /= 2) {
    const x = from.x.map((value, i) => value + t * direction[i]);
    const value = f(x);
    if (value <= from.value + 1e-4 * t * slope) return { x, value };
  }
  return null;
}

/**
 * Local minimum of f reached from `start` (d) by BFGS with numerical gradients, until the gradient is below
 * 1e-8, five steps in a row gain less than 1e-12 of f, or 500 iterations. For d up to a few dozen.
 */
export function minimise(f: (x: Float64Array) => number, start: ArrayLike<number>): Minimum {
  const d = start.length;
  let H = identity(d, 1); // (d, d)
  let best: Minimum = { x: Float64Array.from(start), value: f(Float64Array.from(start)) };
  let g = gradient(f, best.x);
  let stalls = 0;
  for (let iteration = 0; iteration < 500 && stalls < STALLS && dot(g, g) > 1e-16; iteration++) {
    const direction = Float64Array.from({ length: d }, (_, i) => -dot(H.subarray(i * d, (i + 1) * d), g));
    const next = lineSearch(f, best, direction, dot(g, direction));
    if (next === null) break;
    const nextGradient = gradient(f, next.x);
    const s = next.x.map((value, i) => value - best.x[i]);
    const y = nextGradient.map((value, i) => value - g[i]);
    if (iteration === 0) H = identity(d, Math.abs(dot(s, y)) / dot(y, y)); // the right scale (Nocedal & Wright, 6.20)
    updateInverse(H, s, y);
    stalls = best.value - next.value > 1e-12 * Math.abs(best.value) ? 0 : stalls + 1;
    best = next;
    g = nextGradient;
  }
  return best;
}

/** Local minimum of the exact loss from a tied model: its weights, and the loss as a mean over features. */
export function minimiseExactLoss(
  family: Family,
  start: Model,
  density: ArrayLike<number>,
  importance: ArrayLike<number>,
): { model: Model; loss: number } {
  const split = start.W.length;
  const modelOf = (x: Float64Array): Model => ({ W: x.subarray(0, split), b: x.subarray(split) });
  const { x, value } = minimise(
    (x) => exactLoss(family, modelOf(x), density, importance).loss,
    [...start.W, ...start.b],
  );
  return { model: modelOf(x), loss: value };
}
