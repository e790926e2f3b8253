/** The page's end of the worker that says where a model stands beside the best known shapes. */
import type { SpecInput } from '../../sim/spec.ts';
import type { Standing } from './rivals.ts';
import type { Moment } from './run.ts';

export interface Question {
  spec: SpecInput;
  W: Float32Array;
  b: Float32Array;
}

/** Largest change of a weight since the last question that makes another one worth its second. */
const MOVED = 0.03;

const moved = (a: Float32Array, b: Float32Array) =>
  a.length !== b.length || a.some((value, at) => Math.abs(value - b[at]) > MOVED);

interface Watcher {
  /** Asks about a moment, unless a question is open or hardly anything has changed. */
  ask(spec: SpecInput, moment: Moment): void;
  /** Forgets what is known: the next moment is another model's. */
  forget(): void;
}

/** Settings as the key of what is said about them. */
export const keyOf = (spec: SpecInput) => JSON.stringify(spec);

/** Starts the worker with the first question. `told` gets each answer and its settings; null where nothing is known. */
export function standingWatcher(told: (standing: Standing | null, key: string) => void): Watcher {
  let worker: Worker | null = null;
  let busy = false;
  let asked: { key: string; W: Float32Array } | null = null;
  let era = 0;

  function start(): Worker {
    const made = new Worker(new URL('./rivals.worker.ts', import.meta.url), { type: 'module' });
    made.onerror = () => {
      busy = true; // no worker, no verdict: the page goes on without
    };
    return made;
  }
  return {
    ask(spec, { params: { W, b } }) {
      const key = keyOf(spec);
      if (busy || (asked?.key === key && !moved(asked.W, W))) return;
      busy = true;
      asked = { key, W };
      worker ??= start();
      const own = era;
      worker.onmessage = ({ data }: MessageEvent<Standing | null>) => {
        busy = false;
        if (own === era) told(data, key);
      };
      worker.postMessage({ spec, W, b } satisfies Question);
    },
    forget() {
      era++;
      asked = null;
      told(null, '');
    },
  };
}
