/**
 * Normal draws that every engine repeats to the bit: a 24-bit word is looked up in a table of quantiles in float32, so
 * that nothing depends on a processor's logarithm. The table is made by + − × ÷ alone (elementary.ts).
 */
import { exp } from './elementary.ts';

/** Steps of the table, and words in each of them. */
const STEPS = 4096;
export const STEP_BITS = 12;
/** 1/√(2π) */
const PEAK = 0.3989422804014327;

/** φ(z), the density of the standard normal. */
export const normalDensity = (z: number): number => PEAK * exp((-z * z) / 2);

/** Φ(z) = ½ + φ(z) (z + z³/3 + z⁵/(3·5) + …), for |z| < 6; to 1e-15. */
export function normalCdf(z: number): number {
  let term = z;
  let sum = z;
  for (let k = 3; Math.abs(term) > 1e-18 * Math.abs(sum); k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return 0.5 + normalDensity(z) * sum;
}

/** Φ⁻¹(p) for 1e-8 < p < 1 − 1e-8, by Newton's method from `start`; to 1e-9. */
export function normalQuantile(p: number, start = 0): number {
  let z = start;
  for (let step = 0; step < 60; step++) {
    const move = (normalCdf(z) - p) / normalDensity(z);
    z -= Math.max(-1, Math.min(1, move)); // far out the slope is small
    if (Math.abs(move) < 1e-13) break;
  }
  return z;
}

/** The table: middle (STEPS + 1) quantiles of h/4096, its two ends unused; tail (STEPS) of (l + ½)/2^24. */
interface NormalTable {
  middle: Float32Array;
  tail: Float32Array;
}

let table: NormalTable | undefined;

/** The table of quantiles, made at its first use. */
export function normalTable(): NormalTable {
  if (table) return table;
  const [middle, tail] = [new Float32Array(STEPS + 1), new Float32Array(STEPS)];
  let z = 0;
  for (let h = STEPS / 2 - 1; h > 0; h--) {
    z = normalQuantile(h / STEPS, z);
    middle[h] = z;
    middle[STEPS - h] = -z;
  }
  for (let l = STEPS - 1; l >= 0; l--) {
    z = normalQuantile((l + 0.5) / (STEPS * STEPS), z);
    tail[l] = z;
  }
  table = { middle, tail };
  return table;
}

/**
 * A standard normal from a 24-bit word, rising with it: linear between quantiles of multiples of 1/4096, and beyond
 * the outermost of them (|z| > 3.49) the quantile of each word itself. Off Φ⁻¹ by at most 0.005, its variance by
 * less than 2e-4 and its fourth moment by less than 2e-3.
 */
export function normalOf(word: number): number {
  const { middle, tail } = normalTable();
  const [h, l] = [word >>> STEP_BITS, word & (STEPS - 1)];
  if (h === 0) return tail[l];
  if (h === STEPS - 1) return -tail[STEPS - 1 - l];
  const rise = Math.fround(middle[h + 1] - middle[h]);
  return Math.fround(middle[h] + Math.fround(rise * Math.fround(l / STEPS)));
}
