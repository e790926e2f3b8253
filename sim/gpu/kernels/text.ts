/**
 * Kernel text that several kernels share: one round of the generator, one gate, activations, the walk over a
 * batch.
 *
 * On webasm a quad of neighbouring x runs as one vector. What a branch assigns there is blended lane by lane, and
 * a float used as an index is converted lane by lane, so inner loops choose values by `?:` and index by `this.thread`
 * and `integers`.
 */
import { FOLD, MASK, MULTIPLIER, SAMPLE_SALT } from '../../random.ts';
import { type BlockShape, type GpuMode, rowsOf } from '../shape.ts';

/**
 * Declares integer variables, to be assigned before use. gpu.js makes a variable an integer if it starts at a
 * whole constant and is somewhere incremented. A literal will not do: on webasm its second pass over the text takes
 * the type that the first pass left on the literal, and makes a float32 of the variable. WebGL2 keeps floats, which
 * hold any word: its rounds are native.
 */
export function integers(mode: GpuMode, ...names: string[]): string {
  const declare = (name: string) =>
    mode === 'webgl2' ? `let ${name} = 0;` : `let ${name} = this.output.x; ${name}++;`;
  return names.map(declare).join(' ');
}

/** Variables of the generator. */
export function stream(mode: GpuMode): string {
  return integers(mode, 'a', 'b', 'p', 'u', 'u0');
}

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
 * One round of random.ts on (a, b); the draw is left in u. The product wraps at 32 bits, or on cpu is an exact
 * double: its low 24 bits are the same.
 */
export function round(mode: GpuMode): string {
  const next =
    mode === 'webgl2'
      ? 'u = feistel(a, b);'
      : `p = ((b & ${MASK}) * ${MULTIPLIER}) & ${MASK}; u = a ^ p ^ (p >> ${FOLD});`;
  return `${next} a = b; b = u;`;
}

/** Sets b to sampleWord of random.ts of the integer `sample`: three times F, each a round on a = 0. */
export function sampleWord(mode: GpuMode, sample: string): string {
  return `b = ${xor(mode, sample, String(SAMPLE_SALT))}; ${`a = 0; ${round(mode)}`.repeat(3)}`;
}

/** `count` rounds, unrolled. */
export function rounds(mode: GpuMode, count: number): string {
  return round(mode).repeat(count);
}

const PER_HALF = 1 / 4096; // 2^-12, exact; 2^-24 would be printed with an exponent

/** A draw as a value in [0, 1): u · 2^-24. */
export const UNIT = `u * ${PER_HALF} * ${PER_HALF}`;

/** What a closed gate yields where 0 would be a value: above every value. */
export const CLOSED = '2';

/**
 * What a unit's gate yields for its draw u and the sample's first draw u0: `open` of a value in [0, 1], or
 * `closed`. `at` names an entry of the instance's row of gates, counted from the unit's first, which holds open
 * (U), scale (U) and first (U + 1) of features.ts.
 */
export function gate(
  units: number,
  at: (row: number) => string,
  open: (v: string) => string,
  closed: string,
): string {
  const after = `(u < ${at(0)} ? ${open(`Math.fround(u * ${at(units)})`)} : ${closed})`;
  const first = `(u0 >= ${at(2 * units + 1)} ? ${open(`(${UNIT})`)} : ${closed})`;
  return `(u0 >= ${at(2 * units)} ? ${after} : ${first})`;
}

/** Which member of an anticorrelated set of `size` features v points at. */
export function chosen(size: string | number): string {
  return `Math.min(${size} - 1, Math.floor(Math.fround(v * ${size})))`;
}

/** A value of [0, 1) in the family's range. */
export function magnitude({ family }: BlockShape, v: string): string {
  return family.magnitude === 'signed' ? `Math.fround(2 * ${v} - 1)` : v;
}

/** Applies an activation to a variable in place; NaN stays NaN. */
export function activation(name: string, pre: string): string {
  return name === 'relu' ? `${pre} = ${pre} < 0 ? 0 : ${pre};` : '';
}

/** λ sign h: the gradient of a penalty λ |h|. */
export function penaltyGradient(h: string, weight: string): string {
  return `(${h} > 0 ? ${weight} : (${h} < 0 ? 0 - ${weight} : 0))`;
}

/** Runs `body` for the integer `name`, which must be declared, from 0 to count − 1. */
export function loop(name: string, count: number, body: string): string {
  return `${name} = 0; for (let ${name}0 = 0; ${name}0 < ${count}; ${name}0++) { ${body} ${name}++; }`;
}

/** Declares the integers `slice` and `group` of a thread that sums a group of rows. */
export function place(shape: BlockShape): string {
  const { size, groups } = rowsOf(shape);
  const [x, y] = ['this.thread.x', 'this.thread.y'];
  const slice = size === 1 ? x : `Math.floor((${y} + 0.5) / ${groups})`;
  const group = size === 1 ? y : `${y} - slice * ${groups}`;
  return `${integers(shape.mode, 'slice', 'group')} slice = ${slice}; group = ${group};`;
}

/** Output size of a kernel that sums groups of rows. */
export function placed(shape: BlockShape): number[] {
  const { instances, slices } = shape;
  const { size, groups } = rowsOf(shape);
  return size === 1 ? [slices, groups, instances] : [size, slices * groups, instances];
}

/** Entry of a partial gradient for a row and the slice s. */
export function entry(shape: BlockShape, instance: string, row: string): string {
  const { size, groups } = rowsOf(shape);
  if (size === 1) return `partial[${instance}][${row}][s]`;
  return `partial[${instance}][s * ${groups} + Math.floor((${row} + 0.5) / ${size})][(${row}) % ${size}]`;
}

/** Which of the sums of its group a thread returns. */
export function ownSum(shape: BlockShape): string {
  const pick = (r: number, last: number): string =>
    r === last ? `sum${r}` : `(this.thread.x === ${r} ? sum${r} : ${pick(r + 1, last)})`;
  return pick(0, rowsOf(shape).size - 1);
}

/** Runs `body` for every sample s of the thread's slice: slice, slice + S, slice + 2S, … */
export function eachSample({ mode, batch, slices }: BlockShape, body: string, slice = 'slice'): string {
  const guarded = batch % slices === 0 ? body : `if (s < ${batch}) { ${body} }`;
  return `${integers(mode, 's')} s = ${slice};
    for (let t = 0; t < ${Math.ceil(batch / slices)}; t++) { ${guarded} s = s + ${slices}; }`;
}

/** The target of input value x. */
export function target({ family }: BlockShape, x: string): string {
  return family.target === 'abs' ? `Math.abs(${x})` : x;
}
