/** Directions of features that lie around a circle: where they turn smoothly and where they jump. */
import { type Directions, featureNorms, instancesOf, type Shape } from './norms.ts';

/** Length below which a direction is left out. */
const SHORT = 0.1;
/** Cosine of neighbours below which the direction breaks off. */
const BREAK = 0.9;

/**
 * Breaks of each model: pairs of features next to each other around the circle whose directions have a cosine below
 * 0.9. Directions shorter than 0.1 are passed over. As many discrete directions as breaks; 0 where they turn smoothly
 * all the way round. Shape (I).
 */
export function breaksAround(directions: Directions, shape: Shape): Int32Array {
  const { W } = directions;
  const { features: n, hidden: m } = shape;
  const norms = featureNorms(directions, shape);
  return Int32Array.from({ length: instancesOf(directions, shape) }, (_, instance) => {
    const rows = Array.from({ length: n }, (_, i) => instance * n + i).filter((row) => norms[row] >= SHORT);
    return rows.filter((row, k) => {
      const next = rows[(k + 1) % rows.length];
      let dot = 0;
      for (let d = 0; d < m; d++) dot += W[row * m + d] * W[next * m + d];
      return dot < BREAK * norms[row] * norms[next];
    }).length;
  });
}
