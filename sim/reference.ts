/**
 * The float64 interpreter of programs as an engine, one instance after the other: it trains whatever a model can say.
 * For tests and for teaching; `auto` picks it only when no other engine takes a problem.
 */
import { resolveAttack, shownBatch } from './attack.ts';
import type { Engine, EngineReport, Session, SessionOptions, Stretch } from './engine.ts';
import { drawBatch, drawUniform, firstSources } from './features.ts';
import { clipTogether, clocksFor, isMatrix, programFor, sizeOf, tensorsOf } from './models/models.ts';
import {
  clipGradients,
  initMoments,
  langevinStep,
  type Moments,
  optimizerStep,
  pullRows,
  schedule,
  sparsityRise,
} from './optimizer.ts';
import { takeModel } from './params.ts';
import { areRowsPulled, columnsAt, mapTensors, type Params, type Problem } from './problem.ts';
import { type Evaluation, evaluate } from './program/evaluate.ts';
import { drawnBy, type Program, sourceWidth } from './program/ops.ts';
import { NOISE_SAMPLE, noiseDraw, sampleStream, sampleWord, stepKey } from './random.ts';
import { readBatch, sampleWeights, type Tables, tablesOf } from './table.ts';

interface Trainee {
  weights: Record<string, Float64Array>; // by tensor
  moments: Record<string, Moments>;
  sources: Float64Array; // (batch, 3 S) of a program that has some
  divergedAt: number;
}

function trainee(problem: Problem, program: Program, params: Params, row: number): Trainee {
  const { family, training } = problem;
  const weights = { ...takeModel(params, family, row) } as Record<string, Float64Array>;
  const moments = Object.entries(weights).map(([name, { length }]) => [name, initMoments(length)]);
  const { optimizer } = training;
  if (optimizer === 'sgld')
    for (const [name, { first }] of moments as [string, Moments][]) first.set(weights[name]);
  const sources = firstSources(problem, row, sourceWidth(program));
  return { weights, moments: Object.fromEntries(moments), sources, divergedAt: -1 };
}

/** Loss of a batch and the gradient of each trained tensor. */
function pass(
  problem: Problem,
  program: Program,
  tables: Tables | undefined,
  row: number,
  own: Trainee,
  step: number,
): Evaluation {
  const names = program.nodes.filter(({ op }) => op === 'column').map(({ name }) => name);
  const columns = columnsAt(problem, names, row);
  const rise = sparsityRise(problem.training, step);
  if (columns.sparsity && rise < 1) columns.sparsity = columns.sparsity.map((lambda) => lambda * rise);
  const table = tables?.list[tables.of[row]];
  const batch = table ? readBatch(problem, table, row, step) : drawBatch(problem, row, step);
  const weights = problem.source?.repeats.length ? sampleWeights(problem.source) : undefined;
  const shown = shownBatch(problem, row, problem.firstStep + step, own.weights, batch);
  const drawn = drawUniform(problem, row, step, drawnBy(program));
  const moment = { clocks: clocksFor(problem.family, problem.training, step), sources: own.sources };
  return evaluate(program, own.weights, columns, batch, shown, weights, drawn, moment);
}

/** Noise of the update of one instance at a step, number after number. */
function noiseOf({ keys, firstStep }: Problem, row: number, step: number): () => number {
  const key = stepKey([keys[2 * row], keys[2 * row + 1]], firstStep + step);
  const stream = sampleStream(key, sampleWord(NOISE_SAMPLE));
  return () => noiseDraw(stream);
}

/** What a Langevin step of one instance takes beside the gradient. */
function samplingOf(problem: Problem, row: number, step: number) {
  const { inverseTemperature, localization } = problem;
  const langevin = { inverseTemperature: inverseTemperature[row], localization: localization[row] };
  return { langevin, noise: noiseOf(problem, row, step) };
}

/** Moves the weights of one instance against their gradients. */
function move(problem: Problem, row: number, step: number, own: Trainee, gradients: Evaluation['gradients']) {
  const { family, training } = problem;
  const tensors = tensorsOf(family);
  const sampled = training.optimizer === 'sgld' ? samplingOf(problem, row, step) : null;
  const isPulled = areRowsPulled(problem);
  for (const [k, { name, shape, trained }] of tensors.entries()) {
    if (!trained) continue;
    const t = row * tensors.length + k;
    const [rate, decay] = [problem.learningRate[t], problem.weightDecay[t]];
    const [weights, moments] = [own.weights[name], own.moments[name]];
    if (isPulled && isMatrix({ shape }))
      pullRows(weights, shape[shape.length - 1], rate * schedule(training, step) * problem.unitPull[row]);
    const gradient = gradients[name] ?? new Float64Array(weights.length); // 0 where no loss needs the tensor
    if (sampled) {
      const { langevin, noise } = sampled;
      langevinStep(langevin, rate * schedule(training, step), decay, weights, gradient, moments.first, noise);
    } else optimizerStep(training, step, rate, decay, weights, gradient, moments);
  }
}

/** One update of one instance; returns the loss before it. A loss that float32 cannot hold stops the instance. */
function update(
  problem: Problem,
  program: Program,
  tables: Tables | undefined,
  row: number,
  step: number,
  own: Trainee,
): number {
  const { training } = problem;
  const { loss, gradients } = pass(problem, program, tables, row, own, step);
  if (!Number.isFinite(Math.fround(loss))) {
    own.divergedAt = step;
    return Number.NaN;
  }
  for (const names of clipTogether(problem.family))
    clipGradients(
      training.clip,
      names.flatMap((name) => gradients[name] ?? []),
    );
  move(problem, row, step, own, gradients);
  return loss;
}

/** Sets the weights of the trainees, and their moments to 0 where `cleared` says so. */
function edit({ family, training }: Problem, trainees: Trainee[], params: Params, cleared: Params): void {
  for (const tensor of tensorsOf(family)) {
    const [name, size] = [tensor.name, sizeOf(tensor)];
    trainees.forEach(({ weights, moments, divergedAt }, row) => {
      if (divergedAt >= 0) return;
      weights[name].set(params[name].subarray(row * size, (row + 1) * size));
      for (let k = 0; k < size; k++) {
        if (cleared[name][row * size + k] === 0 || training.optimizer === 'sgld') continue;
        moments[name].first[k] = 0;
        moments[name].second[k] = 0;
      }
    });
  }
}

function collect(problem: Problem, trainees: Trainee[]): Params {
  return mapTensors(problem.family, (name, size) => {
    const out = new Float32Array(trainees.length * size);
    trainees.forEach((own, row) => {
      out.set(own.weights[name], row * size);
    });
    return out;
  });
}

function open(given: Problem, params: Params, options: SessionOptions): Session {
  const problem = resolveAttack(given);
  const program = programFor(problem.family, problem.training);
  const trainees = Array.from({ length: problem.instances }, (_, row) =>
    trainee(problem, program, params, row),
  );
  const tables = problem.source && tablesOf(problem);
  const report: EngineReport = { engine: 'reference', why: '', device: 'float64 loops', threads: 1 };
  let done = 0;
  return {
    report,
    async run(until: number): Promise<Stretch> {
      const lossSteps: number[] = [];
      const losses: number[] = [];
      for (; done < until; done++) {
        const step = done;
        const row = trainees.map((own, i) =>
          own.divergedAt < 0 ? update(problem, program, tables, i, step, own) : Number.NaN,
        );
        if (step % options.lossEvery !== 0 && step !== problem.training.steps - 1) continue;
        lossSteps.push(step);
        for (const loss of row) losses.push(loss);
      }
      return { lossSteps, losses: Float32Array.from(losses) };
    },
    read: async () => collect(problem, trainees),
    write: async (params, cleared) => edit(problem, trainees, params, cleared),
    diverged: async () => Int32Array.from(trainees, (own) => own.divergedAt),
    close: async () => {},
  };
}

export const reference: Engine = {
  name: 'reference',
  unavailable: async () => null,
  refuses: () => null,
  bytesPerInstance: ({ family }) =>
    tensorsOf(family).reduce((sum, tensor) => sum + 8 * 3 * sizeOf(tensor), 0),
  open: async (problem, params, options) => open(problem, params, options),
};
