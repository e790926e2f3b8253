/** What the figures on correlated and anticorrelated features in two dimensions share: pairs of features. */
import type { SetKind } from '../family.ts';
import type { TrainedModels } from '../join.ts';
import type { SpecInput } from '../spec.ts';
import type { Context, Scale } from './experiment.ts';
import { bestModels, type TrainedModel } from './trained.ts';

export interface PairsData {
  models: TrainedModel[]; // best of each density; features 2k and 2k + 1 are pair k
}

/** Pairs of features in two dimensions over densities (of a pair: that it is active). */
export function pairsSpec(pairs: number, kind: SetKind, densities: number[], scale: Scale): SpecInput {
  const quick = scale === 'quick';
  return {
    model: { features: 2 * pairs, hidden: 2 },
    input: { density: densities[0], sets: Array.from({ length: pairs }, () => ({ kind, size: 2 })) },
    training: quick ? { steps: 4_000, batch: 512, learningRate: 5e-3, schedule: 'cosine' } : {},
    sweep: [{ path: 'input.density', values: densities }],
    replicas: quick ? 20 : 50,
  };
}

export async function pairsData([result]: TrainedModels[], context: Context): Promise<PairsData> {
  return { models: await bestModels(result, context) };
}
