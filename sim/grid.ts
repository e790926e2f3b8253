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
  firstReader,
  type PlacedAxis,
  placeAxes,
  pointAt,
  type SweptField,
  sweptFields,
} from './axes.ts';
import { COLUMN_NAMES, COLUMNS, type ColumnName, emptyColumns } from './columns.ts';
import { isMatrix, tensorsOf } from './models/models.ts';
import { type Problem, takeFrom, takeRows } from './problem.ts';
import { instanceKey, WORDS } from './random.ts';
import { crossChecks, givenInit, MAX_INSTANCES, type Spec } from './spec.ts';
import { SpecError } from './specError.ts';
import {
  familyOf,
  lastSpec,
  modelSpec,
  samplesSeed,
  secondKey,
  secondOf,
  sourceOf,
  trainingOf,
} from './stages.ts';
import { nestedArrays, providedWeights, type Start, startFrom } from './start.ts';

/** Most numbers in which the instances of a sweep can differ: 2 GiB of float64 for all columns together. */
const MAX_ENTRIES = 2 ** 28;
/** Most groups: each is an engine of its own. */
const MAX_GROUPS = 2 ** 16;

/** Rows of one group, ready to train. */
export interface Group {
  rows: Int32Array; // (I) row numbers in the sweep
  problem: Problem; // what the engine trains: columns (I, …) of what differs
  initStd: Float64Array; // (I) standard deviation of the initial weights, or of the noise on given ones
  first?: FirstStage; // of a second stage
  start?: Start; // what instances begin with that do not begin at random
}

/** The models that the dictionaries of a group read. */
export interface FirstStage {
  group: Group; // each model once; its row is that of the first dictionary of the sweep that reads it
  of: Int32Array; // (I) place in it of the model that a dictionary reads
}

/** The instances `rows` (places in the group), in that order, as a group of their own. */
export function takeGroup(group: Group, rows: ArrayLike<number>): Group {
  const { rows: own, problem, initStd, first, start } = group;
  return {
    rows: takeFrom(own, rows, 1),
    problem: takeRows(problem, rows),
    initStd: takeFrom(initStd, rows, 1),
    ...(first && { first: takeStage(first, rows) }),
    ...(start && { start: { ...start, of: takeFrom(start.of, rows, 1) } }),
  };
}

/** The models that dictionaries `rows` read. */
function takeStage({ group, of }: FirstStage, rows: ArrayLike<number>): FirstStage {
  const own = takeFrom(of, rows, 1);
  const used = [...new Set(own)].sort((a, b) => a - b);
  return { group: takeGroup(group, used), of: own.map((place) => used.indexOf(place)) };
}

/** An expanded sweep. Values of axis a at row r stand at axisValues[a][r]. */
export interface Grid {
  spec: Spec;
  rows: number; // instances of all groups together
  axisValues: Float64Array[]; // (axes)(rows)
  groups: Group[];
}

/**
 * Standard deviation of the initial weights, or of the noise on given ones. per-model: Xavier, √(2/(n + m)). stacked: what Xavier gives a
 * tensor (instances, n, m), whose trailing axis counts as a receptive field: √(2/(m(n + instances))).
 */
function initialStd(spec: Spec, instances: number): number {
  const { features: n, hidden: m } = spec.model;
  const { init } = spec.training;
  if (typeof init === 'object') return 'std' in init ? init.std : (init.noise ?? 0);
  return init === 'per-model' ? Math.sqrt(2 / (n + m)) : Math.sqrt(2 / (m * (n + instances)));
}

/** Fields that differ within a group but are no column. */
const OTHERS =
  /^(training\.init\.(std|noise)|seed|(dictionary|decomposition)\.seed|dictionary\.training\.init|decomposition\.training\.init\.std)$/;

/** Whether models that differ in a field of the spec can stand in one group. */
const staysWithin = (path: string) =>
  OTHERS.test(path) ||
  COLUMN_NAMES.some((name) =>
    COLUMNS[name].path.test(path.replace(/^(dictionary|decomposition)\.(?=training\.)/, '')),
  );

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

/** Checks that children which exclude each other have probabilities that sum to at most 1. */
function checkExclusive({ input: { tree } }: Spec, density: Float64Array): void {
  if (!tree?.exclusive) return;
  const sums = new Float64Array(density.length);
  tree.parents.forEach((parent, i) => {
    if (parent < 0) return;
    sums[parent] += density[i];
    if (sums[parent] <= 1 + 1e-9) return;
    const expected = `at most 1 for all children of feature ${parent} together, which exclude each other`;
    throw new SpecError([{ path: `input.density.${i}`, expected, got: String(sums[parent]) }]);
  });
}

/** Checks what curves and single entries may have led to. */
function checkRange(field: string, values: Float64Array, most: number, expected: string): void {
  const wrong = values.findIndex((v) => !(v >= 0 && v <= most));
  if (wrong < 0) return;
  throw new SpecError([{ path: `input.${field}.${wrong}`, expected, got: String(values[wrong]) }]);
}

/** Most that a density may be off, of itself and of the sparsity, when it is rounded to a share of the draws. */
const OFF = 0.05;

/** Draws have 24 bits: a probability is carried out as k/2^24. @throws SpecError where that is not what was written */
function checkResolution(field: string, shares: Float64Array): void {
  const wrong = shares.findIndex(
    (p) => Math.abs(Math.round(p * WORDS) / WORDS - p) > OFF * Math.min(p, 1 - p),
  );
  if (wrong < 0) return;
  const drawn = Math.round(shares[wrong] * WORDS) / WORDS;
  const expected = `a probability within 5 % of a multiple of 2^-24 (it would be ${drawn.toPrecision(3)})`;
  throw new SpecError([{ path: `input.${field}.${wrong}`, expected, got: String(shares[wrong]) }]);
}

/** Least learningRate · weightDecay: AdamW takes 1 − that times a weight, and float32 has steps of 6e-8 below 1. */
const LEAST_DECAY = 6e-8;

/** Checks that float32 weights feel AdamW's decay. `spec`: of the stage that the group trains. @throws SpecError */
function checkDecay({ problem }: Group, { training }: Spec, path: string, at: number): void {
  if (training.optimizer !== 'adamw') return;
  const tensors = tensorsOf(problem.family);
  const wrong = tensors.findIndex(({ trained }, t) => {
    const felt = Math.abs(
      problem.learningRate[at * tensors.length + t] * problem.weightDecay[at * tensors.length + t],
    );
    return trained && felt > 0 && felt < LEAST_DECAY;
  });
  if (wrong < 0) return;
  const own = training.perTensor[tensors[wrong].name];
  const field =
    own?.weightDecay === undefined ? 'weightDecay' : `perTensor.${tensors[wrong].name}.weightDecay`;
  const [rate, decay] = [
    own?.learningRate ?? training.learningRate,
    own?.weightDecay ?? training.weightDecay,
  ];
  const expected = `0, or a decay that float32 weights feel: learningRate · weightDecay of at least ${LEAST_DECAY}`;
  throw new SpecError([
    {
      path: `${path}.${field}`,
      expected,
      got: `${rate} · ${decay} = ${Number((rate * decay).toPrecision(6))}`,
    },
  ]);
}

/** Checks that float32 weights feel the pull of rows to length 1. `spec`: of the stage that the group trains. @throws SpecError */
function checkPull({ problem }: Group, path: string, at: number): void {
  const tensors = tensorsOf(problem.family);
  const pull = problem.unitPull[at];
  const rates = tensors.map((_, t) => problem.learningRate[at * tensors.length + t]);
  const wrong = rates.find((rate, t) => {
    return tensors[t].trained && isMatrix(tensors[t]) && rate * pull > 0 && rate * pull < LEAST_DECAY;
  });
  if (wrong === undefined) return;
  const expected = `0, or a pull that float32 weights feel: learningRate · unitPull of at least ${LEAST_DECAY}`;
  const got = `${wrong} · ${pull} = ${Number((wrong * pull).toPrecision(6))}`;
  throw new SpecError([{ path: `${path}.unitPull`, expected, got }]);
}

/** Checks that only AdamW's weights grow, or are pulled, where axes say so. @throws SpecError */
function checkDecoupled(
  { problem }: Group,
  { training: { optimizer } }: Spec,
  path: string,
  at: number,
): void {
  if (optimizer === 'adamw') return;
  const tensors = problem.weightDecay.length / problem.instances;
  const growth = problem.weightDecay.subarray(at * tensors, (at + 1) * tensors).find((decay) => decay < 0);
  const issue = (field: string, expected: string, got: number) => ({
    path: `${path}.${field}`,
    expected: `${expected} for ${optimizer}`,
    got: String(got),
  });
  if (growth !== undefined) throw new SpecError([issue('weightDecay', 'at least 0', growth)]);
  if (problem.unitPull[at] > 0) throw new SpecError([issue('unitPull', 'none', problem.unitPull[at])]);
}

function emptyGroup(spec: Spec, count: number): Group {
  const family = familyOf(spec);
  const source = sourceOf(spec);
  return {
    rows: new Int32Array(count),
    problem: {
      family,
      training: source?.batches === 'full' ? { ...trainingOf(spec), batch: source.count } : trainingOf(spec),
      firstStep: 0,
      instances: count,
      keys: new Int32Array(2 * count),
      ...(source && { source, dataKeys: new Int32Array(2 * count) }),
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
  const own = lastSpec(spec);
  initStd.fill(initialStd(own, rows), at, at + replicas);
  for (let r = 0; r < replicas; r++) {
    group.rows[at + r] = row + r;
    const [low, high] = instanceKey(seed, row + r);
    problem.keys[2 * (at + r)] = low;
    problem.keys[2 * (at + r) + 1] = high;
    problem.dataKeys?.set(instanceKey(samplesSeed(spec), r), 2 * (at + r));
  }
  for (const name of names) {
    const values = COLUMNS[name].of(own, problem.family);
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
function checkCell(group: Group, spec: Spec, at: number): void {
  const { problem } = group;
  const n = spec.model.features;
  const density = problem.density.subarray(at * n, (at + 1) * n);
  const importance = problem.importance.subarray(at * n, (at + 1) * n);
  const given = spec.input.tree ? ' given the parent' : '';
  checkRange('density', density, 1, `a probability in [0, 1]${given}`);
  checkResolution('density', density);
  const size = problem.alone.length / problem.instances;
  const alone = problem.alone.subarray(at * size, (at + 1) * size);
  checkRange('tree.alone', alone, 1, 'a probability in [0, 1]');
  checkResolution('tree.alone', alone);
  checkRange('importance', importance, Number.MAX_VALUE, 'a finite number of at least 0');
  checkSets(spec, density);
  checkExclusive(spec, density);
  const second = secondOf(spec);
  const path = second ? `${second.field}.training` : 'training';
  checkDecay(group, lastSpec(spec), path, at);
  checkDecoupled(group, lastSpec(spec), path, at);
  checkPull(group, path, at);
}

/** A group whose instances begin with the weights that the spec gives, if it gives some. @throws SpecError */
function withStart(group: Group, spec: Spec, count: number): Group {
  const init = givenInit(spec.training.init);
  if (!init) return group;
  const path = `training.init.${'from' in init ? 'from' : 'values'}`;
  const arrays =
    'from' in init ? providedWeights(init.from, init.sha256, path) : nestedArrays(init.values, path);
  const size = { count, replicas: spec.replicas };
  return { ...group, start: startFrom(arrays, group.problem.family, path, group.rows, size) };
}

/** Adds the models that a group's dictionaries read. `specs` are those of its rows. */
function addModels(group: Group, specs: Spec[], firstOf: (row: number) => number, rows: number): void {
  const readers = Array.from(group.rows, firstOf);
  const specOf = new Map(readers.map((row, at) => [row, modelSpec(specs[at])]));
  const once = [...specOf.keys()].sort((a, b) => a - b);
  const models = emptyGroup(modelSpec(specs[0]), once.length);
  once.forEach((row, at) => {
    fillCell(models, COLUMN_NAMES, at, { spec: { ...specOf.get(row)!, replicas: 1 }, row }, rows);
    checkDecay(models, specOf.get(row)!, 'training', at);
    checkDecoupled(models, specOf.get(row)!, 'training', at);
    checkPull(models, 'training', at);
  });
  readers.forEach((row, at) => {
    group.problem.keys.set(secondKey(specs[at], row), 2 * at);
  });
  const places = new Map(once.map((row, at) => [row, at]));
  group.first = {
    group: withStart(models, specs[0], rows),
    of: Int32Array.from(readers, (row) => places.get(row)!),
  };
}

/** Cells after which word is given of how far a grid is: some 50 ms. */
const CELLS_EACH = 2 ** 14;

/**
 * The group of a spec whose columns run over `axes`, first row `firstRow` of `rows`. Yields now and then how many of its
 * rows stand.
 */
function* groupOf(
  spec: Spec,
  axes: PlacedAxis[],
  fields: SweptField[],
  firstRow: number,
  rows: number,
  firstOf: (row: number) => number,
): Generator<number, Group> {
  const count = axes.reduce((product, axis) => product * axis.points.length, spec.replicas);
  const group = emptyGroup(spec, count);
  const varying = COLUMN_NAMES.filter(
    (name) => secondOf(spec) || fields.some(({ path }) => COLUMNS[name].path.test(path)),
  );
  const specs: Spec[] = []; // of the rows, where models are read
  let at = 0;
  for (const cell of cellsOf(spec, axes, fields, firstRow)) {
    fillCell(group, at === 0 ? COLUMN_NAMES : varying, at, cell, rows);
    if (at === 0) fillRest(group, varying);
    if (secondOf(spec)) for (let r = 0; r < spec.replicas; r++) specs.push(cell.spec);
    checkCell(group, spec, at);
    at += spec.replicas;
    if (at % (CELLS_EACH * spec.replicas) === 0) yield at;
  }
  if (!secondOf(spec)) return withStart(group, spec, rows);
  addModels(group, specs, firstOf, rows);
  return group;
}

function expectAtMost(limit: number, unit: string, got: number): void {
  if (got <= limit) return;
  throw new SpecError([{ path: 'sweep', expected: `at most ${limit} ${unit}`, got: String(got) }]);
}

/** Groups after which word is given. */
const GROUPS_EACH = 2 ** 9;

/** Expands a spec as expandGrid does, and yields now and then how many rows stand. @throws SpecError */
export function* expanding(spec: Spec): Generator<number, Grid> {
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
  const firstOf = firstReader(axes, fields);
  const outer = [...cellsOf(single, across, fields)];
  for (const cell of outer) {
    const issues = crossChecks(cell.spec);
    if (issues.length > 0) throw new SpecError(issues);
  }
  const entries = outer.reduce((sum, cell) => sum + numbersOf(cell.spec) * (rows / groups), 0);
  expectAtMost(MAX_ENTRIES, 'numbers in which the models differ (2 GiB)', entries);
  const out: Group[] = [];
  for (const [k, cell] of outer.entries()) {
    const standing = k * (rows / groups);
    if (k > 0 && k % GROUPS_EACH === 0) yield standing;
    const steps = groupOf(cell.spec, columns, fields, cell.row, rows, firstOf);
    let step = steps.next();
    for (; !step.done; step = steps.next()) yield standing + step.value;
    out.push(step.value);
  }
  return {
    spec,
    rows,
    axisValues: axes.map((axis) =>
      Float64Array.from({ length: rows }, (_, row) => axis.points[pointAt(axis, row)]),
    ),
    groups: out,
  };
}

/**
 * Expands a spec into groups of instances.
 * @throws SpecError if the sweep is too large, an axis names no numeric field, or a cell is not a valid spec.
 */
export function expandGrid(spec: Spec): Grid {
  const steps = expanding(spec);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}
