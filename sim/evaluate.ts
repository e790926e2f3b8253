/**
 * Loss of trained models on a large fixed held-out sample, in bulk: an engine runs steps with learning rate 0
 * from the held-out range of step numbers and their minibatch losses are averaged.
 */

import { blockOn } from './block.ts';
import type { Engine } from './engine.ts';
import { type Choice, engineFor, onlyEngine } from './engines.ts';
import type { Family } from './family.ts';
import {
  joinParams,
  joinProblems,
  type Params,
  type Problem,
  rowRange,
  takeParams,
  takeRows,
} from './problem.ts';
import { HELD_OUT_STEP, stepKey } from './random.ts';

const BATCH = 1024;
const MOST_BATCHES = 64;
/** Fresh samples, of the kind of those drawn once. */
const FRESH = 8192;

/**
 * Size of the held-out sample: a tenth of the inputs of training in whole batches of 1,024, at most 64 of them. Of
 * models that train on samples drawn once, so many others; on samples that were given, these.
 */
export function heldOutSamples({ training, source }: Problem): number {
  if (source) return source.given ? source.count : FRESH;
  return BATCH * Math.min(MOST_BATCHES, Math.ceil((training.batch * training.steps) / (10 * BATCH)));
}

/** Data keys of samples that no table of training has. Shape (I, 2). */
function freshKeys(dataKeys: Int32Array): Int32Array {
  const out = new Int32Array(dataKeys.length);
  for (let at = 0; at < out.length; at += 2) {
    out.set(stepKey([dataKeys[at], dataKeys[at + 1]], HELD_OUT_STEP), at);
  }
  return out;
}

/** Other samples for models that train on a table, all of them one batch: so many drawn anew, or those that were given. */
function freshSamples({ source, dataKeys }: Problem, samples: number): Partial<Problem> {
  if (!source) return {};
  const given = { ...source, batches: 'full' as const, repeats: [] };
  if (source.given) return { source: given };
  return { source: { ...given, count: samples }, dataKeys: freshKeys(dataKeys!) };
}

/** The family as it is when training ends: what moves with the steps stands where they bring it. */
function familyAtEnd({ family, family: { decomposition } }: Problem): Family {
  if (decomposition?.method !== 'vpd') return family;
  const { to } = decomposition.sharpness;
  return { ...family, decomposition: { ...decomposition, sharpness: { from: to, to } } };
}

/** A problem of `samples` samples that changes no weight, and its steps. */
function evaluationOf(problem: Problem, samples: number): Problem {
  const still = new Float64Array(problem.learningRate.length);
  const { source } = problem;
  return {
    ...problem,
    ...freshSamples(problem, samples),
    family: familyAtEnd(problem),
    firstStep: HELD_OUT_STEP,
    training: {
      ...problem.training,
      batch: source ? (source.given ? source.count : samples) : BATCH,
      steps: source ? 1 : Math.ceil(samples / BATCH),
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
  samples: number,
  threads: number,
): Promise<Float64Array> {
  const evaluation = evaluationOf(problem, samples);
  const { steps } = evaluation.training;
  const session = await engine.open(evaluation, params, { lossEvery: 1, threads });
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
  const { size } = await blockOn(engine, problem, threads);
  const out = new Float64Array(problem.instances);
  for (let from = 0; from < problem.instances; from += size) {
    const to = Math.min(from + size, problem.instances);
    const weights = takeParams(params, problem.family, rowRange(from, to));
    out.set(await blockLoss(engine, takeRows(problem, rowRange(from, to)), weights, samples, threads), from);
  }
  return out;
}

/**
 * Held-out loss of groups of one family, of so many samples as in `heldOutLoss`: where models train on samples drawn once, fresh ones
 * that groups have in common are drawn once too. Shape (I) for each group. @throws RangeError if they are not of one family.
 */
export async function heldOutLosses(
  chosen: Engine | Choice,
  groups: readonly { problem: Problem; params: Params }[],
  samples: number,
  threads = 0,
): Promise<Float64Array[]> {
  const problem = joinProblems(groups.map((own) => own.problem));
  const params = joinParams(groups.map((own) => own.params));
  const all = await heldOutLoss(chosen, problem, params, samples, threads);
  let to = 0;
  return groups.map((own) => {
    const from = to;
    to += own.problem.instances;
    return all.subarray(from, to);
  });
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
