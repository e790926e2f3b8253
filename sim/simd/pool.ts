/**
 * Threads that answer messages: Node worker_threads and browser Workers behind one function. A thread that
 * dies rejects everything it still owes.
 */

/** What a worker is asked: see worker.js. `type` names the request, the rest are its numbers and buffers. */
export type Request =
  | {
      type: 'open';
      module: WebAssembly.Module;
      pages: number;
      scratch: ArrayBuffer;
      records: ArrayBuffer;
      instances: number;
    }
  | {
      type: 'run';
      table: ArrayBuffer;
      tableAt: number;
      steps: number;
      step: number;
      word: number;
      slots: number;
    }
  | { type: 'gather'; at: number; words: number; size: number };

export interface Thread {
  /** Hands `moved` over instead of copying it. Rejects when the worker fails, dies or is closed. */
  ask(request: Request, moved?: ArrayBuffer[]): Promise<ArrayBuffer>;
  close(): Promise<void>;
}

interface Answer {
  id: number;
  bytes?: ArrayBuffer;
  error?: string;
}

interface Port {
  post(message: unknown, moved: ArrayBuffer[]): void;
  stop(): Promise<unknown>;
}

const inNode = typeof process === 'object' && Boolean(process.versions?.node);

/** CPU threads of this machine. */
export async function cores(): Promise<number> {
  if (inNode) return (await import('node:os')).availableParallelism();
  return navigator.hardwareConcurrency || 1;
}

async function nodePort(hear: (answer: Answer) => void, lose: (reason: string) => void): Promise<Port> {
  const { Worker } = await import('node:worker_threads');
  const worker = new Worker(new URL('./worker.js', import.meta.url), { execArgv: [] });
  worker.on('message', hear);
  worker.on('error', (error) => lose(String(error)));
  worker.on('exit', (code) => lose(`worker exited with code ${code}`));
  return { post: (message, moved) => worker.postMessage(message, moved), stop: () => worker.terminate() };
}

function browserPort(hear: (answer: Answer) => void, lose: (reason: string) => void): Port {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  worker.onmessage = (event) => hear(event.data);
  worker.onerror = (event) => lose(event.message || 'worker failed to load');
  return {
    post: (message, moved) => worker.postMessage(message, moved),
    stop: async () => worker.terminate(),
  };
}

/** Starts a worker. */
export async function startThread(): Promise<Thread> {
  const owed = new Map<number, { resolve(bytes: ArrayBuffer): void; reject(error: Error): void }>();
  let lost: string | null = null;
  let asked = 0;
  const hear = ({ id, bytes, error }: Answer) => {
    const request = owed.get(id);
    owed.delete(id);
    if (bytes) request?.resolve(bytes);
    else request?.reject(new Error(error));
  };
  const lose = (reason: string) => {
    lost ??= reason;
    for (const request of owed.values()) request.reject(new Error(lost));
    owed.clear();
  };
  const port = inNode ? await nodePort(hear, lose) : browserPort(hear, lose);
  return {
    ask: (request, moved = []) =>
      new Promise((resolve, reject) => {
        if (lost !== null) return reject(new Error(lost));
        const id = asked++;
        owed.set(id, { resolve, reject });
        port.post({ id, ...request }, moved);
      }),
    async close() {
      lose('closed');
      await port.stop();
    },
  };
}
