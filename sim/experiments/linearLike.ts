import type { TrainedModels } from '../join.ts';
import { gram } from '../metrics/gram.ts';
import { atMost, decidedBy } from './claims.ts';
import type { Claim, Context, Experiment } from './experiment.ts';
import { bestModels, type TrainedModel } from './trained.ts';

export interface LinearLikeData {
  model: TrainedModel;
}

async function data([result]: TrainedModels[], context: Context): Promise<LinearLikeData> {
  const [model] = await bestModels(result, context);
  return { model };
}

/** Largest distance of WᵀW from the identity on the first m features, and of b from what it should be. */
function signature({ model }: LinearLikeData): Claim[] {
  const { features: n, hidden: m, b, density } = model;
  const G = gram(model, model);
  const wanted = (i: number, j: number) => (i === j && i < m ? 1 : 0);
  const off = Math.max(...G.map((value, k) => Math.abs(value - wanted(Math.floor(k / n), k % n))));
  const learned = Math.max(...b.slice(0, m).map(Math.abs));
  const lost = Math.max(...b.slice(m).map((value, k) => Math.abs(value - density[m + k] / 2)));
  return [
    atMost(
      `WᵀW is the identity on the ${m} most important features and 0 elsewhere; largest deviation`,
      'TMS; bound ours',
      off,
      0.1,
    ),
    atMost('b = 0 for learned features; largest deviation', 'TMS; bound ours', learned, 0.05),
    atMost('b = E[x_i] = p/2 for the others; largest deviation', 'TMS, exact; bound ours', lost, 0.05),
  ];
}

export const linearLike: Experiment<LinearLikeData> = {
  name: 'linear-like',
  id: 'T2',
  paper: 'toy-models',
  section: 'Demonstrating superposition',
  title: 'What to expect if a linear model learns the most important features',
  caption:
    'A linear model of 20 features in 5 dimensions, importance 0.7^i, density 1. WᵀW is the identity on the five most ' +
    'important features and nothing else; the bias stands in for the mean of the features that are lost.',
  seconds: { quick: 1, paper: 5 },
  specs: (scale) => [
    {
      model: { features: 20, hidden: 5, outputActivation: 'identity' },
      input: { density: 1, importance: { base: 0.7 } },
      training: scale === 'quick' ? { steps: 4_000, batch: 256, learningRate: 3e-3 } : {},
    },
  ],
  data,
  signature: (data) => decidedBy(0, [data.model], signature(data)),
};
