/** What the statements about one row of a loop share: where it finds its numbers, and the locals that hold them. */
import { isLoss, isSummed, type Node, weightOf } from '../../program/ops.ts';
import type { Loop } from '../../program/schedule.ts';
import { get, i32, int, set, v, w } from '../wat.ts';
import { type Placement, type Side, spaceOf } from './placement.ts';

/** What the statements of one group of samples share. */
export interface SampleGroup {
  placement: Placement;
  batch: number;
  /** Slopes that hold something: names of locals, and nodes whose slopes stand in memory. */
  begun: Set<string | Node>;
}

/** Where the statements about one row find its numbers. */
export interface Row {
  group: SampleGroup;
  loop: Loop;
  index: number | null; // of a row written out; null: the row that locals tile and sums point at
  known: Set<Node>; // values that a looped row has in locals
  begun: Set<Node>; // slopes that it has begun there
  full: boolean; // the loop visits every row
  before: string[]; // statements that must come before the loop
}

/** A row of a loop: row `index` written out, or the one that pointers point at. */
export function rowOf(group: SampleGroup, loop: Loop, index: number | null, full = true): Row {
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
export const valueName = ({ placement: { ids } }: SampleGroup, node: Node, index: number | null): string =>
  index === null ? `n${ids.get(node)}` : `n${ids.get(node)}_${index}`;

export const slopeName = (group: SampleGroup, node: Node, index: number | null): string =>
  `d${valueName(group, node, index)}`;

/** Local with the sum of an entry of a tensor's gradient, of a program that is written out. */
export const sumName = ({ placement: { ids } }: SampleGroup, node: Node, index: number, k: number): string =>
  `g${ids.get(node)}_${index}_${k}`;

/** Entry k of a row of a tensor, or a node's value in a row. */
export function read(row: Row, node: Node, k = 0): string {
  const { group, index } = row;
  const single = group.placement.single.get(node);
  if (single !== undefined) return v.load(int(single));
  if (row.known.has(node)) return get(valueName(group, node, null));
  const isLocal =
    index !== null && !isSummed(node) && node.op !== 'column' && node.op !== 'source' && !isLoss(node);
  if (isLocal) return get(valueName(group, node, index));
  const { side, at } = group.placement.value.get(node)!;
  return v.load(baseOf(row, node, side), at + 16 * k);
}

/** Brings a value that stands in memory into a local of this row, so that it is read once. */
export function bring(row: Row, node: Node): string[] {
  if (row.index !== null || row.known.has(node)) return [];
  const value = read(row, node);
  row.known.add(node);
  return [set(valueName(row.group, node, null), value)];
}

/** Entry k of a vector that is taken whole: written out in locals, or given. */
export function readWhole(group: SampleGroup, loop: Loop, node: Node, k: number): string {
  return read(rowOf(group, loop, k), node);
}

/** The number of a vector of one: in a local, or in memory where a sample of one feature stands there. */
export function readSingle(row: Row, node: Node): string {
  const { placement } = row.group;
  const space = spaceOf(placement, node);
  if (space.written || isSummed(node)) return readWhole(row.group, row.loop, node, 0);
  if (placement.moving.has(node))
    throw new Error('no kernel for a moving factor beside a sample of one feature');
  const { side, at } = placement.value.get(node)!;
  return v.load(int((side === 'tile' ? space.tiles : space.sums) + at));
}

/** Puts the present tile on a node's list if `value` is not 0 in one of the four samples. */
export function append({ group: { placement } }: Row, node: Node, value: string): string[] {
  const list = placement.lists.get(node);
  if (list === undefined) return [];
  const end = listEnd(placement, node);
  return [i32.store(get(end), get('tile'), list), set(end, i32.add(get(end), i32.shl(w.any(value), int(2))))];
}

/** Local with the bytes of a node's list. */
export const listEnd = ({ ids }: Placement, node: Node): string => `list${ids.get(node)}`;

/** 2 factor / batch, the weight of a loss node where it has no column. */
export const lossScale = ({ batch }: Pick<SampleGroup, 'batch'>, { factor }: Node): number =>
  (2 * factor) / batch;

export function lossWeight(row: Row, node: Node): string {
  const own = weightOf(node) ? read(row, node) : v.all(lossScale(row.group, node));
  const { sampleWeight } = row.group.placement;
  return sampleWeight === null ? own : v.mul(own, v.load(int(sampleWeight)));
}

/** Lengths below this count as this, where something is divided by them. */
export const SHORT = 1e-20;

/** Local with the least number that `largest` or `largest-of-batch` keeps. */
export const leastName = ({ placement: { ids } }: SampleGroup, node: Node): string => `least${ids.get(node)}`;
