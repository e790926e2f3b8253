/** The axes of a sweep and the fields that follow them: where they stand in the rows, and the spec of every cell. */
import { axisPoints, countPoints, densities } from './curves.ts';
import { givenInit, parseFields, type Spec } from './spec.ts';
import { SpecError, show, valueAt } from './specError.ts';

/** Number of instances that a spec expands to. */
export function countRows(spec: Spec): number {
  return spec.sweep.reduce((rows, axis) => rows * countPoints(axis), spec.replicas);
}

/** Models whose grid takes seconds to lay out. */
const MANY = 2 ** 20;

/** What to say before the grid of a spec is laid out, if that takes long; null if not. */
export function layoutNote(spec: Spec): string | null {
  const rows = countRows(spec);
  return rows > MANY ? `${rows} models: laying out the grid` : null;
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

type Fields = Record<string, unknown>;

/** A copy of a spec with the values at some paths replaced; what lies on the ways to them is copied, once. */
function replaceAll(spec: Spec, paths: readonly string[][], values: readonly number[]): Spec {
  const copies = new Set<unknown>();
  const copyOf = (node: unknown) => {
    if (copies.has(node)) return node as Fields;
    const copy = (Array.isArray(node) ? node.slice() : { ...(node as Fields) }) as Fields;
    copies.add(copy);
    return copy;
  };
  const root = copyOf(spec);
  paths.forEach((keys, k) => {
    let node = root;
    for (let depth = 0; depth < keys.length - 1; depth++) {
      node[keys[depth]] = copyOf(node[keys[depth]]);
      node = node[keys[depth]] as Fields;
    }
    node[keys[keys.length - 1]] = values[k];
  });
  return root as unknown as Spec;
}

const PER_FEATURE_ENTRY = /^input\.(density|importance|loading)\.\d+$/;
const NO_AXIS = /^(sweep|linked|replicas|record|name|description)\b/;

/** The spec with the noise on given weights written out. */
function withNoise(spec: Spec): Spec {
  const init = givenInit(spec.training.init);
  return init ? { ...spec, training: { ...spec.training, init: { noise: 0, ...init } } } : spec;
}

/** The spec in a form in which `path` names a number: a scalar or curve becomes a list when one entry is meant. */
function spelledOut(spec: Spec, path: string): Spec {
  if (path === 'training.init.noise') return withNoise(spec);
  if (!PER_FEATURE_ENTRY.test(path)) return spec;
  const field = path.split('.')[1] as 'density' | 'importance' | 'loading';
  const value = spec.input[field];
  if (Array.isArray(value) || value === undefined) return spec;
  const list = Array.from(densities(value, spec.model.features));
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
    throw new SpecError([
      {
        path: 'sweep',
        expected: `paths of numeric fields of the spec${/\bsparsity\b/.test(path) ? ' (density = 1 − sparsity)' : ''}`,
        got,
      },
    ]);
  }
  return own;
}

/** Least and greatest of a field's numbers, the least above 0 and a fractional one, if there is one. */
function extremes(values: number[]): number[] {
  const least = values.reduce((a, b) => Math.min(a, b));
  const greatest = values.reduce((a, b) => Math.max(a, b));
  const small = values.reduce((a, b) => (b > 0 && b < a ? b : a), greatest);
  return [least, greatest, small, values.find((value) => !Number.isInteger(value)) ?? least];
}

/** Checks fields that do not overlap, all at once. @throws SpecError */
function checkTogether(spec: Spec, fields: SweptField[]): void {
  if (fields.length === 0) return;
  const own = fields.reduce((all, { path }) => settable(all, path), spec);
  const paths = fields.map(({ path }) => path.split('.'));
  const ends = fields.map(({ values }) => extremes(values));
  for (const end of ends[0].keys()) {
    parseFields(
      replaceAll(
        own,
        paths,
        ends.map((values) => values[end]),
      ),
    );
  }
}

/**
 * Checks numbers as if a person had written them into the spec. A field takes an interval of numbers, or of
 * integers, so the least, the greatest and a fractional one speak for all. @throws SpecError
 */
export function checkFields(spec: Spec, fields: SweptField[]): void {
  const axes = spec.sweep.length; // the fields that axes set come first, and may lead into one another
  for (const field of fields.slice(0, axes)) checkTogether(spec, [field]);
  checkTogether(spec, fields.slice(axes));
}

/** A cell of a sweep: the spec of its models, and the row of the first of them. */
export interface Cell {
  spec: Spec;
  row: number;
}

/**
 * Every cell of some axes in row order: its spec and its first row. A field is set together with the last of
 * its axes; axes that are not among `axes` keep the point that they have at `row`.
 */
export function* cellsOf(spec: Spec, axes: PlacedAxis[], fields: SweptField[], row = 0): Generator<Cell> {
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
    const numbers = own.map((field) => numberAt(field, first));
    const cell = own.length === 0 ? base : replaceAll(base, keys, numbers);
    yield* cellsOf(cell, inner, fields, first);
  }
}

/**
 * The first row whose second stage reads the same model: axes that set nothing but that stage stand at their first
 * point there.
 */
export function firstReader(axes: PlacedAxis[], fields: SweptField[]): (row: number) => number {
  const own = axes.filter((axis) =>
    fields.every(({ path, along }) => !along.includes(axis) || /^(dictionary|decomposition)\./.test(path)),
  );
  return (row) => own.reduce((first, axis) => first - pointAt(axis, row) * axis.stride, row);
}
