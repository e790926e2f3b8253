/** How a sweep is cut into blocks: by its spec alone, so that every machine and every shard cuts it alike. */

import { type Grid, type Group, takeGroup } from '../grid.ts';
import { sizeOf, tensorsOf } from '../models/models.ts';
import { rowRange } from '../problem.ts';
import { SpecError } from '../specError.ts';

/** Instances [from, to) of one group, trained and stored together. */
export interface BlockRange {
  index: number; // in the whole sweep
  group: number;
  from: number;
  to: number;
}

/** Part `index` of `of` of a sweep. */
export interface Shard {
  index: number; // from 0
  of: number;
}

const BLOCK_WORK = 2 ** 38; // multiply-adds: minutes on one thread, which is what a crash may cost
const BLOCK_BYTES = 2 ** 27; // on disk
const SMALLEST = 16;
const LARGEST = 16_384;

/** Bytes of the weights of one instance. */
export function weightBytes({ problem }: Group): number {
  return tensorsOf(problem.family).reduce((sum, tensor) => sum + 4 * sizeOf(tensor), 0);
}

/** Bytes that one trained instance takes on disk: weights, snapshots, losses, a few numbers. */
export function storedBytes(grid: Grid, group: Group): number {
  const { lossEvery, snapshots } = grid.spec.record;
  const { problem } = group;
  const weights = weightBytes(group);
  return (
    weights * (1 + snapshots.length) + 4 * (2 + Math.floor((problem.training.steps - 1) / lossEvery)) + 24
  );
}

/** Multiply-adds of one pass over all samples of one instance. */
function workOf({ problem: { family, training } }: Group): number {
  return training.steps * training.batch * family.features * family.hidden;
}

/** Instances in a block of a group when the user names no number. */
function defaultSize(grid: Grid, group: Group): number {
  const byWork = Math.max(SMALLEST, BLOCK_WORK / workOf(group));
  const byBytes = Math.max(1, BLOCK_BYTES / storedBytes(grid, group));
  return Math.floor(Math.min(LARGEST, byWork, byBytes));
}

/** A block is read whole: most bytes of one. */
const BLOCK_LIMIT = 2 ** 31;

/** @throws SpecError if a block of `size` instances of a group could not be read back. */
function checkSize(grid: Grid, group: Group, size: number): void {
  const most = Math.max(1, Math.floor(BLOCK_LIMIT / storedBytes(grid, group)));
  if (Math.min(size, group.rows.length) <= most) return;
  const expected = `at most ${most} models (--block): a block of 2 GB`;
  throw new SpecError([{ path: 'options.blockInstances', expected, got: String(size) }]);
}

/**
 * All blocks of a sweep, in order. `size` is the number of instances in each, null for the usual one.
 * @throws SpecError if that makes blocks of more than 2 GB.
 */
export function cutBlocks(grid: Grid, size: number | null): BlockRange[] {
  const blocks: BlockRange[] = [];
  grid.groups.forEach((group, g) => {
    if (size !== null) checkSize(grid, group, size);
    const step = size ?? defaultSize(grid, group);
    for (let from = 0; from < group.rows.length; from += step) {
      blocks.push({ index: blocks.length, group: g, from, to: Math.min(from + step, group.rows.length) });
    }
  });
  return blocks;
}

/** The blocks of one shard: a contiguous run, as even as whole blocks allow. @throws SpecError if there are too few. */
export function shardBlocks(blocks: BlockRange[], shard: Shard | null): BlockRange[] {
  if (!shard) return blocks;
  if (shard.of > blocks.length) {
    const expected = `at most ${blocks.length} shards, one for each block (--block makes blocks smaller)`;
    throw new SpecError([{ path: 'shard', expected, got: String(shard.of) }]);
  }
  return blocks.filter(({ index }) => Math.floor((index * shard.of) / blocks.length) === shard.index);
}

/** The instances of one block as a group of its own. */
export function blockGroup(grid: Grid, { group: g, from, to }: BlockRange): Group {
  return takeGroup(grid.groups[g], rowRange(from, to));
}
