/**
 * The reference: one model of the family in plain float64 loops, forward, loss and backward. It is the file to
 * learn from and the oracle that every engine is held against; nothing here is written for speed.
 *
 *     h  = f(Wᵀx)      h_k = f(Σ_i W_ik x_i)
 *     x' = g(V h + b)  x'_j = g(Σ_k V_jk h_k + b_j),  V = W in a tied model
 *     L  = mean over batch and features of I_j (t_j − x'_j)²  +  λ · mean over batch of Σ_k |h_k|
 *
 * with target t = x or |x|. Rows of W and V are features: W_ik stands at W[i·m + k].
 */
import type { Activation, Family } from './family.ts';

/** Weights of one model: W and V (n, m), b (n). V is null when tied. */
export interface Model {
  W: Float64Array;
  V: Float64Array | null;
  b: Float64Array;
}

/** What the forward pass of one input leaves behind. */
export interface Forward {
  hPre: Float64Array; // (m) Wᵀx
  h: Float64Array; // (m) f(hPre)
  yPre: Float64Array; // (n) V h + b
  xHat: Float64Array; // (n) g(yPre)
}

/** Gradients of the loss, shaped like the weights; dV is null when tied, db is 0 when the family has no bias. */
export interface Gradients {
  loss: number;
  dW: Float64Array;
  dV: Float64Array | null;
  db: Float64Array;
}

/** f(x): x, or max(x, 0). */
export function activate(activation: Activation, x: number): number {
  return activation === 'relu' ? Math.max(x, 0) : x;
}

/** f'(x), with f'(0) = 0 for ReLU, as the other frameworks have it. */
export function slope(activation: Activation, x: number): number {
  return activation === 'relu' && x <= 0 ? 0 : 1;
}

/** Forward pass of one input x (n). */
export function forward(family: Family, model: Model, x: ArrayLike<number>): Forward {
  const { features: n, hidden: m } = family;
  const V = model.V ?? model.W;
  const hPre = new Float64Array(m);
  for (let i = 0; i < n; i++) for (let k = 0; k < m; k++) hPre[k] += model.W[i * m + k] * x[i];
  const h = hPre.map((z) => activate(family.hiddenActivation, z));
  const yPre = Float64Array.from(model.b);
  for (let j = 0; j < n; j++) for (let k = 0; k < m; k++) yPre[j] += V[j * m + k] * h[k];
  const xHat = yPre.map((z) => activate(family.outputActivation, z));
  return { hPre, h, yPre, xHat };
}

/** The target of input value x: x or |x|. */
export function target(family: Family, x: number): number {
  return family.target === 'abs' ? Math.abs(x) : x;
}

/** Loss of one input: Σ_j I_j (t_j − x'_j)² / n + λ Σ_k |h_k|. importance is (n). */
export function sampleLoss(
  family: Family,
  pass: Forward,
  x: ArrayLike<number>,
  importance: ArrayLike<number>,
  hiddenPenalty: number,
): number {
  let loss = 0;
  for (let j = 0; j < family.features; j++) {
    loss += (importance[j] * (target(family, x[j]) - pass.xHat[j]) ** 2) / family.features;
  }
  for (const z of pass.h) loss += hiddenPenalty * Math.abs(z);
  return loss;
}

/** Adds the gradients of one input, each times `weight`, to `out`. */
function backwardSample(
  family: Family,
  model: Model,
  pass: Forward,
  x: ArrayLike<number>,
  importance: ArrayLike<number>,
  hiddenPenalty: number,
  weight: number,
  out: Gradients,
): void {
  const { features: n, hidden: m } = family;
  const V = model.V ?? model.W;
  const dV = out.dV ?? out.dW;
  const dh = pass.h.map((z) => weight * hiddenPenalty * Math.sign(z)); // (m) dL/dh
  for (let j = 0; j < n; j++) {
    const error = pass.xHat[j] - target(family, x[j]);
    const dy = ((2 * weight * importance[j]) / n) * error * slope(family.outputActivation, pass.yPre[j]);
    if (family.bias) out.db[j] += dy;
    for (let k = 0; k < m; k++) {
      dV[j * m + k] += dy * pass.h[k];
      dh[k] += dy * V[j * m + k];
    }
  }
  for (let k = 0; k < m; k++) dh[k] *= slope(family.hiddenActivation, pass.hPre[k]);
  for (let i = 0; i < n; i++) for (let k = 0; k < m; k++) out.dW[i * m + k] += x[i] * dh[k];
}

/** Loss of a batch (batch, n) and its gradients. importance is (n). */
export function backward(
  family: Family,
  model: Model,
  batch: ArrayLike<number> & { subarray(from: number, to: number): ArrayLike<number> },
  importance: ArrayLike<number>,
  hiddenPenalty = 0,
): Gradients {
  const n = family.features;
  const size = batch.length / n;
  const out: Gradients = {
    loss: 0,
    dW: new Float64Array(model.W.length),
    dV: model.V && new Float64Array(model.V.length),
    db: new Float64Array(n),
  };
  for (let s = 0; s < size; s++) {
    const x = batch.subarray(s * n, (s + 1) * n);
    const pass = forward(family, model, x);
    out.loss += sampleLoss(family, pass, x, importance, hiddenPenalty) / size;
    backwardSample(family, model, pass, x, importance, hiddenPenalty, 1 / size, out);
  }
  return out;
}
