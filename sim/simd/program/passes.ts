/** Products with a matrix of long rows: a few of its columns at a time stay in locals while a pass goes over the rows. */
import { isSummed, type Node } from '../../program/ops.ts';
import type { Loop } from '../../program/schedule.ts';
import { forVectors } from '../active.ts';
import { each, get, i32, int, set, sweep, v } from '../wat.ts';
import { loopSpace, type Placement, type Spot, spaceOf } from './placement.ts';
import { baseOf, type Row, read, type SampleGroup, slopeName, valueName } from './row.ts';
import { clearSlope } from './slopes.ts';
import { overRows, zerosOf } from './sweeps.ts';

/** Vectors that a pass over rows keeps in locals: sums alone, and sums beside factors. */
const PASS = { sums: 7, both: 5 };

/** Where the slope of a node stands in memory; of a tensor that is its gradient. */
const slopeSpot = ({ slope, value }: Placement, node: Node): Spot =>
  isSummed(node) ? { side: 'sums', at: value.get(node)!.at } : slope.get(node)!;

/** Where vector k (bytes in local k) of a long vector stands: local own, and the bytes from there to vector t. */
function columnsOf(
  { placement }: SampleGroup,
  node: Node,
): { own: string; step: number; spot: (slope: boolean) => number } {
  const { tiles, sums, size } = spaceOf(placement, node);
  const base = (side: 'tile' | 'sums') => (side === 'tile' ? 0 : sums - tiles);
  const spot = (slope: boolean) => {
    const { side, at } = slope ? slopeSpot(placement, node) : placement.value.get(node)!;
    return base(side) + at;
  };
  return {
    own: set('own', i32.add(int(tiles), i32.mul(i32.shr(get('k'), int(4)), int(size)))),
    step: size,
    spot,
  };
}

/** Runs `pass` over the columns of a product, at most `most` at a time, with pointers own and row. */
function overColumns(
  group: SampleGroup,
  node: Node,
  long: Node,
  most: number,
  pass: (vectors: number[]) => string[],
): string[] {
  const { own } = columnsOf(group, long);
  return forVectors('k', node.args[0].shape[1], most, (vectors) => [own, ...pass(vectors)]);
}

/** Entry t of the present columns of a row of a tensor: its weight, or its sum. */
function entry(row: Row, tensor: Node, side: 'tile' | 'sums', t: number): [base: string, at: number] {
  const { at } = row.group.placement.value.get(tensor)!;
  return [i32.add(baseOf(row, tensor, side), get('k')), at + 16 * t];
}

/** A value of this row that stands in memory, or in the local of a row written out. */
function loadValue(row: Row, node: Node): string {
  return read({ ...row, known: new Set() }, node);
}

function storeValue(row: Row, node: Node, value: string): string {
  if (row.index !== null) return set(valueName(row.group, node, row.index), value);
  const { side, at } = row.group.placement.value.get(node)!;
  return v.store(get(side), value, at);
}

const addEntry = (row: Row, tensor: Node, t: number, value: string): string => {
  const [base, at] = entry(row, tensor, 'sums', t);
  return v.store(base, v.add(v.load(base, at), value), at);
};

/** Slope of a row: in memory, or in the local of a row written out. */
function loadSlope(row: Row, node: Node): string {
  if (row.index !== null && !isSummed(node)) return get(slopeName(row.group, node, row.index));
  const { side, at } = slopeSpot(row.group.placement, node);
  return v.load(baseOf(row, node, side), at);
}

/** Adds terms to a slope of this row. */
function backTo(row: Row, node: Node, terms: string[]): string {
  const sum = terms.reduce((a, b) => v.add(a, b), loadSlope(row, node));
  if (row.index !== null && !isSummed(node)) return set(slopeName(row.group, node, row.index), sum);
  const { side, at } = slopeSpot(row.group.placement, node);
  return v.store(baseOf(row, node, side), sum, at);
}

/** Makes sure that a slope is 0 before passes add to it. */
function startSlope(group: SampleGroup, loop: Loop, node: Node): string[] {
  if (isSummed(node)) return [];
  const space = loopSpace(group.placement, loop);
  const names = each(space.length, (i) => slopeName(group, node, i));
  if (space.written) {
    const fresh = names.filter((name) => !group.begun.has(name));
    for (const name of fresh) group.begun.add(name);
    return fresh.map((name) => set(name, v.zero));
  }
  if (group.begun.has(node)) return [];
  group.begun.add(node);
  return clearSlope(group, node);
}

/** Columns of each pass of a product but the last, and where the last one begins. */
function passesOf(columns: number): { size: number; last: number } {
  const passes = Math.ceil(columns / PASS.sums);
  const size = Math.ceil(columns / passes);
  return { size, last: (passes - 1) * size };
}

/** Locals own and t0, t1 … for the columns from local k on. */
function loadColumns(group: SampleGroup, long: Node, vectors: number[]): string[] {
  const { own, step, spot } = columnsOf(group, long);
  return [own, ...vectors.map((t) => set(`t${t}`, v.load(get('own'), spot(false) + t * step)))];
}

/** What the columns in locals add to a row of a product. */
function addColumns(row: Row, node: Node, vectors: number[], isFirst: boolean): string {
  const terms = vectors.map((t) => v.mul(get(`t${t}`), v.load(...entry(row, node.args[0], 'tile', t))));
  return terms.reduce((a, b) => v.add(a, b), isFirst ? v.zero : loadValue(row, node));
}

/** All passes of y_j = Σ_k W_jk h_k but the last, for which the columns are left in locals. */
export function beginDot(group: SampleGroup, loop: Loop, node: Node): string[] {
  const [W, h] = node.args;
  const { size, last } = passesOf(W.shape[1]);
  const pass = (isFirst: boolean) => {
    const vectors = each(size, (t) => t);
    const store = (row: Row) => [storeValue(row, node, addColumns(row, node, vectors, isFirst))];
    return [...loadColumns(group, h, vectors), ...overRows(group, loop, null, store)];
  };
  return [
    set('k', int(0)),
    ...(last > 0 ? [...pass(true), set('k', int(16 * size))] : []),
    ...(last > size ? [sweep('k', int(16 * last), 16 * size, pass(false))] : []),
    ...loadColumns(
      group,
      h,
      each(W.shape[1] - last, (t) => t),
    ),
  ];
}

/** The sum of a row of a product after all other passes. */
export function endDot(row: Row, node: Node): string {
  const columns = node.args[0].shape[1];
  const { last } = passesOf(columns);
  const vectors = each(columns - last, (t) => t);
  return addColumns(row, node, vectors, last === 0);
}

/** y_j = Σ_k W_jk h_k, a few columns at a time. */
export function wideDot(group: SampleGroup, loop: Loop, node: Node): string[] {
  const ends = overRows(group, loop, null, (row) => [storeValue(row, node, endDot(row, node))]);
  return [...beginDot(group, loop, node), ...ends];
}

/** h_k = Σ_i W_ik x_i, a few columns at a time, over the rows that are not 0. */
export function wideSum(group: SampleGroup, loop: Loop, node: Node): string[] {
  const [W, x] = node.args;
  const { step, spot } = columnsOf(group, node);
  const to = spot(false);
  return overColumns(group, node, node, PASS.sums, (vectors) => [
    ...vectors.map((t) => set(`t${t}`, v.zero)),
    ...overRows(group, loop, zerosOf(group, x), (row) => [
      set('value', loadValue(row, x)),
      ...vectors.map((t) =>
        set(`t${t}`, v.add(get(`t${t}`), v.mul(get('value'), v.load(...entry(row, W, 'tile', t))))),
      ),
    ]),
    ...vectors.map((t) => v.store(get('own'), get(`t${t}`), to + t * step)),
  ]);
}

/** A product, if it knows the rows that have a slope. */
const steepOf = ({ placement }: SampleGroup, node: Node): Node | null =>
  placement.lists.has(node) ? node : null;

/** dW_jk += dy_j h_k and dh_k += dy_j W_jk, a few columns at a time, over the rows that have a slope. */
export function wideDotSlopes(group: SampleGroup, loop: Loop, node: Node): string[] {
  const isWritten = loopSpace(group.placement, loop).written;
  if (isWritten && !group.begun.has(slopeName(group, node, 0))) return []; // no loss needs it
  const [W, h] = node.args;
  const { step, spot } = columnsOf(group, h);
  const isBegun = group.begun.has(h) || isSummed(h);
  const given = group.placement.moving.has(h);
  const passes = overColumns(group, node, h, PASS.both, (vectors) => [
    ...vectors.map((t) => set(`t${t}`, v.load(get('own'), spot(false) + t * step))),
    ...(given
      ? vectors.map((t) => set(`s${t}`, isBegun ? v.load(get('own'), spot(true) + t * step) : v.zero))
      : []),
    ...overRows(group, loop, steepOf(group, node), (row) => [
      set('value', loadSlope(row, node)),
      ...vectors.flatMap((t) => [
        given
          ? set(`s${t}`, v.add(get(`s${t}`), v.mul(get('value'), v.load(...entry(row, W, 'tile', t)))))
          : '',
        W.trained ? addEntry(row, W, t, v.mul(get('value'), get(`t${t}`))) : '',
      ]),
    ]),
    ...(given ? vectors.map((t) => v.store(get('own'), get(`s${t}`), spot(true) + t * step)) : []),
  ]);
  if (given) group.begun.add(h);
  return passes;
}

/** dW_ik += x_i dh_k and dx_i += Σ_k W_ik dh_k, a few columns at a time, over the rows that are not 0. */
export function wideSumSlopes(group: SampleGroup, loop: Loop, node: Node): string[] {
  if (!group.begun.has(node)) return []; // no loss needs it
  const { moving } = group.placement;
  const [W, x] = node.args;
  const { step, spot } = columnsOf(group, node);
  const back = moving.has(x);
  const start = back ? startSlope(group, loop, x) : [];
  const passes = overColumns(group, node, node, PASS.sums, (vectors) => [
    ...vectors.map((t) => set(`t${t}`, v.load(get('own'), spot(true) + t * step))),
    ...overRows(group, loop, zerosOf(group, x), (row) => [
      set('value', loadValue(row, x)),
      ...(W.trained ? vectors.map((t) => addEntry(row, W, t, v.mul(get('value'), get(`t${t}`)))) : []),
      ...(back
        ? [
            backTo(
              row,
              x,
              vectors.map((t) => v.mul(get(`t${t}`), v.load(...entry(row, W, 'tile', t)))),
            ),
          ]
        : []),
    ]),
  ]);
  return [...start, ...passes];
}
