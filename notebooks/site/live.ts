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
const PACE = { slow: 1, opening: 1, normal: 30, fast: 300 };
/** Steps after which an opening goes on at normal speed: about ten seconds, in which the pentagon is born. */
const OPENING = 600;

/** Updates of the next frame; it hangs on the step alone, never on a clock. */
function paceAt(speed: State['speed'], step: number): number {
  return speed === 'opening' && step >= OPENING ? PACE.normal : PACE[speed];
}
/** Frames between two edits, so that a drag is few enough edits for a link to hold. */
const EDIT_FRAMES = 6;
/** Losses of the worker or its device that a training survives. */
const PATIENCE = 3;

interface Listeners {
  opened(run: Run): void;
  moved(moment: Moment): void;
  paused(): void;
  lost(reason: string, next: 'goes on' | 'starts again' | 'stops'): void;
}

/** A training in the page. What is asked of it waits its turn: one job at a time. */
export class LiveTraining {
  playing = true;
  #trainer = startTrainer();
  #listeners: Listeners;
  #state: State;
  #live: Live;
  #run: Run | null = null;
  #wanted: Live | null = null; // an edit not yet made
  #sinceEdit = 0; // frames
  #losses = 0;
  #tail: Promise<void> = Promise.resolve();
  #waiting = 0; // jobs in the queue
  #era = 0; // counts restarts: what an earlier training still answers is dropped

  constructor(first: State, listeners: Listeners) {
    this.#state = first;
    this.#live = first;
    this.#listeners = listeners;
    this.#enqueue(() => this.#open(null));
  }

  /** What a link needs to replay the training, edits included. */
  get state(): State {
    return { ...this.#state, edits: [...(this.#run?.edits ?? this.#state.edits)] };
  }

  /** The settings in force, or about to be. */
  get live(): Live {
    return this.#live;
  }

  /** False once there were more edits than a link holds. */
  get replayable(): boolean {
    return (this.#run?.edits.length ?? 0) <= MAX_EDITS;
  }

  restart(state: State): void {
    this.#state = state;
    this.#live = state;
    this.#era++;
    this.#run = null;
    this.#wanted = null;
    this.#losses = 0;
    this.#enqueue(() => this.#open(null));
  }

  edit(change: Partial<Live>): void {
    const { density, importance, rate } = this.#live;
    this.#live = { density, importance, rate, ...change };
    this.#wanted = this.#live;
  }

  /** Changes what the weights do not depend on. */
  note(
    change: Partial<Pick<State, 'speed' | 'on' | 'beside' | 'story' | 'view' | 'picture' | 'slider'>>,
  ): void {
    this.#state = { ...this.#state, ...change };
  }

  step(): void {
    this.#enqueue(async () => {
      await this.#applyEdit();
      await this.#advance(1);
      this.#listeners.paused();
    });
  }

  /** Stops after the update that is under way; `paused` is called then. */
  pause(): void {
    this.playing = false;
    this.#enqueue(async () => this.#listeners.paused());
  }

  /** Ends it for good. */
  close(): void {
    this.playing = false;
    this.#era++;
    this.#trainer.close();
  }

  frame(): void {
    this.#sinceEdit++;
    if (this.#waiting > 0) return;
    if (this.#wanted && this.#sinceEdit >= EDIT_FRAMES) this.#enqueue(() => this.#applyEdit());
    if (this.playing) this.#enqueue(() => this.#advance(paceAt(this.#state.speed, this.#run?.now.step ?? 0)));
  }

  #enqueue(job: () => Promise<void>): void {
    this.#waiting++;
    this.#tail = this.#tail
      .then(job)
      .catch((error) => this.#recover(error))
      .finally(() => this.#waiting--);
  }

  async #open(from: Moment | null): Promise<void> {
    const era = this.#era;
    const opened = await startRun(this.#trainer, this.#state, from);
    if (era !== this.#era) return;
    this.#run = opened;
    this.#listeners.opened(opened);
    this.#listeners.moved(opened.now);
  }

  /** Goes on with a new worker from the last weights, if there were not too many losses. */
  async #recover(error: unknown): Promise<void> {
    const goesOn = ++this.#losses <= PATIENCE;
    this.#listeners.lost(reasonOf(error), goesOn ? (this.#run ? 'goes on' : 'starts again') : 'stops');
    this.playing &&= goesOn;
    if (!goesOn) return;
    this.#trainer.close();
    this.#trainer = startTrainer();
    const from = this.#run?.now ?? null;
    this.#noteLoss(from);
    await this.#open(from).catch((again) => this.#recover(again));
  }

  /** What a loss changes of the replay: Adam's moments start anew as after an edit, maybe on another engine. */
  #noteLoss(from: Moment | null): void {
    if (!from || this.#losses > 1) this.#state = { ...this.#state, engine: 'auto' };
    if (!from || from.step === 0) return;
    const edits = [...(this.#run?.edits ?? []), editOf(from.step, from.live)];
    this.#state = { ...this.#state, edits };
  }

  async #applyEdit(): Promise<void> {
    const next = this.#wanted;
    const run = this.#run;
    if (!next || !run) return;
    this.#wanted = null;
    this.#sinceEdit = 0;
    if (run.now.step === 0) {
      this.#state = { ...this.#state, ...next, edits: [] };
      return this.#open(null);
    }
    await run.edit(next);
    this.#listeners.moved(run.now);
  }

  async #advance(steps: number): Promise<void> {
    const run = this.#run;
    if (!run) return;
    const { stop } = this.#state;
    const goal = stop > run.now.step ? stop : LAST_STEP;
    const era = this.#era;
    const moment = await run.advance(Math.min(run.now.step + steps, goal));
    if (era !== this.#era) return;
    this.#listeners.moved(moment);
    if (moment.step < goal && !moment.diverged) return;
    this.playing = false;
    this.#listeners.paused();
  }
}

/** The edit that puts `live` in force. */
function editOf(step: number, { density, importance, rate }: Live): Edit {
  return [step, density, importance, rate];
}
