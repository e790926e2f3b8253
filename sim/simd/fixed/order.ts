/**
 * The order in which samples stand: neighbours in hidden space share a cell, so that most outputs are off or on over a
 * whole cell. Sorted along the first dimension, cut into slabs, each sorted along the next, and so on (sort, tile, recur).
 * The sorts are rough, by bins, and stable: the order is a function of the hidden vectors and nothing else.
 */
import { HEADER } from '../tables.ts';
import { call, each, f32, func, get, i32, int, set, sweep } from '../wat.ts';
import { fromTable, type Kernel } from './parts.ts';
import { BINS } from './plan.ts';

/** Local h: the key of the sample at place `i` of pass p's list, whose offset local `t` gets. */
const findKey = ({ layout, plan }: Kernel, p: number) => [
  set('t', i32.load(get('i'), layout.work + plan.lists[p % 2])),
  set('h', f32.load(get('t'), layout.work + plan.hidden + p * plan.plane)),
];

/** Local bin: the address of the key's bin; the first one if it is NaN. */
const findBin = set(
  'bin',
  i32.shl(
    i32.trunc(f32.min(f32.const(BINS - 1), f32.mul(f32.sub(get('h'), get('low')), get('scale')))),
    int(2),
  ),
);

/** $sortP(from, to): the samples at bytes `from` to `to` of the list, by their bins along dimension P, to the other list. */
function sort(kernel: Kernel, p: number): string {
  const { plan, layout } = kernel;
  const bins = layout.work + plan.bins;
  const all = (body: string[]) => [set('i', get('from')), sweep('i', get('to'), 4, body)];
  const grow = (by: number) => i32.store(get('bin'), i32.add(i32.load(get('bin'), bins), int(by)), bins);
  const sumBin = [
    set('t', i32.load(get('bin'), bins)),
    i32.store(get('bin'), get('i'), bins),
    set('i', i32.add(get('i'), get('t'))),
  ];
  const put = [
    i32.store(i32.load(get('bin'), bins), get('t'), layout.work + plan.lists[(p + 1) % 2]),
    grow(4),
  ];
  return func(
    `sort${p}`,
    ['from', 'to'],
    ['i', 't', 'bin', 'h:f32', 'low:f32', 'high:f32', 'scale:f32'],
    [
      set('low', f32.const('inf')),
      set('high', f32.const('-inf')),
      ...all([
        ...findKey(kernel, p),
        set('low', f32.min(get('low'), get('h'))),
        set('high', f32.max(get('high'), get('h'))),
      ]),
      set('scale', f32.div(f32.const(BINS - 1), f32.sub(get('high'), get('low')))),
      set('bin', int(0)),
      sweep('bin', int(4 * BINS), 4, [i32.store(get('bin'), int(0), bins)]),
      ...all([...findKey(kernel, p), findBin, grow(4)]),
      set('i', get('from')),
      set('bin', int(0)),
      sweep('bin', int(4 * BINS), 4, sumBin),
      ...all([...findKey(kernel, p), findBin, ...put]),
    ],
  );
}

/** Runs pass p, slab by slab. */
function runPass({ plan }: Kernel, p: number): string[] {
  const [slab, end] = [4 * plan.slabs[p], int(4 * plan.samples)];
  const to = i32.add(get('from'), int(slab));
  const least = `(select ${to} ${end} ${i32.lt(to, end)})`;
  return [set('from', int(0)), sweep('from', end, slab, [call(`sort${p}`, get('from'), least)])];
}

/** Puts the sample at place i where it stands: its h, its count, and its place. */
function place({ plan, layout }: Kernel, list: number): string[] {
  const { m, plane } = plan;
  const { work } = layout;
  const h = (k: number) => f32.load(get('t'), work + plan.hidden + k * plane);
  return [
    set('t', i32.load(get('i'), work + list)),
    i32.store(get('t'), get('i'), work + plan.place),
    f32.store(get('i'), f32.load(i32.add(get('counts'), get('t'))), work + plan.counts),
    ...each(m, (k) => f32.store(get('i'), h(k), work + plan.ordered + k * plane)),
  ];
}

/** Fills the last cells up with samples that count 0 and lie where the last one does, so that they widen no box. */
function fill({ plan, layout }: Kernel): string[] {
  const { m, plane, places, samples } = plan;
  const { work } = layout;
  const last = 4 * (samples - 1);
  const ordered = (k: number) => work + plan.ordered + k * plane;
  if (samples === places) return [];
  return [
    set('i', int(4 * samples)),
    sweep('i', int(4 * places), 4, [
      f32.store(get('i'), f32.const(0), work + plan.counts),
      ...each(m, (k) => f32.store(get('i'), f32.load(int(ordered(k) + last)), ordered(k))),
    ]),
  ];
}

/** $order(record): the samples in cells. */
function order(kernel: Kernel): string {
  const { plan, layout } = kernel;
  const { samples, slabs, lists } = plan;
  return func(
    'order',
    ['record'],
    ['i', 't', 'from', 'counts'],
    [
      set('counts', fromTable(kernel, HEADER.weights)),
      sweep('i', int(4 * samples), 4, [i32.store(get('i'), get('i'), layout.work + lists[0])]),
      ...slabs.flatMap((_, p) => runPass(kernel, p)),
      set('i', int(0)),
      sweep('i', int(4 * samples), 4, place(kernel, lists[slabs.length % 2])),
      ...fill(kernel),
    ],
  );
}

/** The functions that put samples in order. */
export const orders = (kernel: Kernel): string[] => [
  ...kernel.plan.slabs.map((_, p) => sort(kernel, p)),
  order(kernel),
];
