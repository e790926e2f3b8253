/**
 * The training behind the playground: goes on frame by frame, takes edits between stretches, and goes on from
 * the last weights when the worker or its device is lost. A frame is a fixed number of steps, whatever the
 * clock says, so that what is computed never depends on how fast it went.
 */
import { reasonOf } from './page.ts';
import { type Moment, type Run, startRun } from './run.ts';
import { type Edit, LAST_STEP, type Live, MAX_EDITS, type State } from './state.ts';
import { startTrainer } from './trainer.ts';

/** Updates a frame. */
const PACE: Record<State['speed'], number> = { slow: 1, normal: 30, fast: 300 };
/** Frames between two edits, so that a drag is few enough edits for a link to hold. */
const EDIT_FRAMES = 6;
/** Losses of the worker or its device that a training survives. */
const PATIENCE = 3;

export interface Listeners {
  opened(run: Run): void;
  moved(moment: Moment): void;
  paused(): void;
  lost(reason: string, next: 'goes on' | 'starts again' | 'stops'): void;
}

export interface LiveTraining {
  readonly state: State; // what a link needs to replay the training, edits included
  readonly live: Live; // the settings in force, or about to be
  readonly replayable: boolean; // false once there were more edits than a link holds
  playing: boolean;
  restart(state: State): void;
  edit(change: Partial<Live>): void;
  pace(speed: State['speed']): void;
  step(): void;
  frame(): void;
}

export function startLive(first: State, listeners: Listeners): LiveTraining {
  let trainer = startTrainer();
  let state = first;
  let live: Live = first;
  let run: Run | null = null;
  let wanted: Live | null = null; // an edit not yet made
  let sinceEdit = 0; // frames
  let losses = 0;
  let tail: Promise<void> = Promise.resolve();
  let waiting = 0; // jobs in the queue
  let era = 0; // counts restarts: what an earlier training still answers is dropped

  function enqueue(job: () => Promise<void>): void {
    waiting++;
    tail = tail
      .then(job)
      .catch(recover)
      .finally(() => waiting--);
  }
  async function open(from: Moment | null): Promise<void> {
    const own = era;
    const opened = await startRun(trainer, state, from);
    if (own !== era) return;
    run = opened;
    listeners.opened(run);
    listeners.moved(run.now);
  }
  async function recover(error: unknown): Promise<void> {
    const goesOn = ++losses <= PATIENCE;
    listeners.lost(reasonOf(error), goesOn ? (run ? 'goes on' : 'starts again') : 'stops');
    training.playing &&= goesOn;
    if (!goesOn) return;
    trainer.close();
    trainer = startTrainer();
    const from = run?.now ?? null;
    if (!from || losses > 1) state = { ...state, engine: 'auto' };
    if (from && from.step > 0)
      state = { ...state, edits: [...(run?.edits ?? []), editOf(from.step, from.live)] };
    await open(from).catch(recover);
  }
  async function applyEdit(): Promise<void> {
    const next = wanted;
    if (!next || !run) return;
    wanted = null;
    sinceEdit = 0;
    if (run.now.step === 0) {
      state = { ...state, ...next, edits: [] };
      return open(null);
    }
    await run.edit(next);
    listeners.moved(run.now);
  }
  async function advance(steps: number): Promise<void> {
    if (!run) return;
    const goal = state.stop > run.now.step ? state.stop : LAST_STEP;
    const own = era;
    const moment = await run.advance(Math.min(run.now.step + steps, goal));
    if (own !== era) return;
    listeners.moved(moment);
    if (moment.step === goal || moment.diverged) {
      training.playing = false;
      listeners.paused();
    }
  }
  const training: LiveTraining = {
    get state() {
      return { ...state, edits: [...(run?.edits ?? state.edits)] };
    },
    get live() {
      return live;
    },
    get replayable() {
      return (run?.edits.length ?? 0) <= MAX_EDITS;
    },
    playing: true,
    restart(next) {
      state = next;
      live = next;
      era++;
      run = null;
      wanted = null;
      losses = 0;
      enqueue(() => open(null));
    },
    edit(change) {
      live = { density: live.density, importance: live.importance, rate: live.rate, ...change };
      wanted = live;
    },
    pace(speed) {
      state = { ...state, speed };
    },
    step() {
      enqueue(async () => {
        await applyEdit();
        await advance(1);
      });
    },
    frame() {
      sinceEdit++;
      if (waiting > 0) return;
      if (wanted && sinceEdit >= EDIT_FRAMES) enqueue(applyEdit);
      if (training.playing) enqueue(() => advance(PACE[state.speed]));
    },
  };
  enqueue(() => open(null));
  return training;
}

/** The edit that puts `live` in force. */
function editOf(step: number, { density, importance, rate }: Live): Edit {
  return [step, density, importance, rate];
}
