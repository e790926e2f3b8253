/** Outputs over all samples, as if every x were 0: off, on for all samples, or mixed; and those cell by cell the same. */
import {
  advance,
  call,
  each,
  f32,
  func,
  get,
  i32,
  int,
  joined,
  repeat,
  set,
  sumLanes,
  sweep,
  v,
  w,
  when,
} from '../wat.ts';
import { addCells, boundOf } from './cells.ts';
import { addLoss, biasAt, type Kernel, rowOf, scalarDot, scaleAt, vectorDot, weightAt } from './parts.ts';
import { CELL } from './plan.ts';

/** What an output that is on for all samples adds: locals w_k, b, s; `row` and `own` are its addresses. */
function onRow({ plan, layout, ...kernel }: Kernel): string[] {
  const { m } = plan;
  const own = (at: number) => f32.load(int(layout.work + at));
  const w = each(m, (k) => get(`w${k}`));
  const S1 = each(m, (k) => own(plan.sums + 4 * k));
  const S2 = (k: number) => each(m, (l) => own(plan.squares + 4 * (k * m + l)));
  const grow = (at: number, by: string) => f32.store(int(layout.work + at), f32.add(own(at), by));
  const gw = each(m, (k) => get(`g${k}`));
  return [
    set('gb', f32.mul(get('s'), scalarDot(w, S1, f32.mul(get('b'), own(plan.count))))),
    ...each(m, (k) => set(`g${k}`, f32.mul(get('s'), scalarDot(w, S2(k), f32.mul(get('b'), S1[k]))))),
    f32.store(get('own'), get('gb'), layout.gradient + 4 * layout.b),
    ...each(m, (k) => f32.store(get('row'), get(`g${k}`), layout.gradient + 4 * k)),
    addLoss(
      { plan, layout, ...kernel },
      f32.mul(f32.const(0.5), scalarDot(w, gw, f32.mul(get('b'), get('gb')))),
    ),
    ...each(m, (k) => set(`g${k}`, f32.mul(get('s'), w[k]))),
    ...each(m, (k) => grow(plan.shift + 4 * k, f32.mul(get('b'), gw[k]))),
    ...each(m, (k) => each(m, (l) => grow(plan.matrix + 4 * (k * m + l), f32.mul(gw[k], w[l])))).flat(),
  ];
}

/** z of the output in locals w_k and b at the corner of the box of all h where `pick` of both ends is taken. */
function cornerOf({ plan, layout }: Kernel, pick: (a: string, b: string) => string): string {
  const at = (k: number, end: number) => f32.mul(get(`w${k}`), f32.load(int(layout.work + end + 4 * k)));
  const corners = each(plan.m, (k) => pick(at(k, plan.low), at(k, plan.high)));
  return f32.add(joined(corners, f32.add), get('b'));
}

/** Output `own`: nothing if it is off, its closed form if it is on for all samples, else its place in the list. */
function sortOutput(kernel: Kernel): string[] {
  const { plan, layout } = kernel;
  const { m } = plan;
  const isMixed = [i32.store(get('list'), get('own'), layout.work + plan.mixed), advance('list', 4)];
  const isOff = f32.lt(cornerOf(kernel, f32.max), f32.const(0));
  const isOn = f32.lt(f32.const(0), cornerOf(kernel, f32.min));
  return [
    set('row', rowOf(get('own'), m)),
    ...each(m, (k) => set(`w${k}`, weightAt(kernel, k))),
    set('b', biasAt(kernel)),
    set('s', scaleAt(kernel)),
    f32.store(get('own'), f32.const(0), layout.gradient + 4 * layout.b),
    ...each(m, (k) => f32.store(get('row'), f32.const(0), layout.gradient + 4 * k)),
    `(if ${isOff} (then) (else (if ${isOn} (then
      ${onRow(kernel).join('\n')}) (else ${isMixed.join('\n')}))))`,
  ];
}

/** $outputs(record): what all outputs add for x = 0; the mixed ones by $share and $finish. */
export function outputs(kernel: Kernel): string {
  const { plan, layout } = kernel;
  const { m, n, plane } = plan;
  const { work } = layout;
  const clear = (at: number) => v.store(get('t'), v.zero, work + at);
  const floats = ['b', 's', 'gb', ...each(m, (k) => [`w${k}`, `g${k}`]).flat()];
  return func(
    'outputs',
    ['record'],
    ['own', 'row', 't', 'list', ...floats.map((name) => `${name}:f32`)],
    [
      sweep(
        't',
        int(4 * plan.places),
        16,
        each(m, (k) => clear(plan.slopes + k * plane)),
      ),
      ...each(m, (k) => f32.store(int(work + plan.shift + 4 * k), f32.const(0))),
      ...each(m * m, (k) => f32.store(int(work + plan.matrix + 4 * k), f32.const(0))),
      sweep('own', int(4 * n), 4, sortOutput(kernel)),
      when(get('list'), [
        call('share', get('record'), get('list')),
        call('finish', get('record'), get('list')),
      ]),
    ],
  );
}

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
 * $mixed(record, at, out, from, to): the output whose offset stands at byte `at` of the list, over the groups of cells from
 * byte `from` up to byte `to`: its sums at `out`, and dL/dh of samples and cells.
 */
export function mixed(kernel: Kernel): string {
  const { m } = kernel.plan;
  const sums = ['gb', ...each(m, (k) => `g${k}`), 'q'];
  return func(
    'mixed',
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

/** $finish(record, list): gradient and loss of every output of the list, its sums over all ranges in their order. */
export function finish(kernel: Kernel): string {
  const { plan, layout } = kernel;
  const { m, n, ranges } = plan;
  const width = 4 * (m + 2);
  const part = (k: number) => f32.load(get('part'), layout.work + plan.parts + 4 * k);
  const names = ['gb', ...each(m, (k) => `g${k}`), 'q'];
  const scaled = (name: string) => f32.mul(get(name), get('s'));
  const output = [
    set('own', i32.load(get('t'), layout.work + plan.mixed)),
    set('row', rowOf(get('own'), m)),
    set('s', scaleAt(kernel)),
    set('part', i32.mul(get('t'), int(m + 2))),
    ...names.map((name, k) => set(name, part(k))),
    ...each(ranges - 1, () => [
      advance('part', n * width),
      ...names.map((name, k) => set(name, f32.add(get(name), part(k)))),
    ]).flat(),
    f32.store(get('own'), scaled('gb'), layout.gradient + 4 * layout.b),
    ...each(m, (k) => f32.store(get('row'), scaled(`g${k}`), layout.gradient + 4 * k)),
    addLoss(kernel, f32.mul(f32.const(0.5), scaled('q'))),
  ];
  return func(
    'finish',
    ['record', 'list'],
    ['t', 'own', 'row', 'part', 's:f32', ...names.map((name) => `${name}:f32`)],
    [set('t', int(0)), sweep('t', get('list'), 4, output)],
  );
}
