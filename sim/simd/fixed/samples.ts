/** Samples one by one: their hidden vectors, sums over all of them, and their few pairs with x ≠ 0. */
import { HEADER } from '../tables.ts';
import {
  advance,
  call,
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
  findRange,
  findTable,
  fromTable,
  type Kernel,
  ownAt,
  rowOf,
  scalarDot,
  scaleAt,
  weightAt,
} from './parts.ts';
import { LINE } from './plan.ts';

/** Locals of what runs over samples and their entries. */
const ENTRIES = ['t', 'at', 'end', 'starts', 'features', 'values'];

/** Runs `body` for the samples of range r: local t is the sample, at its first entry. */
function eachSample(kernel: Kernel, body: string[]): string[] {
  return [
    ...findRange(kernel, int(kernel.plan.samples), 4),
    set('t', get('from')),
    set('at', i32.shl(i32.load(i32.add(get('starts'), get('t'))), int(2))),
    sweep('t', get('to'), 4, body),
  ];
}

/** $hidden(record, list, r): h of every sample of the range. */
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
    ['record', 'list', 'r'],
    [...ENTRIES, 'row', 'from', 'to', 'x:f32', ...each(m, (k) => `h${k}:f32`)],
    [...findTable(kernel), ...eachSample(kernel, sample)],
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

/** One pair with x ≠ 0: what dL/dz lacks, −s x where z > 0, to dL/dh and to be gathered, and x² − 2 x r to the loss. */
function correctEntry(kernel: Kernel): string[] {
  const { m } = kernel.plan;
  const h = each(m, (k) => get(`h${k}`));
  const w = each(m, (k) => get(`w${k}`));
  return [
    ...findEntry(kernel),
    ...each(m, (k) => set(`w${k}`, weightAt(kernel, k))),
    set('z', scalarDot(w, h, biasAt(kernel))),
    set('sc', f32.mul(scaleAt(kernel), get('c'))),
    set('square', f32.mul(get('x'), get('x'))),
    set('q', f32.const(0)),
    when(f32.lt(f32.const(0), get('z')), [
      set('square', f32.sub(get('square'), f32.mul(f32.const(2), f32.mul(get('x'), get('z'))))),
      set('q', f32.sub(f32.const(0), f32.mul(get('sc'), get('x')))),
      ...each(m, (k) => set(`d${k}`, f32.add(get(`d${k}`), f32.mul(get('q'), w[k])))),
    ]),
    f32.store(i32.add(get('pulls'), i32.load(i32.add(get('places'), get('at')))), get('q')),
    addLoss(kernel, f32.mul(f32.mul(f32.const(0.5), get('sc')), get('square')), get('part')),
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

/** Sample t: its pairs with x ≠ 0, and what is left to take back to the encoder. */
function correctSample(kernel: Kernel): string[] {
  const { plan, layout, family } = kernel;
  const { m, plane } = plan;
  const open = (k: number) => f32.select(get(`d${k}`), f32.const(0), f32.lt(f32.const(0), get(`h${k}`)));
  const more = i32.lt(get('at'), get('end'));
  const back = (k: number) => (family.hiddenActivation === 'relu' ? open(k) : get(`d${k}`));
  return [
    ...each(m, (k) => set(`h${k}`, f32.load(get('t'), layout.work + plan.hidden + k * plane))),
    set('c', f32.load(i32.add(get('counts'), get('t')))),
    set('place', plan.cells ? i32.load(get('t'), layout.work + plan.place) : get('t')),
    ...each(m, (k) => set(`d${k}`, slopeOf(kernel, k))),
    findEnd,
    when(more, [repeat(correctEntry(kernel), more)]),
    ...each(m, (k) => f32.store(get('t'), back(k), layout.work + plan.back + k * plane)),
  ];
}

/** $correct(record, list, r): finishes the outputs of the range of the list, then the pairs with x ≠ 0 of the samples of the range, and dL/dh. */
export function correct(kernel: Kernel): string {
  const { m } = kernel.plan;
  const floats = ['x', 'z', 'c', 'sc', 'q', 'square', ...each(m, (k) => [`h${k}`, `w${k}`, `d${k}`]).flat()];
  const ints = [...ENTRIES, 'from', 'to', 'place', 'row', 'own', 'counts', 'pulls', 'places', 'part'];
  return func(
    'correct',
    ['record', 'list', 'r'],
    [...ints, ...floats.map((name) => `${name}:f32`)],
    [
      call('finish', ...['record', 'list', 'r'].map(get)),
      ...findTable(kernel),
      set('counts', fromTable(kernel, HEADER.weights)),
      set('pulls', fromTable(kernel, HEADER.pulls)),
      set('places', fromTable(kernel, HEADER.places)),
      set('part', i32.mul(get('r'), int(LINE))),
      ...eachSample(kernel, correctSample(kernel)),
    ],
  );
}

/** Adds to the gradient of the feature what one of its entries, at place i of the lists, has to give. */
function gatherEntry({ plan, layout }: Kernel): string[] {
  const { m, plane } = plan;
  const at = (array: number, k: number) => f32.load(get('t'), layout.work + array + k * plane);
  const grow = (name: string, by: string) => set(name, f32.add(get(name), by));
  return [
    set('t', i32.load(i32.add(get('samples'), get('i')))),
    set('q', f32.load(i32.add(get('pulls'), get('i')))),
    set('x', f32.load(i32.add(get('values'), get('i')))),
    grow('gb', get('q')),
    ...each(m, (k) => [
      grow(`g${k}`, f32.mul(get('q'), at(plan.hidden, k))),
      grow(`g${k}`, f32.mul(get('x'), at(plan.back, k))),
    ]).flat(),
    advance('i', 4),
  ];
}

/**
 * $gather(record, list, r): adds what the pairs with x ≠ 0 give to the gradients of the features of the range: to b, to the
 * decoder and to the encoder, sample by sample.
 */
export function gather(kernel: Kernel): string {
  const { plan, layout } = kernel;
  const { m, n } = plan;
  const { gradient, b } = layout;
  const more = i32.lt(get('i'), get('end'));
  const names = ['gb', ...each(m, (k) => `g${k}`)];
  const find = (name: string, header: number) => set(name, fromTable(kernel, header));
  const feature = [
    set('end', i32.shl(i32.load(i32.add(get('starts'), get('own')), 4), int(2))),
    when(more, [
      set('row', rowOf(get('own'), m)),
      set('gb', f32.load(get('own'), gradient + 4 * b)),
      ...each(m, (k) => set(`g${k}`, f32.load(get('row'), gradient + 4 * k))),
      repeat(gatherEntry(kernel), more),
      f32.store(get('own'), get('gb'), gradient + 4 * b),
      ...each(m, (k) => f32.store(get('row'), get(`g${k}`), gradient + 4 * k)),
    ]),
  ];
  const pointers = ['starts', 'samples', 'pulls', 'values'];
  return func(
    'gather',
    ['record', 'list', 'r'],
    [...pointers, 'from', 'to', 'own', 'row', 'i', 'end', 't', 'q:f32', 'x:f32', ...names.map((name) => `${name}:f32`)], // biome-ignore format: one line
    [
      find('starts', HEADER.startsByFeature),
      find('samples', HEADER.samplesByFeature),
      find('pulls', HEADER.pulls),
      find('values', HEADER.valuesByFeature),
      ...findRange(kernel, int(n), 4),
      set('own', get('from')),
      set('i', i32.shl(i32.load(i32.add(get('starts'), get('own'))), int(2))),
      when(i32.lt(get('own'), get('to')), [sweep('own', get('to'), 4, feature)]),
    ],
  );
}
