/** The names under which weights, losses and snapshots stand in a file. */
import type { Family, Params } from '../family.ts';
import type { TrainedGroup } from '../join.ts';
import type { Tensor } from './safetensors.ts';

/** W, V, b of I models as tensors, `suffix` behind each name. */
export function paramTensors(params: Params, family: Family, suffix: string): Record<string, Tensor> {
  const { features: n, hidden: m } = family;
  const instances = params.b.length / n;
  return {
    [`W${suffix}`]: { shape: [instances, n, m], data: params.W },
    ...(params.V && { [`V${suffix}`]: { shape: [instances, n, m], data: params.V } }),
    [`b${suffix}`]: { shape: [instances, n], data: params.b },
  };
}

/**
 * All numbers of trained models: rows (I), diverged_at (I), W (I, n, m), V if untied, b (I, n), loss_steps (S),
 * losses (S, I), and W.step100 … for each snapshot; `suffix` behind every name.
 */
export function trainedTensors(
  trained: Omit<TrainedGroup, 'problem'>,
  family: Family,
  suffix = '',
): Record<string, Tensor> {
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
