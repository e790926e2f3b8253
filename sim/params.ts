/** Initial weights. */
import type { Params, Problem } from './family.ts';
import { normals } from './random.ts';

/**
 * Normal weights of standard deviation `std` (I) from each instance's own stream, biases 0. They depend on the
 * instance's key and not on its place in the array, so a slice of a problem starts where the whole would.
 */
export function initParams(problem: Problem, std: Float64Array): Params {
  const { features: n, hidden: m, tied } = problem.family;
  const tensor = (part: number) => {
    const out = new Float32Array(problem.instances * n * m);
    for (let i = 0; i < problem.instances; i++) {
      const key: [number, number] = [problem.keys[2 * i], problem.keys[2 * i + 1]];
      const values = normals(key, part, n * m);
      for (let k = 0; k < n * m; k++) out[i * n * m + k] = std[i] * values[k];
    }
    return out;
  };
  return { W: tensor(0), V: tied ? null : tensor(1), b: new Float32Array(problem.instances * n) };
}
