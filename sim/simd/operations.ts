/**
 * Kernel text of a program's operations on one row of four samples: values forward, slopes backward. A slope is what
 * half of twice the loss gains per unit of a value: kernels sum twice the loss, so that a square's slope is also what
 * its part of the loss is made of.
 */
import { isLoss, isSummed, type Node } from '../program/ops.ts';
import type { Loop } from '../program/schedule.ts';
import { isWide, isWritten, type Placement, type Side, spaceOf } from './placement.ts';
import { each, get, i32, int, set, sweep, v, w } from './wat.ts';

/** What the statements of one group of samples share. */
export interface Group {
  placement: Placement;
  batch: number;
  /** Slopes that hold something: names of locals, and nodes whose slopes stand in memory. */
  begun: Set<string | Node>;
}

/** Where the statements about one row find its numbers. */
export interface Row {
  group: Group;
  loop: Loop;
  index: number | null; // of a row written out; null: the row that locals tile and sums point at
  known: Set<Node>; // values that a looped row has in locals
  begun: Set<Node>; // slopes that it has begun there
  full: boolean; // the loop visits every row
  before: string[]; // statements that must come before the loop
}

/** A row of a loop: row `index` written out, or the one that pointers point at. */
export function rowOf(group: Group, loop: Loop, index: number | null, full = true): Row {
  return { group, loop, index, known: new Set(), begun: new Set(), full, before: [] };
}

/** Address of a row's tile or sums in the space of `node`. */
export function baseOf(
  { group: { placement }, index }: Pick<Row, 'group' | 'index'>,
  node: Node,
  side: Side,
): string {
  if (index === null) return get(side);
  const space = spaceOf(placement, node);
  return int((side === 'tile' ? space.tiles : space.sums) + index * space.size);
}

/** Local with the value of a node: of a row written out, or of the row in the loop. */
export const valueName = ({ placement: { ids } }: Group, node: Node, index: number | null): string =>
  index === null ? `n${ids.get(node)}` : `n${ids.get(node)}_${index}`;

const slopeName = (group: Group, node: Node, index: number | null): string =>
  `d${valueName(group, node, index)}`;

/** Local with the sum of an entry of a tensor's gradient, of a program that is written out. */
export const sumName = ({ placement: { ids } }: Group, node: Node, index: number, k: number): string =>
  `g${ids.get(node)}_${index}_${k}`;

/** Entry k of a row of a tensor, or a node's value in a row. */
export function read(row: Row, node: Node, k = 0): string {
  const { group, index } = row;
  const single = group.placement.single.get(node);
  if (single !== undefined) return v.load(int(single));
  if (row.known.has(node)) return get(valueName(group, node, null));
  const isLocal = index !== null && !isSummed(node) && node.op !== 'column' && !isLoss(node);
  if (isLocal) return get(valueName(group, node, index));
  const { side, at } = group.placement.value.get(node)!;
  return v.load(baseOf(row, node, side), at + 16 * k);
}

/** Entry k of a vector that is taken whole: written out in locals, or given. */
export function readWhole(group: Group, loop: Loop, node: Node, k: number): string {
  return read(rowOf(group, loop, k), node);
}

/** Puts a value of this row into its local, and into memory if it has a place there. */
function keep(row: Row, node: Node, value: string): string[] {
  const { group, index } = row;
  const spot = group.placement.value.get(node);
  const out = [set(valueName(group, node, index), value)];
  if (index !== null) return out;
  row.known.add(node);
  if (spot) out.push(v.store(baseOf(row, node, spot.side), get(valueName(group, node, null)), spot.at));
  return [...out, ...append(row, node, get(valueName(group, node, null)))];
}

/** Puts the present tile on a node's list if `value` is not 0 in one of the four samples. */
function append({ group: { placement } }: Row, node: Node, value: string): string[] {
  const list = placement.lists.get(node);
  if (list === undefined) return [];
  const end = listEnd(placement, node);
  return [i32.store(get(end), get('tile'), list), set(end, i32.add(get(end), i32.shl(w.any(value), int(2))))];
}

/** Local with the bytes of a node's list. */
export const listEnd = ({ ids }: Placement, node: Node): string => `list${ids.get(node)}`;

/** 2 factor / batch, the weight of a loss node where it has no column. */
export const lossScale = ({ batch }: Pick<Group, 'batch'>, { factor }: Node): number => (2 * factor) / batch;

const lossWeight = (row: Row, node: Node): string =>
  node.args.length > 1 ? read(row, node) : v.all(lossScale(row.group, node));

/** 1/7!, … 1/2!, 1: e^r − 1 = r (1 + r (1/2 + …)), to float32 for |r| ≤ ln 2 / 2. */
const EXPONENTIAL = [1 / 5040, 1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2, 1];
/** ln 2 as a float32 of few bits, times which a small integer is exact, and the rest. */
const LN2 = [0.693359375, -2.1219444005469057e-4];

/**
 * Sets local `out` to tanh x = u / (u + 2), u = e^(2|x|) − 1 = 2^k (e^r − 1) + 2^k − 1, with the sign of x. Only
 * + − × ÷ and powers of 2, so it is the same in every engine of WebAssembly.
 */
function tanhOf(out: string, x: string): string[] {
  const series = EXPONENTIAL.slice(1).reduce(
    (sum, term) => v.add(v.mul(sum, get('rest')), v.all(term)),
    v.all(EXPONENTIAL[0]),
  );
  return [
    set('angle', x),
    set('double', v.abs(get('angle'))),
    set('double', v.pmin(v.add(get('double'), get('double')), v.all(30))), // tanh 15 rounds to 1
    set('twos', v.floor(v.add(v.mul(get('double'), v.all(Math.LOG2E)), v.all(0.5)))),
    set('rest', v.sub(get('double'), v.mul(get('twos'), v.all(LN2[0])))),
    set('rest', v.sub(get('rest'), v.mul(get('twos'), v.all(LN2[1])))),
    set('grown', v.mul(series, get('rest'))),
    set('twos', w.shl(w.add(w.fromFloats(get('twos')), w.all(127)), int(23))), // bits of 2^k
    set('grown', v.add(v.mul(get('twos'), get('grown')), v.sub(get('twos'), v.all(1)))),
    set('grown', v.div(get('grown'), v.add(get('grown'), v.all(2)))),
    set(out, w.or(get('grown'), w.and(get('angle'), w.all(0x80000000 | 0)))),
  ];
}

/** Lengths below this count as this, where something is divided by them. */
export const SHORT = 1e-20;

/** Local with the least number that `largest` or `largest-of-batch` keeps. */
export const leastName = ({ placement: { ids } }: Group, node: Node): string => `least${ids.get(node)}`;

/** max(a, 0), or a where it is above 0 and leak · a elsewhere; a NaN passes. */
const rectified = (a: string, leak: number): string => v.pmax(a, leak === 0 ? v.zero : v.mul(a, v.all(leak)));

/** Sets local `out` to Σ_k W_k h_k over a row of W. */
function dotTo(out: string, row: Row, W: Node, h: Node): string[] {
  return each(h.size, (k) => {
    const product = v.mul(read(row, W, k), readWhole(row.group, row.loop, h, k));
    return set(out, k === 0 ? product : v.add(get(out), product));
  });
}

/** h_k += W_k x over a row of W; the first row that is written out sets. */
function sumRow(row: Row, node: Node): string[] {
  const [W, x] = node.args;
  return each(node.size, (k) => {
    const [name, product] = [valueName(row.group, node, k), v.mul(read(row, W, k), read(row, x))];
    return set(name, row.index === 0 ? product : v.add(get(name), product));
  });
}

/** A loss node's part of twice the loss; of a square, its slope stays in a local. */
function lossRow(row: Row, node: Node): string[] {
  const a = read(row, node.args[0]);
  const grow = (part: string) => set('loss', v.add(get('loss'), part));
  if (node.op === 'absolute') return [grow(v.mul(v.abs(a), lossWeight(row, node)))];
  if (node.op === 'count') return [grow(w.and(lossWeight(row, node), v.gt(a, read(row, node.args[2]))))];
  const pull = valueName(row.group, node, row.index);
  return [set(pull, v.mul(a, lossWeight(row, node))), grow(v.mul(get(pull), a))];
}

/** Statements that compute a node of this row. */
export function forwardRow(row: Row, node: Node): string[] {
  const [a, b] = node.args;
  if (isLoss(node)) return lossRow(row, node);
  switch (node.op) {
    case 'matT':
      return sumRow(row, node);
    case 'mat':
      return [...dotTo('dot', row, a, b), ...keep(row, node, get('dot'))];
    case 'add':
      return keep(row, node, v.add(read(row, a), read(row, b)));
    case 'sub':
      return keep(row, node, v.sub(read(row, a), read(row, b)));
    case 'mul':
      return keep(row, node, v.mul(read(row, a), read(row, b)));
    case 'scale':
      return keep(row, node, v.mul(read(row, a), v.all(node.factor)));
    case 'relu':
      return keep(row, node, rectified(read(row, a), node.factor));
    case 'abs':
      return keep(row, node, v.abs(read(row, a)));
    case 'tanh':
      return [...tanhOf('tanh', read(row, a)), ...keep(row, node, get('tanh'))];
    case 'div':
      return keep(row, node, v.div(read(row, a), v.pmax(read(row, b), v.all(SHORT))));
    case 'gate':
      return keep(row, node, w.and(read(row, a), v.gt(read(row, b), v.zero)));
    case 'jump':
      return keep(row, node, w.and(read(row, a), v.gt(read(row, a), read(row, b))));
    case 'largest':
    case 'largest-of-batch': {
      const above = w.and(read(row, a), v.gt(read(row, a), v.zero));
      return keep(row, node, w.andnot(above, v.gt(get(leastName(row.group, node)), read(row, a))));
    }
    default:
      throw new Error(`no kernel for ${node.op}`);
  }
}

/** Adds to entry k of this row of a tensor's gradient. */
export function addSum(row: Row, tensor: Node, k: number, value: string): string {
  const { group, index } = row;
  if (index !== null && isWritten(group.placement)) {
    const name = sumName(group, tensor, index, k);
    return set(name, v.add(get(name), value));
  }
  const base = baseOf(row, tensor, 'sums');
  const at = group.placement.value.get(tensor)!.at + 16 * k;
  return v.store(base, v.add(v.load(base, at), value), at);
}

/** Adds to a local slope, or sets it at first. */
function addLocal(begun: Set<unknown>, key: unknown, name: string, value: string): string {
  const isFirst = !begun.has(key);
  begun.add(key);
  return set(name, isFirst ? value : v.add(get(name), value));
}

/** Adds to a slope in memory, which another loop takes on. */
function addMemory(row: Row, node: Node, value: string): string {
  const { placement, begun } = row.group;
  const { side, at } = placement.slope.get(node)!;
  const base = baseOf(row, node, side);
  if (!begun.has(node) && !row.full) row.before.push(...clearSlope(row.group, node));
  const isFirst = !begun.has(node) && row.full;
  begun.add(node);
  return v.store(base, isFirst ? value : v.add(v.load(base, at), value), at);
}

/** Sets a slope in memory to 0 in every row. */
export function clearSlope({ placement }: Group, node: Node): string[] {
  const [space, { side, at }] = [spaceOf(placement, node), placement.slope.get(node)!];
  const from = side === 'tile' ? space.tiles : space.sums;
  const end = int(from + space.length * space.size);
  return [set('row', int(from)), sweep('row', end, space.size, [v.store(get('row'), v.zero, at)])];
}

/** Adds to the slope of a node in this row. */
function give(row: Row, node: Node, value: string): string[] {
  const { group, index } = row;
  if (!group.placement.moving.has(node)) return [];
  if (isSummed(node)) return [addSum(row, node, 0, value)];
  if (index !== null)
    return [addLocal(group.begun, slopeName(group, node, index), slopeName(group, node, index), value)];
  const isOwn = group.placement.schedule.loopOf.get(node) === row.loop && node.op !== 'matT';
  if (!isOwn) return [addMemory(row, node, value)];
  const name = slopeName(group, node, null);
  return [...slopeStart(row, node), addLocal(row.begun, node, name, value)];
}

/** Takes on in a local what other loops have left of the slope of this row's node. */
function slopeStart(row: Row, node: Node): string[] {
  const { placement, begun } = row.group;
  if (row.index !== null || row.begun.has(node) || !begun.has(node)) return [];
  const { side, at } = placement.slope.get(node)!;
  row.begun.add(node);
  return [set(slopeName(row.group, node, null), v.load(baseOf(row, node, side), at))];
}

/** Adds to entry k of the slope of a vector that was taken whole. Its local must be 0 before a loop adds to it. */
function giveWhole(row: Row, node: Node, k: number, value: string): string[] {
  const { group, index } = row;
  if (!group.placement.moving.has(node)) return [];
  if (isSummed(node)) return [addSum({ ...row, index: k }, node, 0, value)];
  const name = slopeName(group, node, k);
  if (index === null && !group.begun.has(name)) {
    row.before.push(set(name, v.zero));
    group.begun.add(name);
  }
  return [addLocal(group.begun, name, name, value)];
}

/** Sign of a times `size`, 0 at 0. */
const signed = (a: string, size: string): string =>
  v.sub(w.and(v.gt(a, v.zero), size), w.and(v.gt(v.zero, a), size));

/** Whether something has been added to the slope of this row's node. */
const hasSlope = (row: Row, node: Node): boolean =>
  row.index === null ? row.begun.has(node) : row.group.begun.has(slopeName(row.group, node, row.index));

/** Slope of a loss: of a square what lossRow left, or is computed again. */
function lossSlope(row: Row, node: Node, isFresh: boolean): string[] {
  const [a] = node.args;
  const weight = lossWeight(row, node);
  if (node.op === 'absolute') {
    const half = node.args.length > 1 ? v.mul(weight, v.all(0.5)) : v.all(lossScale(row.group, node) / 2);
    return give(row, a, signed(read(row, a), half));
  }
  if (node.op === 'count') {
    const t = node.args[2];
    const pull = v.mul(weight, v.all(-0.5 / node.width));
    return give(row, t, w.and(pull, within(row, a, t, node.width)));
  }
  return give(row, a, isFresh ? get(valueName(row.group, node, row.index)) : v.mul(read(row, a), weight));
}

/** Mask of |a − t| < width / 2. */
const within = (row: Row, a: Node, t: Node, width: number): string =>
  v.gt(v.all(width / 2), v.abs(v.sub(read(row, a), read(row, t))));

/** dW_k += d h_k and dh_k += d W_k over a row of W. */
function dotSlopes(row: Row, [W, h]: Node[], d: string): string[] {
  const whole = (k: number) => readWhole(row.group, row.loop, h, k);
  return [
    ...(W.trained ? each(h.size, (k) => addSum(row, W, k, v.mul(d, whole(k)))) : []),
    ...each(h.size, (k) => giveWhole(row, h, k, v.mul(d, read(row, W, k)))).flat(),
  ];
}

/** dW_k += x d_k and dx += Σ_k W_k d_k over a row of W. */
export function sumSlopes(row: Row, node: Node): string[] {
  const [W, x] = node.args;
  const d = (k: number) => get(slopeName(row.group, node, k));
  const back = () => each(node.size, (k) => v.mul(read(row, W, k), d(k))).reduce((a, b) => v.add(a, b));
  return [
    ...(W.trained ? [set('value', read(row, x))] : []),
    ...(W.trained ? each(node.size, (k) => addSum(row, W, k, v.mul(get('value'), d(k)))) : []),
    ...(row.group.placement.moving.has(x) ? give(row, x, back()) : []),
  ];
}

/** Statements that hand a node's slope on. `isFresh`: its forward statements stand before, in the same row. */
export function backwardRow(row: Row, node: Node, isFresh: boolean): string[] {
  const { group } = row;
  if (!group.placement.moving.has(node)) return [];
  if (isLoss(node)) return lossSlope(row, node, isFresh);
  if (node.op === 'matT') return sumSlopes(row, node);
  const start = slopeStart(row, node);
  if (!hasSlope(row, node)) return [];
  return [...start, ...handOn(row, node, get(slopeName(group, node, row.index)))];
}

/** Slope d of a node, handed on to its arguments. */
function handOn(row: Row, node: Node, d: string): string[] {
  const { args, op, factor } = node;
  const [a, b] = args;
  switch (op) {
    case 'mat':
      return isWide(row.group.placement, node) ? leave(row, node, d) : dotSlopes(row, args, d);
    case 'add':
      return [...give(row, a, d), ...give(row, b, d)];
    case 'sub':
      return [...give(row, a, d), ...give(row, b, v.sub(v.zero, d))];
    case 'mul':
      return [...give(row, a, v.mul(d, read(row, b))), ...give(row, b, v.mul(d, read(row, a)))];
    case 'scale':
      return give(row, a, v.mul(d, v.all(factor)));
    case 'relu': {
      const open = v.gt(read(row, row.known.has(a) || row.index !== null ? a : node), v.zero);
      return give(row, a, factor === 0 ? w.and(d, open) : v.select(d, v.mul(d, v.all(factor)), open));
    }
    case 'tanh':
      return give(row, a, v.mul(d, v.sub(v.all(1), v.mul(read(row, node), read(row, node)))));
    case 'abs':
      return give(row, a, signed(read(row, a), d));
    case 'div': {
      const length = v.pmax(read(row, b), v.all(SHORT));
      const back = v.div(v.mul(d, read(row, node)), length);
      return [...give(row, a, v.div(d, length)), ...give(row, b, v.sub(v.zero, back))];
    }
    case 'gate':
      return give(row, a, w.and(d, v.gt(read(row, b), v.zero)));
    case 'jump': {
      const back = v.mul(v.mul(d, read(row, b)), v.all(-1 / factor));
      return [
        ...give(row, a, w.and(d, v.gt(read(row, a), read(row, b)))),
        ...give(row, b, w.and(back, within(row, a, b, factor))),
      ];
    }
    case 'largest':
    case 'largest-of-batch':
      return give(row, a, w.and(d, v.gt(read(row, node), v.zero)));
    default:
      throw new Error(`no kernel for the slope of ${op}`);
  }
}

/** Leaves a slope in memory, and the row on the list of those that have one. */
function leave(row: Row, node: Node, d: string): string[] {
  if (row.index !== null) return [];
  const { side, at } = row.group.placement.slope.get(node)!;
  return [v.store(baseOf(row, node, side), d, at), ...append(row, node, d)];
}
