/** Numbers that a spec writes short, written out: the points of an axis, the values of the features. */
import type { Axis, PerFeature } from './spec.ts';

/** How many points an axis has. */
export function countPoints(axis: Axis): number {
  return 'values' in axis ? axis.values.length : axis.count;
}

/** What an axis is called in tables and figures: its own name, or the path of its field. */
export function axisName(axis: Axis): string {
  return 'name' in axis ? axis.name : axis.path;
}

/** The numbers along one axis. */
export function axisPoints(axis: Axis): number[] {
  if ('values' in axis) return axis.values;
  const { from, to, count, scale } = axis;
  if (count === 1) return [from];
  return Array.from({ length: count }, (_, k) => {
    const t = k / (count - 1);
    if (t === 1) return to;
    return scale === 'log' ? from * (to / from) ** t : (from * (count - 1 - k) + to * k) / (count - 1);
  });
}

/** A per-feature field written out: a scalar repeated, a list as it is, a curve evaluated. Shape (n). */
export function perFeature(value: PerFeature, n: number): Float64Array {
  if (typeof value === 'number') return new Float64Array(n).fill(value);
  if (Array.isArray(value)) return Float64Array.from(value);
  if ('base' in value) return Float64Array.from({ length: n }, (_, i) => value.scale * value.base ** i);
  const { from, to } = value;
  return Float64Array.from({ length: n }, (_, i) => from * (to / from) ** (n === 1 ? 0 : i / (n - 1)));
}
