/**
 * What a second stage begins with: the weights of the models of a spec's first stage, trained when first needed, or
 * directions; and subcomponents that make up the weights before anything else is asked of them.
 */
import { blockSize, trainBlock, type Work } from './block.ts';
import { type FirstStage, type Group, takeGroup } from './grid.ts';
import { scaled } from './hidden.ts';
import { modelDirections } from './models/directions.ts';
import { sizeOf, tensorsOf } from './models/models.ts';
import { type Params, type Problem, rowRange, takeFrom, takeParams } from './problem.ts';
import type { Progress } from './progress.ts';

/** Whether the models of a group's first stage are trained, and not only drawn. */
export const trainsModels = ({ first, problem: { family } }: Group): boolean =>
  first !== undefined && (family.decomposition !== undefined || family.dictionary?.reads === 'model');

/** Samples of a step in which weights alone are lost: as few as a kernel runs at once. */
const FEWEST = 4;

/** Samples that are taken before the groups' own training: by their first stages, each model counted once. */
export function modelSamples(groups: readonly Group[]): number {
  const seen = new Set<number>();
  let samples = 0;
  for (const group of groups.filter(trainsModels)) {
    const { rows, problem } = group.first!.group;
    const fresh = rows.filter((row) => !seen.has(row));
    for (const row of fresh) seen.add(row);
    samples += fresh.length * problem.training.batch * problem.training.steps;
    samples += FEWEST * group.rows.length * (group.problem.family.decomposition?.faithful.steps ?? 0);
  }
  return samples;
}

/** Trains instances of a group from what is given and hands each block's rows and weights to `keep`. */
async function* trainAside(
  group: Group,
  index: number,
  work: Work,
  given: Params,
  keep: (rows: Int32Array, params: Params) => void,
): AsyncGenerator<Progress, void> {
  const own: Work = { ...work, snapshots: [], lossEvery: group.problem.training.steps };
  const size = blockSize(group.problem, own.choice.engine.bytesPerInstance(group.problem));
  for (let from = 0; from < group.rows.length; from += size) {
    const to = Math.min(from + size, group.rows.length);
    const begun = Object.entries(given).map(([name, values]) => {
      const width = values.length / group.rows.length;
      return [name, values.subarray(from * width, to * width)];
    });
    const training = trainBlock(group, index, from, to, own, Object.fromEntries(begun));
    for await (const event of training) {
      if (event.kind === 'progress') yield event;
      else keep(event.block.rows, event.block.params);
    }
  }
}

/** Trains the models of a first stage that `work` has not trained before, and keeps their weights by row. */
async function* trainMissing(models: Group, index: number, work: Work): AsyncGenerator<Progress, void> {
  const missing = [...models.rows.keys()].filter((at) => !work.models.has(models.rows[at]));
  if (missing.length === 0) return;
  const group = takeGroup(models, missing);
  yield* trainAside(group, index, { ...work, choice: work.modelChoice! }, {}, (rows, params) => {
    rows.forEach((row, i) => {
      work.models.set(row, takeParams(params, group.problem.family, [i]));
    });
  });
}

/** W (n, m) of model `at` of a first stage. */
function weightsAt({ group }: FirstStage, reads: string, at: number, work: Work): Float32Array {
  if (reads === 'model') return work.models.get(group.rows[at])!.W;
  const { keys, family } = group.problem;
  if (reads === 'stored')
    return takeFrom(group.start!.params.W, [group.start!.of[at]], family.features * family.hidden);
  return modelDirections([keys[2 * at], keys[2 * at + 1]], family.features, family.hidden, reads);
}

/** W (I, n, m) of the models that dictionaries read. */
function readWeights({ first, problem }: Group, work: Work): Params {
  const { features: n, hidden: m, dictionary } = problem.family;
  const W = new Float32Array(problem.instances * n * m);
  first!.of.forEach((at, i) => {
    W.set(scaled(problem, i, weightsAt(first!, dictionary!.reads, at, work)), i * n * m);
  });
  return { W };
}

/** W (I, n, m) and b (I, n) of the models that are taken apart. */
function targetWeights({ first, problem }: Group, work: Work): Params {
  const own = ['W', 'b'].map((name) => {
    const parts = Array.from(first!.of, (at) => work.models.get(first!.group.rows[at])![name]);
    const out = new Float32Array(problem.instances * parts[0].length);
    parts.forEach((values, i) => {
      out.set(values, i * values.length);
    });
    return [name, out];
  });
  return Object.fromEntries(own);
}

/** The problem of subcomponents that make up the weights, and lose nothing else: V and U move, by AdamW. */
function faithfulProblem(problem: Problem): Problem {
  const { steps, learningRate, weightDecay } = problem.family.decomposition!.faithful;
  const names = tensorsOf(problem.family).map(({ name }) => name);
  const ofParts = (rate: number) =>
    problem.learningRate.map((_, at) => (/^[UV]/.test(names[at % names.length]) ? rate : 0));
  return {
    ...problem,
    training: {
      ...problem.training,
      ...{ batch: FEWEST, steps, optimizer: 'adamw', schedule: 'constant', warmup: 0, clip: 0 },
      ...{ beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    },
    learningRate: ofParts(learningRate),
    weightDecay: ofParts(weightDecay),
    minimality: new Float64Array(problem.instances),
    frequency: new Float64Array(problem.instances),
    reconstruction: new Float64Array(problem.instances),
    faithfulness: new Float64Array(problem.instances).fill(1),
  };
}

/** All first weights of decompositions of models with the weights `target`. */
async function* faithfulParts(
  group: Group,
  index: number,
  work: Work,
  target: Params,
): AsyncGenerator<Progress, Params> {
  const { family, instances } = group.problem;
  if (family.decomposition!.faithful.steps === 0) return target;
  const own = { ...group, problem: faithfulProblem(group.problem) };
  const out: Params = Object.fromEntries(
    tensorsOf(family).map((tensor) => [tensor.name, new Float32Array(instances * sizeOf(tensor))]),
  );
  let done = 0;
  yield* trainAside(own, index, work, target, (rows, params) => {
    for (const [name, values] of Object.entries(params))
      out[name].set(values, (done * values.length) / rows.length);
    done += rows.length;
  });
  return out;
}

/** The tensors that are given to instances [from, to) of a group: none without a first stage. */
export async function* givenTensors(
  all: Group,
  index: number,
  from: number,
  to: number,
  work: Work,
): AsyncGenerator<Progress, Params> {
  if (!all.first) return {};
  const group = takeGroup(all, rowRange(from, to));
  if (trainsModels(all)) yield* trainMissing(group.first!.group, index, work);
  if (!group.problem.family.decomposition) return readWeights(group, work);
  return yield* faithfulParts(group, index, work, targetWeights(group, work));
}
