/** The least number that a sparse code keeps, of a sample or of a batch. */
import type { Node } from '../../program/ops.ts';
import type { Loop } from '../../program/schedule.ts';
import { f32, get, i32, int, repeat, set, v, w } from '../wat.ts';
import type { Placement } from './placement.ts';
import type { ProgramPlan } from './plan.ts';
import { leastName, read, type SampleGroup } from './row.ts';
import { overRows } from './sweeps.ts';

/**
 * Sets the least number that a node keeps: of largest, the k-th of its sample, found by taking the next smaller one
 * k times; of largest-of-batch, what $measure has left.
 */
export function findLeast(group: SampleGroup, loop: Loop, node: Node): string[] {
  const least = leastName(group, node);
  if (node.op === 'largest-of-batch') return [set(least, v.load(int(group.placement.least.get(node)!)))];
  if (node.op !== 'largest') return [];
  const [a] = node.args;
  const next = overRows(group, loop, null, (row) => [
    set('value', read(row, a)),
    set('next', v.pmax(get('next'), w.and(get('value'), v.gt(get(least), get('value'))))),
  ]);
  return [
    set(least, v.all(3e38)),
    set('left', get(keptName(node))),
    repeat(
      [set('next', v.zero), ...next, set(least, get('next')), set('left', i32.sub(get('left'), int(1)))],
      get('left'),
    ),
  ];
}

/** The local that holds how many `largest` keeps of a sample. */
const keptName = ({ args: [, k] }: Node): string => `kept.${k.name}`;

/** The nodes that keep so many of a sample, by the local that says how many. */
function keepers({ program }: Placement): Map<string, Node[]> {
  const nodes = program.nodes.filter(({ op }) => op === 'largest');
  return new Map(
    nodes.map((node) => [keptName(node), nodes.filter((own) => keptName(own) === keptName(node))]),
  );
}

/** i32 locals that say how many are kept of a sample. */
export const keptNames = (placement: Placement): string[] => [...keepers(placement).keys()];

/** Sets those locals: columns rounded, at least 1, at most all. */
export function readKept({ placement, layout }: ProgramPlan): string[] {
  return [...keepers(placement)].map(([local, nodes]) => {
    const { at } = layout.record.columns.find(({ name }) => name === nodes[0].args[1].name)!;
    const most = f32.const(Math.max(...nodes.map(({ size }) => size)));
    const rounded = f32.add(f32.load(get('record'), at), f32.const(0.5));
    return set(local, i32.trunc(f32.min(most, f32.max(f32.const(1), rounded))));
  });
}
