/**
 * The page's end of the training worker. Engine and session live in the worker, so the page stays free to draw;
 * each call is one message there and one back. Calls must not overlap.
 */
import type { EngineName, EngineReport } from '../../sim/engine.ts';
import type { Scores } from '../../sim/metrics/dictionaryScores.ts';
import type { Params } from '../../sim/problem.ts';
import type { SpecInput } from '../../sim/spec.ts';
import type { Reference } from './theory.ts';

/** Opens a session on a group of a spec, the first if none is named, on given weights or on its own initial ones. */
export interface OpenCall {
  kind: 'open';
  spec: SpecInput;
  group?: number;
  firstStep: number;
  params: Params | null;
  engine: EngineName | 'auto';
  purpose: 'one model' | 'many models';
}

/** Trains until the session has done `to` updates. */
export interface AdvanceCall {
  kind: 'advance';
  to: number;
}

/** Works out the exact losses of the weights as they are, of all models or of those from one place to before another. */
export interface ExactCall {
  kind: 'exact';
  part?: readonly [from: number, to: number];
}

/** Scores the dictionaries as they are on so many held-out samples. */
export interface ScoreCall {
  kind: 'score';
  samples: number;
}

export type Call = OpenCall | AdvanceCall | ExactCall | ScoreCall;

/** The models of a session: where they stand in the sweep, and what they are. */
export interface OpenedGroup {
  rows: Int32Array; // (I)
  features: number;
  hidden: number;
  steps: number;
  work: number[]; // (groups of the spec) models times steps
}

export interface Opened {
  report: EngineReport;
  params: Params;
  group: OpenedGroup;
  references: Reference[]; // of one model
}

/** Weights and losses after a stretch. S = recorded losses, I = instances. */
export interface Advanced {
  report: EngineReport;
  params: Params;
  lossSteps: number[]; // (S) relative to the session's first step
  losses: Float32Array; // (S, I)
  diverged: Int32Array; // (I)
}

export type Answered = Opened | Advanced | Float64Array | Scores[];
export interface Answer {
  result: { value: Answered } | { error: string };
  held: boolean; // the worker holds the lock of its name, for as long as it lives
}

/** The worker is gone, or does not answer. */
class TrainerLostError extends Error {
  override name = 'TrainerLostError';
}

export interface Trainer {
  open(call: Omit<OpenCall, 'kind'>): Promise<Opened>;
  advance(to: number): Promise<Advanced>;
  /** Expected losses, free of sampling noise, of all models (I) or of a part of them. */
  exact(part?: ExactCall['part']): Promise<Float64Array>;
  /** Scores of all dictionaries (I), in order. */
  score(samples: number): Promise<Scores[]>;
  close(): void;
}

/**
 * A worker that has not answered for so long is taken for dead: the first kernel on a slow GPU of a busy machine
 * takes many seconds, and a worker that ended is noticed at once by its lock.
 */
const PATIENCE = 120_000; // ms

/** Calls back when the worker that holds the lock `name` has ended; a killed worker tells nobody else. */
function watch(name: string, ended: () => void): void {
  navigator.locks?.request(name, async () => ended()).catch(() => {});
}

/** Starts a worker. */
export function startTrainer(): Trainer {
  const name = `trainer ${Math.random()}`;
  const worker = new Worker(new URL('./trainer.worker.ts', import.meta.url), { type: 'module', name });
  let lose: ((reason: string) => void) | null = null; // rejects the call that is under way
  let lost: string | null = null;
  let watched = false;

  function end(reason: string): void {
    lost ??= reason;
    lose?.(lost);
  }
  function ask(call: Call): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        lose = null;
        act();
      };
      const timer = setTimeout(() => end('it stopped answering'), PATIENCE);
      lose = (reason) => settle(() => reject(new TrainerLostError(`the training worker is gone: ${reason}`)));
      worker.onmessage = ({ data }: MessageEvent<Answer>) => {
        if (data.held && !watched) watch(name, () => end('it ended'));
        watched ||= data.held;
        const { result } = data;
        settle(() => ('error' in result ? reject(new Error(result.error)) : resolve(result.value)));
      };
      if (lost) lose(lost);
      else worker.postMessage(call);
    });
  }
  worker.onmessageerror = () => end('its answer could not be read');
  worker.onerror = (event) =>
    end(
      event.message ||
        'it could not start; this browser, an add-on or the web host forbids workers: try another browser, or npm run serve',
    );
  return {
    open: (call) => ask({ kind: 'open', ...call }) as Promise<Opened>,
    advance: (to) => ask({ kind: 'advance', to }) as Promise<Advanced>,
    exact: (part) => ask({ kind: 'exact', part }) as Promise<Float64Array>,
    score: (samples) => ask({ kind: 'score', samples }) as Promise<Scores[]>,
    close: () => worker.terminate(),
  };
}
