/**
 * What only Node has: threads, processes, a WebGPU of its own. For a page bundlers take host.browser.ts in its place
 * (`browser` in package.json), so that nothing of Node is in a bundle.
 */
import { execFile } from 'node:child_process';
import os from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Hear, Lose, Port } from './simd/port.ts';

/** CPU threads of this machine. */
export const cores = (): number => os.availableParallelism();

/** Gives worker.js, which is written for pages, the four names of a page that it uses. */
const PAGE = (url: string) => `
const { parentPort } = require('node:worker_threads');
globalThis.self = { postMessage: (message, moved) => parentPort.postMessage(message, moved) };
import(${JSON.stringify(url)}).then(() => parentPort.on('message', (data) => self.onmessage({ data })));`;

/** Starts a thread with worker.js. */
export function openPort(hear: Hear, lose: Lose): Port {
  const source = PAGE(new URL('./simd/worker.js', import.meta.url).href);
  const worker = new Worker(source, { eval: true, execArgv: [] });
  worker.on('message', hear);
  worker.on('error', (error) => lose(String(error)));
  worker.on('exit', (code) => lose(`worker exited with code ${code}`));
  return {
    post: (message, moved) => worker.postMessage(message, moved),
    stop: () => worker.terminate(),
    hold: (held) => (held ? worker.ref() : worker.unref()),
  };
}

/** gpu.js looks for navigator.gpu only; in Node that comes from the package `webgpu`. */
export async function installWebGPU(): Promise<void> {
  if (globalThis.navigator?.gpu) return;
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  if (!globalThis.navigator)
    Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  Object.defineProperty(globalThis.navigator, 'gpu', { value: create([]), configurable: true });
}

const QUESTION = (url: string) => `
import { create } from ${JSON.stringify(url)};
const adapter = await create([]).requestAdapter();
const { vendor, architecture, description, device, isFallbackAdapter } = adapter?.info ?? {};
console.log(JSON.stringify(adapter && { vendor, architecture, description, device, isFallbackAdapter }));`;

/**
 * What Node's WebGPU finds, or null; asked in a process of its own, so that a driver that crashes or prints warnings
 * does so there, and `auto` costs a user without a GPU nothing but a quarter of a second.
 */
export async function askAdapter(): Promise<GPUAdapterInfo | null> {
  const source = QUESTION(import.meta.resolve('webgpu'));
  const environment = { ...process.env, NODE_OPTIONS: '' };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--input-type=module', '--eval', source],
      { timeout: 10_000, env: environment },
      (error, out) => resolve(error ? null : JSON.parse(out)),
    );
  });
}
