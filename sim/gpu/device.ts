/**
 * A device that runs gpu.js kernels: opening it, proving that it is the one asked for, its limits, its loss.
 */
import type { GPU } from 'gpu.js';
import { cores, installWebGPU } from '../host.ts';
import type { GpuMode } from './shape.ts';

/** Who does the arithmetic. A software adapter computes on the CPU, so `auto` must not pick it. */
export interface AdapterInfo {
  vendor: string;
  architecture: string;
  description: string;
  software: boolean;
}

/** Bounds on what one block of instances may take. */
interface Limits {
  bufferBytes: number; // one array
  totalBytes: number; // all arrays together
  rows: number; // instances of a block: the height of a texture in WebGL2
}

export interface Device {
  mode: GpuMode;
  gpu: GPU;
  library: typeof import('gpu.js');
  adapter: AdapterInfo;
  limits: Limits;
  cores: number; // workers that gpu.js may start, 0 on a GPU
  /** Why the device is gone, or null while it is there. */
  lost(): string | null;
  close(): Promise<void>;
}

/** What a built kernel of gpu.js shows of itself, beyond its published types. */
interface BuiltKernel {
  kernel: {
    constructor: { mode: string };
    context: { adapter: GPUAdapter; device: GPUDevice } | WebGL2RenderingContext | null;
    fallbackReason: string | null;
  };
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|warp/i;
const MEBIBYTE = 2 ** 20;

const message = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** gpu.js is large, so it is loaded when a device is first asked for. */
async function loadLibrary(): Promise<typeof import('gpu.js')> {
  return (await import('gpu.js')).default;
}

/** What an adapter says of itself. */
export function describe(info: GPUAdapterInfo): AdapterInfo {
  const { vendor, architecture } = info;
  const description = info.description || info.device || vendor || 'unnamed adapter';
  const software = info.isFallbackAdapter || SOFTWARE.test(`${vendor} ${architecture} ${description}`);
  return { vendor, architecture, description, software };
}

/** The default WebGPU adapter, or null where there is none. */
export async function adapterInfo(): Promise<AdapterInfo | null> {
  try {
    await installWebGPU();
    const adapter = await globalThis.navigator?.gpu?.requestAdapter();
    return adapter ? describe(adapter.info) : null;
  } catch {
    return null;
  }
}

async function webgpuUnavailable(): Promise<string | null> {
  try {
    await installWebGPU();
  } catch (error) {
    return `the npm package "webgpu" does not load here: ${message(error)}`;
  }
  if (!globalThis.navigator?.gpu)
    return 'there is no navigator.gpu (an old browser, or a page not served over https or from localhost)';
  const adapter = await navigator.gpu.requestAdapter();
  return adapter ? null : 'navigator.gpu has no adapter (no GPU driver that WebGPU accepts)';
}

/** Why kernels of a mode cannot run here, or null. */
export async function deviceUnavailable(mode: GpuMode): Promise<string | null> {
  const { GPU } = await loadLibrary();
  if (mode === 'webgpu') return webgpuUnavailable();
  if (mode === 'webgl2' && typeof document === 'undefined' && typeof OffscreenCanvas === 'undefined')
    return 'WebGL2 needs a browser: there is no canvas here';
  if (mode === 'webgl2' && !GPU.isWebGL2Supported) return 'this browser gives no WebGL2 context';
  if (mode === 'webgl2' && !GPU.isSinglePrecisionSupported) return 'this WebGL2 has no float32 textures';
  if (mode === 'webasm' && !GPU.isWebAssemblySupported) return 'there is no WebAssembly here';
  return null;
}

const PROBE = 'function (value) { return value[this.thread.x] * 3 + 1; }';

/** Runs a kernel whose answer is known, and returns it: what it ran on is written on it. */
async function probe(gpu: GPU, mode: GpuMode): Promise<BuiltKernel['kernel']> {
  const kernel = gpu.createKernel(PROBE, { output: [1], precision: 'single' });
  const [answer] = (await kernel([5])) as Float32Array;
  const { kernel: built } = kernel as unknown as BuiltKernel;
  const ran = built.constructor.mode;
  if (ran !== (mode === 'webgl2' ? 'gpu' : mode))
    throw new Error(
      `gpu.js ran "${ran}" instead of "${mode}": ${built.fallbackReason ?? 'it gave no reason'}`,
    );
  if (answer !== 16) throw new Error(`${mode} computed 5 · 3 + 1 = ${answer}`);
  return built;
}

function openWebGPU(built: BuiltKernel['kernel']): Opened {
  const { adapter, device } = built.context as { adapter: GPUAdapter; device: GPUDevice };
  const bufferBytes = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize);
  let reason: string | null = null;
  device.lost.then((info) => {
    reason = info.message || info.reason || 'no reason given';
  });
  return {
    adapter: describe(adapter.info),
    limits: {
      bufferBytes,
      totalBytes: 512 * MEBIBYTE, // no adapter says how much memory it has
      rows: device.limits.maxComputeWorkgroupsPerDimension,
    },
    cores: 0,
    lost: () => reason,
  };
}

function openWebGL2(built: BuiltKernel['kernel']): Opened {
  const gl = built.context as WebGL2RenderingContext;
  const rows: number = gl.getParameter(gl.MAX_TEXTURE_SIZE);
  const named = gl.getExtension('WEBGL_debug_renderer_info');
  const description: string = gl.getParameter(named?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER);
  const adapter = { vendor: '', architecture: 'webgl2', description, software: SOFTWARE.test(description) };
  return {
    adapter,
    limits: { bufferBytes: rows * rows * 4, totalBytes: 256 * MEBIBYTE, rows },
    cores: 0,
    lost: () => (gl.isContextLost() ? 'the WebGL context was lost' : null),
  };
}

type Opened = Pick<Device, 'adapter' | 'limits' | 'cores' | 'lost'>;

/** CPU cores, as gpu.js counts them for its workers. */
const countCores = () => globalThis.navigator?.hardwareConcurrency ?? cores();

async function openCPU(mode: GpuMode): Promise<Opened> {
  const description = mode === 'webasm' ? 'CPU, WebAssembly SIMD' : 'CPU, JavaScript';
  return {
    adapter: { vendor: '', architecture: 'cpu', description, software: true },
    limits: { bufferBytes: 512 * MEBIBYTE, totalBytes: 512 * MEBIBYTE, rows: 2 ** 20 },
    cores: mode === 'webasm' ? countCores() : 1,
    lost: () => null,
  };
}

/**
 * Opens a device.
 * @throws if gpu.js runs something else than `mode`, or computes a known answer wrong.
 */
export async function openDevice(mode: GpuMode): Promise<Device> {
  if (mode === 'webgpu') await installWebGPU();
  const library = await loadLibrary();
  const gpu = new library.GPU({ mode });
  try {
    const built = await probe(gpu, mode);
    const opened =
      mode === 'webgpu' ? openWebGPU(built) : mode === 'webgl2' ? openWebGL2(built) : await openCPU(mode);
    return { mode, gpu, library, ...opened, close: () => gpu.destroy() };
  } catch (error) {
    await gpu.destroy();
    throw error;
  }
}
