/**
 * From a spec to instances. Rows are numbered with the first axis outermost and replicas innermost; the row
 * number keys the random generator, so it is the same in every shard. Axes that set only density, importance,
 * learning rate, weight decay, initial scale or seed run within a group of instances that train side by side;
 * every point of the other axes is a group of its own.
 */
import {
  type Cell,
  cellsOf,
  checkFields,
  countRows,
  type PlacedAxis,
  placeAxes,
  pointAt,
  type SweptField,
  sweptFields,
} from './axes.ts';
import { COLUMN_NAMES, COLUMNS, type ColumnName, type Columns } from './columns.ts';
import type { Family, Training } from './family.ts';
import type { Problem } from './problem.ts';
import { instanceKey } from './random.ts';
import { crossChecks, MAX_INSTANCES, type Spec, SpecError } from './spec.ts';

/** Most numbers in which the instances of a sweep can differ: 2 GiB of float64 for all columns together. */
const MAX_ENTRIES = 2 ** 28;
/** Most groups: each is an engine of its own. */
const MAX_GROUPS = 2 ** 16;

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
  const { learningRate: _rate, weightDecay: _decay, perTensor: _own, init: _init, ...shared } = spec.training;
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

function emptyColumns(family: Family, count: number): Columns {
  const columns = COLUMN_NAMES.map((name) => [name, new Float64Array(count * COLUMNS[name].width(family))]);
  return Object.fromEntries(columns);
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

/** Repeats the `width` numbers at row `at` of a column in the rows behind it, `count` rows in all. */
function repeatRow(column: Float64Array, width: number, at: number, count: number): void {
  const end = (at + count) * width;
  for (let done = width; at * width + done < end; done *= 2) {
    column.copyWithin(at * width + done, at * width, Math.min((at + done / width) * width, end - done));
  }
}

/** Numbers of one instance in all columns. */
function numbersOf(spec: Spec): number {
  const family = familyOf(spec);
  return COLUMN_NAMES.reduce((sum, name) => sum + COLUMNS[name].width(family), 0);
}

/** Writes the replicas of a cell, from place `at` of the group, into the columns `names`. */
function fillCell(group: Group, names: ColumnName[], at: number, cell: Cell, rows: number): void {
  const { problem, initStd } = group;
  const { spec, row } = cell;
  const { replicas, seed } = spec;
  initStd.fill(initialStd(spec, rows), at, at + replicas);
  for (let r = 0; r < replicas; r++) {
    group.rows[at + r] = row + r;
    const [low, high] = instanceKey(seed, row + r);
    problem.keys[2 * (at + r)] = low;
    problem.keys[2 * (at + r) + 1] = high;
  }
  for (const name of names) {
    const values = COLUMNS[name].of(spec, problem.family);
    problem[name].set(values, at * values.length);
    repeatRow(problem[name], values.length, at, replicas);
  }
}

/** Repeats the first row of every column that is not among `varying`. */
function fillRest({ problem }: Group, varying: ColumnName[]): void {
  for (const name of COLUMN_NAMES) {
    if (varying.includes(name)) continue;
    repeatRow(problem[name], COLUMNS[name].width(problem.family), 0, problem.instances);
  }
}

/** Checks what the first row of a cell holds. */
function checkCell({ problem }: Group, spec: Spec, at: number): void {
  const n = spec.model.features;
  const density = problem.density.subarray(at * n, (at + 1) * n);
  const importance = problem.importance.subarray(at * n, (at + 1) * n);
  checkRange('density', density, 1, 'a probability in [0, 1]');
  checkRange('importance', importance, Number.MAX_VALUE, 'a finite number of at least 0');
  checkSets(spec, density);
}

/** The group of a spec whose columns run over `axes`, first row `firstRow` of `rows`. */
function groupOf(
  spec: Spec,
  axes: PlacedAxis[],
  fields: SweptField[],
  firstRow: number,
  rows: number,
): Group {
  const count = axes.reduce((product, axis) => product * axis.points.length, spec.replicas);
  const group = emptyGroup(spec, count);
  const varying = COLUMN_NAMES.filter((name) => fields.some(({ path }) => COLUMNS[name].path.test(path)));
  let at = 0;
  for (const cell of cellsOf(spec, axes, fields, firstRow)) {
    fillCell(group, at === 0 ? COLUMN_NAMES : varying, at, cell, rows);
    if (at === 0) fillRest(group, varying);
    checkCell(group, spec, at);
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
  const [across, columns] = [axes.filter(splits), axes.filter((axis) => !splits(axis))];
  const groups = across.reduce((product, axis) => product * axis.points.length, 1);
  expectAtMost(MAX_GROUPS, 'groups of models that train side by side', groups);
  const outer = [...cellsOf(single, across, fields)];
  for (const cell of outer) {
    const issues = crossChecks(cell.spec);
    if (issues.length > 0) throw new SpecError(issues);
  }
  const entries = outer.reduce((sum, cell) => sum + numbersOf(cell.spec) * (rows / groups), 0);
  expectAtMost(MAX_ENTRIES, 'numbers in which the models differ (2 GiB)', entries);
  return {
    spec,
    rows,
    axisValues: axes.map((axis) =>
      Float64Array.from({ length: rows }, (_, row) => axis.points[pointAt(axis, row)]),
    ),
    groups: outer.map((cell) => groupOf(cell.spec, columns, fields, cell.row, rows)),
  };
}
