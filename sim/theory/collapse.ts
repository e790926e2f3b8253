/**
 * Three correlated pairs in two dimensions: as they become denser, pairs collapse one after the other onto
 * their principal component, both features sharing one direction. Which number of collapsed pairs is best at
 * which density follows from the exact loss.
 */
import { type Family, type FeatureSet, reluOutputFamily } from '../family.ts';
import type { Model } from '../model.ts';
import { minimiseExactLoss } from './optimum.ts';

type Collapsed = 0 | 1 | 2 | 3;

const PAIR: FeatureSet = { kind: 'correlated', size: 2 };

const FAMILY: Family = { ...reluOutputFamily(6, 2), sets: [PAIR, PAIR, PAIR] };

/** Directions of the six features, in degrees, with so many pairs collapsed: hexagon, pentagon, square, triangle. */
const ANGLES: Record<Collapsed, readonly number[]> = {
  0: [0, 60, 120, 180, 240, 300],
  1: [0, 0, 72, 144, 216, 288],
  2: [180, 180, 270, 270, 0, 90],
  3: [0, 0, 120, 120, 240, 240],
};

/** A collapsed pair stores (a + b)/√2, so each of its features has norm 1/√2. */
function startOf(collapsed: Collapsed): Model {
  const W = ANGLES[collapsed].flatMap((degrees, i) => {
    const norm = i < 2 * collapsed ? Math.SQRT1_2 : 1;
    return [norm * Math.cos((degrees * Math.PI) / 180), norm * Math.sin((degrees * Math.PI) / 180)];
  });
  return { W: Float64Array.from(W), b: new Float64Array(6).fill(collapsed < 2 ? -0.1 : 0.02) };
}

/** First features of the pairs of a model (6, 2) that share one direction: both norms above 0.25, within 18° (cosine 0.95). */
export function collapsedPairs(W: ArrayLike<number>): number[] {
  return [0, 2, 4].filter((i) => {
    const [ax, ay, bx, by] = [0, 1, 2, 3].map((k) => W[2 * i + k]);
    const [a, b] = [Math.hypot(ax, ay), Math.hypot(bx, by)];
    return Math.min(a, b) > 0.25 && ax * bx + ay * by > 0.95 * a * b;
  });
}

/** Exact-loss minimum reached from the arrangement with so many collapsed pairs; p is a pair's density. */
export function collapseMinimum(collapsed: Collapsed, p: number): { model: Model; loss: number } {
  return minimiseExactLoss(FAMILY, startOf(collapsed), new Array(6).fill(p), new Array(6).fill(1));
}

/** Best of the four arrangements at density p, and how many pairs are collapsed in it. */
export function bestCollapse(p: number): { model: Model; loss: number; collapsed: number } {
  const minima = ([0, 1, 2, 3] as const).map((collapsed) => collapseMinimum(collapsed, p));
  const best = minima.reduce((low, other) => (other.loss < low.loss ? other : low));
  return { ...best, collapsed: collapsedPairs(best.model.W).length };
}
