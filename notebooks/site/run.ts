/**
 * A replayable training: the same run gives the same weights at the same step, to the bit, on the same engine.
 * A run is a chain of stretches between live edits; each opens a session on the weights so far, and Adam's
 * moments start anew. What is computed depends on step numbers alone, never on a clock.
 */
import type { EngineReport } from '../../sim/engine.ts';
import type { Params } from '../../sim/family.ts';
import { type Edit, type Live, liveOf, type State, specOf } from './state.ts';
import type { Reference } from './theory.ts';
import type { Trainer } from './trainer.ts';

/** A recorded minibatch loss. */
export interface LossPoint {
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

export interface Run {
  report: EngineReport;
  edits: readonly Edit[]; // all that a link needs to replay it
  now: Moment;
  /** Trains on to `step` updates. */
  advance(step: number): Promise<Moment>;
  /** Goes on with other settings, from the weights so far. */
  edit(live: Live): Promise<void>;
}

/** Starts the training that a state describes; its edits happen by themselves as their steps come. */
export async function startRun(trainer: Trainer, state: State, from: Moment | null = null): Promise<Run> {
  let edits = [...state.edits];
  let base = from?.step ?? 0; // step at which the present stretch began
  const open = (params: Params | null, live: Live) =>
    trainer.open({
      spec: specOf(state, live),
      firstStep: base,
      params,
      engine: state.engine,
      purpose: 'one model',
    });
  const { report, params, references } = await open(from?.params ?? null, from?.live ?? state);
  let now: Moment = {
    step: base,
    params,
    losses: [],
    diverged: false,
    live: from?.live ?? state,
    references,
  };

  async function stretch(step: number): Promise<void> {
    const { params, lossSteps, losses, diverged } = await trainer.advance(step - base);
    const points = lossSteps.map((s, k) => ({ step: base + s, loss: losses[k] }));
    now = { ...now, step, params, losses: [...now.losses, ...points], diverged: diverged[0] >= 0 };
  }
  async function reopen(live: Live): Promise<void> {
    base = now.step;
    const { references } = await open(now.params, live);
    now = { ...now, live, references };
  }
  return {
    report,
    get edits() {
      return edits;
    },
    get now() {
      return now;
    },
    async advance(step) {
      now = { ...now, losses: [] };
      while (now.step < step) {
        const next = edits.find(([step]) => step > now.step);
        await stretch(Math.min(step, next?.[0] ?? step));
        if (next?.[0] === now.step) await reopen(liveOf(next));
      }
      return now;
    },
    async edit(live) {
      const before = edits.filter(([step]) => step < now.step);
      edits = [...before, [now.step, live.density, live.importance, live.rate]];
      now = { ...now, losses: [] };
      await reopen(live);
    },
  };
}
