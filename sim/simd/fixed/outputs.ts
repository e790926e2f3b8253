/** Outputs over all samples, as if every x were 0: off, on for all samples, or mixed. */
import { HEADER } from '../tables.ts';
import { advance, call, each, f32, func, get, i32, int, set, sumLanes, sweep, v, when } from '../wat.ts';
import {
  addLoss,
  biasAt,
  fromTable,
  type Kernel,
  rowOf,
  scalarDot,
  scaleAt,
  vectorDot,
  weightAt,
} from './parts.ts';

/** Outputs that one pass over the samples takes: it reads h and writes dL/dh once for all of them. */
export const ROWS = 4;

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
function boundOf({ plan, layout }: Kernel, pick: (a: string, b: string) => string): string {
  const at = (k: number, end: number) => f32.mul(get(`w${k}`), f32.load(int(layout.work + end + 4 * k)));
  const corners = each(plan.m, (k) => pick(at(k, plan.low), at(k, plan.high)));
  return corners.reduce((sum, part) => f32.add(sum, part), get('b'));
}

/** Output `own`: nothing if it is off, its closed form if it is on for all samples, else its place in the list. */
function sortOutput(kernel: Kernel): string[] {
  const { plan, layout } = kernel;
  const { m } = plan;
  const isMixed = [i32.store(get('list'), get('own'), layout.work + plan.mixed), advance('list', 4)];
  const isOff = f32.lt(boundOf(kernel, f32.max), f32.const(0));
  const isOn = f32.lt(f32.const(0), boundOf(kernel, f32.min));
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
  const zeroed = each(m, (k) => v.store(get('t'), v.zero, work + plan.slopes + k * plane));
  const floats = ['b', 's', 'gb', ...each(m, (k) => [`w${k}`, `g${k}`]).flat()];
  return func(
    'outputs',
    ['record'],
    ['own', 'row', 't', 'list', ...floats.map((name) => `${name}:f32`)],
    [
      sweep('t', int(plane), 16, zeroed),
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

/** Locals of output number r of a pass: w, b and s w. */
function startRow({ plan, layout }: Kernel, r: number): string[] {
  const { m } = plan;
  const { record, work } = layout;
  return [
    set(`own${r}`, i32.load(get('at'), work + plan.mixed + 4 * r)),
    set('row', i32.add(get('record'), rowOf(get(`own${r}`), m))),
    set('own', i32.add(get('record'), get(`own${r}`))),
    ...each(m, (k) => set(`w${r}_${k}`, v.splat(get('row'), record.weights + 4 * k))),
    set(`b${r}`, v.splat(get('own'), record.weights + 4 * layout.b)),
    set(`s${r}`, v.splat(get('own'), record.importance)),
    ...each(m, (k) => set(`u${r}_${k}`, v.mul(get(`s${r}`), get(`w${r}_${k}`)))),
  ];
}

/** Four samples of output number r: sums of c r², c r and c r h, and dL/dh in locals d_k. */
function addRow({ plan: { m } }: Kernel, r: number): string[] {
  const h = each(m, (k) => get(`h${k}`));
  const w = each(m, (k) => get(`w${r}_${k}`));
  return [
    set('r', v.pmax(vectorDot(w, h, get(`b${r}`)), v.zero)),
    set('c', v.mul(get('r'), get('counts4'))),
    set(`q${r}`, v.add(get(`q${r}`), v.mul(get('r'), get('c')))),
    set(`gb${r}`, v.add(get(`gb${r}`), get('c'))),
    ...each(m, (k) => set(`g${r}_${k}`, v.add(get(`g${r}_${k}`), v.mul(get('c'), h[k])))),
    ...each(m, (k) => set(`d${k}`, v.add(get(`d${k}`), v.mul(get('c'), get(`u${r}_${k}`))))),
  ];
}

/** Sums of output number r over the range, to its place at local `out`. */
function keepRow({ plan: { m } }: Kernel, r: number): string[] {
  const sums = [`gb${r}`, ...each(m, (k) => `g${r}_${k}`), `q${r}`];
  return sums.flatMap((name, k) => [
    ...sumLanes(name),
    f32.store(get('out'), v.lane(0, get(name)), 4 * (r * (m + 2) + k)),
  ]);
}

/**
 * $mixedR(record, at, out, from, to): R outputs, whose offsets stand in the list from byte `at` on, over the samples
 * from byte `from` of a plane up to byte `to`: their sums at `out`, and dL/dh of the samples.
 */
export function mixed(kernel: Kernel, R: number): string {
  const { plan, layout } = kernel;
  const { m, plane } = plan;
  const { work } = layout;
  const slope = (k: number) => work + plan.slopes + k * plane;
  const group = [
    ...each(m, (k) => set(`h${k}`, v.load(get('t'), work + plan.hidden + k * plane))),
    ...each(m, (k) => set(`d${k}`, v.load(get('t'), slope(k)))),
    set('counts4', v.load(i32.add(get('counts'), get('t')))),
    ...each(R, (r) => addRow(kernel, r)).flat(),
    ...each(m, (k) => v.store(get('t'), get(`d${k}`), slope(k))),
  ];
  return func(
    `mixed${R}`,
    ['record', 'at', 'out', 'from', 'to'],
    ['t', 'counts', 'row', 'own', ...each(R, (r) => `own${r}`)],
    [
      set('counts', fromTable(kernel, HEADER.weights)),
      ...each(R, (r) => startRow(kernel, r)).flat(),
      set('t', get('from')),
      sweep('t', get('to'), 16, group),
      ...each(R, (r) => keepRow(kernel, r)).flat(),
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
