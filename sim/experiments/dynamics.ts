/** Training seen from within: models at snapshots, and their losses on the same held-out samples. */
import { heldOutLoss } from '../evaluate.ts';
import type { TrainedGroup } from '../join.ts';
import { joinParams, takeParams, takeRows } from '../problem.ts';
import type { Context } from './experiment.ts';

/** About `count` step numbers from 0 to `steps`, even on a logarithmic scale from 1 on. */
export function logSteps(steps: number, count: number): number[] {
  const points = Array.from({ length: count }, (_, k) => Math.round(steps ** (k / (count - 1))));
  return [...new Set([0, ...points])];
}

/** `count` even steps from 0 to `steps`. */
export function evenSteps(steps: number, count: number): number[] {
  return Array.from({ length: count + 1 }, (_, k) => Math.round((steps * k) / count));
}

/** Held-out loss of instance i of a tied group at each snapshot, all on the same samples. Shape (snapshots). */
export async function snapshotLosses(group: TrainedGroup, i: number, context: Context): Promise<number[]> {
  const { problem, snapshots } = group;
  const params = joinParams(snapshots.map(({ params }) => takeParams(params, problem.family, [i])));
  const repeated = takeRows(
    problem,
    snapshots.map(() => i),
  );
  return [...(await heldOutLoss(context.engine, repeated, params, 16_384, context.threads))];
}
