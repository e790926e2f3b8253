/** Regular polygons of independent, equally important features in two dimensions, at any density, by exact loss. */
import { reluOutputFamily } from '../family.ts';
import type { Model } from '../model.ts';
import { exactLoss } from './exactLoss.ts';
import { minimise } from './optimum.ts';

/** k features of one length and bias at equal angles, n − k without a direction and with a bias of their own. */
function polygonModel(
  n: number,
  k: number,
  [length, bias, rest]: ArrayLike<number> & Iterable<number>,
): Model {
  const W = Float64Array.from({ length: 2 * n }, (_, at) => {
    const i = Math.floor(at / 2);
    const angle = (2 * Math.PI * i) / k;
    return i < k ? length * (at % 2 === 0 ? Math.cos(angle) : Math.sin(angle)) : 0;
  });
  return { W, b: Float64Array.from({ length: n }, (_, i) => (i < k ? bias : rest)) };
}

/** Lengths and biases to start from: wide, as dense features have it, to tight. */
const STARTS = [
  [0.9, 0.1],
  [1, -0.05],
  [1.2, -0.3],
  [1.4, -0.8],
] as const;

/**
 * The k-gon among n features of density p that has the least exact loss, mean over features. With equal densities and
 * importances its gradient in all weights and biases vanishes by symmetry.
 */
export function polygonOptimum(n: number, k: number, p: number): { model: Model; loss: number } {
  const family = reluOutputFamily(n, 2);
  const [density, importance] = [new Array<number>(n).fill(p), new Array<number>(n).fill(1)];
  const lossOf = (x: Float64Array) => exactLoss(family, polygonModel(n, k, x), density, importance).loss;
  const minima = STARTS.map(([length, bias]) => minimise(lossOf, [length, bias, p / 2]));
  const { x, value } = minima.reduce((low, other) => (other.value < low.value ? other : low));
  return { model: polygonModel(n, k, x), loss: value };
}
