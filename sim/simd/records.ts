/** Fills a worker's memory from a problem's columns, and reads weights back out of it. */
import type { Params, Problem } from '../family.ts';
import { gatesOf, unitsOf } from '../features.ts';
import { stepCoefficients } from '../optimizer.ts';
import { sampleWords, WORDS } from '../random.ts';
import { isSparse } from './gram.ts';
import { HYPER, type Layout, STEP } from './layout.ts';

/** Scratch of a worker up to its first record. Constant over a session. */
export function scratchBytes({ training }: Problem, layout: Layout): ArrayBuffer {
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
  return bytes;
}

/** Records of rows `rows` of `problem`, in that order: (rows, record.size) bytes. Moments are zero. */
export function recordBytes(problem: Problem, params: Params, layout: Layout, rows: Int32Array): ArrayBuffer {
  const bytes = new ArrayBuffer(rows.length * layout.record.size);
  rows.forEach((row, i) => {
    const from = i * layout.record.size;
    fillProblem(problem, layout, row, (offset) => (from + offset) / 4, bytes);
    fillWeights(problem, params, layout, row, new Float32Array(bytes, from + layout.record.weights));
  });
  return bytes;
}

function fillProblem(
  problem: Problem,
  { record, features: n, batch }: Layout,
  row: number,
  word: (offset: number) => number,
  bytes: ArrayBuffer,
): void {
  const ints = new Int32Array(bytes);
  const floats = new Float32Array(bytes);
  ints[word(record.key)] = problem.keys[2 * row];
  ints[word(record.key) + 1] = problem.keys[2 * row + 1];
  floats[word(record.rate)] = problem.learningRate[row];
  floats[word(record.decay)] = problem.weightDecay[row];
  ints[word(record.diverged)] = -1;
  const density = problem.density.subarray(row * n, (row + 1) * n);
  const gates = gatesOf(unitsOf(problem.family).map((unit) => density[unit.start]));
  const surviving = 1 - gates.first[gates.first.length - 1] / WORDS; // of all samples
  const active = density.reduce((sum, p) => sum + p, 0) / surviving;
  ints[word(record.sparse)] = Number(isSparse(problem.family, active, surviving * batch));
  ints.set(
    gates.first.subarray(1).map((first) => first - 1),
    word(record.floor),
  );
  ints.set(gates.open, word(record.open));
  floats.set(gates.scale, word(record.scale));
  for (let j = 0; j < n; j++) {
    floats[word(record.importance) + j] = (2 * problem.importance[row * n + j]) / (n * batch);
  }
}

/** Weights of one row: matrices with their rows `stride` apart, then b. */
function fillWeights(
  { family: { features: n, hidden: m } }: Problem,
  { W, V, b }: Params,
  layout: Layout,
  row: number,
  weights: Float32Array,
): void {
  for (let i = row * n, to = 0; i < (row + 1) * n; i++, to += layout.stride) {
    weights.set(W.subarray(i * m, (i + 1) * m), to);
    if (V) weights.set(V.subarray(i * m, (i + 1) * m), layout.V + to);
  }
  weights.set(b.subarray(row * n, (row + 1) * n), layout.b);
}

/** Coefficients of steps [from, to): (to − from) rows of STEP. `slots` gives a step's row of losses, or −1. */
export function stepTable({ training }: Problem, from: number, slots: ArrayLike<number>): ArrayBuffer {
  const bytes = new ArrayBuffer(slots.length * STEP.size);
  const floats = new Float32Array(bytes);
  const ints = new Int32Array(bytes);
  for (let s = 0; s < slots.length; s++) {
    const { rate, correct1, correct2 } = stepCoefficients(training, from + s);
    const row = (s * STEP.size) / 4;
    floats[row + STEP.rate / 4] = rate;
    floats[row + STEP.correct1 / 4] = correct1;
    floats[row + STEP.correct2 / 4] = correct2;
    ints[row + STEP.slot / 4] = slots[s];
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
  const { features: n, hidden: m, stride } = layout;
  for (let i = 0; i < rows.length; i++) {
    const own = weights.subarray(i * layout.weights, (i + 1) * layout.weights);
    for (let j = 0; j < n; j++) {
      const to = (rows[i] * n + j) * m;
      params.W.set(own.subarray(j * stride, j * stride + m), to);
      params.V?.set(own.subarray(layout.V + j * stride, layout.V + j * stride + m), to);
    }
    params.b.set(own.subarray(layout.b, layout.b + n), rows[i] * n);
  }
}
