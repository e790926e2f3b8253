/** Thousands of models at once: trains a sweep in the worker and says how far it is, stretch by stretch. */
import type { EngineReport } from '../../sim/engine.ts';
import type { Params } from '../../sim/family.ts';
import { reasonOf } from './page.ts';
import { PHASE_STEPS, type PhaseState, phaseSpec } from './phaseState.ts';
import { startTrainer, type Trainer } from './trainer.ts';

/** Where a sweep stands. I = cells² · replicas instances, importance outermost, replicas innermost. */
export interface Sweep {
  state: PhaseState;
  report: EngineReport;
  step: number;
  params: Params;
  loss: Float32Array; // (I) running mean of the minibatch losses; at the end the exact expected loss
  best: Int32Array; // (cells²) row of the replica whose loss is lowest
  seconds: number; // training so far
}

export interface SweepListeners {
  moved(sweep: Sweep): void;
  lost(reason: string, goesOn: boolean): void;
}

/** Seconds between two pictures; how many steps that takes changes nothing in what is computed. */
const PERIOD = 0.12;
/** Weight of a recorded loss in the running mean. */
const FRESH = 0.25;

function follow(mean: Float32Array, losses: Float32Array): void {
  for (let k = 0; k < losses.length; k++) {
    const i = k % mean.length;
    mean[i] = mean[i] === 0 ? losses[k] : mean[i] + FRESH * (losses[k] - mean[i]);
  }
}

/** Row of the lowest of every `replicas` losses. Shape (losses / replicas); NaN is never lowest. */
function lowest(losses: Float32Array, replicas: number): Int32Array {
  return Int32Array.from({ length: losses.length / replicas }, (_, cell) => {
    let best = cell * replicas;
    for (let row = best + 1; row < (cell + 1) * replicas; row++) {
      if (losses[row] < losses[best] || Number.isNaN(losses[best])) best = row;
    }
    return best;
  });
}

async function trainSweep(
  trainer: Trainer,
  state: PhaseState,
  moved: SweepListeners['moved'],
  isStale: () => boolean,
): Promise<void> {
  const spec = phaseSpec(state);
  const { report, params } = await trainer.open({
    spec,
    firstStep: 0,
    params: null,
    engine: state.engine,
    purpose: 'many models',
  });
  const instances = state.cells ** 2 * state.replicas;
  const loss = new Float32Array(instances);
  let sweep: Sweep = { state, report, step: 0, params, loss, best: lowest(loss, state.replicas), seconds: 0 };
  let stretch = 2;
  while (sweep.step < PHASE_STEPS && !isStale()) {
    const step = Math.min(PHASE_STEPS, sweep.step + Math.max(1, Math.round(stretch)));
    const started = performance.now();
    const { report, params, losses, exact } = await trainer.advance(step, step === PHASE_STEPS);
    const seconds = (performance.now() - started) / 1000;
    stretch = Math.min(2 * stretch, ((step - sweep.step) * PERIOD) / seconds);
    if (exact) loss.set(exact);
    else follow(loss, losses);
    const best = lowest(loss, state.replicas);
    sweep = { ...sweep, report, step, params, best, seconds: sweep.seconds + seconds };
    if (!isStale()) moved(sweep);
  }
}

/** Returns a function that trains a state's sweep; a new call abandons the one before. */
export function sweeper({ moved, lost }: SweepListeners): (state: PhaseState) => Promise<void> {
  let trainer = startTrainer();
  let current = 0;
  let tail: Promise<void> = Promise.resolve();
  async function attempt(state: PhaseState, call: number, patience: number): Promise<void> {
    try {
      await trainSweep(trainer, state, moved, () => call !== current);
    } catch (error) {
      lost(reasonOf(error), patience > 0);
      trainer.close();
      trainer = startTrainer();
      if (patience > 0) await attempt({ ...state, engine: 'simd' }, call, patience - 1);
    }
  }
  return (state) => {
    const call = ++current;
    tail = tail.then(() => (call === current ? attempt(state, call, 1) : undefined));
    return tail;
  };
}
