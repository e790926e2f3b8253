/**
 * Kernel text of a program's operations on one row of four samples, backward. A slope is what half of twice the loss
 * gains per unit of a value: kernels sum twice the loss, so that a square's slope is also what its part of the loss is
 * made of.
 */
import { isLoss, isSummed, type Node, weightOf } from '../../program/ops.ts';
import { each, get, int, set, sweep, v, w } from '../wat.ts';
import { isLater, isWide, isWritten, spaceOf } from './placement.ts';
import {
  append,
  baseOf,
  bring,
  lossScale,
  lossWeight,
  type Row,
  read,
  readSingle,
  readWhole,
  type SampleGroup,
  SHORT,
  slopeName,
  sumName,
  valueName,
} from './row.ts';
import { shareSlope, surpriseSlope } from './soft.ts';
import { dearAt, geluSlopeAt, unitAt } from './values.ts';

/** Adds to entry k of this row of a tensor's gradient. */
function addSum(row: Row, tensor: Node, k: number, value: string): string {
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
export function clearSlope({ placement }: SampleGroup, node: Node): string[] {
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
  if (node.op === 'cross-entropy') {
    if (!row.group.placement.moving.has(a)) return [];
    return [...surpriseSlope(row, node), ...give(row, a, get('power'))];
  }
  const weight = lossWeight(row, node);
  if (node.op === 'absolute') {
    const half = weightOf(node) ? v.mul(weight, v.all(0.5)) : v.all(lossScale(row.group, node) / 2);
    const isPositive = a.op === 'relu' && a.factor === 0;
    return give(row, a, isPositive ? w.and(v.gt(read(row, a), v.zero), half) : signed(read(row, a), half));
  }
  if (node.op === 'frequent') return give(row, a, v.mul(v.mul(weight, v.all(0.5)), dearAt(row, node, 1)));
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
  if (!row.group.begun.has(slopeName(row.group, node, 0))) return []; // no loss needs it
  const [W, x] = node.args;
  const d = (k: number) => get(slopeName(row.group, node, k));
  const back = () => each(node.size, (k) => v.mul(read(row, W, k), d(k))).reduce((a, b) => v.add(a, b));
  return [
    ...bring(row, x),
    ...(W.trained ? each(node.size, (k) => addSum(row, W, k, v.mul(read(row, x), d(k)))) : []),
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

/** The same of the operations of sparse codes. */
function handOnCode(row: Row, node: Node, d: string): string[] {
  const { args, op, factor } = node;
  const [a, b] = args;
  switch (op) {
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

/** Slopes of a perceptron: of its input, and of the units of its tensors. */
function perceptronSlopes(row: Row, node: Node, d: string): string[] {
  const [s, inner, shift, outer] = node.args;
  const add = (tensor: Node, k: number, value: string) =>
    tensor.trained ? [addSum(row, tensor, k, value)] : [];
  const units = each(inner.shape[1], (k) => {
    const { base, gelu, slope } = unitAt(row, node, k);
    return [
      ...add(outer, k, v.mul(d, v.load(base, gelu))),
      set('back', v.mul(v.mul(d, read(row, outer, k)), v.load(base, slope))),
      ...add(inner, k, v.mul(get('back'), get('sensed'))),
      ...add(shift, k, get('back')),
      set('felt', v.add(get('felt'), v.mul(get('back'), read(row, inner, k)))),
    ];
  });
  const start = [set('sensed', read(row, s)), set('felt', v.zero)];
  return [...start, ...units.flat(), ...give(row, s, get('felt'))];
}

/** Slope d of a node, handed on to its arguments. */
function handOn(row: Row, node: Node, d: string): string[] {
  const { args, op, factor } = node;
  const [a, b] = args;
  switch (op) {
    case 'mat':
      return isLeft(row, node) ? leave(row, node, d) : dotSlopes(row, args, d);
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
    case 'times':
      return [...give(row, a, v.mul(d, readSingle(row, b))), ...giveWhole(row, b, 0, v.mul(d, read(row, a)))];
    case 'normal-gelu':
      return [...geluSlopeAt(read(row, a)), ...give(row, a, v.mul(d, get('slope')))];
    case 'perceptrons':
      return perceptronSlopes(row, node, d);
    case 'hard-sigmoid': {
      const under = v.mul(v.all(node.width), v.pmin(d, v.zero));
      const within = v.select(d, under, v.gt(read(row, a), v.zero));
      return give(row, a, v.select(v.mul(d, v.all(factor)), within, v.gt(read(row, a), v.all(1))));
    }
    case 'saturate': {
      const gamma = v.mul(read(row, b), read(row, b));
      const sum = v.add(v.mul(read(row, a), read(row, a)), gamma);
      const back = v.mul(v.mul(v.mul(d, v.all(2)), read(row, a)), gamma);
      return give(row, a, v.div(back, v.mul(sum, sum)));
    }
    case 'tanh':
      return give(row, a, v.mul(d, v.sub(v.all(1), v.mul(read(row, node), read(row, node)))));
    case 'abs':
      return give(row, a, signed(read(row, a), d));
    case 'softmax':
      return give(row, a, shareSlope(row, node, d));
    default:
      return handOnCode(row, node, d);
  }
}

const isLeft = ({ group: { placement } }: Row, node: Node): boolean =>
  isWide(placement, node) || isLater(placement, node);

/** Slopes of a product whose own slope this loop has left in memory. */
export function laterSlopes(row: Row, node: Node): string[] {
  const { side, at } = row.group.placement.slope.get(node)!;
  const name = slopeName(row.group, node, null);
  return [set(name, v.load(baseOf(row, node, side), at)), ...dotSlopes(row, node.args, get(name))];
}

/** Leaves a slope in memory, and the row on the list of those that have one. */
function leave(row: Row, node: Node, d: string): string[] {
  if (row.index !== null) return [];
  const { side, at } = row.group.placement.slope.get(node)!;
  if (isLater(row.group.placement, node)) row.group.begun.add(node);
  return [v.store(baseOf(row, node, side), d, at), ...append(row, node, d)];
}
