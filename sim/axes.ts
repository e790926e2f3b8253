/** The axes of a sweep and the fields that follow them: where they stand in the rows, and the spec of every cell. */
import { axisPoints, countPoints, perFeature } from './curves.ts';
import { parseFields, type Spec, SpecError, show, valueAt } from './spec.ts';

/** Number of instances that a spec expands to. */
export function countRows(spec: Spec): number {
  return spec.sweep.reduce((rows, axis) => rows * countPoints(axis), spec.replicas);
}

/** An axis laid over the rows: its point changes every `stride` rows. */
export interface PlacedAxis {
  points: number[];
  stride: number;
}

/** A field that changes along axes; `values` holds a number for each point of them, the first outermost. */
export interface SweptField {
  path: string;
  along: PlacedAxis[];
  values: number[];
}

export function placeAxes(spec: Spec): PlacedAxis[] {
  let stride = countRows(spec);
  return spec.sweep.map((axis) => {
    const points = axisPoints(axis);
    stride /= points.length;
    return { points, stride };
  });
}

/** Every field that the sweep sets. `axes` are those of the spec, placed. */
export function sweptFields(spec: Spec, axes: PlacedAxis[]): SweptField[] {
  const own = spec.sweep.flatMap((axis, a) =>
    'path' in axis ? [{ path: axis.path, along: [axes[a]], values: axes[a].points }] : [],
  );
  const linked = (spec.linked ?? []).map(({ path, along, values }) => ({
    path,
    along: along.map((a) => axes[a]),
    values,
  }));
  return [...own, ...linked];
}

/** Place of a row's point on an axis. */
export function pointAt({ points, stride }: PlacedAxis, row: number): number {
  return Math.floor(row / stride) % points.length;
}

function numberAt({ along, values }: SweptField, row: number): number {
  return values[along.reduce((at, axis) => at * axis.points.length + pointAt(axis, row), 0)];
}

/** A copy of `node` with the value at `keys` replaced; only the way to it is copied. */
function replaceAt<T>(node: T, keys: string[], value: number): T {
  if (keys.length === 0) return value as T;
  const copy = (Array.isArray(node) ? [...node] : { ...node }) as Record<string, unknown>;
  copy[keys[0]] = replaceAt(copy[keys[0]], keys.slice(1), value);
  return copy as T;
}

const PER_FEATURE_ENTRY = /^input\.(density|importance)\.\d+$/;
const NO_AXIS = /^(sweep|linked|replicas|record|name|description)\b/;

/** The spec in a form in which `path` names a number: a scalar or curve becomes a list when one entry is meant. */
function spelledOut(spec: Spec, path: string): Spec {
  if (!PER_FEATURE_ENTRY.test(path)) return spec;
  const field = path.split('.')[1] as 'density' | 'importance';
  const list = Array.from(perFeature(spec.input[field], spec.model.features));
  return { ...spec, input: { ...spec.input, [field]: list } };
}

/** Whether an axis may set a number at this path, if there is one. */
export function isSweepable(path: string): boolean {
  return !NO_AXIS.test(path);
}

/** How far a path leads, as " (input.importance is 1)"; nothing if it leads nowhere. */
function endOf(spec: Spec, path: string): string {
  const keys = path.split('.');
  const known = keys.map((_, k) => keys.slice(0, k + 1)).filter((part) => valueAt(spec, part) !== undefined);
  const last = known.at(-1);
  return last ? ` (${last.join('.')} is ${show(valueAt(spec, last))})` : '';
}

/** `spelledOut`, once it is sure that `path` names a number. @throws SpecError if it does not. */
function settable(spec: Spec, path: string): Spec {
  const own = spelledOut(spec, path);
  const isWhole = path === 'input.density' || path === 'input.importance';
  if (!isSweepable(path) || !(isWhole || typeof valueAt(own, path.split('.')) === 'number')) {
    const got = show(path) + (isSweepable(path) ? endOf(own, path) : '');
    throw new SpecError([{ path: 'sweep', expected: 'paths of numeric fields of the spec', got }]);
  }
  return own;
}

/** Least and greatest of a field's numbers and a fractional one, if there is one. */
function extremes(values: number[]): number[] {
  const least = values.reduce((a, b) => Math.min(a, b));
  const greatest = values.reduce((a, b) => Math.max(a, b));
  return [least, greatest, values.find((value) => !Number.isInteger(value)) ?? least];
}

/**
 * Checks numbers as if a person had written them into the spec. A field takes an interval of numbers, or of
 * integers, so the least, the greatest and a fractional one speak for all. @throws SpecError
 */
export function checkFields(spec: Spec, fields: SweptField[]): void {
  for (const { path, values } of fields) {
    const own = settable(spec, path);
    for (const value of extremes(values)) parseFields(replaceAt(own, path.split('.'), value));
  }
}

/**
 * Every cell of some axes in row order: its spec and its first row. A field is set together with the last of
 * its axes; axes that are not among `axes` keep the point that they have at `row`.
 */
export function* cellsOf(
  spec: Spec,
  axes: PlacedAxis[],
  fields: SweptField[],
  row = 0,
): Generator<{ spec: Spec; row: number }> {
  if (axes.length === 0) {
    yield { spec, row };
    return;
  }
  const [axis, ...inner] = axes;
  const own = fields.filter(({ along }) => along.includes(axis) && !along.some((a) => inner.includes(a)));
  const keys = own.map(({ path }) => path.split('.'));
  const base = own.reduce((all, { path }) => settable(all, path), spec);
  for (let k = 0; k < axis.points.length; k++) {
    const first = row + k * axis.stride;
    const cell = own.reduce((all, field, f) => replaceAt(all, keys[f], numberAt(field, first)), base);
    yield* cellsOf(cell, inner, fields, first);
  }
}

/**
 * The first row whose dictionary reads the same model: axes that set nothing but the dictionary stand at their first
 * point there.
 */
export function firstReader(axes: PlacedAxis[], fields: SweptField[]): (row: number) => number {
  const own = axes.filter((axis) =>
    fields.every(({ path, along }) => !along.includes(axis) || path.startsWith('dictionary.')),
  );
  return (row) => own.reduce((first, axis) => first - pointAt(axis, row) * axis.stride, row);
}
