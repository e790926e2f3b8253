/** Kernel text that several kernels share: one round of the generator, one gate, activations. */
import { FOLD, MASK, MULTIPLIER } from '../../random.ts';
import type { GpuMode, Shape } from '../shape.ts';

/** Variables that `round` uses. */
export const STREAM = 'let a = 0; let b = 0; let u = 0;';

/** Bitwise ⊕ of two words. */
export function xor(mode: GpuMode, a: string, b: string): string {
  return mode === 'webgl2' ? `xorWords(${a}, ${b})` : `${a} ^ ${b}`;
}

/** Native functions of WebGL2, where gpu.js emulates every bitwise operator bit by bit. */
export const NATIVE_FUNCTIONS = [
  {
    name: 'xorWords',
    source: 'float xorWords(float a, float b) { return float(uint(a) ^ uint(b)); }',
    returnType: 'Number',
  },
  {
    name: 'feistel',
    source: `float feistel(float a, float b) {
      uint p = (uint(b) * ${MULTIPLIER}u) & ${MASK}u;
      return float(uint(a) ^ p ^ (p >> ${FOLD}));
    }`,
    returnType: 'Number',
  },
];

/**
 * One round of random.ts on (a, b); the draw is left in u. A variable of gpu.js is a float32, which holds any
 * word, but the product overflows it: within one expression that starts with a bitwise operator all backends
 * keep 32-bit integers (doubles on cpu) and so agree on the low 24 bits. Hence no variable for p.
 */
export function round(mode: GpuMode): string {
  const p = `(((b & ${MASK}) * ${MULTIPLIER}) & ${MASK})`;
  const next = mode === 'webgl2' ? 'feistel(a, b)' : `a ^ ${p} ^ (${p} >> ${FOLD})`;
  return `u = ${next}; a = b; b = u;`;
}

/** `count` rounds in a loop over r. */
export function rounds(mode: GpuMode, count: number): string {
  return `for (let r = 0; r < ${count}; r++) {${round(mode)}}`;
}

const PER_HALF = 1 / 4096; // 2^-12, exact; 2^-24 would be printed with an exponent

/** A draw as a value in [0, 1): u · 2^-24. */
export const UNIT = `u * ${PER_HALF} * ${PER_HALF}`;

/** Variables that `gate` uses. */
export const GATE = 'let open = 0; let scale = 0; let v = 0;';

/**
 * Reads the gate of unit `k` from its draw u: open (0 or 1) and, if open, v in [0, 1]. `at` names an entry of
 * the instance's row of gates, which holds open (U), scale (U) and first (U + 1) of features.ts.
 */
export function gate(units: number, at: (row: number) => string): string {
  return `
    open = 0; scale = ${at(units)};
    if (u0 >= ${at(2 * units + 1)}) {
      if (u0 < ${at(2 * units)}) { open = 1; scale = ${PER_HALF} * ${PER_HALF}; }
    }
    if (u0 >= ${at(2 * units)}) { if (u < ${at(0)}) { open = 1; } }
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
