/** Mixed outputs cell by cell: over most cells they are off or on, and only those that their edge z = 0 runs through are looped over. */
import {
  advance,
  call,
  each,
  f32,
  func,
  get,
  i32,
  int,
  repeat,
  set,
  sumLanes,
  sweep,
  v,
  w,
  when,
} from '../wat.ts';
import { addCells, boundOf, cells, settle } from './cells.ts';
import { type Kernel, rowOf, vectorDot } from './parts.ts';
import { CELL } from './plan.ts';

/** Locals of the output at byte `at` of the list: w, b, s w. */
function startOutput({ plan, layout }: Kernel): string[] {
  const { m } = plan;
  const { record, work } = layout;
  return [
    set('own', i32.load(get('at'), work + plan.mixed)),
    set('row', i32.add(get('record'), rowOf(get('own'), m))),
    set('own', i32.add(get('record'), get('own'))),
    ...each(m, (k) => set(`w${k}`, v.splat(get('row'), record.weights + 4 * k))),
    set('b', v.splat(get('own'), record.weights + 4 * layout.b)),
    set('s', v.splat(get('own'), record.importance)),
    ...each(m, (k) => set(`u${k}`, v.mul(get('s'), get(`w${k}`)))),
  ];
}

/** Four samples of the output: sums of c r², c r and c r h, and dL/dh. */
function addSamples({ plan, layout }: Kernel, j: number): string[] {
  const { m, plane } = plan;
  const { work } = layout;
  const h = each(m, (k) => get(`h${k}`));
  const w = each(m, (k) => get(`w${k}`));
  const slope = (k: number) => work + plan.slopes + k * plane + 16 * j;
  return [
    ...each(m, (k) => set(`h${k}`, v.load(get('t'), work + plan.ordered + k * plane + 16 * j))),
    set('r', v.pmax(vectorDot(w, h, get('b')), v.zero)),
    set('c', v.mul(get('r'), v.load(get('t'), work + plan.counts + 16 * j))),
    set('q', v.add(get('q'), v.mul(get('r'), get('c')))),
    set('gb', v.add(get('gb'), get('c'))),
    ...each(m, (k) => set(`g${k}`, v.add(get(`g${k}`), v.mul(get('c'), h[k])))),
    ...each(m, (k) =>
      v.store(get('t'), v.add(v.load(get('t'), slope(k)), v.mul(get('c'), get(`u${k}`))), slope(k)),
    ),
  ];
}

/** The cells of the group that are in the bits of local left, one after the other, sample by sample. */
function addMixed(kernel: Kernel): string[] {
  const cell = i32.add(get('group'), i32.shl(i32.ctz(get('left')), int(2)));
  return [
    repeat(
      [
        set('t', i32.mul(cell, int(CELL))),
        ...each(CELL / 4, (j) => addSamples(kernel, j)).flat(),
        set('left', i32.and(get('left'), i32.sub(get('left'), int(1)))),
      ],
      get('left'),
    ),
  ];
}

/** The output over a group of cells: nothing where it is off, the closed form where it is on, samples where it is neither. */
function addGroup(kernel: Kernel): string[] {
  return [
    set('left', w.bitmask(v.le(boundOf(kernel, v.pmax), v.zero))),
    when(i32.lt(get('left'), int(15)), [
      set('on', v.lt(v.zero, boundOf(kernel, v.pmin))),
      when(w.any(get('on')), addCells(kernel)),
      set('left', i32.sub(int(15), i32.or(get('left'), w.bitmask(get('on'))))),
      when(get('left'), addMixed(kernel)),
    ]),
  ];
}

/**
 * $cross(record, at, out, from, to): the output whose offset stands at byte `at` of the list, over the groups of cells from
 * byte `from` up to byte `to`: its sums at `out`, and dL/dh of samples and cells.
 */
function cross(kernel: Kernel): string {
  const { m } = kernel.plan;
  const sums = ['gb', ...each(m, (k) => `g${k}`), 'q'];
  return func(
    'cross',
    ['record', 'at', 'out', 'from', 'to'],
    ['group', 't', 'left', 'row', 'own'],
    [
      ...startOutput(kernel),
      ...sums.map((name) => set(name, v.zero)),
      set('group', get('from')),
      sweep('group', get('to'), 16, addGroup(kernel)),
      ...sums.flatMap((name, k) => [...sumLanes(name), f32.store(get('out'), v.lane(0, get(name)), 4 * k)]),
    ],
  );
}

/** Runs the list up to local list over the groups of cells from byte `from` up to byte `to`, its sums from local out on. */
export function runCrossings({ plan: { m } }: Kernel): string[] {
  return [
    call('cells', get('from'), get('to')),
    set('t', int(0)),
    sweep('t', get('list'), 4, [
      call('cross', ...['record', 't', 'out', 'from', 'to'].map(get)),
      advance('out', 4 * (m + 2)),
    ]),
    call('settle', get('from'), get('to')),
  ];
}

/** The functions of cells and of outputs that cross them. */
export const crossings = (kernel: Kernel): string[] => [cells(kernel), cross(kernel), settle(kernel)];
