/** Decompositions to hold engines against each other: a problem, random weights, and some steps of it. */
import { emptyColumns } from '../sim/columns.ts';
import type { Family, Training } from '../sim/family.ts';
import { sizeOf, tensorsOf } from '../sim/models/models.ts';
import { initParams } from '../sim/params.ts';
import type { Problem } from '../sim/problem.ts';
import { instanceKey, normals } from '../sim/random.ts';
import type { simd } from '../sim/simd/engine.ts';
import { ADAMW } from './adamw.ts';
import { perTensor } from './perTensor.ts';

const KEY = instanceKey(12, 3);

/** A decomposition of half-dense features, one instance. */
export const problemOf = (family: Family, training: Partial<Training>, columns = {}): Problem => ({
  ...emptyColumns(family, 1),
  family,
  training: { ...ADAMW, ...training },
  firstStep: 0,
  instances: 1,
  keys: Int32Array.from(KEY),
  density: new Float64Array(family.features).fill(0.5),
  learningRate: perTensor(family, [1e-3]),
  weightDecay: perTensor(family, [0]),
  minimality: Float64Array.of(0.07),
  reconstruction: Float64Array.of(0.8),
  faithfulness: Float64Array.of(0.3),
  ...columns,
});

/** Random weights, each a function of its tensor's name and a normal number; I, where there is one, is the identity. */
export function weightsOf(family: Family, weight: (name: string, z: number) => number) {
  const weights: Record<string, Float64Array> = Object.fromEntries(
    tensorsOf(family).map((tensor, part) => [
      tensor.name,
      normals(KEY, part, sizeOf(tensor)).map((z) => weight(tensor.name, z)),
    ]),
  );
  weights.I?.set([1, 0, 0, 1]);
  return weights;
}

/** Some steps of the instances of a problem from random weights, all that is decomposed at 0.4. */
export async function advance(engine: typeof simd, problem: Problem, count: number) {
  const params = initParams(
    problem,
    Float64Array.from({ length: problem.instances }, () => 1),
  );
  for (const name of Object.keys(params)) if (/^(base|W)/.test(name)) params[name].fill(0.4);
  const session = await engine.open(problem, params, { lossEvery: 1, threads: 1 });
  const { losses } = await session.run(count);
  const after = await session.read();
  await session.close();
  return { losses, params, after };
}
