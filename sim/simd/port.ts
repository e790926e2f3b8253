/** The line to a worker: Node's worker_threads and a page's Workers alike. */

/** What a worker sends back to request number `id`. */
export interface Answer {
  id: number;
  bytes?: ArrayBuffer;
  error?: string;
  held?: boolean; // in a page: the worker holds the lock of its name, for as long as it lives
}

export type Hear = (answer: Answer) => void;
/** The worker died, or will not answer any more. */
export type Lose = (reason: string) => void;

export interface Port {
  post(message: unknown, moved: ArrayBuffer[]): void;
  stop(): Promise<unknown>;
  /** Whether the thread keeps the process alive. */
  hold(held: boolean): void;
}
