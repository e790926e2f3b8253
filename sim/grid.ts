/**
 * From a spec to instances. Rows are numbered with the first axis outermost and replicas innermost; the row
 * number keys the random generator, so it is the same in every shard. Axes that set only density, importance,
 * learning rate, weight decay, initial scale or seed run within a group of instances that train side by side;
 * every point of the other axes is a group of its own.
 */
import {
  cellsOf,
  checkFields,
  countRows,
  type PlacedAxis,
  placeAxes,
  pointAt,
  type SweptField,
  sweptFields,
} from './axes.ts';
import { COLUMN_NAMES, COLUMNS, emptyColumns } from './columns.ts';
import type { Family, Training } from './family.ts';
import type { Problem } from './problem.ts';
import { instanceKey } from './random.ts';
import { crossChecks, MAX_INSTANCES, type Spec, SpecError } from './spec.ts';

/** Most instances × features of a sweep: 2 GiB for each of its two columns of float64. */
const MAX_ENTRIES = 2 ** 28;

/** Rows of one group, ready to train. */
export interface Group {
  rows: Int32Array; // (I) row numbers in the sweep
  problem: Problem; // what the engine trains: columns (I, …) of what differs
  initStd: Float64Array; // (I) standard deviation of the initial weights
}

/** An expanded sweep. Values of axis a at row r stand at axisValues[a][r]. */
export interface Grid {
  spec: Spec;
  rows: number; // instances of all groups together
  axisValues: Float64Array[]; // (axes)(rows)
  groups: Group[];
}

function familyOf(spec: Spec): Family {
  return { ...spec.model, magnitude: spec.input.magnitude, target: spec.input.target, sets: spec.input.sets };
}

function trainingOf(spec: Spec): Training {
  const {
    learningRate: _rate,
    weightDecay: _decay,
    perTensor: _own,
    init: _init,
    attack,
    ...shared
  } = spec.training;
  return attack ? { ...shared, attack: { kind: attack.kind, of: attack.of } } : shared;
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

/** Fields that differ within a group but are no column. */
const OTHERS = /^(training\.init|seed)\b/;

/** Whether models that differ in a field of the spec can stand in one group. */
const staysWithin = (path: string) =>
  OTHERS.test(path) || COLUMN_NAMES.some((name) => COLUMNS[name].path.test(path));

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

/** Checks what curves and single entries may have led to. */
function checkRange(field: string, values: Float64Array, most: number, expected: string): void {
  const wrong = values.findIndex((v) => !(v >= 0 && v <= most));
  if (wrong < 0) return;
  throw new SpecError([{ path: `input.${field}.${wrong}`, expected, got: String(values[wrong]) }]);
}

function emptyGroup(spec: Spec, count: number): Group {
  const family = familyOf(spec);
  return {
    rows: new Int32Array(count),
    problem: {
      family,
      training: trainingOf(spec),
      firstStep: 0,
      instances: count,
      keys: new Int32Array(2 * count),
      ...emptyColumns(family, count),
    },
    initStd: new Float64Array(count),
  };
}

/** Writes one row of a group's columns. */
function fillRow(group: Group, at: number, spec: Spec, row: number, rows: number): void {
  const { problem } = group;
  group.rows[at] = row;
  group.initStd[at] = initialStd(spec, rows);
  problem.keys.set(instanceKey(spec.seed, row), 2 * at);
  for (const name of COLUMN_NAMES) {
    const values = COLUMNS[name].of(spec, problem.family);
    problem[name].set(values, at * values.length);
  }
}

/** The group of a spec whose columns run over `axes`, first row `firstRow` of `rows`. */
function groupOf(
  spec: Spec,
  axes: PlacedAxis[],
  fields: SweptField[],
  firstRow: number,
  rows: number,
): Group {
  const n = spec.model.features;
  const count = axes.reduce((product, axis) => product * axis.points.length, spec.replicas);
  const group = emptyGroup(spec, count);
  let at = 0;
  for (const cell of cellsOf(spec, axes, fields, firstRow)) {
    for (let r = 0; r < spec.replicas; r++) fillRow(group, at + r, cell.spec, cell.row + r, rows);
    const density = group.problem.density.subarray(at * n, (at + 1) * n);
    const importance = group.problem.importance.subarray(at * n, (at + 1) * n);
    checkRange('density', density, 1, 'a probability in [0, 1]');
    checkRange('importance', importance, Number.MAX_VALUE, 'a finite number of at least 0');
    checkSets(spec, density);
    at += spec.replicas;
  }
  return group;
}

function expectAtMost(limit: number, unit: string, got: number): void {
  if (got <= limit) return;
  throw new SpecError([{ path: 'sweep', expected: `at most ${limit} ${unit}`, got: String(got) }]);
}

/**
 * Expands a spec into groups of instances.
 * @throws SpecError if the sweep is too large, an axis names no numeric field, or a cell is not a valid spec.
 */
export function expandGrid(spec: Spec): Grid {
  const rows = countRows(spec);
  expectAtMost(MAX_INSTANCES, 'instances', rows);
  const single = { ...spec, sweep: [], linked: undefined };
  const axes = placeAxes(spec);
  const fields = sweptFields(spec, axes);
  checkFields(single, fields);
  const splits = (axis: PlacedAxis) =>
    fields.some(({ path, along }) => along.includes(axis) && !staysWithin(path));
  const columns = axes.filter((axis) => !splits(axis));
  const outer = [...cellsOf(single, axes.filter(splits), fields)];
  for (const cell of outer) {
    const issues = crossChecks(cell.spec);
    if (issues.length > 0) throw new SpecError(issues);
  }
  const features = outer.reduce((sum, cell) => sum + cell.spec.model.features, 0);
  expectAtMost(MAX_ENTRIES, 'instances × features', (features * rows) / outer.length);
  return {
    spec,
    rows,
    axisValues: axes.map((axis) =>
      Float64Array.from({ length: rows }, (_, row) => axis.points[pointAt(axis, row)]),
    ),
    groups: outer.map((cell) => groupOf(cell.spec, columns, fields, cell.row, rows)),
  };
}
