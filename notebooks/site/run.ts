/**
 * A replayable training: the same run gives the same weights at the same step, to the bit, on the same engine.
 * A run is a chain of stretches between live edits; each opens a session on the weights so far, and Adam's
 * moments start anew. What is computed depends on step numbers alone, never on a clock.
 */
import type { EngineReport } from '../../sim/engine.ts';
import type { Params } from '../../sim/problem.ts';
import { type Edit, type Live, liveOf, type State, specOf } from './state.ts';
import type { Reference } from './theory.ts';
import type { Trainer } from './trainer.ts';

/** A recorded minibatch loss. */
interface LossPoint {
  step: number;
  loss: number;
}

/** Where a training stands. */
export interface Moment {
  step: number; // updates done
  params: Params;
  losses: LossPoint[]; // recorded since the moment before
  diverged: boolean;
  live: Live; // the settings in force
  references: readonly Reference[]; // theory's losses under them
}

/** Opens the engine for the stretch from `step` on; `params` null starts from the state's own weights. */
function openStretch(trainer: Trainer, state: State, step: number, params: Params | null, live: Live) {
  const spec = specOf(state, live);
  return trainer.open({ spec, firstStep: step, params, engine: state.engine, purpose: 'one model' });
}

/** Starts the training that a state describes; its edits happen by themselves as their steps come. */
export async function startRun(trainer: Trainer, state: State, from: Moment | null = null): Promise<Run> {
  const step = from?.step ?? 0;
  const live = from?.live ?? state;
  const opened = await openStretch(trainer, state, step, from?.params ?? null, live);
  const { report, params, references } = opened;
  return new Run(trainer, state, report, { step, params, losses: [], diverged: false, live, references });
}

export class Run {
  readonly report: EngineReport;
  now: Moment;
  /** All that a link needs to replay it. */
  edits: readonly Edit[];
  #trainer: Trainer;
  #state: State;
  #base: number; // step at which the present stretch began

  constructor(trainer: Trainer, state: State, report: EngineReport, now: Moment) {
    this.#trainer = trainer;
    this.#state = state;
    this.report = report;
    this.now = now;
    this.#base = now.step;
    this.edits = [...state.edits];
  }

  /** Trains on to `step` updates. */
  async advance(step: number): Promise<Moment> {
    this.now = { ...this.now, losses: [] };
    while (this.now.step < step) {
      const next = this.edits.find(([at]) => at > this.now.step);
      await this.#stretch(Math.min(step, next?.[0] ?? step));
      if (next?.[0] === this.now.step) await this.#reopen(liveOf(next));
    }
    return this.now;
  }

  /** Goes on with other settings, from the weights so far. */
  async edit(live: Live): Promise<void> {
    const before = this.edits.filter(([step]) => step < this.now.step);
    this.edits = [...before, [this.now.step, live.density, live.importance, live.rate]];
    this.now = { ...this.now, losses: [] };
    await this.#reopen(live);
  }

  async #stretch(step: number): Promise<void> {
    const base = this.#base;
    const { params, lossSteps, losses, diverged } = await this.#trainer.advance(step - base);
    const points = lossSteps.map((s, k) => ({ step: base + s, loss: losses[k] }));
    this.now = {
      ...this.now,
      step,
      params,
      losses: [...this.now.losses, ...points],
      diverged: diverged[0] >= 0,
    };
  }

  async #reopen(live: Live): Promise<void> {
    this.#base = this.now.step;
    const { params } = this.now;
    const { references } = await openStretch(this.#trainer, this.#state, this.#base, params, live);
    this.now = { ...this.now, live, references };
  }
}
