/** Thousands of models at once: trains a sweep in the worker and says how far it is, stretch by stretch. */
import type { EngineReport } from '../../sim/engine.ts';
import type { Params } from '../../sim/problem.ts';
import { newest } from './newest.ts';
import { reasonOf } from './page.ts';
import { PHASE_BATCH, sidesOf } from './phaseAxes.ts';
import { type PhaseState, phaseSpec } from './phaseState.ts';
import { type Opened, startTrainer, type Trainer } from './trainer.ts';

/** The best model of a cell. */
export interface CellModel {
  row: number; // of the sweep
  features: number; // n
  hidden: number; // m
  W: Float32Array; // (n, m)
  b: Float32Array; // (n)
  loss: number; // exact expected loss at the last ranking, mean over features; of these weights once all is trained
}

/** Where a sweep stands. Cells: rows of the diagram outermost, columns inner. */
export interface Sweep {
  state: PhaseState;
  report: EngineReport;
  models: (CellModel | null)[]; // (cells) null where nothing has begun
  step: number; // of the models that train now
  steps: number; // that these take
  share: number; // of all steps that are done; 1 when the last losses are known
  samples: number; // trained on so far, all models together
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
/** Models whose exact losses are asked for at once. */
const CHUNK = 4_096;
/** Most features whose exact loss is cheap enough to rank thousands of models while they train. */
const RANKED = 3;

/** Place of the lowest of every `replicas` losses. Shape (losses / replicas); NaN is never lowest. */
export function lowest(losses: ArrayLike<number>, replicas: number): Int32Array {
  return Int32Array.from({ length: losses.length / replicas }, (_, cell) => {
    let best = cell * replicas;
    for (let at = best + 1; at < (cell + 1) * replicas; at++) {
      if (losses[at] < losses[best] || Number.isNaN(losses[best])) best = at;
    }
    return best;
  });
}

/** Puts the best models of one group into their cells. */
function place(
  models: (CellModel | null)[],
  { group: { rows, features, hidden } }: Opened,
  { W, b }: Params,
  losses: Float64Array,
  replicas: number,
): void {
  for (const at of lowest(losses, replicas)) {
    models[Math.floor(rows[at] / replicas)] = {
      row: rows[at],
      features,
      hidden,
      W: W.subarray(at * features * hidden, (at + 1) * features * hidden),
      b: b.subarray(at * features, (at + 1) * features),
      loss: losses[at],
    };
  }
}

/** What the groups of a sweep hand from one to the next. */
interface Course {
  trainer: Trainer;
  sweep: Sweep;
  moved(sweep: Sweep): void;
  isStale(): boolean;
}

/** Exact losses of all models, some at a time, so that what has become stale ends soon. NaN where it did. Shape (I). */
async function rank({ trainer, isStale }: Course, models: number): Promise<Float64Array> {
  const losses = new Float64Array(models).fill(Number.NaN);
  for (let from = 0; from < models && !isStale(); from += CHUNK) {
    losses.set(await trainer.exact([from, Math.min(models, from + CHUNK)]), from);
  }
  return losses;
}

/** Trains one group of models to its end. `done`, `all`: work before it and altogether, models times steps. */
async function trainGroup(course: Course, opened: Opened, done: number, all: number): Promise<void> {
  const { trainer, isStale } = course;
  const { steps, features, rows } = opened.group;
  let losses: Float64Array = new Float64Array(rows.length).fill(Number.NaN);
  let stretch = 2;
  let [training, ranking] = [0, 0]; // seconds
  for (let step = 0; step < steps && !isStale(); ) {
    const next = Math.min(steps, step + Math.max(1, Math.round(stretch)));
    const started = performance.now();
    const { report, params } = await trainer.advance(next);
    const trained = performance.now();
    const took = (trained - started) / 1000;
    training += took;
    stretch = Math.min(2 * stretch, ((next - step) * PERIOD) / took);
    if (next === steps || (features <= RANKED && ranking <= RANKING * training)) {
      losses = await rank(course, rows.length);
      ranking += (performance.now() - trained) / 1000;
    }
    const { sweep } = course;
    const models = [...sweep.models];
    place(models, opened, params, losses, sweep.state.replicas);
    const samples = sweep.samples + rows.length * (next - step) * PHASE_BATCH;
    const share = (done + rows.length * next) / all;
    course.sweep = {
      ...sweep,
      report,
      models,
      step: next,
      steps,
      share,
      samples,
      seconds: sweep.seconds + took,
    };
    step = next;
    if (!isStale()) course.moved(course.sweep);
  }
}

async function trainSweep(
  trainer: Trainer,
  state: PhaseState,
  moved: SweepListeners['moved'],
  isStale: () => boolean,
): Promise<void> {
  const spec = phaseSpec(state);
  const [columns, rows] = sidesOf(state);
  const open = (group: number) =>
    trainer.open({ spec, group, firstStep: 0, params: null, engine: state.engine, purpose: 'many models' });
  let opened = await open(0);
  const models: Sweep['models'] = new Array(columns * rows).fill(null);
  const sweep = { state, report: opened.report, models, step: 0, steps: 1, share: 0, samples: 0, seconds: 0 };
  const course: Course = { trainer, sweep, moved, isStale };
  const { work } = opened.group;
  const all = work.reduce((sum, own) => sum + own, 0);
  let done = 0;
  for (let k = 0; k < work.length && !isStale(); k++) {
    if (k > 0) opened = await open(k);
    await trainGroup(course, opened, done, all);
    done += work[k];
  }
}

/** Returns a function that trains a state's sweep; a new call abandons the one before. */
export function sweeper({ moved, lost }: SweepListeners): (state: PhaseState) => Promise<void> {
  let trainer = startTrainer();
  async function attempt(isStale: () => boolean, state: PhaseState, patience: number): Promise<void> {
    try {
      await trainSweep(trainer, state, moved, isStale);
    } catch (error) {
      trainer.close();
      trainer = startTrainer();
      if (isStale()) return;
      lost(reasonOf(error), patience > 0);
      if (patience > 0) await attempt(isStale, { ...state, engine: 'simd' }, patience - 1);
    }
  }
  return newest((isStale, state: PhaseState) => attempt(isStale, state, 1));
}
