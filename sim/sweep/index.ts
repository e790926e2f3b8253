/** Public names for Node: sweeps that live in folders, and run folders. */

export { DamageError, StoreError } from '../store/files.ts';
export { loadInputs, readSamples, readWeights } from '../store/inputs.ts';
export { type FinishedRun, readRun, type StoredRun, writeRun } from '../store/run.ts';
export {
  decodeSafetensors,
  encodeSafetensors,
  type StoredTensor,
  type TensorData,
} from '../store/safetensors.ts';
export { readBlock, type StoredBlock } from './blockFile.ts';
export { type BlockRange, cutBlocks, type Shard } from './blocks.ts';
export type { Finishing } from './finish.ts';
export { type Format, type Manifest, readManifest } from './manifest.ts';
export { type MergeOptions, mergeSweeps } from './merge.ts';
export { type Plan, type PlanOptions, planSweep } from './plan.ts';
export { readSweep } from './read.ts';
export {
  type BlockStored,
  type SweepEvent,
  type SweepNote,
  type SweepOptions,
  type SweepSummary,
  sweep,
} from './sweep.ts';
export { type FolderVerdict, type VerifyOptions, verifyFolder } from './verify.ts';
