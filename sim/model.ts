/**
 * The reference: one model of the family in plain float64 loops, forward, loss and backward. It is the file to
 * learn from and the oracle that every engine is held against; nothing here is written for speed.
 *
 *     h  = f(Wᵀx + c)  h_k = f(Σ_i W_ik x_i + c_k),  c = 0 without a hidden bias
 *     x' = g(V h + b)  x'_j = g(Σ_k V_jk h_k + b_j),  V = W in a tied model
 *     L  = mean over batch and features of I_j (t_j − x'_j)²  +  λ · mean over batch of Σ_k |h_k|
 *
 * with target t = x or |x|. Rows of W and V are features: W_ik stands at W[i·m + k].
 */
import { square, tanh } from './elementary.ts';
import type { Activation, Family } from './family.ts';

/** Weights of one model: W and V (n, m), b (n), c (m). A tied model has no V, one without a hidden bias no c. */
export interface Model {
  W: Float64Array;
  V?: Float64Array;
  b: Float64Array;
  c?: Float64Array;
}

/** What the forward pass of one input leaves behind. */
export interface Forward {
  hPre: Float64Array; // (m) Wᵀx + c
  h: Float64Array; // (m) f(hPre)
  yPre: Float64Array; // (n) V h + b
  xHat: Float64Array; // (n) g(yPre)
}

/** Gradients of the loss, shaped like the weights and absent where they are; db is 0 when the family has no bias. */
export interface Gradients {
  loss: number;
  dW: Float64Array;
  dV?: Float64Array;
  db: Float64Array;
  dc?: Float64Array;
}

/** Slope of a leaky ReLU below 0. */
export const LEAK = 0.01;
/** √(2/π) and the cubic coefficient of GELU's tanh form (Hendrycks & Gimpel 2016). */
const GELU = { scale: Math.sqrt(2 / Math.PI), cubic: 0.044715 };

const geluAngle = (x: number) => GELU.scale * (x + GELU.cubic * x * x * x);

/** f(x): x, max(x, 0), x(1 + tanh(√(2/π)(x + 0.044715 x³)))/2, x or x/100 below 0, tanh x, |x|. */
export function activate(activation: Activation, x: number): number {
  switch (activation) {
    case 'identity':
      return x;
    case 'relu':
      return Math.max(x, 0);
    case 'gelu':
      return (x / 2) * (1 + tanh(geluAngle(x)));
    case 'leaky-relu':
      return x > 0 ? x : LEAK * x;
    case 'tanh':
      return tanh(x);
    case 'abs':
      return Math.abs(x);
  }
}

/** f'(x), with f'(0) = 0 for ReLU and |x| and LEAK for the leaky ReLU, as the other frameworks have it. */
export function slope(activation: Activation, x: number): number {
  switch (activation) {
    case 'identity':
      return 1;
    case 'relu':
      return x > 0 ? 1 : 0;
    case 'gelu': {
      const t = tanh(geluAngle(x));
      return (1 + t) / 2 + (x / 2) * (1 - t * t) * GELU.scale * (1 + 3 * GELU.cubic * x * x);
    }
    case 'leaky-relu':
      return x > 0 ? 1 : LEAK;
    case 'tanh':
      return 1 - square(tanh(x));
    case 'abs':
      return Math.sign(x);
  }
}

/** Forward pass of one input x (n). */
export function forward(family: Family, model: Model, x: ArrayLike<number>): Forward {
  const { features: n, hidden: m } = family;
  const V = model.V ?? model.W;
  const hPre = model.c ? Float64Array.from(model.c) : new Float64Array(m);
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
    loss += (importance[j] * square(target(family, x[j]) - pass.xHat[j])) / family.features;
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
  for (let k = 0; k < m; k++) {
    dh[k] *= slope(family.hiddenActivation, pass.hPre[k]);
    if (out.dc) out.dc[k] += dh[k];
  }
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
    dc: model.c && new Float64Array(model.c.length),
  };
  for (let s = 0; s < size; s++) {
    const x = batch.subarray(s * n, (s + 1) * n);
    const pass = forward(family, model, x);
    out.loss += sampleLoss(family, pass, x, importance, hiddenPenalty) / size;
    backwardSample(family, model, pass, x, importance, hiddenPenalty, 1 / size, out);
  }
  return out;
}
