/** A closer look at trained models: train on from their weights, and compare them on the same samples. */

import { engineFor } from '../engines.ts';
import { heldOutLoss } from '../evaluate.ts';
import type { Context } from '../experiments/experiment.ts';
import { modelAt, type TrainedModel } from '../experiments/trained.ts';
import type { TrainedGroup } from '../join.ts';
import { type Params, type Problem, takeParams, takeRows } from '../problem.ts';
import { instanceKey } from '../random.ts';

/** Models that stand side by side: one problem, its weights. */
export interface Field {
  problem: Problem;
  params: Params;
}

/** Instances `rows` of a group, all with the key of the first: they then see the same samples. */
export function fieldOf({ problem, params }: TrainedGroup, rows: readonly number[]): Field {
  const taken = takeRows(problem, rows);
  const keys = taken.keys.slice();
  for (let i = 0; i < rows.length; i++) keys.copyWithin(2 * i, 0, 2);
  return { problem: { ...taken, keys }, params: takeParams(params, problem.family, rows) };
}

/** How long, and how: the learning rate falls along a cosine to 0, without decay or pull. */
export interface Polish {
  steps: number;
  batch: number;
  learningRate: number;
}

/** The field after training on from its weights. */
export async function polished(field: Field, how: Polish, { engine, threads }: Context): Promise<Field> {
  const { steps, batch, learningRate } = how;
  const fill = (column: Float64Array, value: number) => new Float64Array(column.length).fill(value);
  const problem: Problem = {
    ...field.problem,
    training: { ...field.problem.training, steps, batch, schedule: 'cosine', warmup: 0 },
    learningRate: fill(field.problem.learningRate, learningRate),
    weightDecay: fill(field.problem.weightDecay, 0),
    unitPull: fill(field.problem.unitPull, 0),
  };
  const session = await engineFor(engine, problem).engine.open(problem, field.params, {
    lossEvery: steps,
    threads,
  });
  try {
    await session.run(steps);
    return { problem: field.problem, params: await session.read() };
  } finally {
    await session.close();
  }
}

/** Losses of a field over several held-out samples that all its models share. Shape (SAMPLES, I). */
export async function sharedLosses({ problem, params }: Field, context: Context): Promise<Float64Array[]> {
  const out: Float64Array[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    const key = instanceKey(SEED, sample);
    const keys = problem.keys.map((_, at) => key[at % 2]);
    out.push(await heldOutLoss(context.engine, { ...problem, keys }, params, INPUTS, context.threads));
  }
  return out;
}

/** Seed of the samples, away from those of trainings. */
const SEED = 2 ** 40;
const SAMPLES = 16;
const INPUTS = 1_048_576;

/** Mean of a over b, minus 1, and its standard error over the shared samples; a, b are instances. */
export function excess(
  losses: readonly Float64Array[],
  a: number,
  b: number,
): { value: number; error: number } {
  const ratios = losses.map((loss) => loss[a] / loss[b] - 1);
  const value = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  const spread = ratios.reduce((sum, ratio) => sum + (ratio - value) ** 2, 0) / (ratios.length - 1);
  return { value, error: Math.sqrt(spread / ratios.length) };
}

/** Mean loss of each model over the shared samples. Shape (I). */
export function meanLosses(losses: readonly Float64Array[]): Float64Array {
  return losses[0].map((_, i) => losses.reduce((sum, loss) => sum + loss[i], 0) / losses.length);
}

/** Model i of a field as plain data. */
export const modelIn = ({ problem, params }: Field, i: number): TrainedModel =>
  modelAt(
    { problem, params, rows: Int32Array.from({ length: problem.instances }, (_, k) => k) } as TrainedGroup,
    i,
    0,
  );

/** Two fields of one problem, one after the other. */
export function joined(a: Field, b: Field): Field {
  const both = (key: string) => {
    const out = new Float32Array(a.params[key].length + b.params[key].length);
    out.set(a.params[key]);
    out.set(b.params[key], a.params[key].length);
    return out;
  };
  const params = Object.fromEntries(Object.keys(a.params).map((key) => [key, both(key)]));
  const rows = [...new Array(a.problem.instances).keys()].concat(new Array(b.problem.instances).fill(0));
  return { problem: fieldOf({ problem: a.problem, params: a.params } as TrainedGroup, rows).problem, params };
}
