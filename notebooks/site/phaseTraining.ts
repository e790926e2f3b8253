/** Thousands of models at once: trains a sweep in the worker and says how far it is, stretch by stretch. */
import type { EngineReport } from '../../sim/engine.ts';
import type { Params } from '../../sim/problem.ts';
import { reasonOf } from './page.ts';
import { PHASE_STEPS, type PhaseState, phaseSpec } from './phaseState.ts';
import { startTrainer, type Trainer } from './trainer.ts';

/** Where a sweep stands. I = cells² · replicas instances, importance outermost, replicas innermost. */
export interface Sweep {
  state: PhaseState;
  report: EngineReport;
  step: number;
  params: Params;
  loss: Float64Array; // (I) exact expected losses at the last ranking; at the end those of the params
  best: Int32Array; // (cells²) row of the replica whose loss is lowest
  seconds: number; // training so far
}

interface SweepListeners {
  moved(sweep: Sweep): void;
  lost(reason: string, goesOn: boolean): void;
}

/** Seconds between two pictures; how many steps that takes changes nothing in what is computed. */
const PERIOD = 0.12;
/** Share of the time that goes into exact losses while the models train: at low density minibatch losses rank nothing. */
const RANKING = 0.2;

/** Row of the lowest of every `replicas` losses. Shape (losses / replicas); NaN is never lowest. */
function lowest(losses: Float64Array, replicas: number): Int32Array {
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
  const loss = new Float64Array(state.cells ** 2 * state.replicas);
  let sweep: Sweep = { state, report, step: 0, params, loss, best: lowest(loss, state.replicas), seconds: 0 };
  let stretch = 2;
  let ranking = 0; // seconds
  while (sweep.step < PHASE_STEPS && !isStale()) {
    const step = Math.min(PHASE_STEPS, sweep.step + Math.max(1, Math.round(stretch)));
    const started = performance.now();
    const { report, params } = await trainer.advance(step);
    const trained = performance.now();
    const seconds = sweep.seconds + (trained - started) / 1000;
    stretch = Math.min(2 * stretch, ((step - sweep.step) * PERIOD) / (seconds - sweep.seconds));
    sweep = { ...sweep, report, step, params, seconds };
    if (step === PHASE_STEPS || ranking <= RANKING * seconds) {
      const loss = await trainer.exact();
      sweep = { ...sweep, loss, best: lowest(loss, state.replicas) };
      ranking += (performance.now() - trained) / 1000;
    }
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
      trainer.close();
      trainer = startTrainer();
      if (call !== current) return;
      lost(reasonOf(error), patience > 0);
      if (patience > 0) await attempt({ ...state, engine: 'simd' }, call, patience - 1);
    }
  }
  return (state) => {
    const call = ++current;
    tail = tail.then(() => (call === current ? attempt(state, call, 1) : undefined));
    return tail;
  };
}
