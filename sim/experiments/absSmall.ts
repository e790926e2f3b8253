import type { TrainedModels } from '../join.ts';
import { rescaleNeurons } from '../metrics/neurons.ts';
import { atMost, decidedBy, near } from './claims.ts';
import type { Claim, Context, Experiment } from './experiment.ts';
import { bestModels, type TrainedModel } from './trained.ts';

export interface AbsSmallData {
  model: TrainedModel; // each neuron scaled so that its largest |W_ik| is 1
}

async function data([result]: TrainedModels[], context: Context): Promise<AbsSmallData> {
  const [model] = await bestModels(result, context);
  const { W, V } = rescaleNeurons(model, result.groups[0].problem.family);
  return { model: { ...model, W: Array.from(W), V: Array.from(V!) } };
}

/** Number of features that have one neuron for their positive and one for their negative side. */
function splitFeatures({ features: n, hidden: m, W }: TrainedModel): number {
  const owns = (i: number, sign: number) =>
    Array.from({ length: m }, (_, k) => k).filter((k) => sign * W[i * m + k] > 0.9).length === 1;
  return Array.from({ length: n }, (_, i) => i).filter((i) => owns(i, 1) && owns(i, -1)).length;
}

/** Largest |weight| of a neuron beside its largest one. */
function strayWeight({ features: n, hidden: m, W }: TrainedModel): number {
  const second = (k: number) =>
    Array.from({ length: n }, (_, i) => Math.abs(W[i * m + k])).sort((a, b) => b - a)[1];
  return Math.max(...Array.from({ length: m }, (_, k) => second(k)));
}

/** Largest distance of V from 1 where a neuron carries the feature, and from 0 elsewhere. */
function decodingError({ W, V }: TrainedModel): number {
  return Math.max(...V!.map((value, at) => Math.abs(value - (Math.abs(W[at]) > 0.9 ? 1 : 0))));
}

function signature({ model }: AbsSmallData): Claim[] {
  return [
    near(
      'features computed as ReLU(x_i) + ReLU(−x_i), a neuron for each side',
      'TMS',
      splitFeatures(model),
      3,
      0,
    ),
    atMost(
      'neurons are monosemantic: largest second weight, of 1',
      'TMS; bound ours',
      strayWeight(model),
      0.1,
    ),
    atMost(
      'both sides are summed: V is 1 there and 0 elsewhere; largest deviation',
      'TMS; bound ours',
      decodingError(model),
      0.15,
    ),
  ];
}

export const absSmall: Experiment<AbsSmallData> = {
  name: 'abs-small',
  id: 'T24',
  paper: 'toy-models',
  section: 'Computation in superposition',
  title: 'Absolute values without superposition',
  caption:
    'A model with six hidden ReLU neurons that outputs |x_i| of three dense features in [−1, 1]. Encoder and decoder ' +
    'as matrices, neurons as stacks of their weights, and the wiring: each feature gets one neuron for its positive ' +
    'and one for its negative side, and the two are summed.',
  seconds: { quick: 1, paper: 5 },
  specs: (scale) => [
    {
      model: { features: 3, hidden: 6, hiddenActivation: 'relu', tied: false },
      input: { density: 1, magnitude: 'signed', target: 'abs' },
      training: scale === 'quick' ? { steps: 4_000, batch: 256, learningRate: 5e-3, schedule: 'cosine' } : {},
      replicas: 20,
    },
  ],
  data,
  signature: (data) => decidedBy(0, [data.model], signature(data)),
};
