/** Memory that the kernel of a training set keeps for itself. */
import type { Problem } from '../../problem.ts';

/** Most hidden units: every loop over them is written out. */
export const MOST_HIDDEN = 8;

/** Most samples that are summed in one go. */
const ONE_GO = 2048;
/** Ranges of more samples than that: enough for as many threads, and long enough that handing one out costs nothing. */
const MOST_RANGES = 16;
const SHORTEST = 256;

/** Ranges that T samples are summed in, range by range and then over the ranges: a function of T alone, so that the sums do not depend on threads. */
export const rangesOf = (samples: number): number =>
  samples <= ONE_GO ? 1 : Math.min(MOST_RANGES, Math.floor(samples / SHORTEST));

/** Samples of a cell: neighbours in hidden space. */
export const CELL = 32;
/** Samples of four cells, which are looked at as one vector. */
export const GROUP = 4 * CELL;
/** Least samples that stand in cells, by hidden units: with fewer, or in more dimensions, few cells are off or on. */
const IN_CELLS: readonly number[] = [0, 128, 128, 300, 500];

/** Cells of T samples, a multiple of 4; 0 if they stand as they come. */
export const cellsOf = (samples: number, hidden: number): number =>
  samples < (IN_CELLS[hidden] ?? Number.POSITIVE_INFINITY) ? 0 : 4 * Math.ceil(samples / GROUP);

/** Bytes of a line of a cache. */
export const LINE = 64;
/** Bytes between planes, so that they do not compete for the same lines of a cache, as they would at a power of 2 apart. */
const APART = LINE;
/** Bins of a sort along one dimension. */
export const BINS = 256;
/** Dimensions that samples are sorted along: in more, a cell is hardly smaller than the whole. */
const MOST_SORTED = 3;

/** base · base · …, `count` times. */
const power = (base: number, count: number): number =>
  Array<number>(count)
    .fill(base)
    .reduce((a, b) => a * b, 1);

/**
 * Samples of a slab of each pass of the sorts: all of them, then so many that along every sorted dimension there are about
 * as many slabs in one of the pass before.
 */
export function slabsOf(samples: number, hidden: number): number[] {
  const passes = Math.min(hidden, MOST_SORTED);
  let ratio = 1; // the least whole number whose power is no less than the cells
  while (power(ratio, passes) < samples / CELL) ratio++;
  return Array.from({ length: passes }, (_, p) => (p === 0 ? samples : CELL * power(ratio, passes - p)));
}

/** Words by which threads share the ranges of one model, in bytes from `FixedPlan.team`. */
export const TEAM = {
  epoch: 0, // rises with every list that is handed out, and at the end of a call
  left: 16, // ranges that nobody has taken; below 1 if there are none, as there are before the first list
  done: 32, // ranges that are done
  ended: 48, // 1 when the call is over: helpers go home
  record: 64, // of the model
  list: 68, // where its list of mixed outputs ends
  task: 72, // what is to be done with each range
  size: 80,
};

/** What is done range by range, in this order, in a step. */
export const TASKS = ['hidden', 'mixed', 'correct', 'gather'] as const;
export type Task = (typeof TASKS)[number];

/**
 * What is kept of a group of cells: vectors of a float32 a cell, in bytes from the group's record. Records stand
 * a line of a cache apart, so that threads which add to neighbours do not take lines from each other. Of symmetric matrices
 * the entries with k ≤ l.
 */
export interface CellPlan {
  at: number; // of the first group
  size: number; // bytes of a record
  low: number[]; // (m) least h
  high: number[]; // (m) largest h
  count: number; // Σ_t c_t
  mean: number[]; // (m) Σ_t c_t h / count
  spread: number[]; // Σ_t c_t (h − mean)(h − mean)ᵀ
  matrix: number[]; // Σ s w wᵀ over the outputs that are on over the whole cell
  shift: number[]; // (m) Σ s z(mean) w over them
}

/** Where the kernel's own arrays stand, in bytes from `layout.work`. */
export interface FixedPlan {
  m: number;
  n: number;
  samples: number; // T
  cells: number; // cellsOf
  slabs: number[]; // slabsOf
  places: number; // samples and what fills up the last vector or cells
  plane: number; // bytes from one hidden unit to the next
  hidden: number; // (m, plane) h, sample by sample
  lists: [number, number]; // (T) int32 each: 4 t of the samples in order, before and after a pass
  bins: number; // (BINS) int32
  place: number; // (T) int32: 4 times the place where sample t stands
  ordered: number; // (m, plane) h, place by place; without cells the same as hidden
  counts: number; // (plane) c, place by place
  slopes: number; // (m, plane) dL/dh, place by place, as the outputs leave it for x = 0
  back: number; // (m, plane) dL/dh, sample by sample
  cell: CellPlan;
  low: number; // (m) least h
  high: number; // (m) largest h
  count: number; // Σ_t c_t
  sums: number; // (m) Σ_t c_t h
  squares: number; // (m, m) Σ_t c_t h hᵀ
  matrix: number; // (m, m) Σ s w wᵀ over the outputs that are on for all samples
  shift: number; // (m) Σ s b w over them
  total: number; // (R) float64, a line of a cache apart: parts of the loss
  mixed: number; // (n) int32 byte offsets of the outputs that are neither on nor off
  ranges: number; // R
  parts: number; // (R, n, m + 2) sums of c r, c r h and c r² of each of those over a range
  team: number; // TEAM
  end: number;
}

/** Vectors of a group's record, one after the other. */
function recordOf(m: number): Omit<CellPlan, 'at'> {
  let vectors = 0;
  const take = (width: number) => Array.from({ length: width }, () => 16 * vectors++);
  const pairs = (m * (m + 1)) / 2;
  const [low, high, [count], mean, spread, matrix, shift] = [m, m, 1, m, pairs, pairs, m].map(take);
  return { low, high, count, mean, spread, matrix, shift, size: 16 * vectors + LINE };
}

export function planFixed({ family: { features: n, hidden: m }, source }: Problem): FixedPlan {
  const samples = source!.count;
  const cells = cellsOf(samples, m);
  const places = cells ? CELL * cells : 4 * Math.ceil(samples / 4);
  const plane = 4 * places + APART;
  const ranges = rangesOf(samples);
  const record = recordOf(m);
  let at = 0;
  const take = (bytes: number) => {
    const from = at;
    at += 16 * Math.ceil(bytes / 16);
    return from;
  };
  const takeIf = (bytes: number) => take(cells ? bytes : 0);
  const hidden = take(m * plane);
  return {
    m,
    n,
    samples,
    cells,
    slabs: slabsOf(samples, m),
    places,
    plane,
    hidden,
    lists: [takeIf(4 * samples), takeIf(4 * samples)],
    bins: takeIf(4 * BINS),
    place: takeIf(4 * samples),
    ordered: cells ? take(m * plane) : hidden,
    counts: takeIf(plane),
    slopes: take(m * plane),
    back: take(m * plane),
    cell: { at: takeIf((cells / 4) * record.size), ...record },
    low: take(4 * m),
    high: take(4 * m),
    count: take(4),
    sums: take(4 * m),
    squares: take(4 * m * m),
    matrix: take(4 * m * m),
    shift: take(4 * m),
    total: take(LINE * ranges),
    mixed: take(4 * n),
    ranges,
    parts: take(4 * ranges * n * (m + 2)),
    team: take(TEAM.size),
    end: take(0),
  };
}
