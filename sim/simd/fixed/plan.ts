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

/** Words by which threads share the ranges of one model, in bytes from `FixedPlan.team`. */
export const TEAM = {
  epoch: 0, // rises with every list that is handed out, and at the end of a call
  next: 16, // first range that nobody has taken
  done: 32, // ranges that are done
  ended: 48, // 1 when the call is over: helpers go home
  record: 64, // of the model
  list: 68, // where its list of mixed outputs ends
  size: 80,
};

/** Where the kernel's own arrays stand, in bytes from `layout.work`. */
export interface FixedPlan {
  m: number;
  n: number;
  samples: number; // T
  plane: number; // bytes from one hidden unit to the next
  hidden: number; // (m, plane) h
  slopes: number; // (m, plane) dL/dh
  low: number; // (m) least h
  high: number; // (m) largest h
  count: number; // Σ_t c_t
  sums: number; // (m) Σ_t c_t h
  squares: number; // (m, m) Σ_t c_t h hᵀ
  matrix: number; // (m, m) Σ s w wᵀ over the outputs that are on for all samples
  shift: number; // (m) Σ s b w over them
  total: number; // float64 loss
  mixed: number; // (n) int32 byte offsets of the outputs that are neither on nor off
  ranges: number; // R
  parts: number; // (R, n, m + 2) sums of c r, c r h and c r² of each of those over a range
  team: number; // TEAM
  end: number;
}

export function planFixed({ family: { features: n, hidden: m }, source }: Problem): FixedPlan {
  const samples = source!.count;
  const plane = 16 * Math.ceil(samples / 4);
  const ranges = rangesOf(samples);
  let at = 0;
  const take = (bytes: number) => {
    const from = at;
    at += 16 * Math.ceil(bytes / 16);
    return from;
  };
  return {
    m,
    n,
    samples,
    plane,
    hidden: take(m * plane),
    slopes: take(m * plane),
    low: take(4 * m),
    high: take(4 * m),
    count: take(4),
    sums: take(4 * m),
    squares: take(4 * m * m),
    matrix: take(4 * m * m),
    shift: take(4 * m),
    total: take(8),
    mixed: take(4 * n),
    ranges,
    parts: take(4 * ranges * n * (m + 2)),
    team: take(TEAM.size),
    end: take(0),
  };
}
