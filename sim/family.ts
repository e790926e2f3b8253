/**
 * The plain data that flows between rooms: which model, which instances, which numbers.
 * Arrays are flat and row-major; shapes stand beside them. The paper writes W as m × n; here row i of W is
 * feature i's direction, so W is (instances, n, m) and the paper's W_i is W[i·m … i·m + m − 1].
 */

/** φ(z): z itself, or max(0, z). */
export type Activation = 'identity' | 'relu';
/** Active inputs: `unit` U[0, 1), `signed` U[−1, 1). */
export type Magnitude = 'unit' | 'signed';
/** What the output is to reproduce: x, or |x|. */
export type Target = 'x' | 'abs';
export type SetKind = 'correlated' | 'anticorrelated';
/** AdamW decouples weight decay from the gradient; Adam and SGD add it to the gradient. */
export type OptimizerName = 'adamw' | 'adam' | 'sgd';
/** Factor on the learning rate over the steps, after any linear warm-up. */
export type ScheduleName = 'constant' | 'linear' | 'cosine' | 'quarter-cosine';

/** A run of `size` consecutive features that share one gate. Sets cover the first features, in order. */
export interface FeatureSet {
  kind: SetKind;
  size: number;
}

/** One member of the family h = f(Wᵀx), x' = g(V h + b); V = W when tied. Everything a kernel is compiled for. */
export interface Family {
  features: number; // n
  hidden: number; // m
  hiddenActivation: Activation; // f
  outputActivation: Activation; // g
  tied: boolean;
  bias: boolean; // false: b stays 0
  magnitude: Magnitude; // active values U[0,1) or U[-1,1)
  target: Target; // reconstruct x or |x|
  sets: FeatureSet[]; // the features behind the last set are independent
}

/** The paper's ReLU output model, x' = ReLU(W Wᵀx + b), of independent features in [0, 1). */
export function reluOutputFamily(features: number, hidden: number): Family {
  return {
    features,
    hidden,
    hiddenActivation: 'identity',
    outputActivation: 'relu',
    tied: true,
    bias: true,
    magnitude: 'unit',
    target: 'x',
    sets: [],
  };
}

/** Hyperparameters that all instances of a group share. */
export interface Training {
  batch: number;
  steps: number;
  optimizer: OptimizerName;
  beta1: number;
  beta2: number;
  epsilon: number;
  momentum: number; // sgd only
  schedule: ScheduleName;
  warmup: number; // steps of linear warm-up
  hiddenPenalty: number; // λ of λ Σ_k |h_k|, mean over the batch
}

/** A group of instances of one family that train side by side; one row of each column an instance. */
export interface Problem {
  family: Family;
  training: Training; // what all instances share
  firstStep: number; // step number of the first update: 0 in training, HELD_OUT_STEP in evaluation
  instances: number; // I
  keys: Int32Array; // (I, 2) instance keys of random.ts
  density: Float64Array; // (I, n) probability that the feature's gate opens
  importance: Float64Array; // (I, n)
  learningRate: Float64Array; // (I)
  weightDecay: Float64Array; // (I)
}

/** Weights of `instances` models of one family. */
export interface Params {
  W: Float32Array; // (I, n, m) encoder rows; decoder too when tied
  V: Float32Array | null; // (I, n, m) decoder rows of an untied model
  b: Float32Array; // (I, n)
}

/** Copies rows [from, to) of every array of a problem's columns. */
export function sliceProblem(problem: Problem, from: number, to: number): Problem {
  const n = problem.family.features;
  return {
    ...problem,
    instances: to - from,
    keys: problem.keys.slice(from * 2, to * 2),
    density: problem.density.slice(from * n, to * n),
    importance: problem.importance.slice(from * n, to * n),
    learningRate: problem.learningRate.slice(from, to),
    weightDecay: problem.weightDecay.slice(from, to),
  };
}

/** Copies instances [from, to) of the weights of models with n features and m hidden dimensions. */
export function sliceParams(params: Params, family: Family, from: number, to: number): Params {
  const nm = family.features * family.hidden;
  return {
    W: params.W.slice(from * nm, to * nm),
    V: params.V?.slice(from * nm, to * nm) ?? null,
    b: params.b.slice(from * family.features, to * family.features),
  };
}

/** One Float32Array after the other. */
export function concatenate(parts: Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Weights of several ranges of instances of one family, in order, as one. */
export function joinParams(parts: Params[]): Params {
  return {
    W: concatenate(parts.map((p) => p.W)),
    V: parts[0].V ? concatenate(parts.map((p) => p.V!)) : null,
    b: concatenate(parts.map((p) => p.b)),
  };
}
