/**
 * Powers and points between two numbers, computed with twice the digits of a double and rounded once: the nearest
 * double but for one case in some 2^40, and the same one on every engine of JavaScript. A value is an unevaluated
 * sum [high, low] of two doubles.
 */
import { log, scale } from './elementary.ts';

type Pair = readonly [high: number, low: number];

/** a + b, exactly. */
function add2(a: number, b: number): Pair {
  const sum = a + b;
  const part = sum - a;
  return [sum, a - (sum - part) + (b - part)];
}

/** a as two halves of its bits, so that products of halves are exact. */
function halves(a: number): Pair {
  const moved = 134_217_729 * a; // 2^27 + 1
  const high = moved - (moved - a);
  return [high, a - high];
}

/** a · b, exactly. */
function multiply2(a: number, b: number): Pair {
  const product = a * b;
  const [ah, al] = halves(a);
  const [bh, bl] = halves(b);
  return [product, ah * bh - product + ah * bl + al * bh + al * bl];
}

function add([a, da]: Pair, [b, db]: Pair): Pair {
  const [high, low] = add2(a, b);
  const [dHigh, dLow] = add2(da, db);
  const [sum, rest] = add2(high, low + dHigh);
  return add2(sum, rest + dLow);
}

function multiply([a, da]: Pair, [b, db]: Pair): Pair {
  const [high, low] = multiply2(a, b);
  return add2(high, low + (a * db + da * b));
}

function divide(a: Pair, b: Pair): Pair {
  const first = a[0] / b[0];
  const rest = add(a, multiply([-first, 0], b));
  const second = rest[0] / b[0];
  const third = add(rest, multiply([-second, 0], b))[0] / b[0];
  const [high, low] = add2(first, second);
  return add2(high, low + third);
}

const LN2: Pair = [Math.LN2, 2.3190468138462996e-17];
const LN2_REST = 5.707708438416212e-34;

/** 1/k! for k = 0 … 11. */
const INVERSE_FACTORIAL: Pair[] = [[1, 0]];
for (let k = 1; k <= 11; k++) INVERSE_FACTORIAL.push(divide(INVERSE_FACTORIAL[k - 1], [k, 0]));

/** Halvings of the argument of `exp` before its series, and the factor that they make. */
const HALVINGS = 8;
const SHRUNK = 1 / 256;

/** e^y is value · 2^exponent. */
function exp(y: Pair): { value: Pair; exponent: number } {
  const exponent = Math.round(y[0] / LN2[0]);
  const [high, low] = add(add(y, multiply([-exponent, 0], LN2)), [-exponent * LN2_REST, 0]);
  const small: Pair = [high * SHRUNK, low * SHRUNK];
  let series = INVERSE_FACTORIAL[11];
  for (let k = 10; k >= 1; k--) series = add(INVERSE_FACTORIAL[k], multiply(small, series));
  let grown = multiply(small, series); // e^r − 1 keeps its digits when r is doubled: u becomes 2 u + u²
  for (let k = 0; k < HALVINGS; k++) grown = add([2 * grown[0], 2 * grown[1]], multiply(grown, grown));
  return { value: add(grown, [1, 0]), exponent };
}

/** ln of a positive pair, by one step of Halley's method from the double that is nearest. */
function ln(a: Pair): Pair {
  const guess = log(a[0]);
  const { value, exponent } = exp([guess, 0]);
  const own: Pair = [scale(a[0], -exponent), scale(a[1], -exponent)];
  const off = divide(add(own, [-value[0], -value[1]]), add(own, value));
  return add([guess, 0], multiply([2, 0], off));
}

/** Powers of ten beyond this have no room for the products that `decimal` makes. */
const MOST_PLACES = 290;

/** The decimal number that a double is written as, to twice its digits. */
function decimal(value: number): Pair {
  const [digits, exponent = '0'] = value.toString().split('e');
  const [whole, fraction = ''] = digits.split('.');
  const places = fraction.length - Number(exponent);
  if (Math.abs(places) > MOST_PLACES) return [value, 0];
  const mantissa = BigInt(whole + fraction);
  const high = Number(mantissa);
  const pair: Pair = [high, Number(mantissa - BigInt(high))];
  const power = integerPower([10, 0], Math.abs(places));
  return places > 0 ? divide(pair, power) : multiply(pair, power);
}

/** a^n for n ≥ 0, by squaring. */
function integerPower(a: Pair, n: number): Pair {
  let out: Pair = [1, 0];
  let square = a;
  for (let left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) out = multiply(out, square);
    if (left > 1) square = multiply(square, square);
  }
  return out;
}

/** Powers n = 0 … 255 of a base, and those of its 256th power by need: a power is one product of the two. */
const STRIDE = 256;

/** base^n for whole n ≥ 0, as a function that is cheap for neighbouring n: the double nearest to the power of that very double. */
export function powersOf(base: number): (n: number) => number {
  const fine: Pair[] = [[1, 0]];
  while (fine.length < STRIDE) fine.push(multiply(fine[fine.length - 1], [base, 0]));
  const leap = multiply(fine[STRIDE - 1], [base, 0]);
  let [block, coarse]: [number, Pair] = [0, [1, 0]];
  return (n) => {
    const own = Math.floor(n / STRIDE);
    if (own !== block) [block, coarse] = [own, integerPower(leap, own)];
    return multiply(coarse, fine[n % STRIDE])[0];
  };
}

/** e^(start + k · step) for k = 0 … count − 1, each a product of one in `STRIDE` and of the `STRIDE` nearest to 0. */
function* exponentials(start: Pair, step: Pair, count: number): Generator<number> {
  const fine = Array.from({ length: Math.min(STRIDE, count) }, (_, k) => exp(multiply([k, 0], step)));
  for (let from = 0; from < count; from += STRIDE) {
    const coarse = exp(add(start, multiply([from, 0], step)));
    for (let k = 0; k < Math.min(STRIDE, count - from); k++) {
      yield scale(multiply(coarse.value, fine[k].value)[0], coarse.exponent + fine[k].exponent);
    }
  }
}

/** first · ratio^i for i = 0 … count − 1, both read as the decimal numbers that they are written as; ∞ where it is too large. */
export function geometric(first: number, ratio: number, count: number): number[] {
  if (first === 0) return new Array(count).fill(0);
  const points = [...exponentials(ln(decimal(first)), ln(decimal(ratio)), count)];
  points[0] = first;
  return points;
}

/**
 * `count` ≥ 2 points from `from` to `to`, both above 0, a constant factor apart: point k is the double nearest to
 * from^(1 − t) · to^t, t = k/(count − 1), the ends read as the decimal numbers that they are written as. Decades from 1
 * to 1e-5 are therefore 1, 0.1, 0.01 … to the digit.
 */
export function logPoints(from: number, to: number, count: number): number[] {
  const start = ln(decimal(from));
  const step = divide(add(ln(decimal(to)), multiply([-1, 0], start)), [count - 1, 0]);
  const points = Array.from(exponentials(start, step, count));
  points[0] = from;
  points[count - 1] = to;
  return points;
}

/** `count` ≥ 2 points from `from` to `to`, a constant step apart: the nearest doubles, ends read as the decimals they are. */
export function linearPoints(from: number, to: number, count: number): number[] {
  const last = count - 1;
  const [start, end] = [decimal(from), decimal(to)];
  const points = Array.from(
    { length: count },
    (_, k) => divide(add(multiply([last - k, 0], start), multiply([k, 0], end)), [last, 0])[0],
  );
  points[0] = from;
  points[last] = to;
  return points;
}
