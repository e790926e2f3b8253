/** Initial weights, noise on given ones, and one instance's weights. */
import type { Family } from './family.ts';
import type { Model } from './model.ts';
import { modelOf, sizeOf, tensorsOf } from './models/models.ts';
import { normalOf } from './normal.ts';
import type { Params, Problem } from './problem.ts';
import { draw, initStream, normals, type Stream } from './random.ts';

/**
 * Initial weights: normal of standard deviation `std` (I) from each instance's own stream, or 0, as the model says.
 * They depend on the instance's key and not on its place in the array, so a slice of a problem starts where the
 * whole would. Tensors that are `given` are copied.
 */
export function initParams(problem: Problem, std: Float64Array, given: Params = {}): Params {
  const keyOf = (i: number): Stream => [problem.keys[2 * i], problem.keys[2 * i + 1]];
  const tensor = (part: number, size: number) => {
    const out = new Float32Array(problem.instances * size);
    for (let i = 0; i < problem.instances; i++) {
      const values = normals(keyOf(i), part, size);
      for (let k = 0; k < size; k++) out[i * size + k] = std[i] * values[k];
    }
    return out;
  };
  const entries = tensorsOf(problem.family).map(({ name, shape, init }, part) => {
    const size = sizeOf({ shape });
    if (given[name]) return [name, given[name].slice()];
    return [name, init === 'normal' ? tensor(part, size) : new Float32Array(problem.instances * size)];
  });
  const params: Params = Object.fromEntries(entries);
  const { start } = modelOf(problem.family);
  const isWhole = Object.keys(params).every((name) => given[name]); // they are somebody's last weights
  if (start && !isWhole)
    for (let i = 0; i < problem.instances; i++) start(viewsAt(params, problem, i), problem.family, keyOf(i));
  return params;
}

/**
 * Given weights with normal noise of standard deviation `std` (I) on every tensor that is trained, drawn from each
 * instance's own stream as initial weights are, a word a number. Where std is 0 they are as they were given.
 */
export function disturb(given: Params, { family, keys }: Problem, std: Float64Array): Params {
  const entries = tensorsOf(family).map((tensor, part) => {
    const own = given[tensor.name];
    if (!own || !tensor.trained) return [tensor.name, own];
    const size = sizeOf(tensor);
    const out = own.slice();
    std.forEach((sd, i) => {
      if (sd === 0) return;
      const stream = initStream([keys[2 * i], keys[2 * i + 1]], part);
      for (let k = 0; k < size; k++) out[i * size + k] += sd * normalOf(draw(stream));
    });
    return [tensor.name, out];
  });
  return Object.fromEntries(entries.filter(([, own]) => own));
}

/** The weights of instance i, as views. */
function viewsAt(params: Params, { instances }: Problem, i: number): Params {
  const views = Object.entries(params).map(([name, values]) => {
    const size = values.length / instances;
    return [name, values.subarray(i * size, (i + 1) * size)];
  });
  return Object.fromEntries(views);
}

/** Instance i of toy models, copied to float64. */
export function takeModel(params: Params, family: Family, i: number): Model {
  const own = tensorsOf(family).map(({ name, shape }) => {
    const size = sizeOf({ shape });
    return [name, Float64Array.from(params[name].subarray(i * size, (i + 1) * size))];
  });
  return Object.fromEntries(own);
}
