/**
 * What kernels are generated from: integers and names of closed sets, checked here, so that nothing else can
 * become kernel text. Hyperparameters that are not integers reach the device as inputs.
 */
import type { Family, Training } from '../family.ts';
import { type Unit, unitsOf } from '../gates.ts';

export type GpuMode = 'webgpu' | 'webgl2' | 'webasm' | 'cpu';

/** Sizes of one block of instances on a device. Letters as the kernels use them. */
export interface BlockShape {
  mode: GpuMode;
  kind: 'fused' | 'staged';
  family: Family;
  units: Unit[];
  optimizer: Training['optimizer'];
  penalized: boolean; // whether there is a penalty on the hidden layer
  instances: number; // I, of one block
  batch: number; // B
  columns: number; // C: the batch rounded up to whole SIMD quads
  slices: number; // S: threads that share one batch
  parameters: number; // P: W, then V if untied, then b if there is a bias
  decoder: number; // where V starts among the parameters; 0 when tied
  bias: number; // where b starts; P without a bias
}

/** A kernel of gpu.js: its text and the size of its output, x first. */
export interface Kernel {
  source: string;
  output: number[];
}

/**
 * Threads that share one batch. Sums are added up slice by slice, so the number must not depend on the
 * instances: the same model then gets the same bytes in any block or shard.
 */
const SLICES: Record<GpuMode, number> = { webgpu: 32, webgl2: 32, webasm: 4, cpu: 4 };

/**
 * Parameters up to which one fused kernel does all but the drawing: every group of rows computes the samples anew,
 * which pays as long as that is cheaper than hidden layers and outputs going through memory.
 */
const FUSED_PARAMETERS: Record<GpuMode, number> = { webgpu: 16, webgl2: 16, webasm: 16, cpu: 6 };

const NAMES = {
  hiddenActivation: ['identity', 'relu'],
  outputActivation: ['identity', 'relu'],
  magnitude: ['unit', 'signed'],
  target: ['x', 'abs'],
} as const;

function checkInteger(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least && value < 2 ** 24) return;
  throw new RangeError(`${name}: expected an integer from ${least} to 2^24, got ${value}`);
}

function checkName(name: string, value: unknown, allowed: readonly unknown[]): void {
  if (allowed.includes(value)) return;
  throw new RangeError(`${name}: expected one of ${allowed.join(', ')}, got ${String(value)}`);
}

function checkFamily(family: Family): void {
  checkInteger('features', family.features, 1);
  checkInteger('hidden', family.hidden, 1);
  for (const [name, allowed] of Object.entries(NAMES)) checkName(name, family[name as keyof Family], allowed);
  for (const flag of ['tied', 'bias'] as const) checkName(flag, family[flag], [true, false]);
  for (const set of family.sets) {
    checkName('sets.kind', set.kind, ['correlated', 'anticorrelated']);
    checkInteger('sets.size', set.size, 1);
  }
}

/** Shape of a block of `instances` models of one family. */
export function shapeOf(mode: GpuMode, family: Family, training: Training, instances: number): BlockShape {
  checkFamily(family);
  checkInteger('batch', training.batch, 1);
  checkInteger('instances', instances, 1);
  checkName('optimizer', training.optimizer, ['adamw', 'adam', 'sgd']);
  const { features: n, hidden: m } = family;
  const bias = (family.tied ? 1 : 2) * n * m;
  const parameters = bias + (family.bias ? n : 0);
  return {
    mode,
    kind: parameters <= FUSED_PARAMETERS[mode] && n <= 8 ? 'fused' : 'staged',
    family,
    units: unitsOf(family),
    optimizer: training.optimizer,
    penalized: training.hiddenPenalty > 0,
    instances,
    batch: training.batch,
    columns: Math.ceil(training.batch / 4) * 4,
    slices: Math.min(SLICES[mode], Math.ceil(training.batch / 4) * 4),
    parameters,
    decoder: family.tied ? 0 : n * m,
    bias,
  };
}

/**
 * How the rows of a gradient are shared out. A thread of gpu.js returns one number and writes nothing else. But on
 * webasm four neighbours in x run as one vector, and what they have in common is computed once, as a scalar: there
 * a group of four neighbours sums four rows of the same slice. Elsewhere neighbours are slices of one row.
 */
interface Rows {
  size: number; // rows of a group
  groups: number;
  canary: number; // the row that counts samples
}

/** Rows of a partial gradient: P parameters, the loss if the kernel is fused, the canary. */
export function rowsOf({ mode, kind, parameters: P }: BlockShape): Rows {
  const size = mode === 'webasm' ? 4 : 1;
  const canary = kind === 'fused' ? Math.ceil((P + 1) / size) * size : P; // fused: in a group of its own
  return { size, groups: Math.floor(canary / size) + 1, canary };
}
