/**
 * The instances of a session on the host: parameters, moments and constants, laid out as the kernels read
 * them, an instance a row, padded to whole blocks. Padding rows train a model of zeros and are dropped.
 */

import { gatesOf } from '../gates.ts';
import { stepCoefficients } from '../optimizer.ts';
import { lossWeights, mapTensors, type Params, type Problem } from '../problem.ts';
import { WORDS } from '../random.ts';
import { DIVERGED } from './kernels/reduce.ts';
import type { Inputs, Outputs } from './pipeline.ts';
import type { BlockShape } from './shape.ts';

const LARGEST = 3.4e38; // a loss above counts as not finite

/** Arrays of which every instance owns a row. */
type Rows = Pick<Inputs, 'params' | 'first' | 'second' | 'loss' | 'keys' | 'gates' | 'lossWeight' | 'hyper'>;

export interface DeviceState {
  problem: Problem;
  shape: BlockShape; // of one block
  rows: Rows; // (blocks · I, …)
  bias: Float32Array; // (instances, n) as given, for families without one
  done: number; // updates done
  diverged: Int32Array; // (instances)
}

/** Joins [W | V | b | 1] of each instance; the 1 is the canary. */
function packParams(
  { instances, family }: Problem,
  { W, V, b }: Params,
  { parameters: P }: BlockShape,
  rows: number,
) {
  const { features: n, hidden: m } = family;
  const out = new Float32Array(rows * (P + 1));
  for (let i = 0; i < rows; i++) {
    const row = out.subarray(i * (P + 1), (i + 1) * (P + 1));
    row[P] = 1;
    if (i >= instances) continue;
    row.set(W.subarray(i * n * m, (i + 1) * n * m));
    if (V) row.set(V.subarray(i * n * m, (i + 1) * n * m), n * m);
    if (family.bias) row.set(b.subarray(i * n, (i + 1) * n), P - n);
  }
  return out;
}

/**
 * (rows, 3U + 1): open, scale and first of an instance's gates, first[0] = 2^24 and first[k + 1] = floor + 1; padding
 * rows have all gates closed.
 */
function packGates(problem: Problem, units: number, rows: number): Float32Array {
  const out = new Float32Array(rows * (3 * units + 1));
  for (let i = 0; i < problem.instances; i++) {
    const { ints, floats } = gatesOf(problem, i);
    const row = out.subarray(i * (3 * units + 1), (i + 1) * (3 * units + 1));
    row.set(ints.subarray(units, 2 * units));
    row.set(floats.subarray(2 * units), units);
    row[2 * units] = WORDS;
    row.set(
      ints.subarray(0, units).map((floor) => floor + 1),
      2 * units + 1,
    );
  }
  return out;
}

/** (rows, n + 1): importance / (n B), then λ / B. */
function packLossWeight(problem: Problem, rows: number): Float32Array {
  const { instances, family, training } = problem;
  const n = family.features;
  const out = new Float32Array(rows * (n + 1));
  for (let i = 0; i < instances; i++) {
    const weights = lossWeights(problem, i);
    for (let j = 0; j < n; j++) out[i * (n + 1) + j] = weights[j] / (n * training.batch);
    out[i * (n + 1) + n] = training.hiddenPenalty / training.batch;
  }
  return out;
}

function packHyper({ instances, learningRate, weightDecay }: Problem, rows: number): Float32Array {
  const out = new Float32Array(rows * 2);
  const tensors = learningRate.length / instances; // all of one rate: engine.ts refuses others
  for (let i = 0; i < instances; i++) out.set([learningRate[i * tensors], weightDecay[i * tensors]], i * 2);
  return out;
}

/** The instances of a problem, at its first step. */
export function createState(problem: Problem, params: Params, shape: BlockShape): DeviceState {
  const rows = Math.ceil(problem.instances / shape.instances) * shape.instances;
  const keys = new Float32Array(rows * 2);
  keys.set(problem.keys);
  return {
    problem,
    shape,
    rows: {
      params: packParams(problem, params, shape, rows),
      first: new Float32Array(rows * (shape.parameters + 1)),
      second: new Float32Array(rows * (shape.parameters + 1)),
      loss: new Float32Array(rows),
      keys,
      gates: packGates(problem, shape.units.length, rows),
      lossWeight: packLossWeight(problem, rows),
      hyper: packHyper(problem, rows),
    },
    bias: params.b,
    done: 0,
    diverged: new Int32Array(problem.instances).fill(-1),
  };
}

/** (K, 10) coefficients of the next K steps, as kernels/optimizer.ts reads them. */
function packCoefficients({ problem, done }: DeviceState, steps: number): Float32Array {
  const { training } = problem;
  const { beta1, beta2, epsilon, momentum } = training;
  const out = new Float32Array(steps * 10);
  for (let k = 0; k < steps; k++) {
    const { rate, correct1, correct2 } = stepCoefficients(training, done + k);
    out.set(
      [rate, correct1, correct2, beta1, 1 - beta1, beta2, 1 - beta2, epsilon, momentum, LARGEST],
      k * 10,
    );
  }
  return out;
}

/** Inputs of the next `steps` steps of the block that starts at instance `from`. */
export function blockInputs(state: DeviceState, from: number, steps: number): Inputs {
  const { shape, rows } = state;
  const total = rows.loss.length;
  const block = (array: Float32Array) => {
    const width = array.length / total;
    return array.subarray(from * width, (from + shape.instances) * width);
  };
  const loss = new Float32Array(shape.instances + 1); // the last is the canary's place
  loss.set(block(rows.loss));
  const own = Object.fromEntries(
    Object.entries(rows).map(([name, array]) => [name, block(array)]),
  ) as unknown as Rows;
  return {
    ...own,
    loss,
    losses: new Float32Array((shape.instances + 1) * steps),
    clock: Float32Array.of(state.problem.firstStep + state.done, 0),
    coefficients: packCoefficients(state, steps),
  };
}

/**
 * The canary is a 1 that every kernel hands on to the next: a kernel that did not run hands on a 0. Batches
 * are counted by it, so a kernel that ran for a part of the batch shows too.
 */
function checkWritten(
  state: DeviceState,
  from: number,
  steps: number,
  { params, clock, losses }: Outputs,
): void {
  const { parameters: P, instances } = state.shape;
  const isOne = (canary: number) => Math.abs(canary - 1) < 1e-3;
  const row = params.findIndex((own) => !isOne(own[P]));
  if (row < 0 && clock[1] === steps && losses.every((own) => isOne(own[instances]))) return;
  const where = row < 0 ? '' : ` for instance ${from + row}`;
  throw new Error(`a kernel wrote no output${where} in steps ${state.done} to ${state.done + steps - 1}`);
}

/** Takes a block's results over; losses (steps, instances) go to `losses`, NaN after a divergence. */
export function storeOutputs(
  state: DeviceState,
  from: number,
  steps: number,
  outputs: Outputs,
  losses: Float32Array,
): void {
  checkWritten(state, from, steps, outputs);
  const { rows, shape, problem } = state;
  for (const name of ['params', 'first', 'second'] as const) {
    outputs[name].forEach((row, i) => {
      rows[name].set(row, (from + i) * row.length);
    });
  }
  rows.loss.set(outputs.losses[steps - 1].subarray(0, shape.instances), from);
  const count = Math.min(shape.instances, problem.instances - from);
  for (let k = 0; k < steps; k++) {
    for (let i = 0; i < count; i++) {
      const loss = outputs.losses[k][i];
      losses[k * problem.instances + from + i] = loss === DIVERGED ? Number.NaN : loss;
      if (loss === DIVERGED && state.diverged[from + i] < 0) state.diverged[from + i] = state.done + k;
    }
  }
}

/** Current weights of all instances. */
export function paramsOfState({ problem, shape, rows, bias }: DeviceState): Params {
  const width = shape.parameters + 1;
  const starts: Record<string, number> = { W: 0, V: shape.decoder, b: shape.bias };
  return mapTensors(problem.family, (name, size) => {
    if (name === 'b' && !problem.family.bias) return bias.slice();
    const out = new Float32Array(problem.instances * size);
    for (let i = 0; i < problem.instances; i++) {
      const at = i * width + starts[name];
      out.set(rows.params.subarray(at, at + size), i * size);
    }
    return out;
  });
}
