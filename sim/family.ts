/** Which model, on what inputs, trained how: everything that a kernel is compiled for, as plain data. */
import type { LatentShape } from './latent.ts';

/** φ(z): z, max(0, z), zΦ(z) in its tanh form, z or z/100 below 0, tanh z, |z|. */
export type Activation = 'identity' | 'relu' | 'gelu' | 'leaky-relu' | 'tanh' | 'abs';
/** Active inputs: `unit` U[0, 1), `signed` U[−1, 1), `one` 1, `normal` max(0, N(mean, sd)) of the column magnitude. */
export type Magnitude = 'unit' | 'signed' | 'one' | 'normal';
/**
 * What opens the gates of a sample. independent: each feature's own gate, or those of sets. exactly: k features, any as
 * likely as any other, k = round(n · density). copula: feature i where λ_i g + √(1 − λ_i²) g_i < Φ⁻¹(p_i), the normal g
 * shared by all. gaussian: where z_i < Φ⁻¹(p_i), normals z = L ε of any correlations L Lᵀ. tree: with the density of the
 * column when the parent's gate is open, with that of `alone` when it is shut. circle, figure-eight: all features around a
 * random point of the curve, each a bump of the distance from its own. latent: independently, given a point (latent.ts).
 * trigrams: no gates, but the tokens of a sequence (features.ts).
 */
export type Gating =
  | 'independent'
  | 'exactly'
  | 'copula'
  | 'gaussian'
  | 'tree'
  | 'circle'
  | 'figure-eight'
  | 'latent'
  | 'trigrams';
/** What the output is to reproduce: x, or |x|. */
export type Target = 'x' | 'abs';
export type SetKind = 'correlated' | 'anticorrelated';
/** The optimisers' names. */
export const OPTIMIZERS = ['adamw', 'adam', 'sgd', 'sgld'] as const;
/**
 * AdamW decouples weight decay from the gradient; the others add it to the gradient. sgld is Langevin dynamics, which
 * samples weights instead of improving them (optimizer.ts).
 */
export type OptimizerName = (typeof OPTIMIZERS)[number];
/** Factor on the learning rate over the steps, after any linear warm-up. */
export type ScheduleName =
  | 'constant'
  | 'linear'
  | 'cosine'
  | 'cosine-to-tenth'
  | 'quarter-cosine'
  | 'last-fifth';

/** A run of `size` consecutive features that share one gate. Sets cover the first features, in order. */
export interface FeatureSet {
  kind: SetKind;
  size: number;
}

/** When dead latents begin again, and how. */
export interface Resample {
  every: number; // steps
  times: number;
  samples: number; // a latent that fires on none of them is dead
  encoder: number; // length of a new encoder row, as a share of the mean of those alive
}

/** A loss by which dead latents learn what the others leave. */
interface Auxiliary {
  weight: number;
  every: number; // steps between two looks at which latents are dead
  samples: number; // a latent that fires on none of them is dead
}

/** Prefixes that are drawn anew as training goes on. */
interface DrawnPrefixes {
  count: number;
  exponent: number; // α of a Pareto distribution on [1, L)
  every: number; // steps
}

/** What a dictionary's kernel is compiled for; a spec's `dictionary` says what each field does. */
export interface DictionaryShape {
  kind: 'relu' | 'topk' | 'batch-topk' | 'jump-relu' | 'gated';
  reads: 'model' | 'stored' | 'random' | 'orthonormal';
  scaling?: 'mean-norm' | 'mean-square'; // absent: h as it is
  latents: number; // L
  penalty: 'decoder-norm' | 'unit-norm' | 'plain' | 'tanh';
  threshold: number;
  bandwidth: number;
  prefixes: number[];
  start: 'tied' | 'untied' | 'truth';
  startNorm: number;
  decoderBias: boolean;
  resample?: Resample;
  auxiliary?: Auxiliary; // how many dead latents is a column
  drawnPrefixes?: DrawnPrefixes; // in place of `prefixes`
}

/** What the kernels of all decompositions are compiled for; a spec's `decomposition` says what each field does. */
interface PartsShape {
  identity: boolean; // the m × m identity between encoder and decoder is taken apart, too
  subcomponents: number; // C of every map
  units: number; // K of the perceptron of a subcomponent (spd) or of a map (vpd)
  faithful: { steps: number; learningRate: number; weightDecay: number };
}

/** Of stochastic parameter decomposition. */
export interface SpdShape extends PartsShape {
  method: 'spd';
  power: 1 | 2;
}

/** Of adversarial parameter decomposition. */
export interface VpdShape extends PartsShape {
  method: 'vpd';
  frequencyScale: number;
  sharpness: { from: number; to: number };
  adversary: {
    share: number;
    ascents: number;
    learningRate: number;
    warmup: number;
    beta1: number;
    beta2: number;
  };
}

/** What a decomposition's kernel is compiled for. */
export type DecompositionShape = SpdShape | VpdShape;

/** Skip trigrams: token 0 the source, 1 … K destinations, K + 1 … 2K what follows each of them, the rest noise. */
export interface Trigrams {
  destinations: number; // K
  length: number; // tokens of a sequence
}

/** A sparse layer y = g(A x + v) that a model is to compute; a spec's `model.circuit` says what each field does. */
export interface CircuitShape {
  blocks: number;
  density: number;
  shift: number;
  seed: number;
}

/** One member of a family of models and its inputs. `kind` names the model in models/; the rest are its flags. */
export interface Family {
  kind: string; // 'toy': h = f(Wᵀx + c), x' = g(V h + b); V = W when tied
  features: number; // n
  hidden: number; // m
  hiddenActivation: Activation; // f
  outputActivation: Activation; // g
  tied: boolean;
  bias: boolean; // false: b stays 0
  hiddenBias: boolean; // false: there is no c
  embedding?: number; // d of a residual MLP; absent: its features are the axes of the stream
  magnitude: Magnitude; // active values U[0,1) or U[-1,1)
  target: Target; // reconstruct x or |x|
  sets: FeatureSet[]; // the features behind the last set are independent
  gating: Gating;
  parents?: number[]; // (n) of a tree: each feature's parent, one before it, or −1
  latent?: { shape: LatentShape; points: 'places' | 'uniform' };
  trigrams?: Trigrams;
  exclusive?: boolean; // of a tree: at most one child of a parent is active
  circuit?: CircuitShape; // of kind 'circuit'
  dictionary?: DictionaryShape; // of kind 'sae'
  decomposition?: DecompositionShape; // of kind 'parts'
}

/** The paper's ReLU output model, x' = ReLU(W Wᵀx + b), of independent features in [0, 1). */
export function reluOutputFamily(features: number, hidden: number): Family {
  return {
    kind: 'toy',
    features,
    hidden,
    hiddenActivation: 'identity',
    outputActivation: 'relu',
    tied: true,
    bias: true,
    hiddenBias: false,
    magnitude: 'unit',
    target: 'x',
    sets: [],
    gating: 'independent',
  };
}

/**
 * Adversarial training: the model is shown x moved by a vector of length ε, and must return x. feature: sample s of
 * step t moves along row i = (⌊s/4⌋ + t) mod n of G = V Wᵀ, the paper's analytic attack on output i. gradient: along
 * the gradient of its own loss, the worst direction to first order. ε is the column `attack`, times the sample's own
 * length for `own`.
 */
export interface Attack {
  kind: 'feature' | 'gradient';
  of: 'mean' | 'own'; // what the length is a share of: the mean length of the inputs, or each input's own
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
  reduction: 'mean' | 'sum'; // of the squared errors over the features; over the batch it is always the mean
  clip: number; // largest global norm of the gradient; 0 = no limit
  attack?: Attack; // absent: samples are shown as they are
  sparsityWarmup?: number; // of a dictionary: steps over which λ rises
}
