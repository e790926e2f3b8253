/**
 * One output over vectors of samples: its constants, what it adds, and its sums, in locals that end in a tag, so that several
 * outputs stand side by side in one function.
 */
import { each, f32, get, i32, set, sumLanes, v } from '../wat.ts';
import { type Kernel, rowOf, vectorDot } from './parts.ts';

/** Locals of the sums of an output: of c r, of c r h, and of c r². */
const sumsOf = (m: number, tag: string): string[] => [
  `gb${tag}`,
  ...each(m, (k) => `g${k}${tag}`),
  `q${tag}`,
];

/** Constants of the output at place r of the list from byte `at` on: w, b, s w; its sums are 0 so far. */
export function startOutput({ plan, layout }: Kernel, r = 0, tag = ''): string[] {
  const { m } = plan;
  const { record, work } = layout;
  return [
    set('own', i32.load(get('at'), work + plan.mixed + 4 * r)),
    set('row', i32.add(get('record'), rowOf(get('own'), m))),
    set('own', i32.add(get('record'), get('own'))),
    ...each(m, (k) => set(`w${k}${tag}`, v.splat(get('row'), record.weights + 4 * k))),
    set(`b${tag}`, v.splat(get('own'), record.weights + 4 * layout.b)),
    set('s', v.splat(get('own'), record.importance)),
    ...each(m, (k) => set(`u${k}${tag}`, v.mul(get('s'), get(`w${k}${tag}`)))),
    ...sumsOf(m, tag).map((name) => set(name, v.zero)),
  ];
}

/** h and dL/dh of the vector of samples at local t and j more, whose counts are `count`, to locals h_k, d_k and count. */
export function loadSamples({ plan, layout }: Kernel, count: string, j = 0): string[] {
  const at = (base: number, k: number) => v.load(get('t'), layout.work + base + k * plan.plane + 16 * j);
  return [
    ...each(plan.m, (k) => set(`h${k}`, at(plan.ordered, k))),
    ...each(plan.m, (k) => set(`d${k}`, at(plan.slopes, k))),
    set('count', count),
  ];
}

/** What the output adds over them: to its sums, and to locals d_k. */
export function addOutput({ plan: { m } }: Kernel, tag = ''): string[] {
  const own = (name: string) => get(`${name}${tag}`);
  const grow = (name: string, by: string) => set(name, v.add(get(name), by));
  const h = each(m, (k) => get(`h${k}`));
  const w = each(m, (k) => own(`w${k}`));
  return [
    set('r', v.pmax(vectorDot(w, h, own('b')), v.zero)),
    set('c', v.mul(get('r'), get('count'))),
    grow(`q${tag}`, v.mul(get('r'), get('c'))),
    grow(`gb${tag}`, get('c')),
    ...each(m, (k) => grow(`g${k}${tag}`, v.mul(get('c'), h[k]))),
    ...each(m, (k) => grow(`d${k}`, v.mul(get('c'), own(`u${k}`)))),
  ];
}

/** Puts locals d_k back. */
export const storeSlopes = ({ plan, layout }: Kernel, j = 0): string[] =>
  each(plan.m, (k) => v.store(get('t'), get(`d${k}`), layout.work + plan.slopes + k * plan.plane + 16 * j));

/** The output's sums, to place r from local `out` on. */
export function keepSums({ plan: { m } }: Kernel, r = 0, tag = ''): string[] {
  return sumsOf(m, tag).flatMap((name, k) => [
    ...sumLanes(name),
    f32.store(get('out'), v.lane(0, get(name)), 4 * (r * (m + 2) + k)),
  ]);
}
