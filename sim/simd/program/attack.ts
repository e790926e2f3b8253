/**
 * Kernel text of attack.ts: moves four samples before the program sees them. The directions of a feature attack are
 * worked out once a step; those of a gradient attack come from a second copy of the program, whose weights are frozen
 * and whose input moves.
 */
import type { Attack } from '../../family.ts';
import { SEEN } from '../../models/models.ts';
import type { Node } from '../../program/ops.ts';
import type { Layout, Place } from '../layout.ts';
import { advance, f32, func, get, i32, int, set, sweep, v, w } from '../wat.ts';
import { type Placement, spaceOf } from './placement.ts';

/** What the functions are generated for. */
export interface AttackPlan {
  attack: Attack;
  layout: Layout;
  main: Placement; // of the program that is trained
  probe: Placement | null; // of its copy, in a gradient attack
  directions: number; // where (n, n) float32 of a feature attack stand
  length: number; // where the attack's length stands in a record
}

const inputNamed = ({ program }: Placement, name: string): Node =>
  program.nodes.find((node) => node.op === 'input' && node.name === name)!;

/** Where the numbers of an input stand: its first vector of four samples, and the bytes to the next. */
function spotOf(placement: Placement, name: string): { at: number; step: number } {
  const node = inputNamed(placement, name);
  const { side, at } = placement.value.get(node)!;
  const { tiles, sums, size } = spaceOf(placement, node);
  return { at: (side === 'tile' ? tiles : sums) + at, step: size };
}

/** Where the slope of the input that moves stands. */
function slopeOf(placement: Placement): { at: number; step: number } {
  const node = inputNamed(placement, SEEN);
  const { side, at } = placement.slope.get(node)!;
  const { tiles, sums, size } = spaceOf(placement, node);
  return { at: (side === 'tile' ? tiles : sums) + at, step: size };
}

const tensorPlace = ({ places }: Layout, name: string): Place | undefined =>
  places.find((place) => place.name === name);

/** $aim(record): row i of V Wᵀ over its length, or 0, at i · 4n of the directions. */
function aim({ layout, directions }: AttackPlan): string {
  const { features: n, hidden: m, record } = layout;
  const W = tensorPlace(layout, 'W')!;
  const V = tensorPlace(layout, 'V') ?? W;
  const product = f32.mul(f32.load(get('v'), record.weights), f32.load(get('w'), record.weights));
  const entry = [
    set('sum', f32.const(0)),
    set('until', i32.add(get('v'), int(4 * m))),
    sweep('v', get('until'), 4, [set('sum', f32.add(get('sum'), product)), advance('w', 4)]),
    advance('v', -4 * m),
    advance('w', 4 * (W.stride - m)),
    f32.store(get('to'), get('sum')),
    set('square', f32.add(get('square'), f32.mul(get('sum'), get('sum')))),
  ];
  const toLength = f32.div(f32.const(1), f32.sqrt(get('square')));
  const row = [
    set('w', i32.add(get('record'), int(4 * W.at))),
    set('square', f32.const(0)),
    set('end', i32.add(get('to'), int(4 * n))),
    sweep('to', get('end'), 4, entry),
    set('sum', f32.select(toLength, f32.const(0), f32.lt(f32.const(1e-24), get('square')))),
    advance('to', -4 * n),
    sweep('to', get('end'), 4, [f32.store(get('to'), f32.mul(f32.load(get('to')), get('sum')))]),
    advance('v', 4 * V.stride),
  ];
  return func(
    'aim',
    ['record'],
    ['v', 'w', 'to', 'until', 'end', 'i', 'sum:f32', 'square:f32'],
    [set('v', i32.add(get('record'), int(4 * V.at))), set('to', int(directions)), sweep('i', int(n), 1, row)],
  );
}

/** Local reach: how far each of the four samples is moved; a lane that holds no sample stays. */
function reach({ attack, layout, main, length }: AttackPlan): string[] {
  const isSample = w.gt(v.load(get('group'), layout.streamB), w.all(-1));
  const { at, step } = spotOf(main, '');
  const own = [
    set('square', v.zero),
    set('from', int(at)),
    sweep('from', int(at + step * layout.features), step, [
      set('x', v.load(get('from'))),
      set('square', v.add(get('square'), v.mul(get('x'), get('x')))),
    ]),
    set('reach', v.mul(get('reach'), v.sqrt(get('square')))),
  ];
  return [
    set('reach', v.splat(get('record'), length)),
    ...(attack.of === 'own' ? own : []),
    set('reach', w.and(get('reach'), isSample)),
  ];
}

/** Runs `body` for every feature, i32 locals from at x and to at what is seen of it. */
function overInputs({ layout, main }: AttackPlan, body: string[], before: string[] = []): string[] {
  const [x, seen] = [spotOf(main, ''), spotOf(main, SEEN)];
  return [
    ...before,
    set('from', int(x.at)),
    set('to', int(seen.at)),
    sweep('from', int(x.at + x.step * layout.features), x.step, [...body, advance('to', seen.step)]),
  ];
}

const move = (direction: string): string =>
  v.store(get('to'), v.add(v.load(get('from')), v.mul(get('reach'), direction)));

/** Moves the samples along the direction whose turn it is. */
function moveByFeature(plan: AttackPlan): string[] {
  const { features: n } = plan.layout;
  const turn = i32.rem(i32.add(i32.shr(get('group'), int(4)), get('word')), int(n));
  return overInputs(
    plan,
    [move(v.splat(get('row'))), advance('row', 4)],
    [set('row', i32.add(int(plan.directions), i32.mul(turn, int(4 * n))))],
  );
}

/** Moves the samples along the slopes that the probe has left, over their length. */
function moveByGradient(plan: AttackPlan, run: string[]): string[] {
  const probe = plan.probe!;
  const [x, shown, slope] = [spotOf(probe, ''), spotOf(probe, SEEN), slopeOf(probe)];
  const { features: n } = plan.layout;
  const { at, step } = spotOf(plan.main, '');
  const inverse = v.div(get('reach'), v.sqrt(get('square')));
  return [
    set('from', int(at)),
    set('to', int(x.at)),
    set('row', int(shown.at)),
    sweep('from', int(at + step * n), step, [
      set('x', v.load(get('from'))),
      v.store(get('to'), get('x')),
      v.store(get('row'), get('x')),
      advance('to', x.step),
      advance('row', shown.step),
    ]),
    ...run,
    set('square', v.zero),
    set('row', int(slope.at)),
    sweep('row', int(slope.at + slope.step * n), slope.step, [
      set('x', v.load(get('row'))),
      set('square', v.add(get('square'), v.mul(get('x'), get('x')))),
    ]),
    set('reach', w.and(inverse, v.gt(get('square'), v.zero))),
    ...overInputs(plan, [move(v.load(get('row'))), advance('row', slope.step)], [set('row', int(slope.at))]),
  ];
}

/** $attack(record, group, word): what is seen of the four samples at byte `group` of the streams. */
export function functions(plan: AttackPlan, run: string[], scalars: string[]): string[] {
  const own = plan.probe ? moveByGradient(plan, run) : moveByFeature(plan);
  const given = ['record', 'group', 'word'];
  const attack = func(
    'attack',
    given,
    [...new Set(['from', 'to', 'row', ...scalars])].filter((name) => !given.includes(name)),
    [...reach(plan), ...own],
  );
  return plan.probe ? [attack] : [aim(plan), attack];
}
