/** How much the directions of features overlap, whatever their lengths. */
import { ABSENT, type Directions, featureNorms, instancesOf, type Shape } from './norms.ts';

/** Mean and variance of (Ŵ_i·Ŵ_j)² over the pairs i < j of one model; directions shorter than 1e-6 do not count. */
export interface Overlaps {
  mean: number; // NaN without a pair
  variance: number;
}

/** Squared overlaps of the directions of each model. */
export function overlaps(directions: Directions, shape: Shape): Overlaps[] {
  const { W } = directions;
  const { features: n, hidden: m } = shape;
  const norms = featureNorms(directions, shape);
  return Array.from({ length: instancesOf(directions, shape) }, (_, instance) => {
    const own = Array.from({ length: n }, (_, i) => instance * n + i).filter((row) => norms[row] > ABSENT);
    const units = own.map((row) => Float64Array.from({ length: m }, (_, k) => W[row * m + k] / norms[row]));
    return pairsOf(units);
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

function pairsOf(units: Float64Array[]): Overlaps {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < units.length; i++) {
    for (let j = 0; j < i; j++) {
      const square = dot(units[i], units[j]) ** 2;
      sum += square;
      squares += square * square;
    }
  }
  const pairs = (units.length * (units.length - 1)) / 2;
  const mean = sum / pairs;
  return { mean, variance: squares / pairs - mean * mean };
}
