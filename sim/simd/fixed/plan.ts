/** Memory that the kernel of a training set keeps for itself. */
import type { Problem } from '../../problem.ts';

/** Most hidden units: every loop over them is written out. */
export const MOST_HIDDEN = 8;

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
  end: number;
}

export function planFixed({ family: { features: n, hidden: m }, source }: Problem): FixedPlan {
  const samples = source!.count;
  const plane = 16 * Math.ceil(samples / 4);
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
    end: take(0),
  };
}
