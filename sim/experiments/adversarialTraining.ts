/**
 * Adversarial training of small models in plain loops: every input is moved along the analytic attack on one
 * feature, feature after feature in turn, and the model must still return the unmoved input.
 */

import { drawBatch } from '../features.ts';
import { expandGrid } from '../grid.ts';
import { attackDirections, meanInputNorm } from '../metrics/adversarial.ts';
import { gram } from '../metrics/gram.ts';
import { interference } from '../metrics/interference.ts';
import { featureNorms, squaredNorms } from '../metrics/norms.ts';
import type { Model } from '../model.ts';
import { initMoments, optimizerStep } from '../optimizer.ts';
import { initParams } from '../params.ts';
import type { Problem } from '../problem.ts';
import { parseSpec } from '../spec.ts';

/** What became of a model trained against attacks. */
export interface Hardened {
  budget: number; // length of the attack over the mean length of the inputs
  featuresPerDimension: number; // ‖W‖²_F / m
  superposed: number; // features with norm and interference over 1/2
}

const BUDGETS = [0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 1];

function hardenedProblem(steps: number): { problem: Problem; model: Model } {
  const spec = parseSpec({
    model: { features: 20, hidden: 5 },
    input: { density: 0.1 },
    training: { steps, batch: 128, learningRate: 5e-3, schedule: 'cosine' },
  });
  const [{ problem, initStd }] = expandGrid(spec).groups;
  const { W, b } = initParams(problem, initStd);
  return { problem, model: { W: Float64Array.from(W), b: Float64Array.from(b) } };
}

/**
 * Gradients of weight · ‖x − ReLU(W Wᵀ moved + b)‖² added to dW (n, m) and db (n); the input `moved` (n) counts as
 * given.
 */
export function addGradients(
  { W, b }: Model,
  x: Float64Array,
  moved: Float64Array,
  weight: number,
  dW: Float64Array,
  db: Float64Array,
): void {
  const n = b.length;
  const m = W.length / n;
  const h = new Float64Array(m);
  for (let i = 0; i < n; i++) for (let k = 0; k < m; k++) h[k] += W[i * m + k] * moved[i];
  const dh = new Float64Array(m);
  for (let j = 0; j < n; j++) {
    let y = b[j];
    for (let k = 0; k < m; k++) y += W[j * m + k] * h[k];
    if (y <= 0) continue; // the output's ReLU is shut
    const dy = 2 * weight * (y - x[j]);
    db[j] += dy;
    for (let k = 0; k < m; k++) {
      dW[j * m + k] += dy * h[k];
      dh[k] += dy * W[j * m + k];
    }
  }
  for (let i = 0; i < n; i++) for (let k = 0; k < m; k++) dW[i * m + k] += moved[i] * dh[k];
}

/** One update against attacks of length `reach`, aimed at the features in turn. */
function hardenStep(
  problem: Problem,
  model: Model,
  step: number,
  reach: number,
  moments: ReturnType<typeof initMoments>[],
): void {
  const { family, training } = problem;
  const n = family.features;
  const batch = drawBatch(problem, 0, step);
  const directions = attackDirections(gram(model, family), n);
  const dW = new Float64Array(model.W.length);
  const db = new Float64Array(n);
  for (let s = 0; s < training.batch; s++) {
    const x = Float64Array.from(batch.subarray(s * n, (s + 1) * n));
    const aim = ((s + step) % n) * n;
    const moved = x.map((value, j) => value + reach * directions[aim + j]);
    addGradients(model, x, moved, 1 / (n * training.batch), dW, db);
  }
  const [rate, decay] = [problem.learningRate[0], problem.weightDecay[0]];
  optimizerStep(training, step, rate, decay, model.W, dW, moments[0]);
  optimizerStep(training, step, rate, decay, model.b, db, moments[1]);
}

function harden(budget: number, steps: number): Hardened {
  const { problem, model } = hardenedProblem(steps);
  const { family, training } = problem;
  const reach = budget * meanInputNorm(drawBatch(problem, 0, 0), family.features);
  const moments = [initMoments(model.W.length), initMoments(model.b.length)];
  for (let step = 0; step < training.steps; step++) hardenStep(problem, model, step, reach, moments);
  const norms = featureNorms(model, family);
  const shared = interference(model, family);
  return {
    budget,
    featuresPerDimension: squaredNorms(model, family).reduce((sum, value) => sum + value) / family.hidden,
    superposed: norms.filter((norm, i) => norm > 0.5 && shared[i] > 0.5).length,
  };
}

/** Models trained for so many steps against attacks of growing length. */
export function hardenedModels(steps: number): Hardened[] {
  return BUDGETS.map((budget) => harden(budget, steps));
}
