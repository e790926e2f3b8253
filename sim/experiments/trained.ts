/** Trained models out of a result, as plain data for figures. */
import { heldOutLoss } from '../evaluate.ts';
import type { TrainedGroup, TrainedModels } from '../join.ts';
import { bestReplicas } from '../metrics/replicas.ts';
import { takeParams, takeRows } from '../problem.ts';
import type { Context } from './experiment.ts';

/** One trained model, JSON-able. */
export interface TrainedModel {
  row: number; // number of the instance in its sweep
  features: number; // n
  hidden: number; // m
  W: number[]; // (n, m)
  V?: number[]; // (n, m), absent when tied
  b: number[]; // (n)
  density: number[]; // (n)
  importance: number[]; // (n)
  loss: number; // held-out, mean over features
}

/** The only group of a sweep that varies nothing but densities, importances, rates and scales. */
export function onlyGroup(result: TrainedModels): TrainedGroup {
  if (result.groups.length !== 1) {
    throw new RangeError(`groups: expected 1, got ${result.groups.length}`);
  }
  return result.groups[0];
}

/** Held-out loss of each instance of a group. Shape (I). */
export function groupLoss(group: TrainedGroup, context: Context): Promise<Float64Array> {
  const samples = context.scale === 'paper' ? 65_536 : 16_384;
  return heldOutLoss(context.engine, group.problem, group.params, samples, context.threads);
}

/** Instance i of a group as plain data. */
export function modelAt(group: TrainedGroup, i: number, loss: number): TrainedModel {
  const { family } = group.problem;
  const { W, V, b } = takeParams(group.params, family, [i]);
  const { density, importance } = takeRows(group.problem, [i]);
  return {
    row: group.rows[i],
    features: family.features,
    hidden: family.hidden,
    W: [...W],
    ...(V && { V: [...V] }),
    b: [...b],
    density: [...density],
    importance: [...importance],
    loss,
  };
}

/** The model of lowest held-out loss of each cell, cell by cell, and that of all others with it. */
export async function bestModels(result: TrainedModels, context: Context): Promise<TrainedModel[]> {
  const group = onlyGroup(result);
  const loss = await groupLoss(group, context);
  return [...bestReplicas(loss, result.spec.replicas, 1)].map((i) => modelAt(group, i, loss[i]));
}
