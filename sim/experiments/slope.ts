import { mean } from 'mathjs/number';

/**
 * Slope of the least-squares line of y over x: Σ (x − x̄) y / Σ (x − x̄)². NaN for fewer than two points. Not by
 * mathjs' `corr`, whose sums of squares cancel to NaN where y is flat.
 */
export function slope(x: number[], y: number[]): number {
  if (x.length < 2) return Number.NaN;
  const middle = Number(mean(x));
  let [top, bottom] = [0, 0];
  x.forEach((value, k) => {
    top += (value - middle) * y[k];
    bottom += (value - middle) ** 2;
  });
  return top / bottom;
}
