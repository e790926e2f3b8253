/** Training seen from within: models at snapshots, and their losses on the same held-out samples. */
import { heldOutLoss } from '../evaluate.ts';
import { concatenate, type Problem, sliceParams, sliceProblem } from '../family.ts';
import type { TrainedGroup } from '../join.ts';
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

/** Instance i of a problem `times` times, so that as many versions of one model see the same samples. */
function repeatInstance(problem: Problem, i: number, times: number): Problem {
  const one = sliceProblem(problem, i, i + 1);
  const repeat = <T extends Float64Array | Int32Array>(column: T): T => {
    const out = new (column.constructor as new (length: number) => T)(column.length * times);
    for (let k = 0; k < times; k++) out.set(column, k * column.length);
    return out;
  };
  return {
    ...one,
    instances: times,
    keys: repeat(one.keys),
    density: repeat(one.density),
    importance: repeat(one.importance),
    learningRate: repeat(one.learningRate),
    weightDecay: repeat(one.weightDecay),
  };
}

/** Held-out loss of instance i of a tied group at each snapshot, all on the same samples. Shape (snapshots). */
export async function snapshotLosses(group: TrainedGroup, i: number, context: Context): Promise<number[]> {
  const { problem, snapshots } = group;
  const own = snapshots.map(({ params }) => sliceParams(params, problem.family, i, i + 1));
  const params = {
    W: concatenate(own.map(({ W }) => W)),
    V: null,
    b: concatenate(own.map(({ b }) => b)),
  };
  const repeated = repeatInstance(problem, i, snapshots.length);
  return [...(await heldOutLoss(context.engine, repeated, params, 16_384, context.threads))];
}
