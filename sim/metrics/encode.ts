/**
 * What a trained dictionary makes of given hidden layers, in float64 and plain loops: an independent second reading of
 * models/sae.ts. L latents, d = m dimensions, N samples.
 */
import { lengthOf } from '../elementary.ts';
import type { DictionaryShape } from '../family.ts';
import type { Table } from '../table.ts';

/** h = Wᵀx of samples x (N, n). Shape (N, m). */
export function hiddenOf(x: ArrayLike<number>, W: ArrayLike<number>, n: number, m: number): Float64Array {
  const out = new Float64Array((x.length / n) * m);
  for (let at = 0; at < x.length; at++) {
    const [s, i] = [Math.floor(at / n), at % n];
    if (x[at] !== 0) for (let k = 0; k < m; k++) out[s * m + k] += x[at] * W[i * m + k];
  }
  return out;
}

/** Hidden vectors h = Wᵀx of all samples of a table, W (n, m). Shape (T, m). */
export function hiddenVectors(table: Table, W: ArrayLike<number>, m: number): Float64Array {
  const h = new Float64Array(table.samples * m);
  for (let t = 0; t < table.samples; t++) {
    for (let at = table.starts[t]; at < table.starts[t + 1]; at++) {
      for (let k = 0; k < m; k++) h[t * m + k] += table.values[at] * W[table.indices[at] * m + k];
    }
  }
  return h;
}

/** Weights of one dictionary, by tensor. */
export interface DictionaryWeights {
  encoder: ArrayLike<number>; // (L, d)
  decoder: ArrayLike<number>; // (L, d)
  encoderBias: ArrayLike<number>; // (L)
  decoderBias: ArrayLike<number>; // (d)
  threshold?: ArrayLike<number>; // (L) jump-relu
  gain?: ArrayLike<number>; // (L) gated
  gateBias?: ArrayLike<number>; // (L) gated
}

/** How a dictionary fires; `active` is k of topk and batch-topk. */
export type Firing = Pick<DictionaryShape, 'kind' | 'penalty' | 'latents'> & { active: number };

/** The directions with which codes are decoded: the decoder's rows, at length 1 if the dictionary keeps them so. */
export function decoderDirections(
  { decoder }: DictionaryWeights,
  { penalty, latents: L }: Firing,
): Float64Array {
  const out = Float64Array.from(decoder);
  const d = out.length / L;
  if (penalty !== 'unit-norm') return out;
  for (let i = 0; i < L; i++) {
    const row = out.subarray(i * d, (i + 1) * d);
    const length = lengthOf(row);
    for (let k = 0; k < d; k++) row[k] /= length;
  }
  return out;
}

/** E (h − b) for every sample. Shape (N, L). */
function projections(own: DictionaryWeights, h: ArrayLike<number>, L: number): Float64Array {
  const d = own.decoderBias.length;
  const out = new Float64Array((h.length / d) * L);
  for (let at = 0; at < out.length; at++) {
    const [s, i] = [Math.floor(at / L), at % L];
    for (let k = 0; k < d; k++) out[at] += own.encoder[i * d + k] * (h[s * d + k] - own.decoderBias[k]);
  }
  return out;
}

/** Keeps the `count` largest entries of each run of `width`, and of those only what is above 0, in place. */
function keepLargest(values: Float64Array, width: number, count: number): void {
  for (let from = 0; from < values.length; from += width) {
    const row = values.subarray(from, from + width);
    const least = Float64Array.from(row).sort()[width - Math.min(width, Math.max(1, Math.round(count)))];
    for (let k = 0; k < row.length; k++) if (!(row[k] >= least && row[k] > 0)) row[k] = 0;
  }
}

/** Codes z (N, L) of hidden layers h (N, d). Of batch-topk, the N samples are the batch. */
export function encodeAll(own: DictionaryWeights, firing: Firing, h: ArrayLike<number>): Float64Array {
  const { kind, latents: L, active } = firing;
  const samples = h.length / own.decoderBias.length;
  const e = projections(own, h, L);
  const z = e.map((value, at) => value + own.encoderBias[at % L]);
  switch (kind) {
    case 'relu':
      return z.map((a) => Math.max(0, a));
    case 'topk':
      keepLargest(z, L, active);
      return z;
    case 'batch-topk':
      keepLargest(z, samples * L, active * samples);
      return z;
    case 'jump-relu':
      return z.map((a, at) => (a > own.threshold![at % L] ? a : 0));
    case 'gated':
      return e.map((value, at) => {
        const i = at % L;
        return value + own.gateBias![i] > 0 ? Math.max(0, value * own.gain![i] + own.encoderBias[i]) : 0;
      });
  }
}

/** Reconstructions ĥ = b + Σ_i z_i d_i (N, d) of codes z (N, L). */
export function decodeAll(own: DictionaryWeights, firing: Firing, z: ArrayLike<number>): Float64Array {
  const directions = decoderDirections(own, firing);
  const L = firing.latents;
  const d = own.decoderBias.length;
  const out = Float64Array.from({ length: (z.length / L) * d }, (_, at) => own.decoderBias[at % d]);
  for (let at = 0; at < z.length; at++) {
    const [s, i] = [Math.floor(at / L), at % L];
    if (z[at] > 0) for (let k = 0; k < d; k++) out[s * d + k] += z[at] * directions[i * d + k];
  }
  return out;
}
