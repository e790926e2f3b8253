/**
 * The kernel of a training set: the tied toy model x' = ReLU(W f(Wᵀx) + b) on a training set, all samples at every step.
 *
 * Of the T·n pairs of a sample and an output nearly all have x = 0, and what they add needs no x: with z = w·h + b and
 * r = ReLU(z), the bias gains s r, w gains s r h and h gains s r w, where s = 2 w_j / (n T). The few pairs with x ≠ 0
 * are corrected sample by sample: −s x in place of s r where z > 0. An output whose z is below 0 over the whole box that
 * holds all h is off: it adds nothing. One whose z is above 0 there is on for all samples, and Σ1, Σh and Σhhᵀ say all
 * that it adds. Only the others are looped over, four samples a vector, ROWS outputs at a time. Sums are taken in an
 * order that depends on nothing but the table.
 */
import type { Family } from '../../family.ts';
import type { Layout } from '../layout.ts';
import { HEADER } from '../tables.ts';
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
  shuffle,
  sumLanes,
  sweep,
  v,
  when,
} from '../wat.ts';
import type { FixedPlan } from './plan.ts';

/** Outputs that one pass over the samples takes: it reads h and writes dL/dh once for all of them. */
const ROWS = 4;

interface Kernel {
  plan: FixedPlan;
  layout: Layout;
  family: Family;
}

const f64 = {
  add: (a: string, b: string) => `(f64.add ${a} ${b})`,
  widen: (value: string) => `(f64.promote_f32 ${value})`,
};

/** Address of one of the arrays of the instance's table. */
const fromTable = ({ layout }: Kernel, header: number) =>
  i32.load(i32.load(get('record'), layout.record.table), header);

/** Local `end`: where the entries of sample t end; local `at` runs through them, in bytes of each array. */
const findEnd = set('end', i32.shl(i32.load(i32.add(get('starts'), get('t')), 4), int(2)));

/** Adds float32 `value` to the loss. */
function addLoss({ layout, plan }: Kernel, value: string): string {
  const at = layout.work + plan.total;
  return `(f64.store ${int(at)} ${f64.add(`(f64.load ${int(at)})`, f64.widen(value))})`;
}

/** Σ_k a_k b_k in order, then plus c. */
function dot(
  a: string[],
  b: string[],
  add: (x: string, y: string) => string,
  mul: (x: string, y: string) => string,
  c: string,
) {
  const products = a.map((own, k) => mul(own, b[k]));
  return add(
    products.reduce((sum, own) => add(sum, own)),
    c,
  );
}

const scalarDot = (a: string[], b: string[], c: string) => dot(a, b, f32.add, f32.mul, c);
const vectorDot = (a: string[], b: string[], c: string) => dot(a, b, v.add, v.mul, c);

/** Address of weights, gradients and importances: base local + offset. */
const rowOf = (offset: string, m: number) => i32.mul(offset, int(m));

/** Locals starts, features and values: the arrays of the instance's table. */
const findTable = (kernel: Kernel) => [
  set('starts', fromTable(kernel, HEADER.starts)),
  set('features', fromTable(kernel, HEADER.features)),
  set('values', fromTable(kernel, HEADER.values)),
];

/** $hidden(record): h of every sample; it stays 0 for those that fill up the last vector. */
function hidden(kernel: Kernel): string {
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

/** Lane `pick` of all lanes of local `name`, which it overwrites. */
function foldLanes(name: string, pick: (a: string, b: string) => string): string[] {
  return [
    [2, 3, 0, 1],
    [1, 0, 3, 2],
  ].map((lanes) => set(name, pick(get(name), shuffle(lanes, get(name), get(name)))));
}

/** $sums(record): box, Σ1, Σh and Σhhᵀ over all samples. */
function sums(kernel: Kernel): string {
  const { plan, layout } = kernel;
  const { m, plane } = plan;
  const h = (k: number) => v.load(get('t'), layout.work + plan.hidden + k * plane);
  const pairs = each(m, (k) => each(m - k, (l) => [k, k + l])).flat();
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
      set('counts', fromTable(kernel, HEADER.weights)),
      ...each(m, (k) => [set(`low${k}`, h(k)), set(`high${k}`, h(k))]).flat(),
      sweep('t', int(plane), 16, group),
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

/** $outputs(record): what all outputs add for x = 0; the mixed ones by $mixed. */
function outputs(kernel: Kernel): string {
  const { plan, layout } = kernel;
  const { m, n, plane } = plan;
  const { record, work } = layout;
  const at = (k: number, end: number) => f32.mul(get(`w${k}`), f32.load(int(work + end + 4 * k)));
  const bound = (pick: (a: string, b: string) => string) =>
    each(m, (k) => pick(at(k, plan.low), at(k, plan.high))).reduce(
      (sum, part) => f32.add(sum, part),
      get('b'),
    );
  const isMixed = [i32.store(get('list'), get('own'), work + plan.mixed), advance('list', 4)];
  const output = [
    set('row', rowOf(get('own'), m)),
    ...each(m, (k) => set(`w${k}`, f32.load(i32.add(get('record'), get('row')), record.weights + 4 * k))),
    set('b', f32.load(i32.add(get('record'), get('own')), record.weights + 4 * layout.b)),
    set('s', f32.load(i32.add(get('record'), get('own')), record.importance)),
    f32.store(get('own'), f32.const(0), layout.gradient + 4 * layout.b),
    ...each(m, (k) => f32.store(get('row'), f32.const(0), layout.gradient + 4 * k)),
    `(if ${f32.lt(bound(f32.max), f32.const(0))} (then) (else (if ${f32.lt(f32.const(0), bound(f32.min))} (then
      ${onRow(kernel).join('\n')}) (else ${isMixed.join('\n')}))))`,
  ];
  const zeroed = each(m, (k) => v.store(get('t'), v.zero, work + plan.slopes + k * plane));
  return func(
    'outputs',
    ['record'],
    [
      'own',
      'row',
      't',
      'list',
      'b:f32',
      's:f32',
      'gb:f32',
      ...each(m, (k) => [`w${k}:f32`, `g${k}:f32`]).flat(),
    ],
    [
      sweep('t', int(plane), 16, zeroed),
      ...each(m, (k) => f32.store(int(work + plan.shift + 4 * k), f32.const(0))),
      ...each(m * m, (k) => f32.store(int(work + plan.matrix + 4 * k), f32.const(0))),
      sweep('own', int(4 * n), 4, output),
      set('t', int(0)),
      when(i32.lt(i32.add(get('t'), int(4 * ROWS - 1)), get('list')), [
        repeat(
          [call(`mixed${ROWS}`, get('record'), get('t')), advance('t', 4 * ROWS)],
          i32.lt(i32.add(get('t'), int(4 * ROWS - 1)), get('list')),
        ),
      ]),
      when(i32.lt(get('t'), get('list')), [
        sweep('t', get('list'), 4, [call('mixed1', get('record'), get('t'))]),
      ]),
    ],
  );
}

/** $mixedR(record, at): what R outputs add, whose offsets stand in the list from byte `at` on. */
function mixed(kernel: Kernel, R: number): string {
  const { plan, layout } = kernel;
  const { m, plane } = plan;
  const { record, work } = layout;
  const h = each(m, (k) => get(`h${k}`));
  const start = (r: number) => [
    set(`own${r}`, i32.load(get('at'), work + plan.mixed + 4 * r)),
    set('row', i32.add(get('record'), rowOf(get(`own${r}`), m))),
    set('own', i32.add(get('record'), get(`own${r}`))),
    ...each(m, (k) => set(`w${r}_${k}`, v.splat(get('row'), record.weights + 4 * k))),
    set(`b${r}`, v.splat(get('own'), record.weights + 4 * layout.b)),
    set(`s${r}`, v.splat(get('own'), record.importance)),
    ...each(m, (k) => set(`u${r}_${k}`, v.mul(get(`s${r}`), get(`w${r}_${k}`)))),
  ];
  const one = (r: number) => [
    set(
      'r',
      v.pmax(
        vectorDot(
          each(m, (k) => get(`w${r}_${k}`)),
          h,
          get(`b${r}`),
        ),
        v.zero,
      ),
    ),
    set('c', v.mul(get('r'), get('counts4'))),
    set(`q${r}`, v.add(get(`q${r}`), v.mul(get('r'), get('c')))),
    set(`gb${r}`, v.add(get(`gb${r}`), get('c'))),
    ...each(m, (k) => set(`g${r}_${k}`, v.add(get(`g${r}_${k}`), v.mul(get('c'), h[k])))),
    ...each(m, (k) => set(`d${k}`, v.add(get(`d${k}`), v.mul(get('c'), get(`u${r}_${k}`))))),
  ];
  const slope = (k: number) => work + plan.slopes + k * plane;
  const group = [
    ...each(m, (k) => set(`h${k}`, v.load(get('t'), work + plan.hidden + k * plane))),
    ...each(m, (k) => set(`d${k}`, v.load(get('t'), slope(k)))),
    set('counts4', v.load(i32.add(get('counts'), get('t')))),
    ...each(R, one).flat(),
    ...each(m, (k) => v.store(get('t'), get(`d${k}`), slope(k))),
  ];
  const scaled = (name: string, r: number) => f32.mul(v.lane(0, get(name)), v.lane(0, get(`s${r}`)));
  const finish = (r: number) => [
    ...sumLanes(`gb${r}`),
    f32.store(get(`own${r}`), scaled(`gb${r}`, r), layout.gradient + 4 * layout.b),
    ...each(m, (k) => [
      ...sumLanes(`g${r}_${k}`),
      f32.store(rowOf(get(`own${r}`), m), scaled(`g${r}_${k}`, r), layout.gradient + 4 * k),
    ]).flat(),
    ...sumLanes(`q${r}`),
    addLoss(kernel, f32.mul(f32.const(0.5), scaled(`q${r}`, r))),
  ];
  return func(
    `mixed${R}`,
    ['record', 'at'],
    ['t', 'counts', 'row', 'own', ...each(R, (r) => `own${r}`)],
    [
      set('counts', fromTable(kernel, HEADER.weights)),
      ...each(R, start).flat(),
      sweep('t', int(plane), 16, group),
      ...each(R, finish).flat(),
    ],
  );
}

/** $active(record): corrects the pairs with x ≠ 0, and takes dL/dh back to the encoder. */
function active(kernel: Kernel): string {
  const { plan, layout, family } = kernel;
  const { m, plane } = plan;
  const { record, work, gradient, b } = layout;
  const own = (at: number) => f32.load(int(work + at));
  const h = each(m, (k) => get(`h${k}`));
  const w = each(m, (k) => get(`w${k}`));
  const grow = (base: string, offset: number, by: string) =>
    f32.store(get(base), f32.add(f32.load(get(base), offset), by), offset);
  const find = [
    set('own', i32.shl(i32.load(i32.add(get('features'), get('at'))), int(2))),
    set('row', rowOf(get('own'), m)),
    set('x', f32.load(i32.add(get('values'), get('at')))),
  ];
  const half = f32.mul(f32.const(0.5), get('sc'));
  const correct = [
    ...find,
    ...each(m, (k) => set(`w${k}`, f32.load(i32.add(get('record'), get('row')), record.weights + 4 * k))),
    set('z', scalarDot(w, h, f32.load(i32.add(get('record'), get('own')), record.weights + 4 * b))),
    set('sc', f32.mul(f32.load(i32.add(get('record'), get('own')), record.importance), get('c'))),
    set('square', f32.mul(get('x'), get('x'))),
    when(f32.lt(f32.const(0), get('z')), [
      set('square', f32.sub(get('square'), f32.mul(f32.const(2), f32.mul(get('x'), get('z'))))),
      set('q', f32.sub(f32.const(0), f32.mul(get('sc'), get('x')))),
      grow('own', gradient + 4 * b, get('q')),
      ...each(m, (k) => grow('row', gradient + 4 * k, f32.mul(get('q'), h[k]))),
      ...each(m, (k) => set(`d${k}`, f32.add(get(`d${k}`), f32.mul(get('q'), w[k])))),
    ]),
    addLoss(kernel, f32.mul(half, get('square'))),
    advance('at', 4),
  ];
  const back = [
    ...find,
    ...each(m, (k) => grow('row', gradient + 4 * k, f32.mul(get('x'), get(`d${k}`)))),
    advance('at', 4),
  ];
  const isOn = (k: number) => f32.select(get(`d${k}`), f32.const(0), f32.lt(f32.const(0), h[k]));
  const more = i32.lt(get('at'), get('end'));
  const matrix = (k: number) => each(m, (l) => own(plan.matrix + 4 * (k * m + l)));
  const sample = [
    ...each(m, (k) => set(`h${k}`, f32.load(get('t'), work + plan.hidden + k * plane))),
    set('c', f32.load(i32.add(get('counts'), get('t')))),
    ...each(m, (k) =>
      set(
        `d${k}`,
        f32.add(
          f32.load(get('t'), work + plan.slopes + k * plane),
          f32.mul(get('c'), scalarDot(matrix(k), h, own(plan.shift + 4 * k))),
        ),
      ),
    ),
    findEnd,
    when(more, [
      set('from', get('at')),
      repeat(correct, more),
      ...(family.hiddenActivation === 'relu' ? each(m, (k) => set(`d${k}`, isOn(k))) : []),
      set('at', get('from')),
      repeat(back, more),
    ]),
  ];
  const floats = ['x', 'z', 'c', 'sc', 'q', 'square', ...each(m, (k) => [`h${k}`, `w${k}`, `d${k}`]).flat()];
  return func(
    'active',
    ['record'],
    [
      't',
      'at',
      'from',
      'end',
      'row',
      'own',
      'starts',
      'features',
      'values',
      'counts',
      ...floats.map((name) => `${name}:f32`),
    ],
    [
      ...findTable(kernel),
      set('counts', fromTable(kernel, HEADER.weights)),
      sweep('t', int(4 * plan.samples), 4, sample),
    ],
  );
}

/** $step(record, step) → loss on the training set at the present weights; leaves the gradient. */
function step({ plan, layout }: Kernel): string {
  const total = int(layout.work + plan.total);
  return func(
    'step',
    ['record', 'step'],
    [],
    [
      `(f64.store ${total} (f64.const 0))`,
      ...['hidden', 'sums', 'outputs', 'active'].map((name) => call(name, get('record'))),
    ],
    { type: 'f32', value: f32.narrow(`(f64.load ${total})`) },
  );
}

/** The functions of the kernel: all that comes before the optimiser. */
export function functions(family: Family, layout: Layout, plan: FixedPlan): string[] {
  const kernel = { plan, layout, family };
  return [
    hidden(kernel),
    sums(kernel),
    mixed(kernel, 1),
    mixed(kernel, ROWS),
    outputs(kernel),
    active(kernel),
    step(kernel),
  ];
}
