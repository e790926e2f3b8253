/** What frequent losses ask of the whole batch: a look at it before its samples are trained on. */
import type { Node } from '../../program/ops.ts';
import { func, get, i32, int, set, shuffle, sweep, v, when } from '../wat.ts';
import { drawGroup, drawNothing } from './inputs.ts';
import { forwardTo } from './measure.ts';
import { spaceOf } from './placement.ts';
import { inputOf, type ProgramPlan, scalarsOf, uniformOf } from './plan.ts';
import { logOf } from './powers.ts';
import { baseOf, type Row, read } from './row.ts';

export const frequentNodes = ({ placement: { program } }: ProgramPlan): Node[] =>
  program.nodes.filter(({ op }) => op === 'frequent');

/** Runs `body` for the sum of every entry, at local to. */
function overSums({ placement }: ProgramPlan, node: Node, body: (at: number) => string[]): string[] {
  const { tiles, size, length } = spaceOf(placement, node);
  return [
    set('to', int(tiles)),
    sweep('to', int(tiles + size * length), size, body(placement.means.get(node)!.at)),
  ];
}

/** Statements that turn the sum of an entry over the samples into log2(1 + scale f), and the slope of f times that. */
function dearness({ layout: { batch } }: ProgramPlan, { width: scale }: Node, at: number): string[] {
  const rotated = (lanes: number[]) => v.add(get('sum'), shuffle(lanes, get('sum'), get('sum')));
  return [
    set('sum', v.load(get('to'), at)),
    set('sum', rotated([2, 3, 0, 1])),
    set('sum', rotated([1, 0, 3, 2])),
    set('share', v.mul(get('sum'), v.all(scale / batch))),
    set('whole', v.add(get('share'), v.all(1))),
    ...logOf('dear', 'whole'),
    set('dear', v.mul(get('dear'), v.all(Math.LOG2E))),
    v.store(get('to'), get('dear'), at),
    set('share', v.mul(v.div(get('share'), get('whole')), v.all(Math.LOG2E))),
    v.store(get('to'), v.add(get('dear'), get('share')), at + 16),
  ];
}

/** $tally(record, end): leaves beside every entry of frequent losses what it and its slope count in this batch. */
export function tally(plan: ProgramPlan, losses: Node[]): string {
  const { placement, layout } = plan;
  const x = inputOf(placement)!;
  const keep = (row: Row, a: Node): string[] =>
    losses
      .filter((node) => node.args[0] === a)
      .map((node) => {
        const [base, { at }] = [baseOf(row, node, 'tile'), placement.means.get(node)!];
        return v.store(base, v.add(v.load(base, at), read(row, a)), at);
      });
  const body = forwardTo(
    plan,
    losses.map(({ args: [a] }) => a),
    keep,
  );
  const zeros = v.fromInts(`(i32x4.splat ${get('zeros')})`);
  return func('tally', ['record', 'end'], scalarsOf(plan), [
    set('zeros', i32.sub(int(layout.batch), i32.shr(get('end'), int(2)))),
    set('times', v.mul(zeros, v.all(0.25))),
    ...losses.flatMap((node) => overSums(plan, node, (at) => [v.store(get('to'), v.zero, at)])),
    ...[x, ...uniformOf(placement)].flatMap((own) => drawNothing(plan, own)),
    ...body,
    ...losses.flatMap((node) =>
      overSums(plan, node, (at) => [v.store(get('to'), v.mul(v.load(get('to'), at), get('times')), at)]),
    ),
    when(get('end'), [sweep('group', get('end'), 16, [...drawGroup(plan, x), ...body])]),
    ...losses.flatMap((node) => overSums(plan, node, (at) => dearness(plan, node, at))),
  ]);
}
