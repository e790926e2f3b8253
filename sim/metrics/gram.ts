/** The feature-by-feature matrix: everything about W that does not depend on the basis of the hidden layer. */
import { type Directions, instancesOf, type Shape } from './norms.ts';

/** Gram matrix of each instance, G_ij = W_i·W_j (the paper's WᵀW). Shape (I, n, n), symmetric. */
export function gram(directions: Directions, shape: Shape): Float64Array {
  const { W } = directions;
  const { features: n, hidden: m } = shape;
  const rows = instancesOf(directions, shape) * n;
  const out = new Float64Array(rows * n);
  for (let row = 0; row < rows; row++) {
    const i = row % n;
    const first = row - i; // row 0 of the same instance
    for (let j = 0; j <= i; j++) {
      let dot = 0;
      for (let k = 0; k < m; k++) dot += W[row * m + k] * W[(first + j) * m + k];
      out[row * n + j] = dot;
      out[(first + j) * n + i] = dot;
    }
  }
  return out;
}
