/**
 * Goodness-of-fit tests with stated power. Each takes `detects`, the size of the smallest defect that it must
 * find with probability POWER, and fails if the sample is too small for that. A sound generator fails one test
 * in a million; seeds are fixed, so a test that passes once passes for ever.
 */
import jstat from 'jstat';

const { chisquare, normal, poisson } = jstat.jStat;

const ALPHA = 1e-6;
export const POWER = 0.999;
/** A mean has to be this many standard errors off to be found with probability POWER by a two-sided test. */
const FOUND = normal.inv(1 - ALPHA / 2, 0, 1) + normal.inv(POWER, 0, 1);

function requirePower(detectable: number, detects: number, what: string): void {
  if (detectable <= detects) return;
  throw new Error(`${what}: this sample finds a defect of ${detectable}, claimed is ${detects}`);
}

function requireLikely(pValue: number, what: string): void {
  if (pValue >= ALPHA) return;
  throw new Error(`${what}: p = ${pValue}`);
}

/** P(X ≤ x) for X noncentral χ²: a Poisson mixture of central ones. */
function noncentralCdf(x: number, freedom: number, noncentrality: number): number {
  const mean = noncentrality / 2;
  const reach = 8 * Math.sqrt(mean) + 8;
  let sum = 0;
  for (let j = Math.max(0, Math.floor(mean - reach)); j <= mean + reach; j++) {
    sum += poisson.pdf(j, mean) * chisquare.cdf(x, freedom + 2 * j);
  }
  return sum;
}

/** Smallest Cohen's w = √(Σ (q − p)²/p) that a χ² test of `total` draws finds with probability POWER. */
function detectableCells(freedom: number, total: number): number {
  const critical = chisquare.inv(1 - ALPHA, freedom);
  let low = 0;
  let high = 20 * freedom + 200;
  while (high - low > 1e-3 * high) {
    const middle = (low + high) / 2;
    if (noncentralCdf(critical, freedom, middle) > 1 - POWER) low = middle;
    else high = middle;
  }
  return Math.sqrt(high / total);
}
const detectableByShape = new Map<string, number>();

/** χ² test of cell counts against cell probabilities; `detects` is Cohen's w. */
export function checkCells(
  counts: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  detects: number,
  what: string,
): void {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i];
  let statistic = 0;
  let freedom = -1;
  for (let i = 0; i < counts.length; i++) {
    const expected = total * probabilities[i];
    if (expected === 0 && counts[i] > 0) throw new Error(`${what}: cell ${i} is impossible, yet occurs`);
    if (expected === 0) continue;
    statistic += (counts[i] - expected) ** 2 / expected;
    freedom++;
  }
  if (freedom === 0) return; // one cell is certain, and nothing lies outside it
  const shape = `${freedom} ${total}`;
  if (!detectableByShape.has(shape)) detectableByShape.set(shape, detectableCells(freedom, total));
  requirePower(detectableByShape.get(shape)!, detects, what);
  requireLikely(1 - chisquare.cdf(statistic, freedom), what);
}

/** χ² test against equal cells. */
export function checkEven(counts: ArrayLike<number>, detects: number, what: string): void {
  checkCells(counts, new Float64Array(counts.length).fill(1 / counts.length), detects, what);
}

/** Two-sided test of a mean of `total` values of standard deviation `deviation`; `detects` is a shift of it. */
export function checkMean(
  mean: number,
  expected: number,
  deviation: number,
  total: number,
  detects: number,
  what: string,
): void {
  const error = deviation / Math.sqrt(total);
  requirePower(FOUND * error, detects, what);
  requireLikely(normal.cdf(-Math.abs(mean - expected) / error, 0, 1) * 2, what);
}

/** Test of hits among `total` trials of probability p; `detects` is a relative change of p. */
export function checkRate(hits: number, total: number, p: number, detects: number, what: string): void {
  checkMean(hits / total, p, Math.sqrt(p * (1 - p)), total, detects * p, what);
}

/** Test that two equally long arrays are uncorrelated; `detects` is a correlation coefficient. */
export function checkUncorrelated(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  detects: number,
  what: string,
): void {
  const total = x.length;
  let [sx, sy, sxx, syy, sxy] = [0, 0, 0, 0, 0];
  for (let i = 0; i < total; i++) {
    sx += x[i];
    sy += y[i];
    sxx += x[i] * x[i];
    syy += y[i] * y[i];
    sxy += x[i] * y[i];
  }
  const covariance = sxy - (sx * sy) / total;
  const r = covariance / Math.sqrt((sxx - sx ** 2 / total) * (syy - sy ** 2 / total));
  checkMean(r, 0, 1, total, detects, what);
}

/** Kolmogorov–Smirnov test; `detects` is the largest distance between the two distribution functions. */
export function checkDistribution(
  values: ArrayLike<number>,
  cdf: (x: number) => number,
  detects: number,
  what: string,
): void {
  const sorted = Float64Array.from(values).sort();
  const total = sorted.length;
  let distance = 0;
  sorted.forEach((value, i) => {
    const f = cdf(value);
    distance = Math.max(distance, f - i / total, (i + 1) / total - f);
  });
  const critical = Math.sqrt(Math.log(2 / ALPHA) / (2 * total));
  // Dvoretzky–Kiefer–Wolfowitz: the sample strays from its own law by more than this with 1 − POWER at most
  const stray = Math.sqrt(Math.log(2 / (1 - POWER)) / (2 * total));
  requirePower(critical + stray, detects, what);
  if (distance > critical) throw new Error(`${what}: distance ${distance}, critical ${critical}`);
}
