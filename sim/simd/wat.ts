/**
 * A vocabulary for WebAssembly text: each function returns one folded expression or statement. Kernels are
 * written with it; `watr` assembles the result. Only numbers and names from this package enter the text.
 */

const op =
  (name: string) =>
  (...operands: string[]): string =>
    `(${name} ${operands.join(' ')})`;

export const get = (name: string): string => `(local.get $${name})`;
export const set = (name: string, value: string): string => `(local.set $${name} ${value})`;
export const call = (name: string, ...operands: string[]): string => `(call $${name} ${operands.join(' ')})`;
export const int = (value: number): string => `(i32.const ${value})`;

/** i32 scalars. */
export const i32 = {
  add: op('i32.add'),
  sub: op('i32.sub'),
  mul: op('i32.mul'),
  and: op('i32.and'),
  xor: op('i32.xor'),
  shl: op('i32.shl'),
  shr: op('i32.shr_u'),
  rem: op('i32.rem_u'),
  div: op('i32.div_u'),
  or: op('i32.or'),
  eq: op('i32.eq'),
  trunc: op('i32.trunc_sat_f32_s'),
  lt: op('i32.lt_u'),
  ge: op('i32.ge_s'),
  negative: (value: string) => `(i32.lt_s ${value} (i32.const 0))`,
  popcnt: op('i32.popcnt'),
  ctz: op('i32.ctz'),
  load: (base: string, offset = 0) => `(i32.load offset=${offset} ${base})`,
  store: (base: string, value: string, offset = 0) => `(i32.store offset=${offset} ${base} ${value})`,
};

/** Words that threads share. Each is one instruction; `wait` sleeps while the word is `expected`. */
export const atomic = {
  load: (base: string, offset = 0) => `(i32.atomic.load offset=${offset} ${base})`,
  store: (base: string, value: string, offset = 0) => `(i32.atomic.store offset=${offset} ${base} ${value})`,
  /** Adds, and returns what stood there before. */
  add: (base: string, by: string, offset = 0) => `(i32.atomic.rmw.add offset=${offset} ${base} ${by})`,
  wait: (base: string, expected: string, offset = 0) =>
    `(drop (memory.atomic.wait32 offset=${offset} ${base} ${expected} (i64.const -1)))`,
  wake: (base: string, offset = 0) => `(drop (memory.atomic.notify offset=${offset} ${base} (i32.const -1)))`,
};

/** f32 scalars. */
export const f32 = {
  add: op('f32.add'),
  sub: op('f32.sub'),
  mul: op('f32.mul'),
  div: op('f32.div'),
  min: op('f32.min'),
  max: op('f32.max'),
  abs: op('f32.abs'),
  sqrt: op('f32.sqrt'),
  lt: op('f32.lt'),
  select: (a: string, b: string, condition: string) => `(select ${a} ${b} ${condition})`,
  ne: op('f32.ne'),
  from: op('f32.convert_i32_s'),
  narrow: op('f32.demote_f64'),
  const: (value: number | 'inf' | '-inf') => `(f32.const ${value})`,
  splat: op('f32x4.splat'),
  load: (base: string, offset = 0) => `(f32.load offset=${offset} ${base})`,
  store: (base: string, value: string, offset = 0) => `(f32.store offset=${offset} ${base} ${value})`,
};

/** Four float32 lanes. `pmax` is one instruction, passes a NaN in its first operand on, and returns b where a < b. */
export const v = {
  add: op('f32x4.add'),
  sub: op('f32x4.sub'),
  mul: op('f32x4.mul'),
  div: op('f32x4.div'),
  sqrt: op('f32x4.sqrt'),
  abs: op('f32x4.abs'),
  floor: op('f32x4.floor'),
  min: op('f32x4.min'),
  max: op('f32x4.max'),
  pmin: op('f32x4.pmin'),
  pmax: op('f32x4.pmax'),
  gt: op('f32x4.gt'),
  lt: op('f32x4.lt'),
  le: op('f32x4.le'),
  ge: op('f32x4.ge'),
  eq: op('f32x4.eq'),
  ne: op('f32x4.ne'),
  fromInts: op('f32x4.convert_i32x4_s'),
  select: (a: string, b: string, mask: string) => `(v128.bitselect ${a} ${b} ${mask})`,
  all: (value: number) => `(v128.const f32x4 ${Array(4).fill(value).join(' ')})`,
  zero: '(v128.const i32x4 0 0 0 0)',
  load: (base: string, offset = 0) => `(v128.load offset=${offset} ${base})`,
  splat: (base: string, offset = 0) => `(v128.load32_splat offset=${offset} ${base})`,
  store: (base: string, value: string, offset = 0) => `(v128.store offset=${offset} ${base} ${value})`,
  lane: (lane: number, value: string) => `(f32x4.extract_lane ${lane} ${value})`,
  replace: (lane: number, value: string, by: string) => `(f32x4.replace_lane ${lane} ${value} ${by})`,
};

/** Two float64 lanes; `low` widens the first two float32 lanes. */
export const d = {
  add: op('f64x2.add'),
  low: op('f64x2.promote_low_f32x4'),
  sum: (value: string) => `(f64.add (f64x2.extract_lane 0 ${value}) (f64x2.extract_lane 1 ${value}))`,
};

/** Four integer lanes and bit masks. */
export const w = {
  min: op('i32x4.min_s'),
  add: op('i32x4.add'),
  sub: op('i32x4.sub'),
  lane: (lane: number, value: string) => `(i32x4.extract_lane ${lane} ${value})`,
  mul: op('i32x4.mul'),
  gt: op('i32x4.gt_s'),
  shr: op('i32x4.shr_u'),
  shl: op('i32x4.shl'),
  fromFloats: op('i32x4.trunc_sat_f32x4_s'),
  and: op('v128.and'),
  andnot: op('v128.andnot'),
  or: op('v128.or'),
  xor: op('v128.xor'),
  any: op('v128.any_true'),
  bitmask: op('i32x4.bitmask'),
  swizzle: op('i8x16.swizzle'),
  splat: op('i32x4.splat'),
  all: (value: number) => `(v128.const i32x4 ${Array(4).fill(value).join(' ')})`,
  lanes: (values: number[]) => `(v128.const i32x4 ${values.join(' ')})`,
};

/** Lanes picked from a (0–3) and b (4–7). */
export function shuffle(lanes: number[], a: string, b: string): string {
  const bytes = lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => lane * 4 + byte));
  return `(i8x16.shuffle ${bytes.join(' ')} ${a} ${b})`;
}

/** `pick` of the four lanes of local `name`, in every lane of it. */
export function foldLanes(name: string, pick: (a: string, b: string) => string): string[] {
  return [
    [2, 3, 0, 1],
    [1, 0, 3, 2],
  ].map((lanes) => set(name, pick(get(name), shuffle(lanes, get(name), get(name)))));
}

/** f32 sum of the four lanes of local `name`, which it overwrites. */
export const sumLanes = (name: string): string[] => foldLanes(name, v.add);

/** Adds `step` to the i32 local `name`. */
export const advance = (name: string, step: number): string => set(name, i32.add(get(name), int(step)));

/** All terms joined by `pick`, from the first to the last. */
export const joined = (terms: string[], pick: (a: string, b: string) => string): string =>
  terms.reduce((sum, term) => pick(sum, term));

/** make(0) … make(count − 1) */
export const each = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, k) => make(k));

/** Runs `body`, then again while `condition` holds. A label counts the loops it encloses, so none shadows another. */
export function repeat(body: string[], condition: string): string {
  const text = body.join('\n');
  const label = `$loop${text.split('(loop').length}`;
  return `(loop ${label}\n${text}\n(br_if ${label} ${condition}))`;
}

/** Runs `body` if `condition` holds. */
export const when = (condition: string, body: string[]): string =>
  `(if ${condition} (then\n${body.join('\n')}))`;

/** Repeats `body` while the i32 local `name` moves from its present value to `end` by `step`; at least once. */
export function sweep(name: string, end: string, step: number, body: string[]): string {
  return repeat([...body, advance(name, step)], i32.lt(get(name), end));
}

/**
 * A function. `params` and `scalars` declare i32 names (or name:type); every other name that the body sets is
 * a v128 local.
 */
export function func(
  name: string,
  params: string[],
  scalars: string[],
  body: string[],
  result?: { type: string; value: string },
): string {
  const text = body.join('\n');
  const declare = (entry: string) => {
    const [local, type = 'i32'] = entry.split(':');
    return [local, type];
  };
  const known = new Set([...params, ...scalars].map((entry) => declare(entry)[0]));
  const vectors = new Set([...text.matchAll(/\(local\.set \$(\w+)/g)].map((match) => match[1]));
  const locals = [...vectors].filter((local) => !known.has(local));
  return [
    `(func $${name}`,
    ...params.map((entry) => `(param $${declare(entry)[0]} ${declare(entry)[1]})`),
    result ? `(result ${result.type})` : '',
    ...scalars.map((entry) => `(local $${declare(entry)[0]} ${declare(entry)[1]})`),
    ...locals.map((local) => `(local $${local} v128)`),
    text,
    result ? result.value : '',
    ')',
  ].join('\n');
}
