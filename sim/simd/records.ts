/** Fills a worker's memory from a problem's columns, and reads weights back out of it. */
import type { ColumnName } from '../columns.ts';
import type { Family } from '../family.ts';
import { firstSources } from '../features.ts';
import { gatesOf } from '../gates.ts';
import { clocksFor, programFor } from '../models/models.ts';
import { normalTable } from '../normal.ts';
import { sparsityRise, stepCoefficients } from '../optimizer.ts';
import { areRowsPulled, lossWeights, type Params, type Problem } from '../problem.ts';
import { sourceWidth } from '../program/ops.ts';
import { sampleWords, WORDS } from '../random.ts';
import type { Tables } from '../table.ts';
import { isSparse } from './gram.ts';
import { factorSize, HYPER, type Layout, STEP, TREE_STATE, usesNormals } from './layout.ts';
import { packTable, tableBytes } from './tables.ts';

/** Where each feature's parent stands among the states of a tree, the state behind them all being that of no parent. */
function fillTree({ parents }: Family, { tree, features }: Layout, bytes: ArrayBuffer): void {
  const at = (feature: number) => tree.states + TREE_STATE * (feature < 0 ? features : feature);
  new Int32Array(bytes, tree.parents, features).set(parents!.map(at));
  new Int32Array(bytes, at(-1), 4).fill(-1); // its gate is open
}

/** Scratch of a worker up to its first record. Constant over a session. */
export function scratchBytes({ family, training }: Problem, layout: Layout): ArrayBuffer {
  const bytes = new ArrayBuffer(layout.records);
  const compact = new Uint8Array(bytes, layout.compact, 256);
  for (let mask = 0; mask < 16; mask++) {
    const lanes = [0, 1, 2, 3].filter((lane) => mask & (1 << lane));
    lanes.forEach((lane, to) => {
      for (let byte = 0; byte < 4; byte++) compact[mask * 16 + to * 4 + byte] = lane * 4 + byte;
    });
  }
  const { beta1, beta2, epsilon, momentum, hiddenPenalty, batch } = training;
  const hyper = new Float32Array(bytes, layout.hyper, 8);
  hyper[HYPER.beta1 / 4] = beta1;
  hyper[HYPER.rest1 / 4] = 1 - beta1;
  hyper[HYPER.beta2 / 4] = beta2;
  hyper[HYPER.rest2 / 4] = 1 - beta2;
  hyper[HYPER.epsilon / 4] = epsilon;
  hyper[HYPER.momentum / 4] = momentum;
  hyper[HYPER.penalty / 4] = hiddenPenalty / batch;
  hyper[HYPER.penaltyTwice / 4] = (2 * hiddenPenalty) / batch;
  new Int32Array(bytes, layout.words, batch).set(sampleWords(batch));
  if (usesNormals(family)) {
    const { middle, tail } = normalTable();
    new Float32Array(bytes, layout.normal.middle, middle.length).set(middle);
    new Float32Array(bytes, layout.normal.tail, tail.length).set(tail);
  }
  if (family.gating === 'tree') fillTree(family, layout, bytes);
  return bytes;
}

/** Whether the kernel reads the entries of tables by feature too. */
const isByFeature = ({ shape }: Layout): boolean => shape === 'fixed';

/** Where the tables of rows `rows` stand behind `from` bytes, by their numbers, each once. */
export function placeTables(
  layout: Layout,
  tables: Tables | undefined,
  rows: Int32Array,
  from: number,
): { at: Map<number, number>; end: number } {
  const at = new Map<number, number>();
  let end = from;
  for (const row of tables ? rows : []) {
    const table = tables!.of[row];
    if (at.has(table)) continue;
    at.set(table, end);
    end += tableBytes(tables!.list[table], isByFeature(layout));
  }
  return { at, end };
}

/**
 * Records of rows `rows` of `problem`, in that order: (rows, record.size) bytes, and their tables behind them. Moments
 * are zero.
 */
export function recordBytes(
  problem: Problem,
  params: Params,
  layout: Layout,
  rows: Int32Array,
  tables?: Tables,
): ArrayBuffer {
  const size = rows.length * layout.record.size;
  const places = placeTables(layout, tables, rows, size);
  const bytes = new ArrayBuffer(places.end);
  const ints = new Int32Array(bytes);
  const floats = new Float32Array(bytes);
  rows.forEach((row, i) => {
    const start = (i * layout.record.size) / 4;
    fillHeader(problem, layout, row, start, ints, floats);
    fillFeatures(problem, layout, row, start, ints, floats);
    fillColumns(problem, layout, row, start, floats);
    fillWeights(params, layout, row, start + layout.record.weights / 4, floats);
    if (problem.training.optimizer === 'sgld')
      fillWeights(params, layout, row, start + layout.record.first / 4, floats);
    fillSources(problem, layout, row, start + layout.record.sources / 4, floats);
    if (tables) ints[start + layout.record.table / 4] = layout.records + places.at.get(tables.of[row])!;
  });
  for (const [table, at] of places.at) {
    packTable(tables!.list[table], problem.source!, isByFeature(layout), bytes, at, layout.records);
  }
  return bytes;
}

/** Key and hyperparameters of one row, into the record at word `start`. */
function fillHeader(
  problem: Problem,
  { record }: Layout,
  row: number,
  start: number,
  ints: Int32Array,
  floats: Float32Array,
): void {
  const { instances, keys, learningRate, weightDecay, inverseTemperature, localization, training } = problem;
  ints[start + record.key / 4] = keys[2 * row];
  ints[start + record.key / 4 + 1] = keys[2 * row + 1];
  const tensors = learningRate.length / instances;
  for (let t = 0; t < tensors; t++) {
    floats[start + record.rate / 4 + t] = learningRate[row * tensors + t];
    floats[start + record.decay / 4 + t] = weightDecay[row * tensors + t];
  }
  if (areRowsPulled(problem)) floats[start + record.pull / 4] = problem.unitPull[row];
  if (training.optimizer === 'sgld')
    floats.set([inverseTemperature[row], localization[row]], start + record.langevin / 4);
  ints[start + record.diverged / 4] = -1;
}

/** Gates, importance, and whether the row is sparse. */
function fillFeatures(
  problem: Problem,
  { record, batch, units }: Layout,
  row: number,
  start: number,
  ints: Int32Array,
  floats: Float32Array,
): void {
  const { family, density } = problem;
  const n = family.features;
  const weights = lossWeights(problem, row);
  const gates = gatesOf(problem, row);
  let active = 0; // expected active features of a sample
  for (let j = 0; j < n; j++) {
    active += density[row * n + j];
    floats[start + record.importance / 4 + j] = (2 * weights[j]) / (n * batch);
  }
  ints.set(gates.ints.subarray(0, units), start + record.floor / 4);
  ints.set(gates.ints.subarray(units, 2 * units), start + record.open / 4);
  ints.set(gates.ints.subarray(2 * units), start + record.scale / 4);
  if (family.magnitude === 'normal')
    floats.set(problem.magnitude.subarray(2 * row, 2 * row + 2), start + record.magnitude / 4);
  const size = factorSize(family);
  floats.set(problem.factor.subarray(row * size, (row + 1) * size), start + record.factor / 4);
  const none = family.gating === 'independent' ? gates.ints[units - 1] + 1 : 0; // of 2^24 samples, those all zero
  const surviving = 1 - none / WORDS;
  ints[start + record.sparse / 4] = Number(isSparse(family, active / surviving, surviving * batch));
}

/** Columns of one row that a program reads. */
function fillColumns(
  problem: Problem,
  { record: { columns } }: Layout,
  row: number,
  start: number,
  floats: Float32Array,
): void {
  for (const { name, at, width } of columns) {
    const values = problem[name as ColumnName];
    floats.set(values.subarray(row * width, (row + 1) * width), start + at / 4);
  }
}

/** First sources of one row, behind float `sources`: of every place sources, first and second moments. */
function fillSources(
  problem: Problem,
  { sourceWidth: padded }: Layout,
  row: number,
  sources: number,
  floats: Float32Array,
): void {
  if (padded === 0) return;
  const width = sourceWidth(programFor(problem.family, problem.training));
  const first = firstSources(problem, row, width);
  for (let s = 0; s < problem.training.batch; s++)
    floats.set(first.subarray(3 * s * width, (3 * s + 1) * width), sources + 3 * s * padded);
}

/** Weights of one row, every tensor at its place behind float `weights`. */
function fillWeights(
  params: Params,
  layout: Layout,
  row: number,
  weights: number,
  floats: Float32Array,
): void {
  for (const { name, at, rows, columns, stride } of layout.places) {
    for (let i = 0; i < rows; i++) {
      const from = (row * rows + i) * columns;
      floats.set(params[name].subarray(from, from + columns), weights + at + i * stride);
    }
  }
}

/** Rows `rows` of `params` as a worker keeps them: (rows, layout.weights). */
export function packWeights(
  layout: Layout,
  params: Params,
  rows: ArrayLike<number>,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(rows.length * layout.weights);
  for (let i = 0; i < rows.length; i++) fillWeights(params, layout, rows[i], i * layout.weights, out);
  return out;
}

/** Coefficients of steps [from, to): (to − from) rows of STEP. `slots` gives a step's row of losses, or −1. */
export function stepTable(
  { family, training }: Problem,
  { entry }: Layout,
  from: number,
  slots: ArrayLike<number>,
): ArrayBuffer {
  const bytes = new ArrayBuffer(slots.length * entry);
  const floats = new Float32Array(bytes);
  const ints = new Int32Array(bytes);
  for (let s = 0; s < slots.length; s++) {
    const { rate, correct1, correct2 } = stepCoefficients(training, from + s);
    const row = (s * entry) / 4;
    floats[row + STEP.rate / 4] = rate;
    floats[row + STEP.correct1 / 4] = correct1;
    floats[row + STEP.correct2 / 4] = correct2;
    ints[row + STEP.slot / 4] = slots[s];
    floats[row + STEP.rise / 4] = sparsityRise(training, from + s);
    floats.set(Object.values(clocksFor(family, training, from + s)), row + STEP.clocks / 4);
  }
  return bytes;
}

/** Puts a worker's weights (its instances, layout.weights) into rows `rows` of `params`. */
export function unpackWeights(
  layout: Layout,
  weights: Float32Array,
  rows: ArrayLike<number>,
  params: Params,
): void {
  for (let i = 0; i < rows.length; i++) {
    const own = weights.subarray(i * layout.weights, (i + 1) * layout.weights);
    for (const { name, at, rows: count, columns, stride } of layout.places) {
      for (let j = 0; j < count; j++) {
        const from = at + j * stride;
        params[name].set(own.subarray(from, from + columns), (rows[i] * count + j) * columns);
      }
    }
  }
}
