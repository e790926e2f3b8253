/**
 * Cells of neighbouring samples: the box that holds their h, what they count together, their mean and their spread about
 * it; and what the outputs that are on over a whole cell add to dL/dh of its samples. Four cells side by side are a group,
 * which is looked at as one vector.
 */
import { advance, each, f32, foldLanes, func, get, i32, int, joined, set, sweep, v } from '../wat.ts';
import { type Kernel, vectorDot } from './parts.ts';
import { CELL, GROUP } from './plan.ts';

/** Pairs k ≤ l: the entries of a symmetric matrix that are kept. */
export const pairsOf = (m: number): [k: number, l: number][] =>
  each(m, (k) => each(m - k, (l): [number, number] => [k, k + l])).flat();

/** Where entry k, l of a symmetric matrix stands among those that are kept. */
const entryOf = (m: number, k: number, l: number): number =>
  pairsOf(m).findIndex(([a, b]) => a === Math.min(k, l) && b === Math.max(k, l));

/** Vectors of samples of a cell. */
export const VECTORS = CELL / 4;

/** h_k of the j-th vector of the cell whose samples start at local t. */
const hiddenAt = ({ plan, layout }: Kernel, k: number, j: number) =>
  v.load(get('t'), layout.work + plan.ordered + k * plan.plane + 16 * j);

/** Their counts. */
export const countsOf = ({ plan, layout }: Kernel, j: number) =>
  v.load(get('t'), layout.work + plan.counts + 16 * j);

/** Address of vector `at` of a group's record. */
const vectorAt = ({ layout, plan }: Kernel, at: number): number => layout.work + plan.cell.at + at;

/** Byte of the first sample of the group whose record is at byte `record`. */
export const samplesOf = ({ plan }: Kernel, record: string): string =>
  i32.mul(i32.div(record, int(plan.cell.size)), int(4 * GROUP));

/**
 * Runs `body` for the four cells of every group from byte `from` of the records up to byte `to`: local own is the cell's
 * place in the record, t its first sample; and then `after` for the group at local group.
 */
function eachCell(kernel: Kernel, body: string[], after: string[] = []): string[] {
  return [
    set('group', get('from')),
    set('t', samplesOf(kernel, get('from'))),
    sweep('group', get('to'), kernel.plan.cell.size, [
      set('own', get('group')),
      sweep('own', i32.add(get('group'), int(16)), 4, [...body, advance('t', 4 * CELL)]),
      ...after,
    ]),
  ];
}

/** Box, count, mean and spread of the cell at local own. */
function sumCell(kernel: Kernel): string[] {
  const { m, cell } = kernel.plan;
  const h = (k: number) => (j: number) => hiddenAt(kernel, k, j);
  const c = (j: number) => countsOf(kernel, j);
  const off = (k: number, j: number) => v.sub(hiddenAt(kernel, k, j), get(`mean${k}`));
  const fold = (term: (j: number) => string, pick: typeof v.add) => [
    set('all', joined(each(VECTORS, term), pick)),
    ...foldLanes('all', pick),
  ];
  const keep = (at: number, name = 'all') =>
    f32.store(get('own'), v.lane(0, get(name)), vectorAt(kernel, at));
  return [
    ...each(m, (k) => [...fold(h(k), v.min), keep(cell.low[k])]).flat(),
    ...each(m, (k) => [...fold(h(k), v.max), keep(cell.high[k])]).flat(),
    ...fold(c, v.add),
    keep(cell.count),
    set('divisor', v.pmax(get('all'), v.all(1e-30))), // a cell that counts 0 has mean 0
    ...each(m, (k) => [
      ...fold((j) => v.mul(c(j), h(k)(j)), v.add),
      set(`mean${k}`, v.div(get('all'), get('divisor'))),
      keep(cell.mean[k], `mean${k}`),
    ]).flat(),
    ...pairsOf(m).flatMap(([k, l], entry) => [
      ...fold((j) => v.mul(c(j), v.mul(off(k, j), off(l, j))), v.add),
      keep(cell.spread[entry]),
    ]),
  ];
}

/**
 * $cells(from, to): box, count, mean and spread of the cells of the records from byte `from` up to byte `to`; what outputs
 * add to them is 0 so far.
 */
export function cells(kernel: Kernel): string {
  const { matrix, shift } = kernel.plan.cell;
  const clear = (at: number) => v.store(get('group'), v.zero, vectorAt(kernel, at));
  const body = eachCell(kernel, sumCell(kernel), [...matrix, ...shift].map(clear));
  return func('cells', ['from', 'to'], ['t', 'own', 'group'], body);
}

/** What the cells of the group at local group keep at `vectors`. */
const groupOf = (kernel: Kernel, vectors: number[]) =>
  vectors.map((at) => v.load(get('group'), vectorAt(kernel, at)));

/** z of an output in locals w_k and b at the corner of each cell's box where `pick` of both ends is taken, summed as z is. */
export function boundOf(kernel: Kernel, pick: typeof v.min): string {
  const { m, cell } = kernel.plan;
  const [low, high] = [cell.low, cell.high].map((own) => groupOf(kernel, own));
  const corners = each(m, (k) => pick(v.mul(get(`w${k}`), low[k]), v.mul(get(`w${k}`), high[k])));
  return v.add(joined(corners, v.add), get('b'));
}

/**
 * What an output adds on the cells of the group that are `on`: with z at the mean and the spread Q of a cell, Σ c z is its
 * count times z, Σ c z h is that times the mean plus Q w, and Σ c z² that times z plus w·Q w. Every term is positive, so
 * nothing cancels. To dL/dh of a sample it adds c s (z + w·(h − mean)) w: two sums a cell, of s z w and of s w wᵀ.
 */
export function addCells(kernel: Kernel): string[] {
  const { m, cell } = kernel.plan;
  const [mean, spread] = [cell.mean, cell.spread].map((own) => groupOf(kernel, own));
  const [count] = groupOf(kernel, [cell.count]);
  const w = each(m, (k) => get(`w${k}`));
  const only = (value: string) => `(v128.and ${value} ${get('on')})`;
  const Qw = (k: number) => joined(each(m, (l) => v.mul(spread[entryOf(m, k, l)], w[l])), v.add); // biome-ignore format: one line
  const grow = (at: number, by: string) =>
    v.store(get('group'), v.add(v.load(get('group'), vectorAt(kernel, at)), by), vectorAt(kernel, at));
  return [
    set('z', only(vectorDot(w, mean, get('b')))),
    set('c', v.mul(get('z'), count)),
    set('gb', v.add(get('gb'), get('c'))),
    set('q', v.add(get('q'), v.mul(get('c'), get('z')))),
    ...each(m, (k) => [
      set('r', only(Qw(k))),
      set(`g${k}`, v.add(get(`g${k}`), v.add(v.mul(get('c'), mean[k]), get('r')))),
      set('q', v.add(get('q'), v.mul(w[k], get('r')))),
      grow(cell.shift[k], v.mul(get('z'), get(`u${k}`))),
      set('r', only(get(`u${k}`))),
      ...each(m - k, (l) => grow(cell.matrix[entryOf(m, k, k + l)], v.mul(get('r'), w[k + l]))),
    ]).flat(),
  ];
}

/** Adds what the outputs add over the whole cell to dL/dh of its j-th vector of samples. */
function settleVector(kernel: Kernel, j: number): string[] {
  const { plan, layout } = kernel;
  const { m, plane, slopes } = plan;
  const off = each(m, (k) => get(`h${k}`));
  const slope = (k: number) => layout.work + slopes + k * plane + 16 * j;
  return [
    ...each(m, (k) => set(`h${k}`, v.sub(hiddenAt(kernel, k, j), get(`mean${k}`)))),
    ...each(m, (k) => {
      const row = each(m, (l) => get(`M${entryOf(m, k, l)}`));
      const added = v.mul(countsOf(kernel, j), vectorDot(row, off, get(`v${k}`)));
      return v.store(get('t'), v.add(v.load(get('t'), slope(k)), added), slope(k));
    }),
  ];
}

/** $settle(from, to): what outputs add over whole cells, to dL/dh of the samples of the records from byte `from` up to byte `to`. */
export function settle(kernel: Kernel): string {
  const { mean, shift, matrix } = kernel.plan.cell;
  const own = (name: string) => (at: number, k: number) =>
    set(`${name}${k}`, v.splat(get('own'), vectorAt(kernel, at)));
  const cell = [
    ...mean.map(own('mean')),
    ...shift.map(own('v')),
    ...matrix.map(own('M')),
    ...each(VECTORS, (j) => settleVector(kernel, j)).flat(),
  ];
  return func('settle', ['from', 'to'], ['own', 't', 'group'], eachCell(kernel, cell));
}
