/** The least number that a sparse code keeps, of a sample or of a batch. */
import type { Node } from '../../program/ops.ts';
import type { Loop } from '../../program/schedule.ts';
import { f32, get, i32, int, repeat, set, v, w } from '../wat.ts';
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
    set('left', get('active')),
    repeat(
      [set('next', v.zero), ...next, set(least, get('next')), set('left', i32.sub(get('left'), int(1)))],
      get('left'),
    ),
  ];
}

/** Sets local active to the number that `largest` keeps of a sample: rounded, at least 1, at most all. */
export function readActive({ placement, layout }: ProgramPlan): string[] {
  const nodes = placement.program.nodes.filter(({ op }) => op === 'largest');
  if (nodes.length === 0) return [];
  const [, k] = nodes[0].args;
  const { at } = layout.record.columns.find(({ name }) => name === k.name)!;
  const most = f32.const(Math.max(...nodes.map(({ size }) => size)));
  const rounded = f32.add(f32.load(get('record'), at), f32.const(0.5));
  return [set('active', i32.trunc(f32.min(most, f32.max(f32.const(1), rounded))))];
}
