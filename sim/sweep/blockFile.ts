/**
 * One block of a sweep on disk: a safetensors file that carries its own checksum. The SHA-256 in the metadata
 * is that of the whole file with the checksum's 64 digits written as zeros.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Block, Snapshot } from '../block.ts';
import type { Family } from '../family.ts';
import type { Params } from '../problem.ts';
import { DamageError, readBytes, replaceFile, StoreError } from '../store/files.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../store/safetensors.ts';
import { trainedTensors } from '../store/tensors.ts';
import type { BlockRange } from './blocks.ts';
import type { Manifest } from './manifest.ts';

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

function tensorsOf(block: StoredBlock, family: Family): Record<string, StoredTensor> {
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

/** What a block is of: two blocks of one origin and place hold the same numbers. */
type Origin = Pick<Manifest, 'specHash' | 'engine' | 'superpose'>;

/** What a block says of itself. */
function labelsOf({ index, group, from, to }: BlockRange, { specHash, engine, superpose }: Origin) {
  return {
    superpose,
    engine,
    specHash,
    block: String(index),
    group: String(group),
    from: String(from),
    to: String(to),
  };
}

/** Writes a block whole or not at all. `mayRename` is asked before it gets its name. Returns its SHA-256. */
export function writeBlock(
  folder: string,
  range: BlockRange,
  block: StoredBlock,
  family: Family,
  origin: Origin,
  mayRename?: () => void,
): string {
  const parts = encodeSafetensors(tensorsOf(block, family), {
    sha256: NO_CHECKSUM, // first, so that no other text can look like it
    format: 'superpose-block',
    ...labelsOf(range, origin),
    retry: String(block.retry),
    weights: Object.keys(block.params).join(' '),
  });
  const digits = Buffer.from(hashParts(parts));
  parts[0].set(digits, checksumAt(parts[0]));
  return replaceFile(path.join(folder, blockName(range)), parts, mayRename);
}

/** @throws DamageError unless the bytes carry their own checksum. */
function checkSum(file: string, whole: Uint8Array): void {
  const bytes = Buffer.from(whole.buffer, whole.byteOffset, whole.length); // the same memory
  const at = checksumAt(bytes.subarray(0, 4096));
  if (at < 0 || at + 64 > bytes.length) {
    throw new DamageError(`${file}: expected a checksum in the header, got none`);
  }
  const stated = bytes.toString('latin1', at, at + 64);
  bytes.fill('0', at, at + 64);
  const actual = hashParts([bytes]);
  if (stated !== actual) {
    throw new DamageError(`${file}: expected SHA-256 ${stated}, got ${actual}: the block is damaged`);
  }
  bytes.write(stated, at, 'latin1');
}

/** @throws StoreError if whole bytes are of another sweep or place: nothing to repair, and not ours to remove. */
function checkOrigin(
  file: string,
  metadata: Record<string, string>,
  range: BlockRange,
  origin: Origin,
): void {
  const wrong = Object.entries(labelsOf(range, origin)).find(([name, value]) => metadata[name] !== value);
  if (!wrong) return;
  const [name, value] = wrong;
  throw new StoreError(
    `${file}: expected a block of ${name} ${value}, got ${metadata[name]}; it is whole, so move it to where it belongs`,
  );
}

/** A block and the SHA-256 of its file. */
export interface CheckedBlock {
  block: StoredBlock;
  sha256: string;
}

/** The weights `names` with `suffix` behind each. */
function readParams(tensors: Record<string, StoredTensor>, names: string[], suffix: string): Params {
  return Object.fromEntries(names.map((name) => [name, tensors[name + suffix].data as Float32Array]));
}

function readSnapshots(tensors: Record<string, StoredTensor>, names: string[]): Snapshot[] {
  const mark = `${names[0]}.step`;
  const steps = Object.keys(tensors)
    .filter((name) => name.startsWith(mark))
    .map((name) => name.slice(mark.length));
  return steps.map((step) => ({ step: Number(step), params: readParams(tensors, names, `.step${step}`) }));
}

/** The bytes of a block, checked by its own checksum. @throws DamageError; the system's error if it cannot be read */
export function readBlockBytes(file: string): Uint8Array {
  const bytes = readBytes(file);
  checkSum(file, bytes);
  return bytes;
}

/** `readBlock`, with the SHA-256 of what was read. */
export function checkBlock(folder: string, range: BlockRange, origin: Origin): CheckedBlock {
  const file = path.join(folder, blockName(range));
  const bytes = readBlockBytes(file);
  const { tensors, metadata } = decodeSafetensors(bytes);
  checkOrigin(file, metadata, range, origin);
  return { block: blockOf(tensors, metadata), sha256: hashParts([bytes]) };
}

/**
 * Reads a block back.
 * @throws DamageError if its checksum does not fit; StoreError if it is missing, or of another spec, engine, version
 * or place; the message names the file. The system's error if it cannot be read.
 */
export function readBlock(folder: string, range: BlockRange, origin: Origin): StoredBlock {
  try {
    return checkBlock(folder, range, origin).block;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new StoreError(`${path.join(folder, blockName(range))}: missing`);
  }
}

function blockOf(tensors: Record<string, StoredTensor>, metadata: Record<string, string>): StoredBlock {
  const divergedAt = tensors.diverged_at.data as Int32Array;
  const names = metadata.weights.split(' ');
  return {
    rows: tensors.rows.data as Int32Array,
    params: readParams(tensors, names, ''),
    divergedAt,
    lossSteps: Array.from(tensors.loss_steps.data),
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
