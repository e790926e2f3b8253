/** A second chance for models that diverged: the same weights and samples, a smaller learning rate. */

import type { Block } from '../block.ts';
import type { Params } from '../family.ts';
import type { Grid, Group } from '../grid.ts';
import { type TrainOptions, trainBlocks } from '../train.ts';
import type { StoredBlock } from './blockFile.ts';
import { pickGroup } from './pick.ts';

function placeRows(target: Float32Array, source: Float32Array, at: number[], width: number): void {
  at.forEach((row, k) => {
    target.set(source.subarray(k * width, (k + 1) * width), row * width);
  });
}

function placeParams(target: Params, source: Params, at: number[], features: number): void {
  const width = target.W.length / (target.b.length / features);
  placeRows(target.W, source.W, at, width);
  if (target.V) placeRows(target.V, source.V!, at, width);
  placeRows(target.b, source.b, at, features);
}

/** Puts retrained models at places `at` of a block. */
function placeBlock(block: StoredBlock, retried: Block, at: number[], group: Group): void {
  const n = group.problem.family.features;
  const { learningRate } = group.problem;
  placeParams(block.params, retried.params, at, n);
  block.snapshots.forEach(({ params }, k) => {
    placeParams(params, retried.snapshots[k].params, at, n);
  });
  at.forEach((row, k) => {
    block.divergedAt[row] = retried.divergedAt[k];
    block.retryRate[row] = learningRate[k];
    for (let s = 0; s < block.lossSteps.length; s++) {
      block.losses[s * block.rows.length + row] = retried.losses[s * at.length + k];
    }
  });
}

/**
 * Trains the diverged models of a block again with their learning rate times `rateFactor`, in place. Their
 * first divergence stays on record. Held-out losses are for the caller to renew.
 */
export async function retryDiverged(
  grid: Grid,
  group: Group,
  block: StoredBlock,
  rateFactor: number,
  options: TrainOptions,
): Promise<void> {
  const picked = [...block.firstDivergedAt.keys()].filter((i) => block.firstDivergedAt[i] >= 0);
  block.retry = picked.length > 0 ? rateFactor : null;
  if (picked.length === 0) return;
  block.divergedAt = block.divergedAt.slice();
  const again = pickGroup(group, picked, rateFactor);
  for await (const event of trainBlocks({ ...grid, groups: [again] }, options)) {
    if (event.kind !== 'block') continue;
    const { from, rows } = event.block;
    placeBlock(block, event.block, picked.slice(from, from + rows.length), {
      ...again,
      problem: { ...again.problem, learningRate: again.problem.learningRate.subarray(from) },
    });
  }
}
