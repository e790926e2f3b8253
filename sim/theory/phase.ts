/**
 * Closed forms behind the phase diagrams (papers: Toy Models of Superposition, section 3, and its theory
 * notebook). n = 2, m = 1 or n = 3, m = 2; density p; importance 1 but r for the extra, last feature; inputs
 * U[0, 1]. A dropped feature has W_i = 0 and bias p/2; all other weights have norm 1.
 *
 * Normalisation: losses here are SUMS over features, as the paper writes them. Training reports the MEAN over
 * features: divide by n (`meanOverFeatures`) before comparing.
 */
import type { Region } from '../metrics/phaseRegion.ts';

/** Candidates: which feature has no direction of its own, or which two lie antipodal. */
export type Solution = 'ignore extra' | 'ignore another' | 'extra in a pair' | 'others paired';

/** Density p* = 4/7 above which an antipodal pair never wins; there, at r = 1, all solutions meet. */
export const TRIPLE_POINT = { density: 4 / 7, importance: 1, loss: 16 / 147 };

/** Variance of a feature that is 0 with probability 1 − p, else U[0, 1]: p/3 − p²/4. */
export function inputVariance(p: number): number {
  return p / 3 - (p * p) / 4;
}

/** Expected loss, summed over features, of each candidate; 'others paired' needs a third feature. */
export function candidateLosses(n: 2 | 3, p: number, r: number): [Solution, number][] {
  const losses: [Solution, number][] = [
    ['ignore extra', r * inputVariance(p)],
    ['extra in a pair', ((1 + r) * p * p) / 6],
    ['ignore another', inputVariance(p)],
  ];
  if (n === 3) losses.push(['others paired', (p * p) / 3]);
  return losses;
}

/** The candidate of lowest loss at density p and relative importance r, its loss summed over features. */
export function bestSolution(n: 2 | 3, p: number, r: number): { solution: Solution; loss: number } {
  const [solution, loss] = candidateLosses(n, p, r).reduce((best, other) =>
    other[1] < best[1] ? other : best,
  );
  return { solution, loss };
}

/** What a candidate does to the extra feature. */
export function regionOfSolution(solution: Solution): Region {
  switch (solution) {
    case 'ignore extra':
      return 'not learned';
    case 'extra in a pair':
      return 'superposed';
    case 'ignore another':
    case 'others paired':
      return 'dedicated';
  }
}

/** The loss that training reports for a loss summed over n features. */
export function meanOverFeatures(loss: number, n: number): number {
  return loss / n;
}

/**
 * Relative importances r at which the best solution changes at density p: below `low` the extra feature is
 * ignored, above `high` it is dedicated, in between superposed.
 * p < 4/7: low = 2p / (4 − 5p); high = 1 / low for n = 2, 1 for n = 3. p ≥ 4/7: both 1.
 */
export function regionBoundaries(n: 2 | 3, p: number): { low: number; high: number } {
  if (p >= TRIPLE_POINT.density) return { low: 1, high: 1 };
  const low = (2 * p) / (4 - 5 * p);
  return { low, high: n === 2 ? 1 / low : 1 };
}
