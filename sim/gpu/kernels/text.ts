/** Kernel text that several kernels share: one round of the generator, one gate, activations. */
import { FOLD, MULTIPLIER } from '../../random.ts';
import type { GpuMode, Shape } from '../shape.ts';

const HALF = 4096; // half a word: 12 bits
const LOW = (MULTIPLIER % HALF) - HALF; // MULTIPLIER = HIGH · 4096 + LOW with LOW < 0, so sums cancel
const HIGH = (MULTIPLIER - LOW) / HALF;
const PER_HALF = 1 / HALF; // exact in float32, as are all the powers of two below

/** Variables that `round` uses. */
export const STREAM = 'let a = 0; let b = 0; let u = 0; let hi = 0; let lo = 0; let p = 0;';

/** Bitwise ⊕ of words. WebGL2 has it as a native function: gpu.js would emulate it bit by bit there. */
export function xor(mode: GpuMode, ...words: string[]): string {
  if (mode !== 'webgl2') return words.join(' ^ ');
  return words.reduce((left, right) => `xorWords(${left}, ${right})`);
}

/** The native function behind `xor` in WebGL2. */
export const XOR_WORDS = 'float xorWords(float a, float b) { return float(int(a) ^ int(b)); }';

/**
 * One round of random.ts on (a, b); the draw is left in u. The product x · MULTIPLIER mod 2^24 is put together
 * from 12-bit halves: every intermediate value is an integer below 2^24 in magnitude, so float32 is exact, and
 * stays so when a compiler fuses a multiplication with an addition.
 */
export function round(mode: GpuMode): string {
  return `
    hi = Math.floor(b * ${PER_HALF}); lo = b - hi * ${HALF};
    p = lo * ${HIGH} - hi * ${-LOW};
    p = p - Math.floor(p * ${PER_HALF}) * ${HALF};
    p = p * ${HALF} - lo * ${-LOW};
    p = p - Math.floor(p * ${PER_HALF} * ${PER_HALF}) * ${HALF * HALF};
    u = ${xor(mode, 'a', 'p', `Math.floor(p * ${1 / 2 ** FOLD})`)};
    a = b; b = u;`;
}

/** `count` rounds in a loop over r. */
export function rounds(mode: GpuMode, count: number): string {
  return `for (let r = 0; r < ${count}; r++) {${round(mode)}}`;
}

/** A draw as a value in [0, 1): u · 2^-24. */
export const UNIT = `u * ${PER_HALF} * ${PER_HALF}`;

/** Variables that `gate` uses. */
export const GATE = 'let opening = 0; let open = 0; let scale = 0; let v = 0;';

/**
 * Reads the gate of unit `k` (an expression) from its draw u: open (0 or 1) and, if open, v in [0, 1].
 * A row of gates holds open (U), scale (U) and first (U + 1) of features.ts.
 */
export function gate(units: number, k: string): string {
  return `
    opening = 0; open = 0; scale = gates[i][${units} + ${k}];
    if (u0 >= gates[i][${2 * units} + ${k} + 1]) {
      if (u0 < gates[i][${2 * units} + ${k}]) { opening = 1; open = 1; scale = ${PER_HALF} * ${PER_HALF}; }
    }
    if (u0 >= gates[i][${2 * units} + ${k}]) { if (u < gates[i][${k}]) { open = 1; } }
    v = Math.fround(u * scale);`;
}

/** Which member of an anticorrelated set of `size` features v points at. */
export function chosen(size: string | number): string {
  return `Math.min(${size} - 1, Math.floor(Math.fround(v * ${size})))`;
}

/** A value of [0, 1) in the family's range. */
export function magnitude({ family }: Shape, v: string): string {
  return family.magnitude === 'signed' ? `Math.fround(2 * ${v} - 1)` : v;
}

/** Applies an activation to the variable z in place. */
export function activation(name: string, z: string): string {
  return name === 'relu' ? `if (${z} < 0) { ${z} = 0; }` : '';
}

/** The target of input value x. */
export function target({ family }: Shape, x: string): string {
  return family.target === 'abs' ? `Math.abs(${x})` : x;
}
