/**
 * exp, log, sin, cos and tanh from + − × ÷ alone, so that every engine of JavaScript gives the same bits: the standard
 * leaves the last bits of Math.exp, Math.cos … and of ** open, and they differ between versions of Node. Nothing
 * whose bytes are promised may use those. Errors are in units of the last place against the exact value.
 */

const DOUBLE = new Float64Array(1);
const WORD = new Uint32Array(DOUBLE.buffer); // of DOUBLE, low word first
const [LOW, HIGH] = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? [0, 1] : [1, 0];

/** 1/k! for k = 0 … 24. */
const INVERSE_FACTORIAL = Float64Array.from({ length: 25 }, (_, k) => {
  let factorial = 1;
  for (let i = 2; i <= k; i++) factorial *= i;
  return 1 / factorial;
});

/** 1/k for k = 0 … 24. */
const INVERSE = Float64Array.from({ length: 25 }, (_, k) => 1 / k);

/** ln 2 = HIGH + LOW; HIGH has 30 bits, so that its products with exponents are exact. */
const LN2 = { high: 744_261_117 / 2 ** 30, low: 8.893134238886677e-10 };

/** π/2 in three parts, the first two of 30 bits. */
const HALF_PI = [1_686_629_713 / 2 ** 30, 70_064_198 / 2 ** 60, 5.170182981794105e-19];

/** 2^e, a normal number. */
function powerOfTwo(e: number): number {
  WORD[LOW] = 0;
  WORD[HIGH] = (e + 1023) << 20;
  return DOUBLE[0];
}

/** x · 2^e for |x| near 1 and any whole e, rounded once. */
export function scale(x: number, e: number): number {
  if (e > 1023) return x * powerOfTwo(1023) * powerOfTwo(Math.min(e - 1023, 1023));
  return e < -1022 ? x * powerOfTwo(-969) * powerOfTwo(Math.max(e + 969, -1022)) : x * powerOfTwo(e);
}

/** e^r − 1 for r = high + low near 0: 15 terms do for |r| ≤ 0.35, 24 for |r| ≤ 1.1. */
function expm1(high: number, low: number, terms: number): number {
  let sum = INVERSE_FACTORIAL[terms];
  for (let k = terms - 1; k >= 2; k--) sum = sum * high + INVERSE_FACTORIAL[k];
  return high + (low + (high * high * sum + low * high));
}

/** e^x, to 1 unit in the last place (2 among the subnormal numbers). */
export function exp(x: number): number {
  if (!(x < 710)) return x + Number.POSITIVE_INFINITY; // NaN stays NaN
  if (x < -746) return 0;
  const k = Math.round(x / (LN2.high + LN2.low));
  const high = x - k * LN2.high;
  const low = -k * LN2.low;
  const r = high + low;
  return scale(1 + expm1(r, high - r + low, 15), k);
}

/** ln x, to 1 unit in the last place. −∞ at 0, NaN below. */
export function log(x: number): number {
  if (!(x > 0) || x === Number.POSITIVE_INFINITY)
    return x === 0 ? Number.NEGATIVE_INFINITY : x > 0 ? x : Number.NaN;
  const shift = x < 2 ** -1022 ? 54 : 0;
  DOUBLE[0] = x * powerOfTwo(shift);
  let e = (WORD[HIGH] >>> 20) - 1023 - shift;
  WORD[HIGH] = (WORD[HIGH] & 0xfffff) | (1023 << 20);
  if (DOUBLE[0] > Math.SQRT2) {
    DOUBLE[0] /= 2;
    e++;
  }
  const f = DOUBLE[0] - 1; // exact
  const s = f / (2 + f); // ln(1 + f) = 2 (s + s³/3 + s⁵/5 …), and 2 s = f − s f
  const squared = s * s;
  let sum = 0;
  for (let k = 23; k >= 3; k -= 2) sum = squared * (sum + INVERSE[k]);
  const half = (f * f) / 2; // 2 s = f − half + s · half
  const tail = s * (half + 2 * sum) + e * LN2.low;
  return e * LN2.high + (f - (half - tail));
}

/** The quarter turns nearest to x, and what is left, |high + low| ≤ π/4 and a little. */
function reduce(x: number): { quarter: number; high: number; low: number } {
  if (!(Math.abs(x) <= 2 ** 20)) throw new RangeError(`angle: expected at most 2^20 either way, got ${x}`);
  const k = Math.round(x / (Math.PI / 2));
  const first = x - k * HALF_PI[0]; // exact
  const second = k * HALF_PI[1]; // exact
  const rest = first - second;
  const lost = first - rest - second;
  const third = lost - k * HALF_PI[2];
  const high = rest + third;
  return { quarter: k & 3, high, low: rest - high + third };
}

/** sin(high + low) near 0. */
function sinNear(high: number, low: number): number {
  const squared = high * high;
  let sum = 0;
  for (let k = 17; k >= 3; k -= 2) sum = squared * (INVERSE_FACTORIAL[k] - sum);
  return high + (low * (1 - squared / 2) - high * sum);
}

/** cos(high + low) near 0. */
function cosNear(high: number, low: number): number {
  const squared = high * high;
  let sum = 0;
  for (let k = 18; k >= 4; k -= 2) sum = squared * (INVERSE_FACTORIAL[k] - sum);
  const half = squared / 2;
  const near = 1 - half;
  return near + (1 - near - half + (squared * sum - high * low));
}

/** cos x of an angle in radians of at most 2^20, to 1 unit in the last place. */
export function cos(x: number): number {
  const { quarter, high, low } = reduce(x);
  const value = quarter % 2 === 0 ? cosNear(high, low) : sinNear(high, low);
  return quarter === 1 || quarter === 2 ? -value : value;
}

/** sin x of an angle in radians of at most 2^20, to 1 unit in the last place. */
export function sin(x: number): number {
  const { quarter, high, low } = reduce(x);
  const value = quarter % 2 === 0 ? sinNear(high, low) : cosNear(high, low);
  return quarter >= 2 ? -value : value;
}

/** tanh x, to 3 units in the last place. */
export function tanh(x: number): number {
  const size = Math.abs(x);
  if (!(size <= 22)) return Number.isNaN(x) ? x : Math.sign(x); // 1 in double precision
  if (size > 0.55) return Math.sign(x) * (1 - 2 / (exp(2 * size) + 1));
  const grown = expm1(2 * x, 0, 24);
  return grown / (grown + 2);
}

/** √(Σ v²) of the entries of a vector. Not for numbers whose squares leave double precision. */
export function lengthOf(vector: ArrayLike<number>): number {
  let squares = 0;
  for (let k = 0; k < vector.length; k++) squares += vector[k] * vector[k];
  return Math.sqrt(squares);
}

/** x². The standard leaves the last bit of x ** 2 open, too. */
export function square(x: number): number {
  return x * x;
}
