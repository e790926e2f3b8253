/**
 * From a spec to instances. Rows are numbered with the first axis outermost and replicas innermost; the row
 * number keys the random generator, so it is the same in every shard. Rows whose family and training agree
 * form a group that trains side by side; density, importance, learning rate, weight decay, initial scale and
 * seed may differ within one.
 */
import type { Family, Problem, Training } from './family.ts';
import { instanceKey } from './random.ts';
import {
  type Axis,
  crossChecks,
  MAX_INSTANCES,
  type PerFeature,
  parseSpec,
  type Spec,
  SpecError,
  show,
  valueAt,
} from './spec.ts';

/** Rows of one group, ready to train. */
export interface Group {
  rows: Int32Array; // (I) row numbers in the sweep
  problem: Problem;
  initStd: Float64Array; // (I) standard deviation of the initial weights
}

/** An expanded sweep. Values of axis a at row r stand at axisValues[a][r]. */
export interface Grid {
  spec: Spec;
  rows: number;
  axisValues: Float64Array[]; // (axes)(rows)
  groups: Group[];
}

/** The numbers along one axis. */
export function axisPoints(axis: Axis): number[] {
  if ('values' in axis) return axis.values;
  const { from, to, count, scale } = axis;
  return Array.from({ length: count }, (_, k) => {
    const t = count === 1 ? 0 : k / (count - 1);
    if (t === 1) return to;
    return scale === 'log' ? from * (to / from) ** t : (from * (count - 1 - k) + to * k) / (count - 1);
  });
}

/** Number of instances that a spec expands to. */
export function countRows(spec: Spec): number {
  return spec.sweep.reduce(
    (rows, axis) => rows * ('values' in axis ? axis.values.length : axis.count),
    spec.replicas,
  );
}

/** A per-feature field written out: a scalar repeated, a list as it is, a curve evaluated. Shape (n). */
export function perFeature(value: PerFeature, n: number): Float64Array {
  if (typeof value === 'number') return new Float64Array(n).fill(value);
  if (Array.isArray(value)) return Float64Array.from(value);
  if ('base' in value) return Float64Array.from({ length: n }, (_, i) => value.scale * value.base ** i);
  const { from, to } = value;
  return Float64Array.from({ length: n }, (_, i) => from * (to / from) ** (n === 1 ? 0 : i / (n - 1)));
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

/** The spec with one numeric field set. @throws SpecError if the path names none. */
function withValue(spec: Spec, path: string, value: number): Spec {
  const keys = path.split('.');
  const own = spelledOut(spec, path);
  const isWhole = path === 'input.density' || path === 'input.importance';
  if (NO_AXIS.test(path) || !(isWhole || typeof valueAt(own, keys) === 'number')) {
    throw new SpecError([
      { path: 'sweep', expected: 'paths of numeric fields of the spec', got: show(path) },
    ]);
  }
  return replaceAt(own, keys, value);
}

/** The fields that tell groups apart. */
function groupKey(spec: Spec): string {
  const { learningRate: _rate, weightDecay: _decay, init: _init, ...shared } = spec.training;
  return JSON.stringify([spec.model, spec.input.magnitude, spec.input.target, spec.input.sets, shared]);
}

function familyOf(spec: Spec): Family {
  return { ...spec.model, magnitude: spec.input.magnitude, target: spec.input.target, sets: spec.input.sets };
}

function trainingOf(spec: Spec): Training {
  const { learningRate: _rate, weightDecay: _decay, init: _init, ...shared } = spec.training;
  return shared;
}

/**
 * Standard deviation of the initial weights. per-model: Xavier, √(2/(n + m)). stacked: what Xavier gives a
 * tensor (instances, n, m), whose trailing axis counts as a receptive field: √(2/(m(n + instances))).
 */
export function initialStd(spec: Spec, instances: number): number {
  const { features: n, hidden: m } = spec.model;
  const { init } = spec.training;
  if (typeof init === 'object') return init.std;
  return init === 'per-model' ? Math.sqrt(2 / (n + m)) : Math.sqrt(2 / (m * (n + instances)));
}

interface Cell {
  spec: Spec;
  values: number[]; // (axes)
}

/** Checks that every member of a set has the set's density. */
function checkSets(spec: Spec, density: Float64Array): void {
  let start = 0;
  for (const set of spec.input.sets) {
    for (let j = start; j < start + set.size; j++) {
      if (density[j] === density[start]) continue;
      const expected = `the density ${density[start]} of its set`;
      throw new SpecError([{ path: `input.density.${j}`, expected, got: String(density[j]) }]);
    }
    start += set.size;
  }
}

function checkRange(density: Float64Array): void {
  const wrong = density.findIndex((p) => !(p >= 0 && p <= 1));
  if (wrong < 0) return;
  throw new SpecError([
    { path: `input.density.${wrong}`, expected: 'a probability in [0, 1]', got: String(density[wrong]) },
  ]);
}

/** Checks each point of each axis on its own, as if a person had written it into the spec. */
function checkAxes(spec: Spec): void {
  for (const axis of spec.sweep) {
    for (const value of axisPoints(axis)) parseSpec(withValue({ ...spec, sweep: [] }, axis.path, value));
  }
}

/** The cells of a spec's sweep, first axis outermost. */
function cellsOf(spec: Spec): Cell[] {
  let cells: Cell[] = [{ spec: { ...spec, sweep: [] }, values: [] }];
  for (const axis of spec.sweep) {
    const points = axisPoints(axis);
    cells = cells.flatMap((cell) =>
      points.map((value) => ({
        spec: withValue(cell.spec, axis.path, value),
        values: [...cell.values, value],
      })),
    );
  }
  return cells;
}

function groupOf(cells: { cell: Cell; row: number }[], rows: number): Group {
  const first = cells[0].cell.spec;
  const n = first.model.features;
  const count = cells.length;
  const problem: Problem = {
    family: familyOf(first),
    training: trainingOf(first),
    firstStep: 0,
    instances: count,
    keys: new Int32Array(2 * count),
    density: new Float64Array(count * n),
    importance: new Float64Array(count * n),
    learningRate: Float64Array.from(cells, ({ cell }) => cell.spec.training.learningRate),
    weightDecay: Float64Array.from(cells, ({ cell }) => cell.spec.training.weightDecay),
  };
  cells.forEach(({ cell: { spec }, row }, i) => {
    const issues = crossChecks(spec);
    if (issues.length > 0) throw new SpecError(issues);
    problem.keys.set(instanceKey(spec.seed, row), 2 * i);
    const density = perFeature(spec.input.density, n);
    checkRange(density);
    checkSets(spec, density);
    problem.density.set(density, i * n);
    problem.importance.set(perFeature(spec.input.importance, n), i * n);
  });
  return {
    rows: Int32Array.from(cells, ({ row }) => row),
    problem,
    initStd: Float64Array.from(cells, ({ cell }) => initialStd(cell.spec, rows)),
  };
}

/**
 * Expands a spec into groups of instances.
 * @throws SpecError if the sweep is too large, an axis names no numeric field, or a cell is not a valid spec.
 */
export function expandGrid(spec: Spec): Grid {
  const rows = countRows(spec);
  if (rows > MAX_INSTANCES) {
    throw new SpecError([
      { path: 'sweep', expected: `at most ${MAX_INSTANCES} instances`, got: String(rows) },
    ]);
  }
  checkAxes(spec);
  const cells = cellsOf(spec);
  const members = new Map<string, { cell: Cell; row: number }[]>();
  cells.forEach((cell, c) => {
    const key = groupKey(cell.spec);
    const list = members.get(key) ?? [];
    if (list.length === 0) members.set(key, list);
    for (let r = 0; r < spec.replicas; r++) list.push({ cell, row: c * spec.replicas + r });
  });
  return {
    spec,
    rows,
    axisValues: spec.sweep.map((_, a) =>
      Float64Array.from({ length: rows }, (_, row) => cells[Math.floor(row / spec.replicas)].values[a]),
    ),
    groups: [...members.values()].map((list) => groupOf(list, rows)),
  };
}
