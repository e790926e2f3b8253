/** How much the other features activate a feature's direction. Ŵ_i = W_i / ‖W_i‖. */
import { ABSENT, type Directions, instancesOf, type Shape, squaredNorms } from './norms.ts';

/** Σ_j (W_i·W_j)² over all j of the same instance, i included. Shape (I, n). */
export function sharedSquares(directions: Directions, shape: Shape): Float64Array {
  const { W } = directions;
  const { features: n, hidden: m } = shape;
  const out = new Float64Array(instancesOf(directions, shape) * n);
  for (let row = 0; row < out.length; row++) {
    const first = row - (row % n);
    for (let j = first; j <= row; j++) {
      let dot = 0;
      for (let k = 0; k < m; k++) dot += W[row * m + k] * W[j * m + k];
      out[row] += dot * dot;
      if (j < row) out[j] += dot * dot;
    }
  }
  return out;
}

/**
 * Interference Σ_{j≠i} (Ŵ_i·W_j)², the paper's measure of superposition: 0 where feature i is orthogonal to all
 * others, 1 and more where others can activate it fully. Shape (I, n); 0 where ‖W_i‖ < 1e-6.
 */
export function interference(directions: Directions, shape: Shape): Float64Array {
  const squares = squaredNorms(directions, shape);
  return sharedSquares(directions, shape).map((shared, row) =>
    squares[row] < ABSENT * ABSENT ? 0 : Math.max(0, shared / squares[row] - squares[row]),
  );
}

/**
 * Interference norm √Σ_{j≠i} (Ŵ_i·W_j)², by which the released notebook colours its bars (clipped to [0, 1]
 * there, not here). Shape (I, n); 0 where ‖W_i‖ < 1e-6.
 */
export function interferenceNorm(directions: Directions, shape: Shape): Float64Array {
  return interference(directions, shape).map(Math.sqrt);
}
