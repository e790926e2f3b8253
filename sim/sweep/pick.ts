/** Some instances of a group as a group of their own. They keep their rows, so they are the same models. */
import type { Problem } from '../family.ts';
import type { Group } from '../grid.ts';

/** Rows `picked` of a (rows, width) array. */
function pickRows<T extends Float32Array | Float64Array | Int32Array>(
  array: T,
  picked: number[],
  width: number,
): T {
  const out = new (array.constructor as new (length: number) => T)(picked.length * width);
  picked.forEach((row, k) => {
    out.set(array.subarray(row * width, (row + 1) * width) as never, k * width);
  });
  return out;
}

function pickProblem(problem: Problem, picked: number[], rateFactor: number): Problem {
  const n = problem.family.features;
  return {
    ...problem,
    instances: picked.length,
    keys: pickRows(problem.keys, picked, 2),
    density: pickRows(problem.density, picked, n),
    importance: pickRows(problem.importance, picked, n),
    learningRate: pickRows(problem.learningRate, picked, 1).map((rate) => rate * rateFactor),
    weightDecay: pickRows(problem.weightDecay, picked, 1),
  };
}

/** Instances `picked` (places in the group) with their learning rate times `rateFactor`. */
export function pickGroup(group: Group, picked: number[], rateFactor = 1): Group {
  return {
    rows: pickRows(group.rows, picked, 1),
    problem: pickProblem(group.problem, picked, rateFactor),
    initStd: pickRows(group.initStd, picked, 1),
  };
}
