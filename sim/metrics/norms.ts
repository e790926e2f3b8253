/** How strongly each feature is represented: the length of its direction W_i. */

/**
 * Feature directions of I models, in either precision: Params with a tensor W, or a Model (then I = 1). W is
 * (I, n, m); row i of an instance is the paper's column W_i.
 */
export type Directions = { W: ArrayLike<number> } | Readonly<Record<string, ArrayLike<number>>>;

/** The two sizes that a metric needs; every Family has them. */
export interface Shape {
  features: number; // n
  hidden: number; // m
}

/** ‖W_i‖ below which a direction is taken as absent: its unit vector would be noise. */
export const ABSENT = 1e-6;

/** Number of instances I in W. Throws if W is not a whole number of n × m matrices. */
export function instancesOf({ W }: Directions, { features: n, hidden: m }: Shape): number {
  const instances = W.length / (n * m);
  if (!Number.isInteger(instances)) {
    throw new RangeError(`W: expected a multiple of ${n} × ${m} = ${n * m} numbers, got ${W.length}`);
  }
  return instances;
}

/** Squared feature norms ‖W_i‖². Shape (I, n). */
export function squaredNorms(directions: Directions, shape: Shape): Float64Array {
  const { W } = directions;
  const m = shape.hidden;
  const out = new Float64Array(instancesOf(directions, shape) * shape.features);
  for (let row = 0; row < out.length; row++) {
    for (let k = row * m; k < (row + 1) * m; k++) out[row] += W[k] * W[k];
  }
  return out;
}

/** Feature norms ‖W_i‖, about 1 where feature i is represented and about 0 where it is not. Shape (I, n). */
export function featureNorms(directions: Directions, shape: Shape): Float64Array {
  return squaredNorms(directions, shape).map(Math.sqrt);
}

/** Share of features with ‖W_i‖ > threshold, in [0, 1]. Shape (I). */
export function fractionRepresented(directions: Directions, shape: Shape, threshold = 0.5): Float64Array {
  const n = shape.features;
  const norms = featureNorms(directions, shape);
  return Float64Array.from({ length: norms.length / n }, (_, instance) => {
    const own = norms.subarray(instance * n, (instance + 1) * n);
    return own.reduce((count, norm) => count + (norm > threshold ? 1 : 0), 0) / n;
  });
}
