/**
 * The kernels of K training steps as one plan of gpu.js: parameters and moments stay on the device from the
 * first step of a call to the last, and one call returns them with the losses of all K steps.
 */
import type { IKernelRunShortcut, IPipelineRunShortcut } from 'gpu.js';
import type { Device } from './device.ts';
import { batchLossKernel } from './kernels/batchLoss.ts';
import { checkpointKernels } from './kernels/checkpoint.ts';
import { clockKernel } from './kernels/clock.ts';
import { fusedKernel } from './kernels/fused.ts';
import { hiddenKernel } from './kernels/hidden.ts';
import { hiddenGradientKernel } from './kernels/hiddenGradient.ts';
import { keyKernel } from './kernels/key.ts';
import { firstMomentKernel, parametersKernel, secondMomentKernel } from './kernels/optimizer.ts';
import { outputGradientKernel } from './kernels/outputGradient.ts';
import { reconstructionKernel } from './kernels/reconstruction.ts';
import { gradientKernel, lossesKernel, lossKernel } from './kernels/reduce.ts';
import { drawsOf, sampleKernel } from './kernels/sample.ts';
import { NATIVE_FUNCTIONS } from './kernels/text.ts';
import { weightGradientKernel } from './kernels/weightGradient.ts';
import type { BlockShape, Kernel } from './shape.ts';

/** A value on the device while a plan is traced; gpu.js types it `any`. */
type Handle = ReturnType<IKernelRunShortcut>;

/** Inputs of a call, named as the kernels name them; shapes stand in the kernels' headers. */
export interface Inputs {
  params: Float32Array; // (I, P + 1)
  first: Float32Array; // (I, P + 1)
  second: Float32Array; // (I, P + 1)
  loss: Float32Array; // (I + 1)
  losses: Float32Array; // (K, I + 1)
  clock: Float32Array; // (2)
  coefficients: Float32Array; // (K, 10)
  keys: Float32Array; // (I, 2)
  gates: Float32Array; // (I, 3U + 1)
  lossWeight: Float32Array; // (I, n + 1)
  hyper: Float32Array; // (I, 2)
}

/** What a call returns. */
export interface Outputs {
  params: Float32Array[]; // I rows of P + 1
  first: Float32Array[];
  second: Float32Array[];
  clock: Float32Array; // (2)
  losses: Float32Array[]; // K rows of I + 1
}

export interface Plan {
  steps: number; // K
  run(inputs: Inputs): Promise<Outputs>;
  /** Executor of gpu.js that ran, known after the first run. */
  executor(): string;
  close(): Promise<void>;
}

/** Compiles a kernel for a device; the same in and out of a plan. */
function createKernel({ gpu, mode }: Device, { source, output }: Kernel): IKernelRunShortcut {
  const settings = { output, precision: 'single', tactic: 'precision' } as const;
  if (mode !== 'webgl2') return gpu.createKernel(source, settings);
  return gpu.createKernel(source, { ...settings, nativeFunctions: NATIVE_FUNCTIONS } as never);
}

function trainingKernels(device: Device, shape: BlockShape, steps: number) {
  const make = (kernel: Kernel) => createKernel(device, kernel);
  return {
    clock: make(clockKernel()),
    key: make(keyKernel(shape)),
    gradient: make(gradientKernel(shape)),
    loss: make(lossKernel(shape)),
    losses: make(lossesKernel(shape, steps)),
    first: make(firstMomentKernel(shape)),
    second: shape.optimizer === 'sgd' ? null : make(secondMomentKernel(shape)),
    params: make(parametersKernel(shape)),
  };
}

type Handles = Record<keyof Inputs, Handle>;

/** The batch from the step keys, by way of checkpoints where samples are long. */
function sampleStage(device: Device, shape: BlockShape): (key: Handle, gates: Handle) => Handle {
  const stages = checkpointKernels(shape, drawsOf(shape)).map((kernel) => createKernel(device, kernel));
  const sample = createKernel(device, sampleKernel(shape));
  return (key, gates) =>
    sample(
      stages.reduce((from, stage) => stage(from), key),
      gates,
    );
}

/** Gradients and loss by slice, from one kernel or from seven: [partial, partial loss] as reduce.ts takes them. */
function sliceStage(device: Device, shape: BlockShape): (key: Handle, inputs: Handles) => [Handle, Handle] {
  const make = (kernel: Kernel) => createKernel(device, kernel);
  const sample = sampleStage(device, shape);
  if (shape.kind === 'fused') {
    const fused = make(fusedKernel(shape));
    return (key, { params, gates, lossWeight }) => {
      const partial = fused(params, sample(key, gates), lossWeight);
      return [partial, partial];
    };
  }
  const hidden = make(hiddenKernel(shape));
  const reconstruction = make(reconstructionKernel(shape));
  const outputGradient = make(outputGradientKernel(shape));
  const hiddenGradient = make(hiddenGradientKernel(shape));
  const weightGradient = make(weightGradientKernel(shape));
  const batchLoss = make(batchLossKernel(shape));
  return (key, { params, gates, lossWeight }) => {
    const x = sample(key, gates);
    const h = hidden(params, x);
    const y = reconstruction(params, h);
    const dy = outputGradient(x, y, lossWeight);
    const dh = hiddenGradient(params, dy, h, lossWeight);
    return [weightGradient(x, dy, h, dh), batchLoss(x, y, h, lossWeight)];
  };
}

const INPUT_NAMES = [
  'params',
  'first',
  'second',
  'loss',
  'losses',
  'clock',
  'coefficients',
  'keys',
  'gates',
  'lossWeight',
  'hyper',
] as const satisfies (keyof Inputs)[];

/** The plan of `steps` training steps, traced once by gpu.js at the first run. */
function trace(device: Device, shape: BlockShape, steps: number, threads: boolean): IPipelineRunShortcut {
  const kernel = trainingKernels(device, shape, steps);
  const bySlice = sliceStage(device, shape);
  const orchestrate = (...handles: Handle[]) => {
    const value = Object.fromEntries(INPUT_NAMES.map((name, i) => [name, handles[i]])) as Handles;
    for (let step = 0; step < steps; step++) {
      const { coefficients, hyper, clock } = value;
      const key = kernel.key(value.keys, clock);
      const [partial, partialLoss] = bySlice(key, value);
      value.loss = kernel.loss(partialLoss, value.loss, coefficients, clock);
      value.losses = kernel.losses(value.losses, value.loss, clock);
      const gradient = kernel.gradient(partial);
      const decay = [gradient, value.params, value.loss, coefficients, hyper, clock];
      value.first = kernel.first(value.first, ...decay);
      value.second = kernel.second ? kernel.second(value.second, ...decay) : value.first;
      value.params = kernel.params(
        value.params,
        value.first,
        value.second,
        value.loss,
        coefficients,
        hyper,
        clock,
      );
      value.clock = kernel.clock(clock);
    }
    return [value.params, value.first, value.second, value.clock, value.losses];
  };
  // gpu.js takes the number of arguments from the function's length, which a rest parameter leaves at 0.
  Object.defineProperty(orchestrate, 'length', { value: INPUT_NAMES.length });
  return device.gpu.createPipeline(orchestrate, { threads });
}

/** Width of each input as gpu.js counts it, x first; an instance a row. */
function widths(shape: BlockShape, steps: number): Record<keyof Inputs, number[]> {
  const { instances: I, units, parameters: P, family } = shape;
  const state = [P + 1, I];
  return {
    params: state,
    first: state,
    second: state,
    loss: [I + 1],
    losses: [I + 1, steps],
    clock: [2],
    coefficients: [10, steps],
    keys: [2, I],
    gates: [3 * units.length + 1, I],
    lossWeight: [family.features + 1, I],
    hyper: [2, I],
  };
}

/**
 * Backend and executor that each mode must report. Anything else is a silent fallback of gpu.js, whose reason
 * the error gives.
 */
const EXPECTED = {
  webgpu: ['webgpu', /^fused-encoder$/],
  webgl2: ['gpu', /^generic$/],
  webasm: ['webasm', /^fused-(sync|threaded)$/],
  cpu: ['cpu', /^generic$/],
} as const;

function checkBackend(device: Device, pipeline: IPipelineRunShortcut): void {
  const [backend, executor] = EXPECTED[device.mode];
  if (pipeline.backend === backend && executor.test(pipeline.executorKind)) return;
  const ran = `${pipeline.backend} (${pipeline.executorKind})`;
  throw new Error(`${device.mode} was asked for, gpu.js ran ${ran}: ${pipeline.fallbackReason}`);
}

/** A plan of K steps for blocks of one shape. `threads`: whether webasm may use its workers. */
export function createPlan(device: Device, shape: BlockShape, steps: number, threads: boolean): Plan {
  const pipeline = trace(device, shape, steps, threads);
  const sizes = widths(shape, steps);
  return {
    steps,
    async run(inputs) {
      const args = INPUT_NAMES.map(
        (name) => new device.library.Input(inputs[name] as never, sizes[name] as [number]),
      );
      const [params, first, second, clock, losses] = (await pipeline(...(args as never[]))) as never[];
      checkBackend(device, pipeline);
      return { params, first, second, clock, losses };
    },
    executor: () => pipeline.executorKind,
    close: () => pipeline.destroy(),
  };
}
