/** Held-out losses of trained models, with the sample size that files state. */
import type { Engine } from '../engine.ts';
import { heldOutLoss } from '../evaluate.ts';
import type { Params, Problem } from '../family.ts';

const SMALLEST = 1_024;
const LARGEST = 65_536;

/** Size of the held-out sample: a tenth of the inputs of training, but at least 1,024 and at most 65,536. */
export function heldOutSamples({ training }: Problem): number {
  return Math.min(LARGEST, Math.max(SMALLEST, (training.batch * training.steps) / 10));
}

/** Held-out loss (I) of models; NaN for those that diverged. `divergedAt` is (I). */
export async function evaluate(
  engine: Engine,
  problem: Problem,
  params: Params,
  divergedAt: Int32Array,
  threads: number,
): Promise<Float64Array> {
  const loss = await heldOutLoss(engine, problem, params, heldOutSamples(problem), threads);
  return loss.map((value, i) => (divergedAt[i] < 0 ? value : Number.NaN));
}
