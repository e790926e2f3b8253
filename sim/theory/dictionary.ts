/**
 * The best sparse autoencoder there is for inputs that take finitely many values: minimises the exact expected loss
 *
 *     Σ_g w_g E ‖h − ĥ_g‖² + λ E Σ_i z_i ‖d_i‖,   z = ReLU(E (h − b) + c),   ĥ_g = b + Σ_{i < l_g} z_i d_i,
 *
 * the loss of a ReLU dictionary with decoder-norm weighted L1; with prefixes l_g of weight w_g that of a Matryoshka
 * one. Float64, no samples. Local minima are many, so callers give the starts that matter and random ones join them.
 */
import { square } from '../elementary.ts';
import { instanceKey, normals } from '../random.ts';

/** Inputs of finite support: P points of d numbers, their probabilities summing to 1. */
export interface Support {
  size: number; // d
  probability: Float64Array; // (P)
  points: Float64Array; // (P, d)
}

/** A prefix of the dictionary that must reconstruct by itself, and what its error weighs. */
interface Prefix {
  latents: number; // l_g
  weight: number; // w_g
}

/** What is minimised. */
export interface Objective {
  sparsity: number; // λ
  prefixes: readonly Prefix[]; // a plain dictionary has one: all latents, weight 1
}

/** Weights of one dictionary of L latents in d dimensions. */
export interface Dictionary {
  encoder: Float64Array; // (L, d)
  encoderBias: Float64Array; // (L)
  decoder: Float64Array; // (L, d)
  decoderBias: Float64Array; // (d)
}

/** A minimum of the expected loss. */
export interface BestDictionary {
  loss: number;
  dictionary: Dictionary;
}

/** Plain dictionary of L latents. */
export const plain = (latents: number, sparsity: number): Objective => ({
  sparsity,
  prefixes: [{ latents, weight: 1 }],
});

const sizeOf = (L: number, d: number) => 2 * L * d + L + d;

/** The four tensors as views of one array of 2 L d + L + d numbers. */
function unpack(flat: Float64Array, L: number, d: number): Dictionary {
  return {
    encoder: flat.subarray(0, L * d),
    encoderBias: flat.subarray(L * d, L * d + L),
    decoder: flat.subarray(L * d + L, 2 * L * d + L),
    decoderBias: flat.subarray(2 * L * d + L, sizeOf(L, d)),
  };
}

function pack({ encoder, encoderBias, decoder, decoderBias }: Dictionary): Float64Array {
  return Float64Array.from([...encoder, ...encoderBias, ...decoder, ...decoderBias]);
}

/** Σ_k a_(from + k) b_(start + k) of d numbers. */
function dot(a: Float64Array, from: number, b: Float64Array, start: number, d: number): number {
  let sum = 0;
  for (let k = 0; k < d; k++) sum += a[from + k] * b[start + k];
  return sum;
}

/** Fills z (L) with the codes of one input h (d); u (d) is scratch. */
function encodeInto(
  { encoder, encoderBias, decoderBias }: Dictionary,
  h: Float64Array,
  u: Float64Array,
  z: Float64Array,
): void {
  const d = h.length;
  for (let k = 0; k < d; k++) u[k] = h[k] - decoderBias[k];
  for (let i = 0; i < z.length; i++) z[i] = Math.max(0, encoderBias[i] + dot(encoder, i * d, u, 0, d));
}

/** Codes z (L) of one input h (d). */
export function encode(own: Dictionary, h: Float64Array): Float64Array {
  const z = new Float64Array(own.encoderBias.length);
  encodeInto(own, h, new Float64Array(h.length), z);
  return z;
}

/** What one pass over a point writes and reads. */
interface Scratch {
  u: Float64Array; // (d) h − b
  error: Float64Array; // (d)
  z: Float64Array; // (L)
  norms: Float64Array; // (L) of the decoder's rows
  pull: Float64Array; // (L, d) ∂/∂(z_i d_i)
}

const scratchFor = (L: number, d: number): Scratch => ({
  u: new Float64Array(d),
  error: new Float64Array(d),
  z: new Float64Array(L),
  norms: new Float64Array(L),
  pull: new Float64Array(L * d),
});

/** Adds the gradient of the squared errors at h to `into`; returns them and fills `pull`. */
function addErrors(
  own: Dictionary,
  into: Dictionary,
  h: Float64Array,
  probability: number,
  prefixes: readonly Prefix[],
  { z, error, pull }: Scratch,
): number {
  const d = h.length;
  pull.fill(0);
  let loss = 0;
  for (const { latents, weight } of prefixes) {
    for (let k = 0; k < d; k++) error[k] = own.decoderBias[k] - h[k];
    for (let i = 0; i < latents; i++) {
      if (z[i] > 0) for (let k = 0; k < d; k++) error[k] += z[i] * own.decoder[i * d + k];
    }
    for (let k = 0; k < d; k++) {
      loss += probability * weight * error[k] * error[k];
      const slope = 2 * probability * weight * error[k];
      into.decoderBias[k] += slope;
      for (let i = 0; i < latents; i++) pull[i * d + k] += slope;
    }
  }
  return loss;
}

/** Adds what latent i, which is on, gives to the gradient at h; returns its part of the penalty. */
function addLatent(
  own: Dictionary,
  into: Dictionary,
  h: Float64Array,
  i: number,
  penalty: number,
  { z, norms, pull }: Scratch,
): number {
  const d = h.length;
  const slope = dot(own.decoder, i * d, pull, i * d, d) + penalty * norms[i];
  into.encoderBias[i] += slope;
  for (let k = 0; k < d; k++) {
    const at = i * d + k;
    into.decoder[at] += z[i] * (pull[at] + (norms[i] > 0 ? (penalty * own.decoder[at]) / norms[i] : 0));
    into.encoder[at] += slope * (h[k] - own.decoderBias[k]);
    into.decoderBias[k] -= slope * own.encoder[at];
  }
  return penalty * z[i] * norms[i];
}

/** The expected loss as a function of the weights `flat`; it fills `gradient` with its gradient. */
export function expectedLoss(
  { size: d, probability, points }: Support,
  { sparsity, prefixes }: Objective,
): (flat: Float64Array, gradient: Float64Array) => number {
  const L = prefixes[prefixes.length - 1].latents;
  const scratch = scratchFor(L, d);
  const { u, z, norms } = scratch;
  const inputs = Array.from(probability, (_, p) => points.subarray(p * d, (p + 1) * d));
  return (flat, gradient) => {
    const [own, into] = [unpack(flat, L, d), unpack(gradient, L, d)];
    for (let i = 0; i < L; i++) norms[i] = Math.sqrt(dot(own.decoder, i * d, own.decoder, i * d, d));
    gradient.fill(0);
    let loss = 0;
    for (let p = 0; p < inputs.length; p++) {
      encodeInto(own, inputs[p], u, z);
      loss += addErrors(own, into, inputs[p], probability[p], prefixes, scratch);
      for (let i = 0; i < L; i++) {
        if (z[i] > 0) loss += addLatent(own, into, inputs[p], i, probability[p] * sparsity, scratch);
      }
    }
    return loss;
  };
}

/** Expected loss of a dictionary. */
export function lossOf(support: Support, objective: Objective, own: Dictionary): number {
  const flat = pack(own);
  return expectedLoss(support, objective)(flat, new Float64Array(flat.length));
}

/** Steps of Adam from each start, and its first rate, which falls to 0 as a cosine. */
const STEPS = 4_000;
const RATE = 0.02;

/** Adam from `start`, with a rate that falls to 0; returns the best point on the way. */
function descend(f: (x: Float64Array, gradient: Float64Array) => number, start: Float64Array) {
  const x = start.slice();
  const [gradient, first, second] = [x.slice(), new Float64Array(x.length), new Float64Array(x.length)];
  let best = { x: start, loss: Number.POSITIVE_INFINITY };
  for (let step = 0; step < STEPS; step++) {
    const loss = f(x, gradient);
    if (loss < best.loss) best = { x: x.slice(), loss };
    const rate = (RATE * (1 + Math.cos((Math.PI * step) / STEPS))) / 2;
    const [grownFirst, grownSecond] = [1 - 0.9 ** (step + 1), 1 - 0.99 ** (step + 1)];
    for (let i = 0; i < x.length; i++) {
      first[i] = 0.9 * first[i] + 0.1 * gradient[i];
      second[i] = 0.99 * second[i] + 0.01 * square(gradient[i]);
      x[i] -= (rate * (first[i] / grownFirst)) / (Math.sqrt(second[i] / grownSecond) + 1e-12);
    }
  }
  return best;
}

/** A start: unit directions (L, d) as encoder and decoder, biases 0. */
export function startAt(directions: readonly number[], d: number): Dictionary {
  const encoder = Float64Array.from(directions);
  return {
    encoder,
    encoderBias: new Float64Array(encoder.length / d),
    decoder: encoder.slice(),
    decoderBias: new Float64Array(d),
  };
}

/** Random starts, beside those given. */
const RANDOM_STARTS = 6;

/**
 * Dictionary of least expected loss found from `starts` and from six random tied ones. The loss is within some 1e-7
 * of a local minimum; that it is the global one rests on the starts.
 */
export function bestDictionary(
  support: Support,
  objective: Objective,
  starts: readonly Dictionary[] = [],
): BestDictionary {
  const d = support.size;
  const L = objective.prefixes[objective.prefixes.length - 1].latents;
  const random = Array.from({ length: RANDOM_STARTS }, (_, k) =>
    startAt([...normals(instanceKey(0, k), 0, L * d)], d),
  );
  const minima = [...starts, ...random].map((start) =>
    descend(expectedLoss(support, objective), pack(start)),
  );
  const { x, loss } = minima.reduce((low, other) => (other.loss < low.loss ? other : low));
  return { loss, dictionary: unpack(x, L, d) };
}

/** Cosine of latent i's decoder with feature axis k. */
export function axisCosine({ decoder, decoderBias }: Dictionary, latent: number, axis: number): number {
  const d = decoderBias.length;
  return decoder[latent * d + axis] / Math.hypot(...decoder.subarray(latent * d, (latent + 1) * d));
}
