/** The names under which weights, losses and snapshots stand in a file. */
import type { Family } from '../family.ts';
import type { TrainedGroup } from '../join.ts';
import { sizeOf, tensorsOf } from '../models/models.ts';
import type { Params } from '../problem.ts';
import type { StoredTensor } from './safetensors.ts';

/** The weights of I models as tensors (I, ...shape) by their names, `suffix` behind each. */
export function paramTensors(params: Params, family: Family, suffix: string): Record<string, StoredTensor> {
  return Object.fromEntries(
    tensorsOf(family).map(({ name, shape }) => {
      const data = params[name];
      return [name + suffix, { shape: [data.length / sizeOf({ shape }), ...shape], data }];
    }),
  );
}

/**
 * All numbers of trained models: rows (I), diverged_at (I), the weights (I, …) by tensor, loss_steps (S),
 * losses (S, I), and W.step100 … for each snapshot; `suffix` behind every name.
 */
export function trainedTensors(
  trained: Omit<TrainedGroup, 'problem'>,
  family: Family,
  suffix = '',
): Record<string, StoredTensor> {
  const instances = trained.rows.length;
  const tensors = {
    [`rows${suffix}`]: { shape: [instances], data: trained.rows },
    [`diverged_at${suffix}`]: { shape: [instances], data: trained.divergedAt },
    ...paramTensors(trained.params, family, suffix),
    [`loss_steps${suffix}`]: { shape: [trained.lossSteps.length], data: Int32Array.from(trained.lossSteps) },
    [`losses${suffix}`]: { shape: [trained.lossSteps.length, instances], data: trained.losses },
  };
  for (const { step, params } of trained.snapshots) {
    Object.assign(tensors, paramTensors(params, family, `${suffix}.step${step}`));
  }
  return tensors;
}
