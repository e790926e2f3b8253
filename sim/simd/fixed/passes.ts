/**
 * Mixed outputs over all samples of a range, ROWS in one pass: it reads h and writes dL/dh once for all of them. For few
 * samples or many hidden units, where most cells of a partition would be neither off nor on.
 */
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
  when,
} from '../wat.ts';
import { countsAt, type Kernel, rowOf, vectorDot } from './parts.ts';

const ROWS = 4;

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
 * $passR(record, at, out, from, to): R outputs, whose offsets stand in the list from byte `at` on, over the samples
 * from byte `from` of a plane up to byte `to`: their sums at `out`, and dL/dh of the samples.
 */
function pass(kernel: Kernel, R: number): string {
  const { plan, layout } = kernel;
  const { m, plane } = plan;
  const { work } = layout;
  const slope = (k: number) => work + plan.slopes + k * plane;
  const group = [
    ...each(m, (k) => set(`h${k}`, v.load(get('t'), work + plan.ordered + k * plane))),
    ...each(m, (k) => set(`d${k}`, v.load(get('t'), slope(k)))),
    set('counts4', v.load(i32.add(get('counts'), get('t')))),
    ...each(R, (r) => addRow(kernel, r)).flat(),
    ...each(m, (k) => v.store(get('t'), get(`d${k}`), slope(k))),
  ];
  return func(
    `pass${R}`,
    ['record', 'at', 'out', 'from', 'to'],
    ['t', 'counts', 'row', 'own', ...each(R, (r) => `own${r}`)],
    [
      set('counts', countsAt(kernel)),
      ...each(R, (r) => startRow(kernel, r)).flat(),
      set('t', get('from')),
      sweep('t', get('to'), 16, group),
      ...each(R, (r) => keepRow(kernel, r)).flat(),
    ],
  );
}

/** Runs the list from byte 0 up to local list over the samples from byte `from` up to byte `to`, their sums from local out on. */
export function runPasses({ plan: { m } }: Kernel): string[] {
  const next = (R: number) => [
    call(`pass${R}`, ...['record', 't', 'out', 'from', 'to'].map(get)),
    advance('out', 4 * R * (m + 2)),
    advance('t', 4 * R),
  ];
  const fits = (R: number) => i32.lt(i32.add(get('t'), int(4 * R - 1)), get('list'));
  return [set('t', int(0)), ...[ROWS, 1].map((R) => when(fits(R), [repeat(next(R), fits(R))]))];
}

/** The functions of the passes. */
export const passes = (kernel: Kernel): string[] => [pass(kernel, ROWS), pass(kernel, 1)];
