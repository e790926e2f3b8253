/** Blocks put together again: all instances of a group, in order. */
import type { Block, Snapshot } from './block.ts';
import type { Grid, Group } from './grid.ts';
import { joinParams, type Params, type Problem } from './problem.ts';
import type { Spec } from './spec.ts';

/** All instances of one group, trained. I = instances, S = recorded losses. */
export interface TrainedGroup {
  rows: Int32Array; // (I) row numbers in the sweep
  problem: Problem;
  params: Params; // after the last step; of a diverged instance, before the step at which it diverged
  divergedAt: Int32Array; // (I)
  lossSteps: number[]; // (S)
  losses: Float32Array; // (S, I)
  snapshots: Snapshot[];
}

/** All trained models of a spec: one group for each shape of model that the sweep has. */
export interface TrainedModels {
  spec: Spec;
  grid: Grid;
  groups: TrainedGroup[];
}

/** What is joined of a block. */
type Part = Omit<Block, 'group' | 'seconds'>;

/** Losses (S, I_b) of several blocks side by side: (S, I). */
function joinLosses(blocks: Part[], instances: number): Float32Array {
  const records = blocks[0].lossSteps.length;
  const out = new Float32Array(records * instances);
  for (const block of blocks) {
    const own = block.rows.length;
    for (let s = 0; s < records; s++) {
      out.set(block.losses.subarray(s * own, (s + 1) * own), s * instances + block.from);
    }
  }
  return out;
}

/** The blocks of one group, in order, as one trained group. */
export function joinBlocks(group: Group, blocks: Part[]): TrainedGroup {
  const divergedAt = new Int32Array(group.rows.length);
  for (const block of blocks) divergedAt.set(block.divergedAt, block.from);
  return {
    rows: group.rows,
    problem: group.problem,
    params: joinParams(blocks.map((block) => block.params)),
    divergedAt,
    lossSteps: blocks[0].lossSteps,
    losses: joinLosses(blocks, group.rows.length),
    snapshots: blocks[0].snapshots.map(({ step }, k) => ({
      step,
      params: joinParams(blocks.map((block) => block.snapshots[k].params)),
    })),
  };
}
