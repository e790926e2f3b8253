/**
 * Threads that answer messages. A thread that
 * dies rejects everything it still owes. A closed thread waits a second for its next block: a live edit closes
 * one session and opens another, and starting a thread takes longer than a frame.
 */
import { openPort } from '../host.ts';
import type { Answer } from './port.ts';

/** What a worker is asked: see worker.js. `type` names the request, the rest are its numbers and buffers. */
export type Request =
  | {
      type: 'open';
      module: WebAssembly.Module;
      pages: number;
      scratch: ArrayBuffer;
      records: ArrayBuffer;
      instances: number;
      memory?: WebAssembly.Memory; // shared with helpers
    }
  | { type: 'join'; module: WebAssembly.Module; memory: WebAssembly.Memory }
  | { type: 'help' }
  | {
      type: 'run';
      table: ArrayBuffer;
      tableAt: number;
      steps: number;
      step: number;
      word: number;
      slots: number;
    }
  | { type: 'gather'; at: number; words: number; size: number }
  | { type: 'scatter'; at: number; words: number; size: number; bytes: ArrayBuffer };

export interface Thread {
  /** Hands `moved` over instead of copying it. Rejects when the worker fails, dies or is closed. */
  ask(request: Request, moved?: ArrayBuffer[]): Promise<ArrayBuffer>;
  /** Gives the thread back; call it once. It ends now if it still works, else when nobody has taken it in time. */
  close(): Promise<void>;
}

/** How long a closed thread waits for its next block. */
const IDLE = 1_000; // ms
/** Most memory that a waiting thread keeps, in pages of 64 KiB. */
const IDLE_PAGES = 256;

/** A thread that waits, and the end of its waiting. */
interface Idle {
  thread: Thread;
  timer: ReturnType<typeof setTimeout>;
}

const idle: Idle[] = [];

/** A thread that waits for a block, or a new one. */
export async function takeThread(): Promise<Thread> {
  const waiting = idle.pop();
  if (!waiting) return startThread();
  clearTimeout(waiting.timer);
  return waiting.thread;
}

/** Lets a thread wait for its next block, without holding up the process. */
function rest(thread: Thread, end: () => void): void {
  const timer = setTimeout(end, IDLE);
  if (typeof timer === 'object') timer.unref(); // a page's timer is a number
  idle.push({ thread, timer });
}

/** Takes a thread that has died or must end off the list of those that wait. */
function forget(thread: Thread): void {
  const at = idle.findIndex((waiting) => waiting.thread === thread);
  if (at < 0) return;
  clearTimeout(idle[at].timer);
  idle.splice(at, 1);
}

/** An answer that a thread still owes. */
interface Owed {
  resolve(bytes: ArrayBuffer): void;
  reject(error: Error): void;
}

/** Passes an answer on to who waits for it. */
function settle(owed: Map<number, Owed>, { id, bytes, error }: Answer): void {
  const request = owed.get(id);
  owed.delete(id);
  if (bytes) request?.resolve(bytes);
  else request?.reject(new Error(error));
}

/** Starts a worker. */
async function startThread(): Promise<Thread> {
  const owed = new Map<number, Owed>();
  let lost: string | null = null;
  let asked = 0;
  let pages = 0; // of the block it has
  const lose = (reason: string) => {
    lost ??= reason;
    forget(thread);
    for (const request of owed.values()) request.reject(new Error(lost));
    owed.clear();
  };
  const stop = async () => {
    lose('closed');
    await port.stop();
  };
  const thread: Thread = {
    ask: (request, moved = []) =>
      new Promise((resolve, reject) => {
        if (lost !== null) return reject(new Error(lost));
        if (request.type === 'open') pages = request.pages;
        const id = asked++;
        port.hold(true);
        owed.set(id, { resolve, reject });
        port.post({ id, ...request }, moved);
      }),
    async close() {
      if (lost !== null || owed.size > 0 || pages > IDLE_PAGES) return stop();
      port.hold(false);
      rest(thread, stop);
    },
  };
  const hear = (answer: Answer) => settle(owed, answer);
  const port = openPort(hear, lose);
  return thread;
}
