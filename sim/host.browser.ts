/** What host.ts gives Node, for a page. */
import { startPageWorker } from './simd/pageWorker.ts';
import type { Answer, Hear, Lose, Port } from './simd/port.ts';

/** CPU threads of this machine. */
export const cores = (): number => navigator.hardwareConcurrency || 1;

/** Starts a thread with worker.js. */
export function openPort(hear: Hear, lose: Lose): Port {
  const name = `simd ${Math.random()}`;
  const worker = startPageWorker(name);
  let watched = false;
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    if (data.held && !watched) {
      watched = true;
      navigator.locks.request(name, async () => lose('worker ended')).catch(() => {}); // see worker.js
    }
    hear(data);
  };
  worker.onmessageerror = () => lose('an answer could not be read');
  worker.onerror = (event) => lose(event.message || 'worker failed to load');
  return {
    post: (message, moved) => worker.postMessage(message, moved),
    stop: async () => worker.terminate(),
    hold: () => {},
  };
}

/** A page has its WebGPU, or none. */
export async function installWebGPU(): Promise<void> {}

/** The default WebGPU adapter, or null. */
export async function askAdapter(): Promise<GPUAdapterInfo | null> {
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
  return adapter?.info ?? null;
}
