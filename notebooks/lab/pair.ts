/** The smallest case with nothing held fixed: n = 2, m = 1, any lengths and biases. */
import { reluOutputFamily } from '../../sim/family.ts';
import { minimiseExactLoss } from '../../sim/theory/optimum.ts';

const FAMILY = reluOutputFamily(2, 1);

/** Second weights to start from: a pair, and the extra feature ignored. */
const STARTS = [-1, 0];

/**
 * Best model at density p and importance r of the extra feature, the lower of two local minima: |W_2| of the
 * extra feature, and the expected loss summed over both features.
 */
export function bestPair(p: number, r: number): { length: number; loss: number } {
  const minima = STARTS.map((w) => {
    const start = { W: Float64Array.of(1, w), b: Float64Array.of(0, p / 4) };
    return minimiseExactLoss(FAMILY, start, [p, p], [1, r]);
  });
  const best = minima.reduce((low, other) => (other.loss < low.loss ? other : low));
  return { length: Math.abs(best.model.W[1]), loss: 2 * best.loss };
}

/** |W_2| of the best model over importances, one after the other so that the page can answer between them. */
export async function bestLengths(p: number, importances: readonly number[]): Promise<number[]> {
  const lengths: number[] = [];
  for (const r of importances) {
    lengths.push(bestPair(p, r).length);
    await new Promise((resolve) => setTimeout(resolve));
  }
  return lengths;
}
