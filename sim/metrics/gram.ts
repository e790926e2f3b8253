/** The feature-by-feature matrix: everything about W that does not depend on the basis of the hidden layer. */
import { ABSENT, type Directions, featureNorms, instancesOf, type Shape } from './norms.ts';

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

/** Cosine between directions i and j of one model, W_i·W_j / (‖W_i‖ ‖W_j‖); NaN where either is shorter than 1e-6. */
export function featureCosine(directions: Directions, shape: Shape, i: number, j: number): number {
  const norms = featureNorms(directions, shape);
  if (norms[i] < ABSENT || norms[j] < ABSENT) return Number.NaN;
  return gram(directions, shape)[i * shape.features + j] / (norms[i] * norms[j]);
}
