/**
 * Models with a bias c on their ReLU hidden layer, h = ReLU(Wx + c), x' = ReLU(Wᵀh + b), which the family of the
 * engines does not have: trained in plain loops, and the one that evades its ReLU altogether.
 */

import { drawBatch } from '../features.ts';
import type { Model } from '../model.ts';
import { initMoments, optimizerStep } from '../optimizer.ts';
import type { Problem } from '../problem.ts';
import { HELD_OUT_STEP } from '../random.ts';

/** A tied model with hidden bias c (m). */
export interface BiasedModel extends Model {
  c: Float64Array;
}

/** Loss of one batch as a mean over samples and features, its gradients, and how often each neuron was above 0. */
export interface BiasedPass {
  loss: number;
  dW: Float64Array; // (n, m)
  db: Float64Array; // (n)
  dc: Float64Array; // (m)
  active: Float64Array; // (m) share of the samples
}

/** Features of a sample (n), or of a batch (samples, n). */
type Inputs = Float32Array | Float64Array;

/** h = ReLU(Wx + c) of one sample x (n), into h (m). */
function encode({ W, c }: BiasedModel, x: Inputs, h: Float64Array): void {
  const m = h.length;
  h.set(c);
  for (let i = 0; i < x.length; i++) {
    const value = x[i];
    if (value !== 0) for (let k = 0; k < m; k++) h[k] += W[i * m + k] * value;
  }
  for (let k = 0; k < m; k++) if (!(h[k] > 0)) h[k] = 0;
}

/** Adds a sample's share of the loss, db and the decoder's dW to `out`, and sets dh (m) = dL/dh; size = n · samples. */
function decode(
  { W, b }: BiasedModel,
  importance: ArrayLike<number>,
  x: Inputs,
  size: number,
  h: Float64Array,
  dh: Float64Array,
  out: BiasedPass,
): void {
  const m = h.length;
  dh.fill(0);
  for (let j = 0; j < b.length; j++) {
    let y = b[j];
    for (let k = 0; k < m; k++) y += W[j * m + k] * h[k];
    const error = Math.max(0, y) - x[j];
    out.loss += (importance[j] * error * error) / size;
    if (y <= 0) continue; // the output's ReLU is shut
    const dy = (2 * importance[j] * error) / size;
    out.db[j] += dy;
    for (let k = 0; k < m; k++) {
      out.dW[j * m + k] += dy * h[k];
      dh[k] += dy * W[j * m + k];
    }
  }
}

/** Adds a sample's dc and the encoder's dW to `out`: nothing for a neuron that is shut. */
function backEncoder(x: Inputs, h: Float64Array, dh: Float64Array, out: BiasedPass): void {
  const m = h.length;
  for (let k = 0; k < m; k++) {
    if (h[k] === 0) continue;
    out.dc[k] += dh[k];
    for (let i = 0; i < x.length; i++) out.dW[i * m + k] += dh[k] * x[i];
  }
}

/** Forward and backward over a batch (samples, n). */
export function biasedPass(model: BiasedModel, importance: ArrayLike<number>, batch: Inputs): BiasedPass {
  const [n, m] = [model.b.length, model.c.length];
  const [dW, db, dc, active] = [n * m, n, m, m].map((length) => new Float64Array(length));
  const out: BiasedPass = { loss: 0, dW, db, dc, active };
  const [h, dh] = [new Float64Array(m), new Float64Array(m)];
  for (let from = 0; from < batch.length; from += n) {
    const x = batch.subarray(from, from + n);
    encode(model, x, h);
    for (let k = 0; k < m; k++) if (h[k] > 0) active[k] += n / batch.length;
    decode(model, importance, x, batch.length, h, dh, out);
    backEncoder(x, h, dh, out);
  }
  return out;
}

/** Trains instance i of a problem with a hidden bias beside its weights; `model` is changed in place. */
export function trainBiased(problem: Problem, i: number, model: BiasedModel): void {
  const { family, training } = problem;
  const n = family.features;
  const importance = problem.importance.subarray(i * n, (i + 1) * n);
  const [rate, decay] = [problem.learningRate[i], problem.weightDecay[i]];
  const moments = [model.W, model.b, model.c].map(({ length }) => initMoments(length));
  for (let step = 0; step < training.steps; step++) {
    const { dW, db, dc } = biasedPass(model, importance, drawBatch(problem, i, step));
    optimizerStep(training, step, rate, decay, model.W, dW, moments[0]);
    optimizerStep(training, step, rate, decay, model.b, db, moments[1]);
    optimizerStep(training, step, rate, decay, model.c, dc, moments[2]);
  }
}

/** Loss and active shares of a model on held-out samples of instance i. */
export function heldOutPass(problem: Problem, i: number, model: BiasedModel, samples: number): BiasedPass {
  const n = problem.family.features;
  const held = { ...problem, firstStep: HELD_OUT_STEP, training: { ...problem.training, batch: samples } };
  return biasedPass(model, problem.importance.subarray(i * n, (i + 1) * n), drawBatch(held, i, 0));
}

/**
 * The model with a linear hidden layer as one with a ReLU: each neuron is lifted by the most that inputs in [0, 1]
 * can push it down, so that it is never shut, and the outputs are lowered by as much as that adds.
 */
export function evadingModel({ W, b }: { W: ArrayLike<number>; b: ArrayLike<number> }): BiasedModel {
  const n = b.length;
  const m = W.length / n;
  const c = new Float64Array(m);
  for (let at = 0; at < n * m; at++) c[at % m] += Math.max(0, -W[at]);
  const lowered = Float64Array.from(b, (bias, i) =>
    c.reduce((sum, value, k) => sum - value * W[i * m + k], bias),
  );
  return { W: Float64Array.from(W), b: lowered, c };
}
