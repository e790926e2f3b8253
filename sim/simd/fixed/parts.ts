/** What the functions of the kernel of a training set share. */
import type { Family } from '../../family.ts';
import type { Layout } from '../layout.ts';
import { HEADER } from '../tables.ts';
import { f32, get, i32, int, set, v } from '../wat.ts';
import type { FixedPlan } from './plan.ts';

export interface Kernel {
  plan: FixedPlan;
  layout: Layout;
  family: Family;
}

const f64 = {
  add: (a: string, b: string) => `(f64.add ${a} ${b})`,
  widen: (value: string) => `(f64.promote_f32 ${value})`,
};

/** Address of one of the arrays of the instance's table. */
export const fromTable = ({ layout }: Kernel, header: number) =>
  i32.load(i32.load(get('record'), layout.record.table), header);

/** Where the counts of the samples stand, in the order of `ordered`. */
export const countsAt = (kernel: Kernel) =>
  kernel.plan.cells ? int(kernel.layout.work + kernel.plan.counts) : fromTable(kernel, HEADER.weights);

/** Local `end`: where the entries of sample t end; local `at` runs through them, in bytes of each array. */
export const findEnd = set('end', i32.shl(i32.load(i32.add(get('starts'), get('t')), 4), int(2)));

/** Adds float32 `value` to the loss, to the part of the range whose place is local `part`, or of the first. */
export function addLoss({ layout, plan }: Kernel, value: string, part = int(0)): string {
  const at = layout.work + plan.total;
  return `(f64.store offset=${at} ${part} ${f64.add(`(f64.load offset=${at} ${part})`, f64.widen(value))})`;
}

/** Where range r of `count` things begins. */
export const border = ({ plan }: Kernel, r: string, count: string): string =>
  i32.div(i32.mul(r, count), int(plan.ranges));

/** Locals from and to: the things of range r, of `count`, of `size` bytes each. */
export const findRange = (kernel: Kernel, count: string, size = 1): string[] =>
  [get('r'), i32.add(get('r'), int(1))].map((r, end) =>
    set(end ? 'to' : 'from', i32.mul(border(kernel, r, count), int(size))),
  );

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

export const scalarDot = (a: string[], b: string[], c: string) => dot(a, b, f32.add, f32.mul, c);
export const vectorDot = (a: string[], b: string[], c: string) => dot(a, b, v.add, v.mul, c);

/** Address of weights, gradients and importances: base local + offset. */
export const rowOf = (offset: string, m: number) => i32.mul(offset, int(m));

/** Locals starts, features and values: the arrays of the instance's table. */
export const findTable = (kernel: Kernel) => [
  set('starts', fromTable(kernel, HEADER.starts)),
  set('features', fromTable(kernel, HEADER.features)),
  set('values', fromTable(kernel, HEADER.values)),
];

/** Weight k of the output whose addresses are locals row (of W) and own (of b), relative to the record. */
export const weightAt = ({ layout }: Kernel, k: number) =>
  f32.load(i32.add(get('record'), get('row')), layout.record.weights + 4 * k);
export const biasAt = ({ layout }: Kernel) =>
  f32.load(i32.add(get('record'), get('own')), layout.record.weights + 4 * layout.b);
export const scaleAt = ({ layout }: Kernel) =>
  f32.load(i32.add(get('record'), get('own')), layout.record.importance);

/** The kernel's own number at byte `at` of its memory. */
export const ownAt = ({ layout }: Kernel, at: number) => f32.load(int(layout.work + at));
