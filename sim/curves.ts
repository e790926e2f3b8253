/** Numbers that a spec writes short, written out: the points of an axis, the values of the features. */
import { exp, log } from './elementary.ts';
import { geometric, linearPoints, logPoints } from './precise.ts';
import type { Axis, Density, PerFeature } from './spec.ts';

/** How many points an axis has. */
export function countPoints(axis: Axis): number {
  return 'values' in axis ? axis.values.length : axis.count;
}

/** What an axis is called in tables and figures: its own name, or the path of its field. */
export function axisName(axis: Axis): string {
  return 'name' in axis ? axis.name : axis.path;
}

/** The numbers along one axis; decimal where its ends are. */
export function axisPoints(axis: Axis): number[] {
  if ('values' in axis) return axis.values;
  const { from, to, count, scale } = axis;
  if (count === 1) return [from];
  return scale === 'log' ? logPoints(from, to, count) : linearPoints(from, to, count);
}

/** A per-feature field written out: a scalar repeated, a list as it is, a curve evaluated. Shape (n). */
export function perFeature(value: PerFeature, n: number): Float64Array {
  if (typeof value === 'number') return new Float64Array(n).fill(value);
  if (Array.isArray(value)) return Float64Array.from(value);
  if ('base' in value) return Float64Array.from(geometric(value.scale, value.base, n));
  return Float64Array.from(n === 1 ? [value.from] : logPoints(value.from, value.to, n));
}

/**
 * Densities written out. {exactly}: k/n each. {exponent, expected}: min(1, c (i + 1)^−α), with c such that so many
 * features are expected to be active; features that would be active more often than always are active always.
 */
export function densities(value: Density, n: number): Float64Array {
  if (typeof value === 'number' || Array.isArray(value)) return perFeature(value, n);
  if ('exactly' in value) return new Float64Array(n).fill(value.exactly / n);
  return 'exponent' in value ? powerLaw(value.exponent, value.expected, n) : perFeature(value, n);
}

/** p_i = min(1, c (i + 1)^−α) that sum to `expected`. Shape (n), falling. */
function powerLaw(exponent: number, expected: number, n: number): Float64Array {
  const weights = Float64Array.from({ length: n }, (_, i) => exp(-exponent * log(i + 1)));
  let full = 0; // features that are always active
  let rest = weights.reduce((sum, weight) => sum + weight, 0);
  while (full < n && ((expected - full) * weights[full]) / rest > 1) rest -= weights[full++];
  return weights.map((weight, i) => (i < full ? 1 : Math.max(0, ((expected - full) * weight) / rest)));
}
