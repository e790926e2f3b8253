/**
 * The two rules by which the geometry figures are scored: does D* stick at 1/2, and do feature dimensionalities
 * gather on lines? Both are the rules that the released notebook's own saved run passes.
 */

import { SHAPES } from '../theory/shares.ts';

/** Dimensionalities of the shapes the paper names. */
const GUIDE_LINES: readonly number[] = SHAPES.map(({ share }) => share);

/** Features below this share of a dimension are not learned and left out. */
const LEARNED = 0.1;
/** Levels with D* above this have little superposition and are left out. */
const MOSTLY_DEDICATED = 0.95;

/** How many levels have |D* − 1/2| ≤ 0.03; the rule asks for 3 of 20. `dStar` is (levels). */
export function plateau(dStar: ArrayLike<number>): { count: number; holds: boolean } {
  const count = Array.from(dStar).filter((d) => Math.abs(d - 0.5) <= 0.03).length;
  return { count, holds: count >= 3 * (dStar.length / 20) };
}

/** The D_i (levels, n) that count: learned features, D_i ≥ 0.1, of levels with D* < 0.95 (levels). */
export function pooledDimensionality(D: Float64Array, dStar: ArrayLike<number>): Float64Array {
  const n = D.length / dStar.length;
  return D.filter((d, row) => d >= LEARNED && dStar[Math.floor(row / n)] < MOSTLY_DEDICATED);
}

/** A line at dimensionality f: features on it, and beside it on both sides together. */
interface Line {
  f: number;
  on: number; // within 0.005 of f
  beside: number; // within 0.005 of f − 0.0125 or of f + 0.0125
  holds: boolean; // on ≥ 10 and on ≥ 2 · beside
}

/** Counts pooled dimensionalities on and beside the line at f. */
export function lineAt(pooled: Float64Array, f: number): Line {
  const near = (centre: number) => pooled.filter((d) => Math.abs(d - centre) <= 0.005).length;
  const on = near(f);
  const beside = near(f - 0.0125) + near(f + 0.0125);
  return { f, on, beside, holds: on >= 10 && on >= 2 * beside };
}

/** The line test: a line at 1/2 and at one or more of the other guide lines. */
export function lineTest(pooled: Float64Array): { lines: Line[]; holds: boolean } {
  const lines = GUIDE_LINES.map((f) => lineAt(pooled, f));
  const half = lines.some(({ f, holds }) => f === 1 / 2 && holds);
  return { lines, holds: half && lines.some(({ f, holds }) => f !== 1 / 2 && holds) };
}

/** Share of pooled dimensionalities within `tolerance` of a guide line; 26 % in the authors' own run at 0.02. */
export function shareOnLines(pooled: Float64Array, tolerance = 0.02): number {
  const on = pooled.filter((d) => GUIDE_LINES.some((f) => Math.abs(d - f) <= tolerance));
  return on.length / pooled.length;
}
