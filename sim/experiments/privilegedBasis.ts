import type { TrainedModels } from '../join.ts';
import { featureNorms } from '../metrics/norms.ts';
import { atLeast, atMost, decidedBy } from './claims.ts';
import type { Claim, Context, Experiment } from './experiment.ts';
import { bestModels, type TrainedModel } from './trained.ts';

export interface PrivilegedBasisData {
  linear: TrainedModel; // identity hidden layer
  relu: TrainedModel; // ReLU hidden layer
}

async function data([linear, relu]: TrainedModels[], context: Context): Promise<PrivilegedBasisData> {
  return {
    linear: (await bestModels(linear, context))[0],
    relu: (await bestModels(relu, context))[0],
  };
}

/** Mean over represented features of max_k W_ik² / ‖W_i‖²: 1 where every feature lies along a neuron. */
export function neuronAlignment(model: TrainedModel): number {
  const { features: n, hidden: m, W } = model;
  const norms = featureNorms(model, model);
  const kept = Array.from({ length: n }, (_, i) => i).filter((i) => norms[i] > 0.5);
  const share = (i: number) =>
    Math.max(...W.slice(i * m, (i + 1) * m).map((value) => value ** 2)) / norms[i] ** 2;
  return kept.reduce((sum, i) => sum + share(i), 0) / kept.length;
}

function signature({ linear, relu }: PrivilegedBasisData): Claim[] {
  return [
    atLeast(
      'ReLU hidden layer: features lie along neurons; mean share of ‖W_i‖² on one neuron',
      'TMS; bound ours',
      neuronAlignment(relu),
      0.9,
    ),
    atMost('linear hidden layer: they do not', 'TMS; bound ours', neuronAlignment(linear), 0.8),
  ];
}

export const privilegedBasis: Experiment<PrivilegedBasisData> = {
  name: 'privileged-basis',
  id: 'T21',
  paper: 'toy-models',
  section: 'Superposition in a privileged basis',
  title: 'A ReLU on the hidden layer gives it a basis',
  caption:
    'Weights W of the best of several models of ten features in five hidden dimensions, importance 0.75^i, density ' +
    '0.5. With a linear hidden layer only WᵀW matters and directions are arbitrary; with a ReLU each feature lies ' +
    'along a neuron.',
  seconds: { quick: 3, paper: 15 },
  specs: (scale) =>
    (['identity', 'relu'] as const).map((hiddenActivation) => ({
      model: { features: 10, hidden: 5, hiddenActivation },
      input: { density: 0.5, importance: { base: 0.75 } },
      training: scale === 'quick' ? { steps: 3_000, batch: 256, learningRate: 3e-3 } : {},
      replicas: 20,
    })),
  data,
  signature: (data) => [
    ...decidedBy(1, [data.relu], signature(data).slice(0, 1)),
    ...decidedBy(0, [data.linear], signature(data).slice(1)),
  ],
};
