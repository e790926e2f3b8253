/**
 * One block of a sweep on disk: a safetensors file that carries its own checksum. The SHA-256 in the metadata
 * is that of the whole file with the checksum's 64 digits written as zeros.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Block, Snapshot } from '../block.ts';
import type { Family } from '../family.ts';
import type { Params } from '../problem.ts';
import { replaceFile, StoreError } from '../store/files.ts';
import { decodeSafetensors, encodeSafetensors, type Tensor } from '../store/safetensors.ts';
import { trainedTensors } from '../store/tensors.ts';
import type { BlockRange } from './blocks.ts';

/** A trained, evaluated block. I = instances. */
export interface StoredBlock extends Omit<Block, 'seconds' | 'group' | 'from'> {
  heldOut: Float64Array; // (I) NaN if diverged
  firstDivergedAt: Int32Array; // (I) in the first training, whatever a retry did
  retryRate: Float64Array; // (I) learning rate of the retry whose weights these are, NaN if none
  retry: number | null; // factor on the learning rate with which diverged models were retried
}

const NO_CHECKSUM = '0'.repeat(64);
const MARK = '"sha256":"';

export const BLOCK_FOLDER = 'blocks';

/** File of a block within its sweep. */
export function blockName({ index }: Pick<BlockRange, 'index'>): string {
  return `${BLOCK_FOLDER}/block-${String(index).padStart(7, '0')}.safetensors`;
}

function tensorsOf(block: StoredBlock, family: Family): Record<string, Tensor> {
  const shape = [block.rows.length];
  return {
    ...trainedTensors(block, family),
    held_out_loss: { shape, data: block.heldOut },
    ...(block.retry !== null && {
      first_diverged_at: { shape, data: block.firstDivergedAt },
      retry_learning_rate: { shape, data: block.retryRate },
    }),
  };
}

/** Where the digits of the checksum stand in the file. */
function checksumAt(head: Uint8Array): number {
  const at = Buffer.from(head.buffer, head.byteOffset, head.byteLength).indexOf(MARK);
  return at < 0 ? -1 : at + MARK.length;
}

function hashParts(parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** Writes a block whole or not at all. */
export function writeBlock(
  folder: string,
  range: BlockRange,
  block: StoredBlock,
  family: Family,
  specHash: string,
): void {
  const parts = encodeSafetensors(tensorsOf(block, family), {
    sha256: NO_CHECKSUM, // first, so that no other text can look like it
    format: 'superpose-block',
    specHash,
    block: String(range.index),
    group: String(range.group),
    from: String(range.from),
    to: String(range.to),
    retry: String(block.retry),
    weights: Object.keys(block.params).join(' '),
  });
  const digits = Buffer.from(hashParts(parts));
  parts[0].set(digits, checksumAt(parts[0]));
  replaceFile(path.join(folder, blockName(range)), parts);
}

/** @throws StoreError unless the bytes carry their own checksum. */
function checkSum(file: string, bytes: Buffer): void {
  const at = checksumAt(bytes.subarray(0, 4096));
  if (at < 0) throw new StoreError(`${file}: expected a checksum in the header, got none`);
  const stated = bytes.toString('latin1', at, at + 64);
  bytes.fill('0', at, at + 64);
  const actual = hashParts([bytes]);
  if (stated !== actual) {
    throw new StoreError(`${file}: expected SHA-256 ${stated}, got ${actual}: the block is damaged`);
  }
}

/** The weights `names` with `suffix` behind each. */
function readParams(tensors: Record<string, Tensor>, names: string[], suffix: string): Params {
  return Object.fromEntries(names.map((name) => [name, tensors[name + suffix].data as Float32Array]));
}

function readSnapshots(tensors: Record<string, Tensor>, names: string[]): Snapshot[] {
  const mark = `${names[0]}.step`;
  const steps = Object.keys(tensors)
    .filter((name) => name.startsWith(mark))
    .map((name) => name.slice(mark.length));
  return steps.map((step) => ({ step: Number(step), params: readParams(tensors, names, `.step${step}`) }));
}

/**
 * Reads a block back.
 * @throws StoreError if it is missing, damaged, or belongs to another spec or place; the message names the file.
 */
export function readBlock(folder: string, range: BlockRange, specHash: string): StoredBlock {
  const file = path.join(folder, blockName(range));
  if (!fs.existsSync(file)) throw new StoreError(`${file}: missing`);
  const bytes = fs.readFileSync(file);
  checkSum(file, bytes);
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { group, from, to } = range;
  const expected = `${specHash} ${group} ${from} ${to}`;
  const got = `${metadata.specHash} ${metadata.group} ${metadata.from} ${metadata.to}`;
  if (expected !== got) throw new StoreError(`${file}: expected block ${expected}, got ${got}`);
  const divergedAt = tensors.diverged_at.data as Int32Array;
  const names = metadata.weights.split(' ');
  return {
    rows: tensors.rows.data as Int32Array,
    params: readParams(tensors, names, ''),
    divergedAt,
    lossSteps: [...tensors.loss_steps.data],
    losses: tensors.losses.data as Float32Array,
    snapshots: readSnapshots(tensors, names),
    heldOut: tensors.held_out_loss.data as Float64Array,
    firstDivergedAt: (tensors.first_diverged_at?.data as Int32Array) ?? divergedAt,
    retryRate:
      (tensors.retry_learning_rate?.data as Float64Array) ??
      new Float64Array(divergedAt.length).fill(Number.NaN),
    retry: metadata.retry === 'null' ? null : Number(metadata.retry),
  };
}
