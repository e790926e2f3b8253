/** What largest-of-batch keeps: a look at the whole batch before its samples are trained on. */
import type { Node } from '../../program/ops.ts';
import type { Loop } from '../../program/schedule.ts';
import { advance, each, f32, func, get, i32, int, repeat, set, sweep, v, w, when } from '../wat.ts';
import { drawGroup, drawNothing } from './inputs.ts';
import { forwardApart, partsOf, startSums } from './loops.ts';
import { wideDot } from './passes.ts';
import { loopSpace, type Placement, type Space } from './placement.ts';
import { inputOf, type ProgramPlan, scalarsOf, uniformOf } from './plan.ts';
import { listEnd, type Row, read, type SampleGroup } from './row.ts';
import { sumRows } from './soft.ts';
import { overRows } from './sweeps.ts';
import { forwardRow } from './values.ts';

export const batchNode = ({ program }: Placement): Node | undefined =>
  program.nodes.find(({ op }) => op === 'largest-of-batch');

/** All nodes that a node needs, itself among them. */
function needs(node: Node, found = new Set<Node>()): Set<Node> {
  if (found.has(node)) return found;
  found.add(node);
  for (const arg of node.args) needs(arg, found);
  return found;
}

/** Forward statements of one group up to some nodes; `keep` says what is done with each in its row. */
export function forwardTo(
  plan: ProgramPlan,
  wanted: Node[],
  keep: (row: Row, a: Node) => string[],
  after: (space: Space, a: Node) => string[] = () => [],
): string[] {
  const { placement, layout } = plan;
  const group: SampleGroup = { placement, batch: layout.batch, begun: new Set() };
  const needed = new Set(wanted.flatMap((a) => [...needs(a)]));
  return placement.schedule.loops.flatMap(({ rows, nodes }) => {
    const loop: Loop = { rows, nodes: nodes.filter((node) => needed.has(node)) };
    if (loop.nodes.length === 0) return [];
    const { wide, apart, body } = partsOf(group, loop);
    const ends = wanted.filter((a) => loop.nodes.includes(a));
    return [
      ...loop.nodes
        .filter((node) => placement.lists.has(node))
        .map((node) => set(listEnd(placement, node), int(0))),
      ...loop.nodes.flatMap((node) => sumRows(group, loop, node)),
      ...wide.flatMap((node) => wideDot(group, loop, node)),
      ...startSums(group, loop, body),
      ...overRows(group, loop, null, (row) => [
        ...body.flatMap((node) => forwardRow(row, node)),
        ...ends.flatMap((a) => keep(row, a)),
      ]),
      ...apart.flatMap((node) => forwardApart(group, loop, node)),
      ...ends.flatMap((a) => after(loopSpace(placement, loop), a)),
    ];
  });
}

/** Counts numbers above local floor from local at to `end` into the lanes of local sum, below 0. */
const countAbove = (end: string): string =>
  sweep('at', end, 16, [set('sum', w.add(get('sum'), w.gt(v.load(get('at')), get('floor'))))]);

/**
 * $measure(record, end): the least number that largest-of-batch keeps. Runs all samples forward, then finds the bits of
 * the number, from the highest on: as integers, bits of floats above 0 have the order of the floats.
 */
export function measure(plan: ProgramPlan, node: Node): string {
  const { placement, layout } = plan;
  const [a, k] = node.args;
  const x = inputOf(placement)!;
  const body = forwardTo(
    plan,
    [a],
    (row) => [
      v.store(get('kept'), read(row, a), row.index === null ? 0 : 16 * row.index),
      row.index === null ? advance('kept', 16) : '',
    ],
    ({ written }) => [written ? advance('kept', 16 * a.size) : ''],
  );
  const [first, width] = [placement.kept, 16 * a.size];
  const { at } = layout.record.columns.find(({ name }) => name === k.name)!;
  const wanted = f32.add(f32.mul(f32.load(get('record'), at), f32.const(layout.batch)), f32.const(0.5));
  const lanes = each(4, (lane) => w.lane(lane, get('sum'))).reduce((p, q) => i32.add(p, q));
  const oneBit = [
    set('tried', i32.or(get('low'), get('bit'))),
    set('floor', w.splat(i32.sub(get('tried'), int(1)))),
    set('sum', w.all(0)),
    set('at', int(first)),
    countAbove(int(first + width)),
    set('found', i32.mul(w.lane(0, get('sum')), get('zeros'))),
    set('sum', w.all(0)),
    when(get('end'), [countAbove(get('kept'))]),
    set('found', i32.sub(int(0), i32.add(get('found'), lanes))),
    when(i32.ge(get('found'), get('wanted')), [set('low', get('tried'))]),
    set('bit', i32.shr(get('bit'), int(1))),
    when(i32.eq(get('found'), get('wanted')), [set('bit', int(0))]),
  ];
  return func(
    'measure',
    ['record', 'end'],
    [...scalarsOf(plan), 'kept', 'wanted', 'low', 'bit', 'tried', 'found'],
    [
      set('zeros', i32.sub(int(layout.batch), i32.shr(get('end'), int(2)))),
      set('kept', int(first)),
      ...[x, ...uniformOf(placement)].flatMap((own) => drawNothing(plan, own)),
      ...body,
      when(get('end'), [sweep('group', get('end'), 16, [...drawGroup(plan, x), ...body])]),
      set('wanted', i32.trunc(f32.max(f32.const(1), wanted))),
      set('bit', int(1 << 30)),
      repeat(oneBit, get('bit')),
      v.store(int(placement.least.get(node)!), w.splat(get('low'))),
    ],
  );
}
