/**
 * Adversarial training: how far and where each sample is moved before the model sees it (family.ts says the kinds), in
 * float64. simd/program/attack.ts does the same in lanes.
 */

import { lengthOf } from './elementary.ts';
import { drawBatch } from './features.ts';
import { attackDirections, meanInputNorm } from './metrics/adversarial.ts';
import { couplings } from './metrics/couplings.ts';
import { probeFor } from './models/models.ts';
import { columnsAt, type Problem, takeRows } from './problem.ts';
import { inputSlopes, type Named } from './program/evaluate.ts';
import { HELD_OUT_STEP, instanceKey } from './random.ts';

/** Inputs of which the mean length is taken: those of one key, so that it is the same for all replicas. */
const SAMPLES = 4096;

/** Mean length of the inputs of instance i. */
function meanLength(problem: Problem, i: number): number {
  const { family, training } = problem;
  const own: Problem = {
    ...takeRows(problem, [i]),
    keys: Int32Array.from(instanceKey(0, 0)),
    firstStep: HELD_OUT_STEP,
    training: { ...training, batch: SAMPLES },
  };
  return meanInputNorm(drawBatch(own, 0, 0), family.features);
}

/** A problem whose attack lengths are in units of its inputs where they were shares of the mean input. */
export function resolveAttack(problem: Problem): Problem {
  if (problem.training.attack?.of !== 'mean') return problem;
  const known = new Map<string, number>(); // by the densities
  const n = problem.family.features;
  const attack = problem.attack.map((share, i) => {
    const key = String(problem.density.subarray(i * n, (i + 1) * n));
    if (!known.has(key)) known.set(key, meanLength(problem, i));
    return share * known.get(key)!;
  });
  return { ...problem, attack };
}

/** Direction of each sample of a batch (B, n), a unit vector or 0: the row of G whose turn it is at step number `word`. */
function featureDirections({ W, V }: Named, n: number, samples: number, word: number): Float64Array {
  const rows = attackDirections(couplings({ features: n, hidden: W.length / n }, { W, V }), n);
  const out = new Float64Array(samples * n);
  for (let s = 0; s < samples; s++) {
    const row = (Math.floor(s / 4) + word) % n;
    out.set(rows.subarray(row * n, (row + 1) * n), s * n);
  }
  return out;
}

/** Unit vectors along the gradients of the samples' own losses, 0 where there is none. Shape (B, n). */
function gradientDirections(problem: Problem, i: number, tensors: Named, batch: Float32Array): Float64Array {
  const { family, training } = problem;
  const n = family.features;
  const probe = probeFor(family, training);
  const names = probe.nodes.filter(({ op }) => op === 'column').map(({ name }) => name);
  const out = inputSlopes(probe, tensors, columnsAt(problem, names, i), batch);
  for (let from = 0; from < out.length; from += n) {
    const length = lengthOf(out.subarray(from, from + n));
    for (let j = from; j < from + n; j++) out[j] = length > 0 ? out[j] / length : 0;
  }
  return out;
}

/**
 * The batch (B, n) of step number `word` of instance i as a model with weights `tensors` is shown it. The problem's
 * attack is resolved.
 */
export function shownBatch(
  problem: Problem,
  i: number,
  word: number,
  tensors: Named,
  batch: Float32Array,
): Float32Array | Float64Array {
  const { attack } = problem.training;
  if (!attack) return batch;
  const n = problem.family.features;
  const directions =
    attack.kind === 'feature'
      ? featureDirections(tensors, n, batch.length / n, word)
      : gradientDirections(problem, i, tensors, batch);
  const shown = Float64Array.from(batch);
  for (let from = 0; from < shown.length; from += n) {
    const own = attack.of === 'own' ? lengthOf(batch.subarray(from, from + n)) : 1;
    for (let j = from; j < from + n; j++) shown[j] += problem.attack[i] * own * directions[j];
  }
  return shown;
}
