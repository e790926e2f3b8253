/** Samples one by one: their hidden vectors, sums over all of them, and their few pairs with x ≠ 0. */
import { HEADER } from '../tables.ts';
import {
  advance,
  each,
  f32,
  foldLanes,
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
import { pairsOf } from './cells.ts';
import {
  addLoss,
  biasAt,
  countsAt,
  findEnd,
  findTable,
  fromTable,
  type Kernel,
  ownAt,
  rowOf,
  scalarDot,
  scaleAt,
  weightAt,
} from './parts.ts';

/** $hidden(record): h of every sample. */
export function hidden(kernel: Kernel): string {
  const { plan, layout, family } = kernel;
  const { m, plane } = plan;
  const weight = (k: number) => f32.load(get('row'), layout.record.weights + 4 * k);
  const entry = [
    set('row', i32.mul(i32.load(i32.add(get('features'), get('at'))), int(4 * m))),
    set('row', i32.add(get('record'), get('row'))),
    set('x', f32.load(i32.add(get('values'), get('at')))),
    ...each(m, (k) => set(`h${k}`, f32.add(get(`h${k}`), f32.mul(get('x'), weight(k))))),
    advance('at', 4),
  ];
  const relu = (value: string) => (family.hiddenActivation === 'relu' ? f32.max(value, f32.const(0)) : value);
  const sample = [
    ...each(m, (k) => set(`h${k}`, f32.const(0))),
    findEnd,
    when(i32.lt(get('at'), get('end')), [repeat(entry, i32.lt(get('at'), get('end')))]),
    ...each(m, (k) => f32.store(get('t'), relu(get(`h${k}`)), layout.work + plan.hidden + k * plane)),
  ];
  return func(
    'hidden',
    ['record'],
    ['t', 'at', 'end', 'row', 'starts', 'features', 'values', 'x:f32', ...each(m, (k) => `h${k}:f32`)],
    [...findTable(kernel), sweep('t', int(4 * plan.samples), 4, sample)],
  );
}

/** $sums(record): box, Σ1, Σh and Σhhᵀ over all samples. */
export function sums(kernel: Kernel): string {
  const { plan, layout } = kernel;
  const { m, plane } = plan;
  const h = (k: number) => v.load(get('t'), layout.work + plan.ordered + k * plane);
  const pairs = pairsOf(m);
  const group = [
    set('c', v.load(i32.add(get('counts'), get('t')))),
    set('s', v.add(get('s'), get('c'))),
    ...each(m, (k) => set(`h${k}`, h(k))),
    ...each(m, (k) => set(`low${k}`, v.pmin(get(`low${k}`), get(`h${k}`)))),
    ...each(m, (k) => set(`high${k}`, v.pmax(get(`high${k}`), get(`h${k}`)))),
    ...each(m, (k) => set(`w${k}`, v.mul(get('c'), get(`h${k}`)))),
    ...each(m, (k) => set(`s${k}`, v.add(get(`s${k}`), get(`w${k}`)))),
    ...pairs.map(([k, l]) => set(`q${k}_${l}`, v.add(get(`q${k}_${l}`), v.mul(get(`w${k}`), get(`h${l}`))))),
  ];
  const keep = (name: string, at: number) => f32.store(int(layout.work + at), v.lane(0, get(name)));
  const square = (k: number, l: number) => plan.squares + 4 * (k * m + l);
  return func(
    'sums',
    ['record'],
    ['t', 'counts'],
    [
      set('counts', countsAt(kernel)),
      ...each(m, (k) => [set(`low${k}`, h(k)), set(`high${k}`, h(k))]).flat(),
      sweep('t', int(4 * plan.places), 16, group),
      ...each(m, (k) => [...foldLanes(`low${k}`, v.pmin), keep(`low${k}`, plan.low + 4 * k)]).flat(),
      ...each(m, (k) => [...foldLanes(`high${k}`, v.pmax), keep(`high${k}`, plan.high + 4 * k)]).flat(),
      ...sumLanes('s'),
      keep('s', plan.count),
      ...each(m, (k) => [...sumLanes(`s${k}`), keep(`s${k}`, plan.sums + 4 * k)]).flat(),
      ...pairs.flatMap(([k, l]) => [
        ...sumLanes(`q${k}_${l}`),
        keep(`q${k}_${l}`, square(k, l)),
        keep(`q${k}_${l}`, square(l, k)),
      ]),
    ],
  );
}

/** Local `at` points at an entry: its output's addresses own and row, and x. */
const findEntry = ({ plan: { m } }: Kernel) => [
  set('own', i32.shl(i32.load(i32.add(get('features'), get('at'))), int(2))),
  set('row', rowOf(get('own'), m)),
  set('x', f32.load(i32.add(get('values'), get('at')))),
];

/** Adds to the gradient at local `base`. */
const grow = (base: string, offset: number, by: string) =>
  f32.store(get(base), f32.add(f32.load(get(base), offset), by), offset);

/** One pair with x ≠ 0: −s x where z > 0, and x² − 2 x r to the loss. */
function correct(kernel: Kernel): string[] {
  const { m } = kernel.plan;
  const { gradient, b } = kernel.layout;
  const h = each(m, (k) => get(`h${k}`));
  const w = each(m, (k) => get(`w${k}`));
  return [
    ...findEntry(kernel),
    ...each(m, (k) => set(`w${k}`, weightAt(kernel, k))),
    set('z', scalarDot(w, h, biasAt(kernel))),
    set('sc', f32.mul(scaleAt(kernel), get('c'))),
    set('square', f32.mul(get('x'), get('x'))),
    when(f32.lt(f32.const(0), get('z')), [
      set('square', f32.sub(get('square'), f32.mul(f32.const(2), f32.mul(get('x'), get('z'))))),
      set('q', f32.sub(f32.const(0), f32.mul(get('sc'), get('x')))),
      grow('own', gradient + 4 * b, get('q')),
      ...each(m, (k) => grow('row', gradient + 4 * k, f32.mul(get('q'), h[k]))),
      ...each(m, (k) => set(`d${k}`, f32.add(get(`d${k}`), f32.mul(get('q'), w[k])))),
    ]),
    addLoss(kernel, f32.mul(f32.mul(f32.const(0.5), get('sc')), get('square'))),
    advance('at', 4),
  ];
}

/** What the encoder's row of one entry gains: x dL/dh. */
function goBack(kernel: Kernel): string[] {
  const { gradient } = kernel.layout;
  return [
    ...findEntry(kernel),
    ...each(kernel.plan.m, (k) => grow('row', gradient + 4 * k, f32.mul(get('x'), get(`d${k}`)))),
    advance('at', 4),
  ];
}

/** dL/dh_k of sample t as the outputs leave it: of the mixed ones, and of those that are on for all samples. */
function slopeOf(kernel: Kernel, k: number): string {
  const { plan, layout } = kernel;
  const { m, plane } = plan;
  const matrix = each(m, (l) => ownAt(kernel, plan.matrix + 4 * (k * m + l)));
  const h = each(m, (l) => get(`h${l}`));
  return f32.add(
    f32.load(get('place'), layout.work + plan.slopes + k * plane),
    f32.mul(get('c'), scalarDot(matrix, h, ownAt(kernel, plan.shift + 4 * k))),
  );
}

/** Sample t: its pairs with x ≠ 0, then its part of the encoder's gradient. */
function activeSample(kernel: Kernel): string[] {
  const { plan, layout, family } = kernel;
  const { m, plane } = plan;
  const isOn = (k: number) => f32.select(get(`d${k}`), f32.const(0), f32.lt(f32.const(0), get(`h${k}`)));
  const more = i32.lt(get('at'), get('end'));
  return [
    ...each(m, (k) => set(`h${k}`, f32.load(get('t'), layout.work + plan.hidden + k * plane))),
    set('c', f32.load(i32.add(get('counts'), get('t')))),
    set('place', plan.cells ? i32.load(get('t'), layout.work + plan.place) : get('t')),
    ...each(m, (k) => set(`d${k}`, slopeOf(kernel, k))),
    findEnd,
    when(more, [
      set('from', get('at')),
      repeat(correct(kernel), more),
      ...(family.hiddenActivation === 'relu' ? each(m, (k) => set(`d${k}`, isOn(k))) : []),
      set('at', get('from')),
      repeat(goBack(kernel), more),
    ]),
  ];
}

/** $active(record): corrects the pairs with x ≠ 0, and takes dL/dh back to the encoder. */
export function active(kernel: Kernel): string {
  const { m, samples } = kernel.plan;
  const floats = ['x', 'z', 'c', 'sc', 'q', 'square', ...each(m, (k) => [`h${k}`, `w${k}`, `d${k}`]).flat()];
  const ints = ['t', 'place', 'at', 'from', 'end', 'row', 'own', 'starts', 'features', 'values', 'counts'];
  return func(
    'active',
    ['record'],
    [...ints, ...floats.map((name) => `${name}:f32`)],
    [
      ...findTable(kernel),
      set('counts', fromTable(kernel, HEADER.weights)),
      sweep('t', int(4 * samples), 4, activeSample(kernel)),
    ],
  );
}
