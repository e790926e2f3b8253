/** A second chance for models that diverged: the same weights and samples, a smaller learning rate. */

import type { Block } from '../block.ts';
import type { Grid, Group } from '../grid.ts';
import { placeParams } from '../problem.ts';
import { type TrainOptions, trainBlocks } from '../train.ts';
import type { StoredBlock } from './blockFile.ts';
import { pickGroup } from './pick.ts';

/** Puts retrained models, whose first tensors had learning rates `rates`, at places `at` of a block. */
function placeBlock(block: StoredBlock, retried: Block, at: number[], rates: Float64Array): void {
  placeParams(block.params, retried.params, at);
  block.snapshots.forEach(({ params }, k) => {
    placeParams(params, retried.snapshots[k].params, at);
  });
  at.forEach((row, k) => {
    block.divergedAt[row] = retried.divergedAt[k];
    block.retryRate[row] = rates[k];
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
    const { learningRate, instances } = again.problem;
    const first = learningRate.filter((_, k) => k % (learningRate.length / instances) === 0);
    placeBlock(block, event.block, picked.slice(from, from + rows.length), first.subarray(from));
  }
}
