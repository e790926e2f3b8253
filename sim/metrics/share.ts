/** A share of so many trials, and the interval that it is known to. */

/** count of `of`, with the ends of its confidence interval. */
interface Share {
  count: number;
  of: number;
  low: number;
  high: number;
}

/** P(X ≤ k) of a binomial variable of n trials with probability p in (0, 1), summed from logarithms. */
function binomialCdf(k: number, n: number, p: number): number {
  let log = n * Math.log1p(-p); // of P(X = 0)
  let sum = Math.exp(log);
  for (let i = 1; i <= k; i++) {
    log += Math.log((n - i + 1) / i) + Math.log(p) - Math.log1p(-p);
    sum += Math.exp(log);
  }
  return Math.min(1, sum);
}

/** Where a falling function of p in [0, 1] passes `level`, to 1e-12. */
function solveFalling(f: (p: number) => number, level: number): number {
  let [low, high] = [0, 1];
  while (high - low > 1e-12) {
    const middle = (low + high) / 2;
    if (f(middle) > level) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Share with its exact (Clopper–Pearson) interval at `confidence`: low = the p at which `count` or more have
 * probability (1 − confidence)/2, high = the p at which `count` or fewer have. Never narrower than it says.
 * @throws RangeError unless 0 ≤ count ≤ of, both whole, of > 0.
 */
export function shareOf(count: number, of: number, confidence = 0.95): Share {
  if (!Number.isInteger(count) || !Number.isInteger(of) || count < 0 || count > of || of === 0) {
    throw new RangeError(`share: expected 0 ≤ count ≤ of, of > 0, got ${count} of ${of}`);
  }
  const tail = (1 - confidence) / 2;
  const low = count === 0 ? 0 : solveFalling((p) => binomialCdf(count - 1, of, p), 1 - tail);
  const high = count === of ? 1 : solveFalling((p) => binomialCdf(count, of, p), tail);
  return { count, of, low, high };
}
