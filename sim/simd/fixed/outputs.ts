/** Outputs over all samples, as if every x were 0: off, on for all samples, or mixed. */
import { advance, each, f32, func, get, i32, int, joined, set, sweep, v, when } from '../wat.ts';
import { runCrossings } from './crossings.ts';
import { addLoss, biasAt, findRange, type Kernel, rowOf, scalarDot, scaleAt, weightAt } from './parts.ts';
import { runPasses } from './passes.ts';
import { LINE } from './plan.ts';

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

/** $outputs(record) → where the list of mixed outputs ends; what the others add for x = 0. */
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
    ],
    { type: 'i32', value: get('list') },
  );
}

/** $mixed(record, list, r): runs the list on range r, a range of groups of cells if there are any, else of vectors of samples. */
export function mixed(kernel: Kernel): string {
  const { plan, layout } = kernel;
  const { m, n, cells, places } = plan;
  const bytes = 4 * n * (m + 2);
  return func(
    'mixed',
    ['record', 'list', 'r'],
    ['t', 'out', 'from', 'to'],
    [
      ...findRange(kernel, int((cells || places) / 4)),
      set('out', i32.add(int(layout.work + plan.parts), i32.mul(get('r'), int(bytes)))),
      ...(cells ? runCrossings(kernel) : runPasses(kernel)),
    ],
  );
}

/** $finish(record, list, r): gradient and loss of the outputs of range r of the list, their sums over all ranges in their order. */
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
    addLoss(kernel, f32.mul(f32.const(0.5), scaled('q')), get('line')),
  ];
  return func(
    'finish',
    ['record', 'list', 'r'],
    ['t', 'from', 'to', 'own', 'row', 'part', 'line', 's:f32', ...names.map((name) => `${name}:f32`)],
    [
      ...findRange(kernel, i32.shr(get('list'), int(2)), 4),
      set('line', i32.mul(get('r'), int(LINE))),
      set('t', get('from')),
      when(i32.lt(get('t'), get('to')), [sweep('t', get('to'), 4, output)]),
    ],
  );
}
