/** Loss of a model that was trained on fixed samples, on others of the same kind. */
import { expandGrid } from '../../sim/grid.ts';
import { forward, sampleLoss } from '../../sim/model.ts';
import { takeModel } from '../../sim/params.ts';
import type { Params, Problem } from '../../sim/problem.ts';
import type { Spec } from '../../sim/spec.ts';
import { readSample, type Table, tablesOf } from '../../sim/table.ts';

/** `count` samples that the training of a spec does not see: those of another seed of the samples. */
export function freshTable(spec: Spec, count: number): Table {
  const { samples } = spec.input;
  if (!samples || !('count' in samples)) throw new RangeError('input.samples: expected samples drawn once');
  const other = { ...samples, seed: samples.seed + 1, count, repeats: [] };
  const input = { ...spec.input, samples: other };
  const { problem } = expandGrid({ ...spec, input, replicas: 1, sweep: [] }).groups[0];
  return tablesOf(problem).list[0];
}

/** Mean over the samples of a table of the loss of the first instance, summed over features. */
export function lossOn(table: Table, { family }: Pick<Problem, 'family'>, params: Params): number {
  const model = takeModel(params, family, 0);
  const x = new Float32Array(family.features);
  const importance = new Float64Array(family.features).fill(1);
  let sum = 0;
  for (let t = 0; t < table.samples; t++) {
    readSample(table, t, x);
    sum += sampleLoss(family, forward(family, model, x), x, importance, 0);
  }
  return (sum * family.features) / table.samples;
}
