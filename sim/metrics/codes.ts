/**
 * What a dictionary does with samples: metrics of its codes. N samples, n true features, L latents, d dimensions;
 * all arrays row-major. A latent fires where its code is above 0, a feature is active where it is not 0.
 */
import { exp, log, square } from '../elementary.ts';
import { bestFeatures, type Cosines } from './dictionary.ts';

/** N samples as a dictionary sees them. */
export interface Coded {
  samples: number; // N
  features: number; // n
  latents: number; // L
  size: number; // d
  x: ArrayLike<number>; // (N, n) true features
  h: ArrayLike<number>; // (N, d) what the dictionary reads
  z: ArrayLike<number>; // (N, L) its codes, ≥ 0
  output: ArrayLike<number>; // (N, d) its reconstruction of h
}

/** Mean number of entries of `values` (N, width) that are not 0, a row. */
function meanActive(values: ArrayLike<number>, samples: number): number {
  let count = 0;
  for (let at = 0; at < values.length; at++) if (values[at] !== 0) count++;
  return count / samples;
}

/** L0: mean number of latents that fire on a sample. */
export function meanFiring({ z, samples }: Coded): number {
  return meanActive(z, samples);
}

/** True L0: mean number of features that are active in a sample. */
export function meanTrulyActive({ x, samples }: Coded): number {
  return meanActive(x, samples);
}

/** How often each latent fires, in [0, 1]. Shape (L). */
export function firingRates({ z, samples, latents: L }: Coded): Float64Array {
  const rates = new Float64Array(L);
  for (let at = 0; at < samples * L; at++) if (z[at] > 0) rates[at % L] += 1 / samples;
  return rates;
}

/** Share of latents that fire on none of the samples. */
export function deadShare(coded: Coded): number {
  return firingRates(coded).filter((rate) => rate === 0).length / coded.latents;
}

/** R² = 1 − Σ ‖h − ĥ‖² / Σ ‖h − mean h‖², over samples; NaN if h never varies. */
export function explainedVariance({ samples: N, size: d, h, output }: Coded): number {
  const centre = new Float64Array(d);
  for (let at = 0; at < N * d; at++) centre[at % d] += h[at] / N;
  let error = 0;
  let spread = 0;
  for (let at = 0; at < N * d; at++) {
    error += square(h[at] - output[at]);
    spread += square(h[at] - centre[at % d]);
  }
  return spread > 0 ? 1 - error / spread : Number.NaN;
}

/** Mean squared error E ‖h − ĥ‖², summed over dimensions. */
export function meanSquaredError({ samples: N, size: d, h, output }: Coded): number {
  let error = 0;
  for (let at = 0; at < N * d; at++) error += square(h[at] - output[at]) / N;
  return error;
}

const lengthAt = (values: ArrayLike<number>, row: number, d: number) => {
  let sum = 0;
  for (let k = row * d; k < (row + 1) * d; k++) sum += values[k] * values[k];
  return Math.sqrt(sum);
};

/** Shrinkage: mean of ‖ĥ‖ / ‖h‖ over samples with h ≠ 0; 1 = none. */
export function shrinkage({ samples: N, size: d, h, output }: Coded): number {
  let sum = 0;
  let count = 0;
  for (let s = 0; s < N; s++) {
    const length = lengthAt(h, s, d);
    if (length === 0) continue;
    sum += lengthAt(output, s, d) / length;
    count++;
  }
  return sum / count;
}

/** How well the latents detect features, means over alive latents. */
interface Detection {
  precision: number; // of the samples on which it fires, those with its feature active
  recall: number; // of the samples with its feature active, those on which it fires
  f1: number; // mean of the latents' harmonic means of both, not the harmonic mean of the means
}

/** Samples on which a latent fires, on which its feature is active, and both. */
function overlaps({ samples: N, features: n, latents: L, x, z }: Coded, latent: number, feature: number) {
  let [fires, active, both] = [0, 0, 0];
  for (let s = 0; s < N; s++) {
    const [on, there] = [z[s * L + latent] > 0, x[s * n + feature] !== 0];
    if (on) fires++;
    if (there) active++;
    if (on && there) both++;
  }
  return { fires, active, both };
}

/**
 * Each alive latent as a detector of the feature of largest |cos| with it. Means over alive latents; NaN if all are
 * dead. A latent that never meets its feature has recall 0 and F1 0.
 */
export function detection(coded: Coded, cos: Cosines): Detection {
  const own = [...bestFeatures(cos)].map((feature, latent) => overlaps(coded, latent, feature));
  const alive = own.filter(({ fires }) => fires > 0);
  const mean = (of: (counts: (typeof own)[number]) => number) =>
    alive.reduce((sum, counts) => sum + of(counts), 0) / alive.length;
  return {
    precision: mean(({ both, fires }) => both / fires),
    recall: mean(({ both, active }) => (active > 0 ? both / active : 0)),
    f1: mean(({ both, fires, active }) => (2 * both) / (fires + active)),
  };
}

/** Features of a hierarchy: a parent, and those that come with it. */
interface Lineage {
  parent: number;
  children: readonly number[];
}

/** Least cosine with the parent at which a child's latent counts as carrying the parent. */
const CARRIES = 0.3;

/** What becomes of a parent's latent when a child is there. */
export interface Absorption {
  latent: number; // the latent of largest cosine with the parent
  rate: number; // of the samples with parent and child, those on which it is silent and another that carries it fires
  response: number; // mean code there over mean code on the parent alone: 0 = absorbed, 1 = clean
  recall: number; // of all samples with the parent, those on which it fires
}

/** Absorption of a parent by its children (Chanin et al. 2024). NaN where the samples do not show the case. */
export function absorption(coded: Coded, cos: Cosines, { parent, children }: Lineage): Absorption {
  const { samples: N, features: n, latents: L, x, z } = coded;
  const cosOf = (latent: number) => cos.values[latent * n + parent];
  const order = Array.from({ length: L }, (_, latent) => latent).sort((a, b) => cosOf(b) - cosOf(a));
  const [latent, ...others] = order;
  const carriers = others.filter((other) => cosOf(other) >= CARRIES);
  const sums = { alone: 0, aloneCode: 0, together: 0, togetherCode: 0, absorbed: 0, fires: 0 };
  for (let s = 0; s < N; s++) {
    if (x[s * n + parent] === 0) continue;
    const code = z[s * L + latent];
    if (code > 0) sums.fires++;
    if (children.every((child) => x[s * n + child] === 0)) {
      sums.alone++;
      sums.aloneCode += code;
      continue;
    }
    sums.together++;
    sums.togetherCode += code;
    if (code <= 0 && carriers.some((other) => z[s * L + other] > 0)) sums.absorbed++;
  }
  return {
    latent,
    rate: sums.absorbed / sums.together,
    response: sums.togetherCode / sums.together / (sums.aloneCode / sums.alone),
    recall: sums.fires / (sums.alone + sums.together),
  };
}

/**
 * Decoder projection s_n (Chanin & Garriga-Alonso 2025): the (n·N)-th largest of all N·L projections
 * (h − bias)·d_i of the samples on the decoder's directions (L, d). Small where the latents are not mixed.
 */
export function decoderProjection(
  { samples: N, size: d, h }: Pick<Coded, 'samples' | 'size' | 'h'>,
  decoder: ArrayLike<number>,
  bias: ArrayLike<number>,
  count: number,
): number {
  const L = decoder.length / d;
  if (!(count >= 1 && count <= L)) throw new RangeError(`count: expected 1 to L = ${L}, got ${count}`);
  const all = new Float64Array(N * L);
  for (let at = 0; at < all.length; at++) {
    const [s, latent] = [Math.floor(at / L), at % L];
    for (let k = 0; k < d; k++) all[at] += (h[s * d + k] - bias[k]) * decoder[latent * d + k];
  }
  all.sort();
  return all[all.length - Math.round(count * N)];
}

/**
 * Effective features exp(H(p)), p_i the share of latent i in the sum of all codes and H the entropy in nats
 * (Bereska et al. 2025): 1 if one latent does everything, L if all do the same. NaN if none fires.
 */
export function effectiveFeatures({ samples: N, latents: L, z }: Coded): number {
  const sums = new Float64Array(L);
  for (let at = 0; at < N * L; at++) sums[at % L] += z[at];
  const total = sums.reduce((sum, value) => sum + value, 0);
  if (total === 0) return Number.NaN;
  return exp(sums.reduce((H, value) => (value > 0 ? H - (value / total) * log(value / total) : H), 0));
}
