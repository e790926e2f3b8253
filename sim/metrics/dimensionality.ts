/** Shares of the hidden space: per feature, per model, and the model's inverse packing density. */
import { square } from '../elementary.ts';
import { sharedSquares } from './interference.ts';
import { ABSENT, type Directions, type Shape, squaredNorms } from './norms.ts';

/** Sums (I, n) over the features of each instance. Shape (I). */
function sumFeatures(values: Float64Array, n: number): Float64Array {
  const out = new Float64Array(values.length / n);
  for (let row = 0; row < values.length; row++) out[Math.floor(row / n)] += values[row];
  return out;
}

/**
 * Feature dimensionality D_i = ‖W_i‖² / Σ_j (Ŵ_i·W_j)², the sum including j = i: the share of a hidden
 * dimension that feature i gets. Shape (I, n), each in [0, 1]; 0 where ‖W_i‖ < 1e-6.
 */
export function featureDimensionality(directions: Directions, shape: Shape): Float64Array {
  const squares = squaredNorms(directions, shape);
  return sharedSquares(directions, shape).map((shared, row) =>
    squares[row] < ABSENT * ABSENT ? 0 : square(squares[row]) / shared,
  );
}

/**
 * Capacity Σ_i C_i of each model, C_i = (W_i·W_i)² / Σ_j (W_i·W_j)² = D_i (Scherlis et al. 2022). Shape (I),
 * each in [0, m]; equals m when the rows of W form a tight frame.
 */
export function capacity(directions: Directions, shape: Shape): Float64Array {
  return sumFeatures(featureDimensionality(directions, shape), shape.features);
}

/** Hidden dimensions per represented feature, D* = m / ‖W‖²_F. Shape (I); Infinity for W = 0. */
export function dimensionsPerFeature(directions: Directions, shape: Shape): Float64Array {
  const total = sumFeatures(squaredNorms(directions, shape), shape.features);
  return total.map((frobenius) => shape.hidden / frobenius);
}
