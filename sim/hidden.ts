/** What dictionaries read: hidden vectors on samples that are not trained on, and the scale of h. */
import { square } from './elementary.ts';
import { drawBatch } from './features.ts';
import { hiddenOf, hiddenVectors } from './metrics/encode.ts';
import type { Problem } from './problem.ts';
import { HELD_OUT_STEP } from './random.ts';
import { tablesOf } from './table.ts';

/** Samples on which the scale of h is measured, where they are drawn and not listed. */
const MEASURED = 4096;

/**
 * h = Wᵀx of an instance that reads W (n, m): of its whole table, or of `count` samples that are never trained on; `draw`
 * tells draws apart, 0 being that on which scores are taken. Shape (T, m).
 */
export function hiddenAside(
  problem: Problem,
  i: number,
  W: Float32Array,
  count: number,
  draw: number,
): Float64Array {
  const { features: n, hidden: m } = problem.family;
  if (problem.source) {
    const { list, of } = tablesOf(problem);
    return hiddenVectors(list[of[i]], W, m);
  }
  const training = { ...problem.training, batch: count };
  return hiddenOf(drawBatch({ ...problem, firstStep: HELD_OUT_STEP, training }, i, draw), W, n, m);
}

/**
 * The number by which h (T, m) is multiplied. mean-norm: √m / E‖h‖, as SAELens scales after Anthropic's update of April
 * 2024; mean-square: 1 / √E‖h‖², as dictionary_learning does after Rajamanoharan et al. 2024. 1 where every h is 0.
 */
export function scaleOf(h: ArrayLike<number>, m: number, kind: 'mean-norm' | 'mean-square'): number {
  let [norms, squares] = [0, 0];
  for (let from = 0; from < h.length; from += m) {
    let own = 0;
    for (let k = 0; k < m; k++) own += square(h[from + k]);
    norms += Math.sqrt(own);
    squares += own;
  }
  if (squares === 0) return 1;
  const samples = h.length / m;
  return kind === 'mean-norm' ? (Math.sqrt(m) * samples) / norms : Math.sqrt(samples / squares);
}

/** W (n, m) as dictionary i of a problem reads it: h is linear in W, so its scale goes there. */
export function scaled(problem: Problem, i: number, W: Float32Array): Float32Array {
  const { dictionary, hidden } = problem.family;
  if (!dictionary?.scaling) return W;
  const factor = scaleOf(hiddenAside(problem, i, W, MEASURED, 1), hidden, dictionary.scaling);
  return W.map((weight) => weight * factor);
}
