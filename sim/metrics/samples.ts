/** How a model holds the samples that it was trained on: their shares of the hidden space, as features have theirs. */
import { featureDimensionality } from './dimensionality.ts';

/**
 * Sample dimensionality D_t = ‖h_t‖² / Σ_s (ĥ_t·h_s)², the sum including s = t, of hidden vectors (T, m): the share of a
 * hidden dimension that sample t gets. A regular T-gon in m dimensions gives m/T. Shape (T); 0 for a sample at the origin.
 */
export function sampleDimensionality(h: Float64Array, m: number): Float64Array {
  const shape = { features: h.length / m, hidden: m };
  return featureDimensionality({ W: h }, shape);
}

/** Samples whose hidden vector is shorter than `share` of the longest: the model has dropped them. */
export function deadSamples(h: Float64Array, m: number, share = 0.1): number {
  const lengths = Array.from({ length: h.length / m }, (_, t) =>
    Math.hypot(...h.subarray(t * m, (t + 1) * m)),
  );
  const longest = lengths.reduce((most, own) => Math.max(most, own), 0);
  return lengths.filter((own) => own <= share * longest).length;
}

/**
 * Hidden vectors (T, 2) on two concentric circles: the two radii (0-based split where the sorted lengths differ most, as
 * a ratio) and the largest gap between neighbouring directions in turns, 1/T for a regular polygon.
 */
export function circles(h: Float64Array): { ratio: number; gap: number } {
  const T = h.length / 2;
  const lengths = Array.from({ length: T }, (_, t) => Math.hypot(h[2 * t], h[2 * t + 1])).sort(
    (a, b) => a - b,
  );
  const ratios = lengths.slice(1).map((own, k) => own / lengths[k]);
  const turns = Array.from({ length: T }, (_, t) => Math.atan2(h[2 * t + 1], h[2 * t]) / (2 * Math.PI)).sort(
    (a, b) => a - b,
  );
  const gaps = turns.map((own, t) => (t + 1 < T ? turns[t + 1] : turns[0] + 1) - own);
  return { ratio: Math.max(1, ...ratios), gap: Math.max(...gaps) };
}
