/**
 * What rows.ts and gram.ts share: four samples drawn in lanes become, for each, a row of values and short lists of
 * (row offset, value) pairs of whatever is not 0.
 */
import type { Family } from '../family.ts';
import type { Source } from '../table.ts';
import type { Layout } from './layout.ts';
import { each, func, get, i32, int, set, shuffle, sweep, v, w, when } from './wat.ts';

/** What the kernel is generated for. */
export interface RowsPlan {
  family: Family;
  layout: Layout;
  /** λ Σ|h| is in the loss. */
  penalised: boolean;
  source: Source | null; // of tables; null: samples are drawn
  /** h is linear in x and costs nothing: instances of few active features go by gram.ts. */
  linear: boolean;
}

/** Samples of a group. */
export const SAMPLES = [0, 1, 2, 3];

const ceil4 = (count: number): number => Math.ceil(count / 4) * 4;

/** Offsets of the kernel's scratch from layout.work on, and sizes in it. The matrices of gram.ts are there if it is `linear`. */
function offsetsOf({ features, hidden }: Family, linear: boolean) {
  const samples = 16 * ceil4(features);
  const list = 8 * (ceil4(features) + 4);
  let at = 0;
  const take = (bytes: number) => {
    at += bytes;
    return at - bytes;
  };
  return {
    row: samples / 4, // bytes of one sample's features
    list, // bytes of one list of at most n (row offset, value) pairs: offsets, then values
    values: list / 2,
    drawn: take(samples), // (n) vectors of four samples
    x: take(samples), // (4, n) the same, a row a sample
    h: take(16 * ceil4(hidden)), // (4, stride)
    columns: take(hidden * (samples / 4)), // (m, n) V transposed
    xLists: take(4 * list),
    dyLists: take(4 * list),
    xEnds: take(16), // (4) bytes of each list
    dyEnds: take(16),
    gram: take(linear ? 2 * features * (samples / 4) : 0), // two (n, n) matrices
    bytes: at,
  };
}

/** Bytes of the kernel's scratch. */
export const rowsBytes = (family: Family, linear: boolean): number => offsetsOf(family, linear).bytes;

/** Scratch of the kernel at its place in memory. */
export function scratchOf({ family, layout: { work }, linear }: RowsPlan) {
  const offsets = offsetsOf(family, linear);
  const { row, list, values } = offsets;
  const shifted = Object.fromEntries(Object.entries(offsets).map(([name, at]) => [name, at + work]));
  return { ...(shifted as typeof offsets), row, list, values };
}

/** Locals r0 … r3 (rows of 4 lanes) become columns c0 … c3. */
function transpose(): string[] {
  const pair = (lanes: number[], a: string, b: string) => shuffle(lanes, get(a), get(b));
  return [
    set('t0', pair([0, 4, 1, 5], 'r0', 'r1')),
    set('t1', pair([0, 4, 1, 5], 'r2', 'r3')),
    set('t2', pair([2, 6, 3, 7], 'r0', 'r1')),
    set('t3', pair([2, 6, 3, 7], 'r2', 'r3')),
    set('c0', pair([0, 1, 4, 5], 't0', 't1')),
    set('c1', pair([2, 3, 6, 7], 't0', 't1')),
    set('c2', pair([0, 1, 4, 5], 't2', 't3')),
    set('c3', pair([2, 3, 6, 7], 't2', 't3')),
  ];
}

/**
 * Appends the entries of vector local c that are not 0 to the two halves of the list that ends at i32 local
 * `to`: the lanes of local rows, which are byte offsets, and the values.
 */
export function append(layout: Layout, c: string, to: string, start: number, values: number): string[] {
  return [
    set('mask', w.bitmask(v.ne(get(c), v.zero))),
    set('front', v.load(i32.shl(get('mask'), int(4)), layout.compact)),
    v.store(get(to), w.swizzle(get('rows'), get('front')), start),
    v.store(get(to), w.swizzle(get(c), get('front')), start + values),
    set(to, i32.add(get(to), i32.shl(i32.popcnt(get('mask')), int(2)))),
  ];
}

/** Local rows: the byte offsets of rows 0 … 3 of W or V, and then of the four rows behind them. */
export const firstRows = ({ stride }: Layout) =>
  set('rows', w.lanes(SAMPLES.map((lane) => 4 * stride * lane)));
export const nextRows = ({ stride }: Layout) => set('rows', w.add(get('rows'), w.all(16 * stride)));

/**
 * $inputs(rowBytes): turns the drawn samples into rows x, and lists the active features of each with the byte
 * offsets of rows of `rowBytes`.
 */
export function inputs(plan: RowsPlan): string {
  const { layout } = plan;
  const { list, values, drawn, x, xLists, xEnds, row } = scratchOf(plan);
  const any = w.any(w.or(w.or(get('r0'), get('r1')), w.or(get('r2'), get('r3'))));
  const from = i32.shl(get('at'), int(2));
  return func(
    'inputs',
    ['rowBytes'],
    ['at', 'mask', ...SAMPLES.map((s) => `to${s}`)],
    [
      set('rows', w.mul(w.lanes(SAMPLES), w.splat(get('rowBytes')))),
      set('next', w.splat(i32.shl(get('rowBytes'), int(2)))),
      sweep('at', int(row), 16, [
        ...SAMPLES.map((q) => set(`r${q}`, v.load(from, drawn + 16 * q))),
        ...SAMPLES.map((s) => v.store(get('at'), v.zero, x + s * row)),
        when(any, [
          ...transpose(),
          ...SAMPLES.map((s) => v.store(get('at'), get(`c${s}`), x + s * row)),
          ...SAMPLES.flatMap((s) => append(layout, `c${s}`, `to${s}`, xLists + s * list, values)),
        ]),
        set('rows', w.add(get('rows'), get('next'))),
      ]),
      ...SAMPLES.map((s) => i32.store(int(xEnds), get(`to${s}`), 4 * s)),
    ],
  );
}

/** Runs `body` for each entry of the list at local `list`, `bytes` long: its offset in row, its value splatted in value. */
export function activeRows(plan: RowsPlan, list: string, bytes: string, body: string[]): string[] {
  const { values } = scratchOf(plan);
  return [
    set('at', get(list)),
    set('end', i32.add(get(list), get(bytes))),
    when(get(bytes), [
      sweep('at', get('end'), 4, [
        set('row', i32.load(get('at'))),
        set('value', v.splat(get('at'), values)),
        ...body,
      ]),
    ]),
  ];
}

/**
 * Runs `pass` over `count` vectors, at most `most` of them at a time in locals: i32 local `at` is the byte of a
 * pass's first vector, and `pass` gets the indices of the vectors from there.
 */
export function forVectors(
  at: string,
  count: number,
  most: number,
  pass: (vectors: number[]) => string[],
): string[] {
  const size = Math.ceil(count / Math.ceil(count / most));
  const whole = Math.floor(count / size) * size;
  const vectors = (length: number) => each(length, (t) => t);
  return [
    set(at, int(0)),
    sweep(at, int(16 * whole), 16 * size, pass(vectors(size))),
    ...(count > whole ? pass(vectors(count - whole)) : []),
  ];
}

/** Adds local value times the vector at `offset` from i32 local `from` to local `sum`. */
export const accumulate = (sum: string, from: string, offset: number): string =>
  set(sum, v.add(get(sum), v.mul(get('value'), v.load(get(from), offset))));

/** Locals error and dy (but for the ReLU's mask) of four outputs y with target x, and their part of local loss. */
export function outputError(family: Family, y: string, x: string, importance: string): string[] {
  const output = family.outputActivation === 'relu' ? v.pmax(y, v.zero) : y;
  return [
    set('error', v.sub(output, family.target === 'abs' ? v.abs(x) : x)),
    set('dy', v.mul(get('error'), importance)),
    set('loss', v.add(get('loss'), v.mul(get('dy'), get('error')))),
  ];
}
