/**
 * The reference model as an engine: float64 loops, one instance after the other. For tests and for teaching;
 * `auto` never picks it.
 */
import type { Engine, EngineReport, Session, SessionOptions, Stretch } from './engine.ts';
import { drawBatch } from './features.ts';
import { backward, type Model } from './model.ts';
import { sizeOf, tensorsOf } from './models/models.ts';
import { clipGradients, initMoments, type Moments, optimizerStep } from './optimizer.ts';
import { takeModel } from './params.ts';
import { lossWeights, mapTensors, type Params, type Problem } from './problem.ts';

interface Trainee {
  weights: Record<string, Float64Array>; // by tensor
  moments: Record<string, Moments>;
  divergedAt: number;
}

function trainee({ family }: Problem, params: Params, row: number): Trainee {
  const weights = { ...takeModel(params, family, row) } as Record<string, Float64Array>;
  const moments = Object.entries(weights).map(([name, { length }]) => [name, initMoments(length)]);
  return { weights, moments: Object.fromEntries(moments), divergedAt: -1 };
}

/** Loss of a batch and the gradient of each tensor. */
function pass(problem: Problem, row: number, own: Trainee, batch: Float32Array) {
  const { family, training } = problem;
  const importance = lossWeights(problem, row);
  const model = own.weights as unknown as Model;
  const { loss, dW, dV, db, dc } = backward(family, model, batch, importance, training.hiddenPenalty);
  return { loss, gradients: { W: dW, V: dV, b: db, c: dc } as Record<string, Float64Array> };
}

/** One update of one instance; returns the loss before it. A loss that float32 cannot hold stops the instance. */
function update(problem: Problem, row: number, step: number, own: Trainee): number {
  const { family, training } = problem;
  const { loss, gradients } = pass(problem, row, own, drawBatch(problem, row, step));
  if (!Number.isFinite(Math.fround(loss))) {
    own.divergedAt = step;
    return Number.NaN;
  }
  const tensors = tensorsOf(family);
  const trained = tensors.filter(({ trained }) => trained).map(({ name }) => name);
  clipGradients(
    training.clip,
    trained.map((name) => gradients[name]),
  );
  for (const name of trained) {
    const t = row * tensors.length + tensors.findIndex((tensor) => tensor.name === name);
    const [rate, decay] = [problem.learningRate[t], problem.weightDecay[t]];
    optimizerStep(training, step, rate, decay, own.weights[name], gradients[name], own.moments[name]);
  }
  return loss;
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

function open(problem: Problem, params: Params, options: SessionOptions): Session {
  const trainees = Array.from({ length: problem.instances }, (_, row) => trainee(problem, params, row));
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
          own.divergedAt < 0 ? update(problem, i, step, own) : Number.NaN,
        );
        if (step % options.lossEvery !== 0 && step !== problem.training.steps - 1) continue;
        lossSteps.push(step);
        losses.push(...row);
      }
      return { lossSteps, losses: Float32Array.from(losses) };
    },
    read: async () => collect(problem, trainees),
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
