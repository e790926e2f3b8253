/** What dictionaries read: the weights of the models of a spec's first stage, trained when first needed, or directions. */
import { blockSize, trainBlock, type Work } from './block.ts';
import { type FirstStage, type Group, takeGroup } from './grid.ts';
import { scaled } from './hidden.ts';
import { modelDirections } from './models/directions.ts';
import { type Params, rowRange, takeFrom } from './problem.ts';
import type { Progress } from './progress.ts';

/** Whether the models of a group's first stage are trained, and not only drawn. */
export const trainsModels = ({ first, problem }: Group): boolean =>
  first !== undefined && problem.family.dictionary?.reads === 'model';

/** Samples that the first stages of groups take, each model counted once. */
export function modelSamples(groups: readonly Group[]): number {
  const seen = new Set<number>();
  let samples = 0;
  for (const group of groups.filter(trainsModels)) {
    const { rows, problem } = group.first!.group;
    const fresh = rows.filter((row) => !seen.has(row));
    for (const row of fresh) seen.add(row);
    samples += fresh.length * problem.training.batch * problem.training.steps;
  }
  return samples;
}

/** Trains the models of a first stage that `work` has not trained before, and keeps their W by row. */
async function* trainMissing(models: Group, index: number, work: Work): AsyncGenerator<Progress, void> {
  const missing = [...models.rows.keys()].filter((at) => !work.models.has(models.rows[at]));
  if (missing.length === 0) return;
  const group = takeGroup(models, missing);
  const own: Work = {
    ...work,
    choice: work.modelChoice!,
    snapshots: [],
    lossEvery: group.problem.training.steps,
  };
  const size = blockSize(group.problem, own.choice.engine.bytesPerInstance(group.problem));
  for (let from = 0; from < missing.length; from += size) {
    const training = trainBlock(group, index, from, Math.min(from + size, missing.length), own);
    for await (const event of training) {
      if (event.kind === 'progress') {
        yield event;
        continue;
      }
      const { rows, params } = event.block;
      const width = params.W.length / rows.length;
      rows.forEach((row, i) => {
        work.models.set(row, params.W.slice(i * width, (i + 1) * width));
      });
    }
  }
}

/** W (n, m) of model `at` of a first stage. */
function weightsAt({ group }: FirstStage, reads: string, at: number, work: Work): Float32Array {
  if (reads === 'model') return work.models.get(group.rows[at])!;
  const { keys, family } = group.problem;
  if (reads === 'stored')
    return takeFrom(group.start!.params.W, [group.start!.of[at]], family.features * family.hidden);
  return modelDirections([keys[2 * at], keys[2 * at + 1]], family.features, family.hidden, reads);
}

/** The tensors that are given to instances [from, to) of a group: W (I, n, m) of dictionaries, else none. */
export async function* givenTensors(
  all: Group,
  index: number,
  from: number,
  to: number,
  work: Work,
): AsyncGenerator<Progress, Params> {
  if (!all.first) return {};
  const { first, problem } = takeGroup(all, rowRange(from, to));
  if (trainsModels(all)) yield* trainMissing(first!.group, index, work);
  const { features: n, hidden: m, dictionary } = problem.family;
  const W = new Float32Array(problem.instances * n * m);
  first!.of.forEach((at, i) => {
    W.set(scaled(problem, i, weightsAt(first!, dictionary!.reads, at, work)), i * n * m);
  });
  return { W };
}
