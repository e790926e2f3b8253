/**
 * The reference model as an engine: float64 loops, one instance after the other. For tests and for teaching;
 * `auto` never picks it.
 */
import type { Engine, EngineReport, Session, SessionOptions, Stretch } from './engine.ts';
import type { Params, Problem } from './family.ts';
import { drawBatch } from './features.ts';
import { backward, type Model } from './model.ts';
import { initMoments, type Moments, optimizerStep } from './optimizer.ts';

interface Trainee {
  model: Model;
  moments: { W: Moments; V: Moments; b: Moments };
  divergedAt: number;
}

function trainee(problem: Problem, params: Params, row: number): Trainee {
  const { features: n, hidden: m } = problem.family;
  const rows = (array: Float32Array, size: number) =>
    Float64Array.from(array.subarray(row * size, (row + 1) * size));
  const model = { W: rows(params.W, n * m), V: params.V && rows(params.V, n * m), b: rows(params.b, n) };
  const moments = { W: initMoments(n * m), V: initMoments(n * m), b: initMoments(n) };
  return { model, moments, divergedAt: -1 };
}

/** One update of one instance; returns the loss before it. A loss that float32 cannot hold stops the instance. */
function update(problem: Problem, row: number, step: number, own: Trainee): number {
  const { family, training } = problem;
  const n = family.features;
  const importance = problem.importance.subarray(row * n, (row + 1) * n);
  const batch = drawBatch(problem, row, step);
  const { loss, dW, dV, db } = backward(family, own.model, batch, importance, training.hiddenPenalty);
  if (!Number.isFinite(Math.fround(loss))) {
    own.divergedAt = step;
    return Number.NaN;
  }
  const apply = (weights: Float64Array, gradients: Float64Array, moments: Moments) =>
    optimizerStep(
      training,
      step,
      problem.learningRate[row],
      problem.weightDecay[row],
      weights,
      gradients,
      moments,
    );
  apply(own.model.W, dW, own.moments.W);
  if (own.model.V && dV) apply(own.model.V, dV, own.moments.V);
  if (family.bias) apply(own.model.b, db, own.moments.b);
  return loss;
}

function collect(problem: Problem, trainees: Trainee[]): Params {
  const { features: n, hidden: m } = problem.family;
  const gather = (size: number, pick: (model: Model) => ArrayLike<number>) => {
    const out = new Float32Array(trainees.length * size);
    trainees.forEach((own, row) => {
      out.set(pick(own.model), row * size);
    });
    return out;
  };
  return {
    W: gather(n * m, (model) => model.W),
    V: problem.family.tied ? null : gather(n * m, (model) => model.V!),
    b: gather(n, (model) => model.b),
  };
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
  bytesPerInstance: ({ family }) => 8 * 3 * (2 * family.features * family.hidden + family.features),
  open: async (problem, params, options) => open(problem, params, options),
};
