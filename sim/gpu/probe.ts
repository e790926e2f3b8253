/** Asking for an adapter without loading a driver into this process. */
import { askAdapter } from '../host.ts';
import { type AdapterInfo, describe } from './device.ts';

/** The default WebGPU adapter, or null. */
export async function probeAdapter(): Promise<AdapterInfo | null> {
  const info = await askAdapter();
  return info && describe(info);
}
