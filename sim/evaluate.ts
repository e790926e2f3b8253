/**
 * Loss of trained models on a large fixed held-out sample, in bulk: an engine runs steps with learning rate 0
 * from the held-out range of step numbers and their minibatch losses are averaged.
 */

import { blockOn } from './block.ts';
import type { Engine } from './engine.ts';
import { type Choice, engineFor, onlyEngine } from './engines.ts';
import { type Params, type Problem, rowRange, takeParams, takeRows } from './problem.ts';
import { HELD_OUT_STEP } from './random.ts';

const BATCH = 1024;
const MOST_BATCHES = 64;

/** Size of the held-out sample: a tenth of the inputs of training in whole batches of 1,024, at most 64 of them. */
export function heldOutSamples({ training }: Problem): number {
  return BATCH * Math.min(MOST_BATCHES, Math.ceil((training.batch * training.steps) / (10 * BATCH)));
}

function evaluationOf(problem: Problem, steps: number): Problem {
  const still = new Float64Array(problem.learningRate.length);
  return {
    ...problem,
    firstStep: HELD_OUT_STEP,
    training: {
      ...problem.training,
      batch: BATCH,
      steps,
      optimizer: 'sgd',
      momentum: 0,
      schedule: 'constant',
      warmup: 0,
      hiddenPenalty: 0,
      attack: undefined,
    },
    learningRate: still,
    weightDecay: still,
  };
}

/** Held-out loss of the instances of one block, resident together. Shape (I). */
async function blockLoss(
  engine: Engine,
  problem: Problem,
  params: Params,
  steps: number,
  threads: number,
): Promise<Float64Array> {
  const session = await engine.open(evaluationOf(problem, steps), params, { lossEvery: 1, threads });
  try {
    const { losses } = await session.run(steps);
    const mean = new Float64Array(problem.instances);
    losses.forEach((loss, k) => {
      mean[k % problem.instances] += loss / steps;
    });
    return mean;
  } finally {
    await session.close();
  }
}

/**
 * Held-out loss of each instance: importance-weighted squared error, mean over samples and features, without
 * any hidden penalty. Float32 sums over minibatches, averaged in float64. Shape (I); NaN for diverged weights.
 */
export async function heldOutLoss(
  chosen: Engine | Choice,
  problem: Problem,
  params: Params,
  samples = heldOutSamples(problem),
  threads = 0,
): Promise<Float64Array> {
  const { engine } = engineFor('open' in chosen ? onlyEngine(chosen) : chosen, problem);
  const steps = Math.ceil(samples / BATCH);
  const { size } = await blockOn(engine, problem, threads);
  const out = new Float64Array(problem.instances);
  for (let from = 0; from < problem.instances; from += size) {
    const to = Math.min(from + size, problem.instances);
    const weights = takeParams(params, problem.family, rowRange(from, to));
    out.set(await blockLoss(engine, takeRows(problem, rowRange(from, to)), weights, steps, threads), from);
  }
  return out;
}

/** Held-out loss (I) of trained models; NaN for those that diverged at a step `divergedAt` (I) ≥ 0. */
export async function evaluate(
  engine: Engine | Choice,
  problem: Problem,
  params: Params,
  divergedAt: Int32Array,
  threads: number,
): Promise<Float64Array> {
  const loss = await heldOutLoss(engine, problem, params, heldOutSamples(problem), threads);
  return loss.map((value, i) => (divergedAt[i] < 0 ? value : Number.NaN));
}
