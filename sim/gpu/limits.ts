/**
 * How much goes into one call: instances a block, so that every array fits the device, and steps a call, so
 * that no call runs so long that a driver's watchdog kills it or a page stalls.
 */
import type { Device } from './device.ts';
import { roundsFor, stateRows } from './kernels/checkpoint.ts';
import { drawsOf } from './kernels/sample.ts';
import { type BlockShape, type GpuMode, rowsOf } from './shape.ts';

const MOST_STEPS = 32;

/** Arithmetic operations of one call, about a quarter of a second on slow hardware of the kind. */
const WORK: Record<GpuMode, number> = { webgpu: 2e10, webgl2: 5e9, webasm: 2e9, cpu: 2e8 };
const SOFTWARE_WORK = 2e9;

/** Floats of the largest array and of all arrays that one instance takes on the device. */
function floatsPerInstance(shape: BlockShape): { largest: number; total: number } {
  const { units, slices, parameters: P, columns } = shape;
  const { features: n, hidden: m } = shape.family;
  const own = 8 * (P + 1) + 3 * units.length + 1 + n + 8;
  const { size, groups } = rowsOf(shape);
  const partial = size * groups * slices;
  const staged = columns * (n + 1);
  const rows = (shape.kind === 'fused' ? n + 1 : 3 * (n + 1) + 2 * (m + 1)) + stateRows(drawsOf(shape));
  return {
    largest: Math.max(P + 1, 3 * units.length + 1, partial, staged),
    total: own + partial + columns * rows,
  };
}

/** Bytes that one instance takes while resident. */
export function bytesPerInstance(shape: BlockShape): number {
  return 4 * floatsPerInstance(shape).total;
}

/** Arithmetic operations of one step of one instance, roughly: 25 a round of the generator, 2 a multiply-add. */
function workPerInstance(shape: BlockShape): number {
  const { parameters: P, batch } = shape;
  const { features: n, hidden: m } = shape.family;
  const rounds = 25 * roundsFor(drawsOf(shape));
  return batch * (rounds + (shape.kind === 'fused' ? (P + 2) * 6 : 20) * n * m);
}

function workPerCall({ mode, adapter }: Device): number {
  return adapter.software ? Math.min(WORK[mode], SOFTWARE_WORK) : WORK[mode];
}

/**
 * Instances of one block.
 * @throws RangeError if not even one instance fits.
 */
export function blockInstances(device: Device, shape: BlockShape): number {
  const { largest, total } = floatsPerInstance(shape);
  const { bufferBytes, totalBytes, rows } = device.limits;
  const fits = Math.min(Math.floor(bufferBytes / (4 * largest)), Math.floor(totalBytes / (4 * total)), rows);
  if (fits < 1) {
    throw new RangeError(
      `batch: one model needs arrays of ${4 * largest} bytes, ${4 * total} in all; ${device.mode} here allows ` +
        `${bufferBytes}, ${totalBytes} in all`,
    );
  }
  const quick = Math.max(1, Math.floor(workPerCall(device) / workPerInstance(shape)));
  return Math.min(shape.instances, fits, quick);
}

/** Steps of one call. */
export function stepsPerCall(device: Device, shape: BlockShape): number {
  const work = workPerInstance(shape) * shape.instances;
  return Math.max(1, Math.min(MOST_STEPS, Math.floor(workPerCall(device) / work)));
}
