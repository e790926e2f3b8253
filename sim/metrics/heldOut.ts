/**
 * Loss on samples that training never saw, by the reference model: slow, float64, the oracle of faster ways.
 */

import { drawBatch } from '../features.ts';
import { forward, type Model, sampleLoss } from '../model.ts';
import { takeModel } from '../params.ts';
import { lossWeights, type Params, type Problem } from '../problem.ts';
import { HELD_OUT_STEP } from '../random.ts';

/** Mean loss of each instance and the standard error of that mean. Both (I). */
interface HeldOut {
  loss: Float64Array;
  standardError: Float64Array;
}

/** Losses of one instance on held-out batch number `index`. Shape (batch). */
function batchLosses(problem: Problem, model: Model, row: number, index: number): Float64Array {
  const { family, training } = problem;
  const n = family.features;
  const importance = lossWeights(problem, row);
  const batch = drawBatch({ ...problem, firstStep: HELD_OUT_STEP }, row, index);
  return Float64Array.from({ length: training.batch }, (_, s) => {
    const x = batch.subarray(s * n, (s + 1) * n);
    return sampleLoss(family, forward(family, model, x), x, importance, training.hiddenPenalty);
  });
}

/**
 * Held-out loss in the units of the training's: mean over `batches` batches of the problem's batch size, drawn with the keys of the steps
 * HELD_OUT_STEP, HELD_OUT_STEP + 1, …; the same samples for every model of the same instance key.
 */
export function heldOutEstimate(problem: Problem, params: Params, batches: number): HeldOut {
  const out = {
    loss: new Float64Array(problem.instances),
    standardError: new Float64Array(problem.instances),
  };
  const samples = batches * problem.training.batch;
  for (let row = 0; row < problem.instances; row++) {
    const model = takeModel(params, problem.family, row);
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
