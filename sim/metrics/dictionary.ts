/**
 * How near the latents of a dictionary point to the true features: metrics of directions alone. L latents,
 * n true features, both directions in d dimensions; rows are directions, of any length. `alive` (L) says which
 * latents ever fire, where that is known; without it all do.
 */
import { lengthOf } from '../elementary.ts';
import { assign } from './assignment.ts';
import { ABSENT } from './norms.ts';

/** Cosines of L latents with n features. */
export interface Cosines {
  latents: number; // L
  features: number; // n
  values: Float64Array; // (L, n) in [−1, 1]; 0 where either direction is shorter than 1e-6
}

/** A feature counts as found when the best cosine is above this (Sharkey et al. 2022 read MMCS; ARENA draws arrows). */
const FOUND = 0.95;

/** Rows of M (rows, d) at length 1, those shorter than ABSENT at 0. */
function unitRows(M: ArrayLike<number>, d: number): Float64Array {
  const out = Float64Array.from(M);
  for (let from = 0; from < out.length; from += d) {
    const row = out.subarray(from, from + d);
    const length = lengthOf(row);
    for (let k = 0; k < d; k++) row[k] = length < ABSENT ? 0 : row[k] / length;
  }
  return out;
}

/** Cosines of the rows of `decoder` (L, d) with those of `truth` (n, d). */
export function cosines(decoder: ArrayLike<number>, truth: ArrayLike<number>, d: number): Cosines {
  const [A, B] = [unitRows(decoder, d), unitRows(truth, d)];
  const [L, n] = [A.length / d, B.length / d];
  const values = new Float64Array(L * n);
  for (let at = 0; at < values.length; at++) {
    const [a, b] = [Math.floor(at / n) * d, (at % n) * d];
    for (let k = 0; k < d; k++) values[at] += A[a + k] * B[b + k];
  }
  return { latents: L, features: n, values };
}

const lives = (alive: ArrayLike<number> | undefined, latent: number) => !alive || alive[latent] > 0;

/** Place of the largest of `count` scores among those that `counts` lets in, −1 if there is none. */
function argmax(count: number, score: (k: number) => number, counts = (_: number) => true): number {
  let best = -1;
  for (let k = 0; k < count; k++) if (counts(k) && (best < 0 || score(k) > score(best))) best = k;
  return best;
}

/** The alive latent of largest cosine with each feature, −1 if all are dead. Shape (n). */
export function bestLatents(cos: Cosines, alive?: ArrayLike<number>): Int32Array {
  const { latents: L, features: n, values } = cos;
  return Int32Array.from({ length: n }, (_, f) =>
    argmax(
      L,
      (latent) => values[latent * n + f],
      (latent) => lives(alive, latent),
    ),
  );
}

/** The feature of largest |cosine| with each latent. Shape (L). */
export function bestFeatures({ latents: L, features: n, values }: Cosines): Int32Array {
  return Int32Array.from({ length: L }, (_, latent) => argmax(n, (f) => Math.abs(values[latent * n + f])));
}

/** Largest cosine of each feature with an alive latent, 0 if all are dead. Shape (n). */
function bestCosines(cos: Cosines, alive?: ArrayLike<number>): Float64Array {
  return Float64Array.from(bestLatents(cos, alive), (latent, f) =>
    latent < 0 ? 0 : cos.values[latent * cos.features + f],
  );
}

const mean = (values: ArrayLike<number>) => {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k];
  return sum / values.length;
};

/** MMCS: mean over true features of the largest cosine with an alive latent (Sharkey et al. 2022). */
export function meanMaxCosine(cos: Cosines, alive?: ArrayLike<number>): number {
  return mean(bestCosines(cos, alive));
}

/** Share of true features whose largest cosine with an alive latent is above `threshold`. */
export function shareFound(cos: Cosines, alive?: ArrayLike<number>, threshold = FOUND): number {
  return mean(bestCosines(cos, alive).map((value) => (value > threshold ? 1 : 0)));
}

/**
 * ML2R: mean over true features of the length of the latent of largest cosine, over that of the feature (Braun
 * et al. 2025). NaN if all latents are dead.
 */
export function meanNormRatio(
  decoder: ArrayLike<number>,
  truth: ArrayLike<number>,
  d: number,
  alive?: ArrayLike<number>,
): number {
  const length = (M: ArrayLike<number>, row: number) =>
    lengthOf(Array.from({ length: d }, (_, k) => M[row * d + k]));
  const best = bestLatents(cosines(decoder, truth, d), alive);
  return mean(
    Float64Array.from(best, (latent, f) =>
      latent < 0 ? Number.NaN : length(decoder, latent) / length(truth, f),
    ),
  );
}

/**
 * One-to-one matching of min(n, L) latents with features that maximises Σ |cos| (Hungarian): latent of each
 * feature, −1 where there are too few. Shape (n).
 */
export function matchLatents({ latents: L, features: n, values }: Cosines): Int32Array {
  const k = Math.max(L, n);
  const cost = new Float64Array(k * k); // rows are features; the missing ones match anything for nothing
  for (let at = 0; at < values.length; at++) {
    cost[(at % n) * k + Math.floor(at / n)] = -Math.abs(values[at]);
  }
  return assign(cost, k)
    .slice(0, n)
    .map((latent) => (latent < L ? latent : -1));
}

/** Mean |cosine| of the one-to-one matching, by both denominators in use. */
interface MatchedCosine {
  ofPairs: number; // Σ |cos| / min(n, L): SAELens' MCC, 1 for a small dictionary of true features
  ofFeatures: number; // Σ |cos| / n: at most L/n
}

/** MCC: mean |cos| of the best one-to-one matching of latents and features. */
export function matchedCosine(cos: Cosines): MatchedCosine {
  const { latents: L, features: n, values } = cos;
  let sum = 0;
  matchLatents(cos).forEach((latent, f) => {
    if (latent >= 0) sum += Math.abs(values[latent * n + f]);
  });
  return { ofPairs: sum / Math.min(n, L), ofFeatures: sum / n };
}

/** Share of alive latents whose feature of largest |cos| is that of no other alive latent; NaN if all are dead. */
export function uniqueness(cos: Cosines, alive?: ArrayLike<number>): number {
  const own = [...bestFeatures(cos)].filter((_, latent) => lives(alive, latent));
  const alone = own.filter((feature) => own.indexOf(feature) === own.lastIndexOf(feature));
  return alone.length / own.length;
}

/** Mean |cos| over pairs of alive latents of `decoder` (L, d) (Chanin et al. 2025); NaN for fewer than two. */
export function decoderCosine(decoder: ArrayLike<number>, d: number, alive?: ArrayLike<number>): number {
  const { latents: L, values } = cosines(decoder, decoder, d);
  let sum = 0;
  let pairs = 0;
  for (let a = 0; a < L; a++) {
    for (let b = a + 1; b < L; b++) {
      if (!lives(alive, a) || !lives(alive, b)) continue;
      sum += Math.abs(values[a * L + b]);
      pairs++;
    }
  }
  return sum / pairs;
}

/** Agreement between seeds: mean MCC (of pairs) over all pairs of dictionaries (L, d), with no truth asked. */
export function agreement(decoders: readonly ArrayLike<number>[], d: number): number {
  const values = decoders.flatMap((one, at) =>
    decoders.slice(at + 1).map((other) => matchedCosine(cosines(one, other, d)).ofPairs),
  );
  return mean(values);
}
