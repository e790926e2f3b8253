/**
 * What the two figures on the geometry of many equal features share: one sweep of sparsity, and the
 * dimensionality of every feature.
 */
import type { TrainedModels } from '../join.ts';
import { dimensionsPerFeature, featureDimensionality } from '../metrics/dimensionality.ts';
import { featureNorms } from '../metrics/norms.ts';
import type { SpecInput } from '../spec.ts';
import type { Scale } from './experiment.ts';
import { onlyGroup } from './trained.ts';

/** Largest 1/(1 − S) of the released notebook, whose saved run the rules of scoring were read off. */
export const NOTEBOOK_SPARSITY = 20;

/** L = levels of sparsity, n = features. */
export interface Levels {
  features: number;
  hidden: number;
  sparsity: number[]; // (L) 1/(1 − S), rising
  dStar: number[]; // (L) m / ‖W‖²_F
  D: number[][]; // (L, n) D_i
  norms: number[][]; // (L, n) ‖W_i‖
}

/**
 * quick: the notebook's 20 levels and its ratio n/m = 10, smaller so that it can train for longer; paper: n = 400,
 * m = 30 up to 1/(1 − S) = 100. Weights start as small as the notebook's.
 */
export function geometrySpec(scale: Scale): SpecInput {
  const quick = scale === 'quick';
  return {
    model: quick ? { features: 120, hidden: 12 } : { features: 400, hidden: 30 },
    input: { density: 1 },
    training: quick
      ? { steps: 4_000, batch: 256, learningRate: 5e-3, schedule: 'cosine', init: 'stacked' }
      : { init: 'stacked' },
    sweep: [
      {
        path: 'input.density',
        from: 1,
        to: quick ? 1 / 20 : 1 / 100,
        count: quick ? 20 : 40,
        scale: 'log',
      },
    ],
  };
}

export function levelsOf(result: TrainedModels): Levels {
  const group = onlyGroup(result);
  const { family } = group.problem;
  const n = family.features;
  const D = featureDimensionality(group.params, family);
  const norms = featureNorms(group.params, family);
  const byLevel = (values: Float64Array) =>
    Array.from(group.rows, (_, level) => [...values.subarray(level * n, (level + 1) * n)]);
  return {
    features: n,
    hidden: family.hidden,
    sparsity: [...result.grid.axisValues[0]].map((density) => 1 / density),
    dStar: [...dimensionsPerFeature(group.params, family)],
    D: byLevel(D),
    norms: byLevel(norms),
  };
}
