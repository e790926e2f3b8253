/** The axes of a sweep: where their points stand in the spec, and the spec of every cell between them. */
import { axisPoints, perFeature } from './curves.ts';
import { parseSpec, type Spec, SpecError, show, valueAt } from './spec.ts';

/** Number of instances that a spec expands to. */
export function countRows(spec: Spec): number {
  return spec.sweep.reduce(
    (rows, axis) => rows * ('values' in axis ? axis.values.length : axis.count),
    spec.replicas,
  );
}

/** An axis laid over the rows: its point changes every `stride` rows. */
export interface PlacedAxis {
  path: string;
  points: number[];
  stride: number;
}

export function placeAxes(spec: Spec): PlacedAxis[] {
  let stride = countRows(spec);
  return spec.sweep.map((axis) => {
    const points = axisPoints(axis);
    stride /= points.length;
    return { path: axis.path, points, stride };
  });
}

/** A copy of `node` with the value at `keys` replaced; only the way to it is copied. */
function replaceAt<T>(node: T, keys: string[], value: number): T {
  if (keys.length === 0) return value as T;
  const copy = (Array.isArray(node) ? [...node] : { ...node }) as Record<string, unknown>;
  copy[keys[0]] = replaceAt(copy[keys[0]], keys.slice(1), value);
  return copy as T;
}

const PER_FEATURE_ENTRY = /^input\.(density|importance)\.\d+$/;
const NO_AXIS = /^(sweep|replicas|record|name|description)\b/;

/** The spec in a form in which `path` names a number: a scalar or curve becomes a list when one entry is meant. */
function spelledOut(spec: Spec, path: string): Spec {
  if (!PER_FEATURE_ENTRY.test(path)) return spec;
  const field = path.split('.')[1] as 'density' | 'importance';
  const list = Array.from(perFeature(spec.input[field], spec.model.features));
  return { ...spec, input: { ...spec.input, [field]: list } };
}

/** `spelledOut`, once it is sure that `path` names a number. @throws SpecError if it does not. */
function settable(spec: Spec, path: string): Spec {
  const own = spelledOut(spec, path);
  const isWhole = path === 'input.density' || path === 'input.importance';
  if (NO_AXIS.test(path) || !(isWhole || typeof valueAt(own, path.split('.')) === 'number')) {
    throw new SpecError([
      { path: 'sweep', expected: 'paths of numeric fields of the spec', got: show(path) },
    ]);
  }
  return own;
}

/**
 * Checks axes as if a person had written their points into the spec. A field takes an interval of numbers, or of
 * integers, so the least point, the greatest and a fractional one speak for all.
 */
export function checkAxes(spec: Spec, axes: PlacedAxis[]): void {
  for (const { path, points } of axes) {
    const own = settable(spec, path);
    const least = points.reduce((a, b) => Math.min(a, b));
    const greatest = points.reduce((a, b) => Math.max(a, b));
    const fractional = points.find((value) => !Number.isInteger(value)) ?? least;
    for (const value of [least, greatest, fractional]) parseSpec(replaceAt(own, path.split('.'), value));
  }
}

/** Every cell of some axes in row order: its spec and its first row. */
export function* cellsOf(spec: Spec, axes: PlacedAxis[], row = 0): Generator<{ spec: Spec; row: number }> {
  if (axes.length === 0) {
    yield { spec, row };
    return;
  }
  const [{ path, points, stride }, ...inner] = axes;
  const own = settable(spec, path);
  const keys = path.split('.');
  for (let k = 0; k < points.length; k++) {
    yield* cellsOf(replaceAt(own, keys, points[k]), inner, row + k * stride);
  }
}
