/**
 * Kernel text of softmax and cross-entropy, which sum over all rows of four samples before a row has its own number. What
 * the sums leave stays in locals.
 */
import { DIGIT_BASE, type Node, shiftDigits } from '../../program/ops.ts';
import type { Loop } from '../../program/schedule.ts';
import { get, set, v } from '../wat.ts';
import { logOf, powerOf } from './powers.ts';
import { baseOf, lossWeight, type Row, read, type SampleGroup, SHORT, slopeName, valueName } from './row.ts';
import { overRows } from './sweeps.ts';

/** Local of a node: `top` the largest number, `sum` and `all` what its rows sum to. */
const own = (group: SampleGroup, node: Node, what: 'top' | 'sum' | 'all'): string =>
  `${what}${valueName(group, node, null)}`;

/** Digit number `place` of ⌊x⌋ in base 16, x a local. */
export function digitOf(x: string, place: number): string {
  const above = (power: number) => v.floor(v.mul(get(x), v.all(shiftDigits(1, power))));
  return v.sub(above(place), v.mul(above(place + 1), v.all(DIGIT_BASE)));
}

/** Sets local top to the largest a, of a softmax to that of those that count. */
function findTop(group: SampleGroup, loop: Loop, node: Node): string[] {
  const top = own(group, node, 'top');
  const [a, c] = node.args;
  const counted = (row: Row) =>
    node.op === 'softmax' ? v.select(read(row, a), v.all(-3e38), v.gt(read(row, c), v.zero)) : read(row, a);
  return [
    set(top, v.all(-3e38)),
    ...overRows(group, loop, null, (row) => [set(top, v.pmax(get(top), counted(row)))]),
  ];
}

/** Sets local power to e^(a − top) in a row. */
const powerAt = (row: Row, node: Node): string[] =>
  powerOf(v.pmin(v.sub(read(row, node.args[0]), get(own(row.group, node, 'top'))), v.zero));

/** Leaves c e^(a − top) of a softmax in its rows, and their sum in its local. */
function sumShares(group: SampleGroup, loop: Loop, node: Node): string[] {
  const sum = own(group, node, 'sum');
  const rows = overRows(group, loop, null, (row) => {
    const name = valueName(group, node, row.index);
    const spot = group.placement.value.get(node);
    return [
      ...powerAt(row, node),
      set(name, v.mul(get('power'), read(row, node.args[1]))),
      set(sum, v.add(get(sum), get(name))),
      row.index === null ? v.store(baseOf(row, node, spot!.side), get(name), spot!.at) : '',
    ];
  });
  return [set(sum, v.zero), ...rows, set(sum, v.pmax(get(sum), v.all(SHORT)))];
}

/** Leaves ln Σ e^(z − top) in local sum and Σ t / Σ e^(z − top) in local all. */
function sumSurprise(group: SampleGroup, loop: Loop, node: Node): string[] {
  const [sum, all] = [own(group, node, 'sum'), own(group, node, 'all')];
  const rows = overRows(group, loop, null, (row) => [
    ...powerAt(row, node),
    set(sum, v.add(get(sum), get('power'))),
    set(all, v.add(get(all), read(row, node.args[1]))),
  ]);
  return [
    set(sum, v.zero),
    set(all, v.zero),
    ...rows,
    set(all, v.div(get(all), get(sum))),
    ...logOf(sum, sum),
  ];
}

/** What must be known of all rows before a loop goes over them. */
export function sumRows(group: SampleGroup, loop: Loop, node: Node): string[] {
  if (node.op === 'softmax') return [...findTop(group, loop, node), ...sumShares(group, loop, node)];
  if (node.op === 'cross-entropy') return [...findTop(group, loop, node), ...sumSurprise(group, loop, node)];
  return [];
}

/** A softmax's number in a row. */
export function shareOf(row: Row, node: Node): string {
  const { group, index } = row;
  const spot = group.placement.value.get(node);
  const kept =
    index === null ? v.load(baseOf(row, node, spot!.side), spot!.at) : get(valueName(group, node, index));
  return v.div(kept, get(own(group, node, 'sum'))); // exactly 1 where only one counts
}

/** t (ln Σ e^z − z) in a row. */
export function surpriseOf(row: Row, node: Node): string {
  const [z, t] = node.args;
  const below = v.sub(get(own(row.group, node, 'top')), read(row, z));
  return v.mul(read(row, t), v.add(get(own(row.group, node, 'sum')), below));
}

/** Statements that leave the slope of z in local power, as it is half of twice the loss. */
export function surpriseSlope(row: Row, node: Node): string[] {
  const pull = v.sub(v.mul(get('power'), get(own(row.group, node, 'all'))), read(row, node.args[1]));
  return [...powerAt(row, node), set('power', v.mul(v.mul(lossWeight(row, node), v.all(0.5)), pull))];
}

/** Leaves Σ_k d_k p_k of a softmax p in local all, before its loop goes backward. */
export function sumSlope(group: SampleGroup, loop: Loop, node: Node): string[] {
  const { placement, begun } = group;
  const isBegun = begun.has(node) || begun.has(slopeName(group, node, 0));
  if (node.op !== 'softmax' || !isBegun || !placement.moving.has(node)) return [];
  const all = own(group, node, 'all');
  const rows = overRows(group, loop, null, (row) => {
    const spot = placement.slope.get(node);
    const d =
      row.index === null
        ? v.load(baseOf(row, node, spot!.side), spot!.at)
        : get(slopeName(group, node, row.index));
    return [set(all, v.add(get(all), v.mul(d, read(row, node))))];
  });
  return [set(all, v.zero), ...rows];
}

/** What a row of a softmax's argument gains from the slope d. */
export const shareSlope = (row: Row, node: Node, d: string): string =>
  v.mul(read(row, node), v.sub(d, get(own(row.group, node, 'all'))));
