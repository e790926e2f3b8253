/** Statements for all rows of a loop, or for those that have something to give. */
import type { Node } from '../../program/ops.ts';
import type { Loop } from '../../program/schedule.ts';
import { advance, each, get, i32, int, set, sweep, when } from '../wat.ts';
import { knowsZeros, loopSpace, type Space, spaceOf } from './placement.ts';
import { listEnd, type Row, rowOf, type SampleGroup } from './row.ts';

/** Statements for all rows of a space, by pointers tile and sums. */
function sweepRows({ tiles, sums, size, length }: Space, body: string[]): string[] {
  if (body.length === 0) return [];
  return [
    set('tile', int(tiles)),
    set('sums', int(sums)),
    sweep('tile', int(tiles + size * length), size, [...body, advance('sums', size)]),
  ];
}

/** Statements for the rows on a node's list. */
function sweepList({ placement }: SampleGroup, node: Node, body: string[]): string[] {
  const { tiles, sums } = spaceOf(placement, node);
  const end = listEnd(placement, node);
  const row = [
    set('tile', i32.load(get('at'), placement.lists.get(node)!)),
    set('sums', i32.add(get('tile'), int(sums - tiles))),
  ];
  return [set('at', int(0)), when(get(end), [sweep('at', get(end), 4, [...row, ...body])])];
}

/** Statements for the rows of a loop, or those on the list of one of its nodes: written out or repeated. */
export function overRows(
  group: SampleGroup,
  loop: Loop,
  list: Node | null,
  make: (row: Row) => string[],
): string[] {
  const space = loopSpace(group.placement, loop);
  if (space.written) return each(space.length, (i) => make(rowOf(group, loop, i))).flat();
  const row = rowOf(group, loop, null, list === null);
  const body = make(row);
  return [...row.before, ...(list ? sweepList(group, list, body) : sweepRows(space, body))];
}

/** The node, if it knows the rows in which it is not 0: a sum over rows may then leave out the others. */
export const zerosOf = ({ placement }: SampleGroup, node: Node): Node | null =>
  knowsZeros(placement, node) ? node : null;
