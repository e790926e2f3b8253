/**
 * The best sparse autoencoder there is for inputs that take finitely many values: minimises the exact expected loss
 *
 *     Σ_g w_g E ‖h − ĥ_g‖² + λ E Σ_i z_i ‖d_i‖,   z = ReLU(E (h − b) + c),   ĥ_g = b + Σ_{i < l_g} z_i d_i,
 *
 * the loss of a ReLU dictionary with decoder-norm weighted L1; with prefixes l_g of weight w_g that of a Matryoshka
 * one. Float64, no samples. Local minima are many, so callers give the starts that matter and random ones join them.
 */
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

const dot = (a: Float64Array, from: number, b: Float64Array, d: number) => {
  let sum = 0;
  for (let k = 0; k < d; k++) sum += a[from + k] * b[k];
  return sum;
};

/** Codes z (L) of one input h (d). */
export function encode({ encoder, encoderBias, decoderBias }: Dictionary, h: Float64Array): Float64Array {
  const u = h.map((value, k) => value - decoderBias[k]);
  return encoderBias.map((c, i) => Math.max(0, c + dot(encoder, i * h.length, u, h.length)));
}

/** Norms of the decoder's rows. Shape (L). */
function decoderNorms({ decoder, encoderBias }: Dictionary, d: number): Float64Array {
  return encoderBias.map((_, i) => Math.sqrt(dot(decoder, i * d, decoder.subarray(i * d), d)));
}

/** Adds the gradient of the squared errors to `into`; returns them and fills `pull` (L, d) with ∂/∂(z_i d_i). */
function addErrors(
  own: Dictionary,
  into: Dictionary,
  z: Float64Array,
  h: Float64Array,
  probability: number,
  prefixes: readonly Prefix[],
  pull: Float64Array,
): number {
  const d = h.length;
  pull.fill(0);
  let loss = 0;
  for (const { latents, weight } of prefixes) {
    const error = own.decoderBias.map((b, k) => b - h[k]);
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

/** Expected loss of the weights `flat`; fills `gradient` with its gradient. */
export function expectedLoss(
  { size: d, probability, points }: Support,
  { sparsity, prefixes }: Objective,
  flat: Float64Array,
  gradient: Float64Array,
): number {
  const L = prefixes[prefixes.length - 1].latents;
  const [own, into] = [unpack(flat, L, d), unpack(gradient, L, d)];
  const norms = decoderNorms(own, d);
  const pull = new Float64Array(L * d);
  gradient.fill(0);
  let loss = 0;
  for (let p = 0; p < probability.length; p++) {
    const h = points.subarray(p * d, (p + 1) * d);
    const z = encode(own, h);
    loss += addErrors(own, into, z, h, probability[p], prefixes, pull);
    for (let i = 0; i < L; i++) {
      if (z[i] <= 0) continue;
      const penalty = probability[p] * sparsity;
      loss += penalty * z[i] * norms[i];
      const slope = dot(own.decoder, i * d, pull.subarray(i * d), d) + penalty * norms[i];
      into.encoderBias[i] += slope;
      for (let k = 0; k < d; k++) {
        const at = i * d + k;
        into.decoder[at] += z[i] * (pull[at] + (norms[i] > 0 ? (penalty * own.decoder[at]) / norms[i] : 0));
        into.encoder[at] += slope * (h[k] - own.decoderBias[k]);
        into.decoderBias[k] -= slope * own.encoder[at];
      }
    }
  }
  return loss;
}

/** Expected loss of a dictionary. */
export function lossOf(support: Support, objective: Objective, own: Dictionary): number {
  const flat = pack(own);
  return expectedLoss(support, objective, flat, new Float64Array(flat.length));
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
    for (let i = 0; i < x.length; i++) {
      first[i] = 0.9 * first[i] + 0.1 * gradient[i];
      second[i] = 0.99 * second[i] + 0.01 * gradient[i] ** 2;
      const [m, v] = [first[i] / (1 - 0.9 ** (step + 1)), second[i] / (1 - 0.99 ** (step + 1))];
      x[i] -= (rate * m) / (Math.sqrt(v) + 1e-12);
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
    descend((x, gradient) => expectedLoss(support, objective, x, gradient), pack(start)),
  );
  const { x, loss } = minima.reduce((low, other) => (other.loss < low.loss ? other : low));
  return { loss, dictionary: unpack(x, L, d) };
}

/** Cosine of latent i's decoder with feature axis k. */
export function axisCosine({ decoder, decoderBias }: Dictionary, latent: number, axis: number): number {
  const d = decoderBias.length;
  return decoder[latent * d + axis] / Math.hypot(...decoder.subarray(latent * d, (latent + 1) * d));
}
