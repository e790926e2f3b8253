/** The loops of a program, forward and backward. */
import { isLoss, type Node } from '../../program/ops.ts';
import type { Loop } from '../../program/schedule.ts';
import { each, get, int, set, v } from '../wat.ts';
import { findLeast } from './least.ts';
import { beginDot, endDot, wideDot, wideDotSlopes, wideSum, wideSumSlopes } from './passes.ts';
import { isApart, isFused, isLater, isWide, knowsZeros, loopSpace } from './placement.ts';
import type { ProgramPlan } from './plan.ts';
import { listEnd, type Row, read, type SampleGroup, valueName } from './row.ts';
import { backwardRow, laterSlopes, sumSlopes } from './slopes.ts';
import { sumRows, sumSlope } from './soft.ts';
import { overRows } from './sweeps.ts';
import { forwardRow } from './values.ts';

/** The parts of a loop: wide products, what runs row by row, and sums over rows that run for themselves. */
export function partsOf({ placement }: SampleGroup, { nodes }: Loop) {
  const wide = nodes.filter((node) => node.op === 'mat' && isWide(placement, node));
  const apart = nodes.filter((node) => isApart(placement, node));
  return { wide, apart, body: nodes.filter((node) => !wide.includes(node) && !apart.includes(node)) };
}

/** Locals of sums over rows that a loop adds to must be 0 before it. */
export function startSums(group: SampleGroup, loop: Loop, nodes: Node[]): string[] {
  if (loopSpace(group.placement, loop).written) return [];
  const sums = nodes.filter(({ op }) => op === 'matT' || op === 'total');
  return sums.flatMap((node) => each(node.size, (k) => set(valueName(group, node, k), v.zero)));
}

const wideSlopes = (group: SampleGroup, loop: Loop, node: Node): string[] =>
  group.placement.moving.has(node) ? wideDotSlopes(group, loop, node) : [];

/** A sum over rows that runs for itself. */
export function forwardApart(group: SampleGroup, loop: Loop, node: Node): string[] {
  if (isWide(group.placement, node)) return wideSum(group, loop, node);
  const rows = overRows(group, loop, node.args[1], (row) => [
    set('value', read(row, node.args[1])),
    ...each(node.size, (k) => {
      const name = valueName(group, node, k);
      return set(name, v.add(get(name), v.mul(read(row, node.args[0], k), get('value'))));
    }),
  ]);
  return [...startSums(group, loop, [node]), ...rows];
}

/** Takes the last columns of a product together with what becomes of its row, which nobody else asks for. */
function endRow(row: Row, node: Node): string {
  const sum = endDot(row, node);
  row.known.add(node);
  return set(valueName(row.group, node, null), sum);
}

/** A loop forward, or both ways at once when nothing behind it needs what it computes. */
function forwardLoop(group: SampleGroup, loop: Loop): string[] {
  const { wide, apart, body } = partsOf(group, loop);
  const fused = isFused(group.placement, loop);
  const joined = fused && wide.length === 1 && !loopSpace(group.placement, loop).written ? wide : [];
  const cleared = [...loop.nodes].filter((node) => group.placement.lists.has(node));
  const rows = overRows(group, loop, null, (row) => [
    ...joined.map((node) => endRow(row, node)),
    ...body.flatMap((node) => forwardRow(row, node)),
    ...(fused ? [...wide, ...body].reverse().flatMap((node) => backwardRow(row, node, true)) : []),
  ]);
  return [
    ...cleared.map((node) => set(listEnd(group.placement, node), int(0))),
    ...loop.nodes.flatMap((node) => findLeast(group, loop, node)),
    ...loop.nodes.flatMap((node) => sumRows(group, loop, node)),
    ...wide.flatMap((node) => (joined.length > 0 ? beginDot : wideDot)(group, loop, node)),
    ...startSums(group, loop, body),
    ...rows,
    ...apart.flatMap((node) => forwardApart(group, loop, node)),
    ...(fused ? wide.flatMap((node) => wideSlopes(group, loop, node)) : []),
  ];
}

/**
 * The node outside of whose list a loop has nothing to hand back: a ReLU that all its other nodes lead to or come
 * after.
 */
function gateOf({ placement }: SampleGroup, { nodes }: Loop, apart: Node[]): Node | null {
  const { moving, schedule } = placement;
  const gates = new Set(
    apart.map((node) => node.args[1]).filter((node) => moving.has(node) && knowsZeros(placement, node)),
  );
  if (gates.size !== 1) return null;
  const [gate] = gates;
  const leads = new Set<Node>([gate]);
  const isBehind = (node: Node) => isLoss(node) && node.args[0] === gate;
  for (const node of [...nodes].reverse()) {
    if (schedule.users.get(node)!.every((user) => leads.has(user)) && !isLoss(node)) leads.add(node);
  }
  const own = nodes.filter((node) => moving.has(node) && node.op !== 'matT');
  const rest = nodes.filter((node) => node.op === 'matT' && moving.has(node) && !apart.includes(node));
  return rest.length === 0 && own.every((node) => leads.has(node) || isBehind(node)) ? gate : null;
}

/** Slopes of a sum over rows that runs for itself. */
function backwardApart(group: SampleGroup, loop: Loop, node: Node): string[] {
  if (!group.placement.moving.has(node)) return [];
  if (isWide(group.placement, node)) return wideSumSlopes(group, loop, node);
  const apart: Loop = { rows: loop.rows, nodes: [] }; // its slopes wait in memory for the loop's own rows
  return overRows(group, loop, node.args[1], (row) => sumSlopes({ ...row, loop: apart }, node));
}

/** A loop backward. */
function backwardLoop(group: SampleGroup, loop: Loop): string[] {
  const { wide, apart, body } = partsOf(group, loop);
  const gate = gateOf(group, loop, apart);
  const joined = apart.filter((node) => gate === node.args[1] && !isWide(group.placement, node)); // in the same sweep of the gate's list
  const alone = apart.filter((node) => !joined.includes(node));
  const order = [...wide, ...body, ...joined].reverse();
  const before = alone.flatMap((node) => backwardApart(group, loop, node));
  const rows = overRows(group, loop, gate, (row) => order.flatMap((node) => backwardRow(row, node, false)));
  const later = body.filter((node) => isLater(group.placement, node) && group.begun.has(node));
  return [
    ...before,
    ...body.flatMap((node) => sumSlope(group, loop, node)),
    ...rows,
    ...later.flatMap((node) => overRows(group, loop, gate, (row) => laterSlopes(row, node))),
    ...wide.flatMap((node) => wideSlopes(group, loop, node)),
  ];
}

/** Statements of one group of four samples, forward and backward. */
export function oneGroup({ placement, layout }: ProgramPlan): string[] {
  const group: SampleGroup = { placement, batch: layout.batch, begun: new Set() };
  const { loops } = placement.schedule;
  const back = loops.filter(
    (loop) => !isFused(placement, loop) && loop.nodes.some((node) => placement.moving.has(node)),
  );
  return [
    ...loops.flatMap((loop) => forwardLoop(group, loop)),
    ...back.reverse().flatMap((loop) => backwardLoop(group, loop)),
  ];
}
