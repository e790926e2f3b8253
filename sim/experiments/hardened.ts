/** Small models trained against attacks of growing length, many a length: what is left of their superposition. */
import type { Attack } from '../family.ts';
import type { TrainedModels } from '../join.ts';
import { dimensionsPerFeature } from '../metrics/dimensionality.ts';
import { interference } from '../metrics/interference.ts';
import { featureNorms } from '../metrics/norms.ts';
import { replicaQuantiles } from '../metrics/replicas.ts';
import type { SpecInput } from '../spec.ts';
import type { Scale } from './experiment.ts';
import { onlyGroup } from './trained.ts';

/** What became of the models under attacks of each length. L = lengths. */
export interface Hardened {
  of: Attack['of']; // what the lengths are a share of
  replicas: number; // models a length
  lengths: number[]; // (L)
  featuresPerDimension: number[]; // (L) median of ‖W‖²_F / m
  quartiles: [number[], number[]]; // (L) of the same
  free: number[]; // (L) share of the models in which no feature has both norm and interference over 1/2
}

const LENGTHS = [0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 1, 1.2];

/** 100 models of 20 features in 5 dimensions for every length, all of one density; sizes, density and steps are ours. */
export function hardenedSpec(scale: Scale, of: Attack['of']): SpecInput {
  return {
    model: { features: 20, hidden: 5 },
    input: { density: 0.1 },
    training: {
      steps: scale === 'quick' ? 1_000 : 5_000,
      batch: 128,
      learningRate: 5e-3,
      schedule: 'cosine',
      attack: { kind: 'feature', length: 0, of },
    },
    sweep: [{ path: 'training.attack.length', values: LENGTHS }],
    replicas: 100,
  };
}

export function hardenedModels(result: TrainedModels): Hardened {
  const { params, problem } = onlyGroup(result);
  const { replicas } = result.spec;
  const { features: n } = problem.family;
  const perDimension = dimensionsPerFeature(params, problem.family).map((d) => 1 / d);
  const [norms, shared] = [featureNorms(params, problem.family), interference(params, problem.family)];
  const superposed = norms.map((norm, at) => Number(norm > 0.5 && shared[at] > 0.5));
  const isFree = perDimension.map((_, i) => Number(!superposed.subarray(i * n, (i + 1) * n).includes(1)));
  const lengths = [...new Set(result.grid.axisValues[0])];
  const quartiles = replicaQuantiles(perDimension, replicas, [0.25, 0.5, 0.75]);
  const quartile = (k: number) => lengths.map((_, cell) => quartiles[3 * cell + k]);
  const share = (cell: number) =>
    isFree.subarray(cell * replicas, (cell + 1) * replicas).reduce((sum, one) => sum + one, 0) / replicas;
  return {
    of: result.spec.training.attack!.of,
    replicas,
    lengths,
    featuresPerDimension: quartile(1),
    quartiles: [quartile(0), quartile(2)],
    free: lengths.map((_, cell) => share(cell)),
  };
}

/** Least length from which on most models have no feature in superposition; NaN if there is none. */
export function freedAt({ lengths, free }: Hardened): number {
  const first = free.findIndex((_, k) => free.slice(k).every((share) => share > 0.5));
  return first < 0 ? Number.NaN : lengths[first];
}
