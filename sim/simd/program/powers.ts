/** Kernel text of e^x and ln x, of + − × ÷ and powers of 2 only: the same in every engine of WebAssembly. */
import { get, int, set, v, w } from '../wat.ts';

/** 1/7!, … 1/2!, 1: e^r − 1 = r (1 + r (1/2 + …)), to float32 for |r| ≤ ln 2 / 2. */
const EXPONENTIAL = [1 / 5040, 1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2, 1];

/** 1/9, … 1: ln((1 + s)/(1 − s)) = 2s (1 + s² (1/3 + …)), to float32 for |s| ≤ 0.172. */
const LOGARITHM = [1 / 9, 1 / 7, 1 / 5, 1 / 3, 1];

/** ln 2 as a float32 of few bits, times which a small integer is exact, and the rest. */
const LN2 = [0.693359375, -2.1219444005469057e-4];

/** Least x of which e^x is a normal float32. */
const LEAST = -87;

/** Polynomial in local x, its highest coefficient first. */
export const series = (coefficients: number[], x: string): string =>
  coefficients.slice(1).reduce((sum, term) => v.add(v.mul(sum, get(x)), v.all(term)), v.all(coefficients[0]));

/** Sets local `grown` to e^r − 1 and `twos` to 2^k, of local x = k ln 2 + r. */
export function growth(x: string): string[] {
  return [
    set('twos', v.floor(v.add(v.mul(get(x), v.all(Math.LOG2E)), v.all(0.5)))),
    set('rest', v.sub(get(x), v.mul(get('twos'), v.all(LN2[0])))),
    set('rest', v.sub(get('rest'), v.mul(get('twos'), v.all(LN2[1])))),
    set('grown', v.mul(series(EXPONENTIAL, 'rest'), get('rest'))),
    set('twos', w.shl(w.add(w.fromFloats(get('twos')), w.all(127)), int(23))), // bits of 2^k
  ];
}

/** Sets local `power` to e^x for x ≤ 0; what is below e^−87 counts as that. */
export function powerOf(x: string): string[] {
  return [
    set('exponent', v.pmax(x, v.all(LEAST))), // a NaN passes
    ...growth('exponent'),
    set('power', v.add(v.mul(get('twos'), get('grown')), get('twos'))),
  ];
}

/** Sets local `out` to ln of a normal number above 0 in local x. */
export function logOf(out: string, x: string): string[] {
  const exponent = v.fromInts(w.sub(w.shr(get(x), int(23)), w.all(127)));
  const mantissa = w.or(w.and(get(x), w.all(0x7fffff)), w.all(127 << 23));
  return [
    set('mantissa', mantissa),
    set('twos', exponent),
    set('large', v.gt(get('mantissa'), v.all(Math.SQRT2))),
    set('twos', v.add(get('twos'), w.and(v.all(1), get('large')))),
    set('mantissa', v.select(v.mul(get('mantissa'), v.all(0.5)), get('mantissa'), get('large'))),
    set('rest', v.sub(get('mantissa'), v.all(1))),
    set('rest', v.div(get('rest'), v.add(get('rest'), v.all(2)))),
    set('square', v.mul(get('rest'), get('rest'))),
    set('rest', v.add(get('rest'), get('rest'))),
    set('grown', v.add(v.mul(series(LOGARITHM, 'square'), get('rest')), v.mul(get('twos'), v.all(LN2[1])))),
    set(out, v.add(v.mul(get('twos'), v.all(LN2[0])), get('grown'))),
  ];
}
