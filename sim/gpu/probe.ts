/** Asking for an adapter without loading a driver into this process. */
import { type AdapterInfo, adapterInfo, describe } from './device.ts';

const QUESTION = (url: string) => `
import { create } from ${JSON.stringify(url)};
const adapter = await create([]).requestAdapter();
const { vendor, architecture, description, device, isFallbackAdapter } = adapter?.info ?? {};
console.log(JSON.stringify(adapter && { vendor, architecture, description, device, isFallbackAdapter }));`;

/** What Node's WebGPU finds, asked in a process of its own; null if that dies or does not answer. */
async function askNode(): Promise<AdapterInfo | null> {
  const { execFile } = await import('node:child_process');
  const source = QUESTION(import.meta.resolve('webgpu'));
  return new Promise((resolve) => {
    const args = ['--input-type=module', '--eval', source];
    execFile(
      process.execPath,
      args,
      { timeout: 10_000, env: { ...process.env, NODE_OPTIONS: '' } },
      (error, out) => {
        const info = error ? null : JSON.parse(out);
        resolve(info && describe(info));
      },
    );
  });
}

/**
 * The default WebGPU adapter, or null. In Node a driver that crashes or prints warnings does so in a process of
 * its own, so that `auto` costs a user without a GPU nothing but a quarter of a second.
 */
export async function probeAdapter(): Promise<AdapterInfo | null> {
  const inNode = typeof process !== 'undefined' && Boolean(process.versions?.node);
  return inNode ? askNode() : adapterInfo();
}
