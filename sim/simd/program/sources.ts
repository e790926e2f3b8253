/**
 * Kernel text of sources, the numbers that a program keeps for every place in the batch: a place has all of them in a row of
 * the record, then their first moments, then their second. In its tile a source has these three vectors side by side.
 */
import { CLIMB_EPSILON, climbsOf, foot, type Node, sourcesOf } from '../../program/ops.ts';
import { advance, each, f32, func, get, i32, int, set, sweep, v, when } from '../wat.ts';
import { spaceOf } from './placement.ts';
import type { ProgramPlan } from './plan.ts';
import { baseOf, type Row, read } from './row.ts';

/** Bytes of a place. */
const placeBytes = ({ layout }: ProgramPlan): number => 12 * layout.sourceWidth;

/** i32 locals that point at the places of four samples. */
export const PLACES = each(4, (lane) => `place${lane}`);

/** Statements that point at the first source of the places of the four samples at byte `group` of the streams. */
function pointAt(plan: ProgramPlan): string[] {
  const { placeOf, record } = plan.layout;
  return PLACES.map((name, lane) => {
    const place = i32.mul(i32.load(get('group'), placeOf + 4 * lane), int(placeBytes(plan)));
    return set(name, i32.add(i32.add(get('record'), int(record.sources)), place));
  });
}

/** Runs `part` for each of the three vectors of every number of the sources: bytes from its place, bytes from local to. */
function overSources(plan: ProgramPlan, part: (from: number, to: number) => string): string[] {
  const { placement, layout } = plan;
  return sourcesOf(placement.program).flatMap((node) => {
    const { tiles, size, length } = spaceOf(placement, node);
    const { at } = placement.value.get(node)!;
    return [
      set('to', int(tiles)),
      sweep('to', int(tiles + size * length), size, [
        ...each(3, (k) => part(4 * layout.sourceWidth * k, at + 16 * k)),
        ...PLACES.map((name) => advance(name, 4)),
      ]),
    ];
  });
}

/** Statements that bring the sources of four samples into their tiles. */
export function fetchSources(plan: ProgramPlan): string[] {
  if (plan.layout.sourceWidth === 0) return [];
  const lanes = (from: number) =>
    PLACES.slice(1).reduce(
      (vector, name, k) => v.replace(k + 1, vector, f32.load(get(name), from)),
      v.splat(get(PLACES[0]), from),
    );
  return [...pointAt(plan), ...overSources(plan, (from, to) => v.store(get('to'), lanes(from), to))];
}

/** Statements that make the sources of four samples 0, for a sample that has no place. */
export const noSources = ({ placement }: ProgramPlan): string[] =>
  sourcesOf(placement.program).flatMap((node) => {
    const { tiles, size, length } = spaceOf(placement, node);
    const { at } = placement.value.get(node)!;
    const clear = each(3, (k) => v.store(get('to'), v.zero, at + 16 * k));
    return [set('to', int(tiles)), sweep('to', int(tiles + size * length), size, clear)];
  });

/** Statements that make those of the place behind all 0, which lanes without a sample have. */
export function clearBeyond(plan: ProgramPlan): string[] {
  const { batch, record, sourceWidth: width } = plan.layout;
  if (width === 0) return [];
  const from = record.sources + placeBytes(plan) * Math.ceil(batch / 4) * 4;
  return [
    set('to', i32.add(get('record'), int(from))),
    set('until', i32.add(get('to'), int(placeBytes(plan)))),
    sweep('to', get('until'), 16, [v.store(get('to'), v.zero)]),
  ];
}

/** Statements that put them back. */
export function returnSources(plan: ProgramPlan): string[] {
  if (plan.layout.sourceWidth === 0) return [];
  const lanes = (from: number, to: number) => [
    set('moved', v.load(get('to'), to)),
    ...PLACES.map((name, lane) => f32.store(get(name), v.lane(lane, get('moved')), from)),
  ];
  return [...pointAt(plan), ...overSources(plan, (from, to) => lanes(from, to).join('\n'))];
}

/** What decays to nothing becomes 0, and not a slow subnormal. */
const settled = (value: string): string => v.sub(v.add(value, v.all(1e-30)), v.all(1e-30));

/** Sets locals first and second to the moments behind a slope, and climbed to the source s. */
function climbTo(
  { factor: beta1, width: beta2 }: Node,
  s: string,
  slope: string | null,
  rate: string,
  correct: string,
): string[] {
  const share = (beta: number, of: string) => v.mul(v.all(1 - beta), of);
  const [first, second] = [v.mul(get('first'), v.all(beta1)), v.mul(get('second'), v.all(beta2))];
  const root = v.add(v.mul(v.sqrt(get('second')), correct), v.all(CLIMB_EPSILON));
  return [
    ...(slope ? [set('uphill', slope)] : []),
    set('first', settled(slope ? v.add(first, share(beta1, get('uphill'))) : first)),
    set('second', settled(slope ? v.add(second, share(beta2, v.mul(get('uphill'), get('uphill')))) : second)),
    set('climbed', v.add(s, v.div(v.mul(get('first'), rate), root))),
    set('climbed', v.pmin(v.all(1), v.pmax(v.zero, get('climbed')))),
  ];
}

/** Statements of one ascent in a row; what it leaves is in local climbed, and the last of a step is what stays. */
export function climbRow(row: Row, node: Node): string[] {
  const { placement } = row.group;
  const own = foot(node);
  const { at } = placement.value.get(own)!;
  const base = baseOf(row, own, 'tile');
  const [s, d, rate, correct] = node.args.map((arg) => read(row, arg));
  const isLast = !placement.schedule.users.get(node)!.some(({ op }) => op === 'climb');
  return [
    set('first', v.load(base, at + 16)),
    set('second', v.load(base, at + 32)),
    ...climbTo(own, s, d, rate, correct),
    v.store(base, get('first'), at + 16),
    v.store(base, get('second'), at + 32),
    isLast ? v.store(base, get('climbed'), at) : '',
  ];
}

/** $idle(record): the ascents of places whose sample has nothing that is active, and so no slope. */
export function idle(plan: ProgramPlan): string {
  const { placement, layout } = plan;
  const { program, single } = placement;
  const { sourceWidth: width, record, idle: list, idleEnd } = layout;
  const [own, ...others] = sourcesOf(program);
  if (others.some(({ factor, width: beta2 }) => factor !== own.factor || beta2 !== own.width))
    throw new Error('no kernel for sources of different β');
  const ascents = climbsOf(program, own).map(({ args: [, , ...pace] }) =>
    pace.map((node) => v.load(int(single.get(node)!))),
  );
  const four = [
    set('s', v.load(get('to'))),
    set('first', v.load(get('to'), 4 * width)),
    set('second', v.load(get('to'), 8 * width)),
    ...ascents.flatMap(([rate, correct]) => [
      ...climbTo(own, get('s'), null, rate, correct),
      set('s', get('climbed')),
    ]),
    v.store(get('to'), get('s')),
    v.store(get('to'), get('first'), 4 * width),
    v.store(get('to'), get('second'), 8 * width),
  ];
  const place = i32.mul(i32.load(get('from'), list), int(placeBytes(plan)));
  return func(
    'idle',
    ['record'],
    ['from', 'end', 'to', 'until'],
    [
      set('end', i32.load(int(idleEnd))),
      when(get('end'), [
        sweep('from', get('end'), 4, [
          set('to', i32.add(i32.add(get('record'), int(record.sources)), place)),
          set('until', i32.add(get('to'), int(4 * width))),
          sweep('to', get('until'), 16, four),
        ]),
      ]),
    ],
  );
}
