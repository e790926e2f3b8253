/** How much there is to write down: surprisal of numbers by their own histogram. */
import { log } from '../elementary.ts';

/** log 2 */
const LOG2 = log(2);

/**
 * Bits of all numbers by their histogram of `bins` equal bins on [−top, top]: −Σ_v log₂ share of v's bin, which is
 * their count times the histogram's entropy. 0 where all are in one bin. @throws RangeError for a number beyond
 */
export function surprisal(values: ArrayLike<number>, top: number, bins = 100): number {
  const counts = new Float64Array(bins);
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (!(Math.abs(value) <= top)) throw new RangeError(`values: expected −${top} to ${top}, got ${value}`);
    counts[Math.min(bins - 1, Math.floor((bins * (value / top + 1)) / 2))]++;
  }
  const bits = (count: number) => (count === 0 ? 0 : (-count * log(count / values.length)) / LOG2);
  return counts.reduce((sum, count) => sum + bits(count), 0);
}
