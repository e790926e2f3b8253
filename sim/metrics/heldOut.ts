/**
 * Loss on samples that training never saw, by the reference model: slow, float64, the oracle of faster ways.
 */
import type { Params, Problem } from '../family.ts';
import { drawBatch } from '../features.ts';
import { forward, type Model, sampleLoss } from '../model.ts';
import { HELD_OUT_STEP } from '../random.ts';

/** Mean loss of each instance and the standard error of that mean. Both (I). */
export interface HeldOut {
  loss: Float64Array;
  standardError: Float64Array;
}

function modelAt(params: Params, problem: Problem, row: number): Model {
  const { features: n, hidden: m } = problem.family;
  const rows = (array: Float32Array, size: number) =>
    Float64Array.from(array.subarray(row * size, (row + 1) * size));
  return { W: rows(params.W, n * m), V: params.V && rows(params.V, n * m), b: rows(params.b, n) };
}

/** Losses of one instance on held-out batch number `index`. Shape (batch). */
function batchLosses(problem: Problem, model: Model, row: number, index: number): Float64Array {
  const { family, training } = problem;
  const n = family.features;
  const importance = problem.importance.subarray(row * n, (row + 1) * n);
  const batch = drawBatch({ ...problem, firstStep: HELD_OUT_STEP }, row, index);
  return Float64Array.from({ length: training.batch }, (_, s) => {
    const x = batch.subarray(s * n, (s + 1) * n);
    return sampleLoss(family, forward(family, model, x), x, importance, training.hiddenPenalty);
  });
}

/**
 * Held-out loss: mean over `batches` batches of the problem's batch size, drawn with the keys of the steps
 * HELD_OUT_STEP, HELD_OUT_STEP + 1, …; the same samples for every model of the same instance key.
 */
export function heldOutLoss(problem: Problem, params: Params, batches: number): HeldOut {
  const out = {
    loss: new Float64Array(problem.instances),
    standardError: new Float64Array(problem.instances),
  };
  const samples = batches * problem.training.batch;
  for (let row = 0; row < problem.instances; row++) {
    const model = modelAt(params, problem, row);
    let sum = 0;
    let squares = 0;
    for (let index = 0; index < batches; index++) {
      for (const loss of batchLosses(problem, model, row, index)) {
        sum += loss;
        squares += loss * loss;
      }
    }
    out.loss[row] = sum / samples;
    out.standardError[row] = Math.sqrt((squares / samples - out.loss[row] ** 2) / samples);
  }
  return out;
}
