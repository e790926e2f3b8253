import type { TrainedModels } from '../join.ts';
import { gram } from '../metrics/gram.ts';
import { atLeast, atMost, decidedBy } from './claims.ts';
import type { Claim, Context, Experiment } from './experiment.ts';
import { bestModels, type TrainedModel } from './trained.ts';

export interface LocalBasisData {
  model: TrainedModel; // features 0–9 and 10–19 are the two sets
}

const SET = 10;

async function data([result]: TrainedModels[], context: Context): Promise<LocalBasisData> {
  const [model] = await bestModels(result, context);
  return { model };
}

function signature({ model }: LocalBasisData): Claim[] {
  const n = model.features;
  const G = gram(model, model);
  const entries = [...G].map((value, k) => ({ value: Math.abs(value), i: Math.floor(k / n), j: k % n }));
  const same = (i: number, j: number) => Math.floor(i / SET) === Math.floor(j / SET);
  const rms = (chosen: typeof entries) =>
    Math.sqrt(chosen.reduce((sum, { value }) => sum + value ** 2, 0) / chosen.length);
  const within = rms(entries.filter(({ i, j }) => i !== j && same(i, j)));
  const across = rms(entries.filter(({ i, j }) => !same(i, j)));
  const diagonal = entries.filter(({ i, j }) => i === j).map(({ value }) => value);
  return [
    atLeast('least ‖W_i‖² on the diagonal', 'TMS; bound ours', Math.min(...diagonal), 0.7),
    atMost(
      'blocks within a set are close to the identity; r.m.s. of W_i·W_j within a set',
      'TMS; bound ours',
      within,
      0.1,
    ),
    atLeast(
      'interference is across sets; its r.m.s. over that within a set',
      'TMS; bound ours',
      across / within,
      2,
    ),
  ];
}

export const localBasis: Experiment<LocalBasisData> = {
  name: 'local-orthogonal-bases',
  id: 'T16',
  paper: 'toy-models',
  section: 'Correlated and anticorrelated features',
  title: 'Local, almost orthogonal bases',
  caption:
    'WᵀW of 20 features in 10 dimensions, two sets of ten that are active together (lines). Each set has a nearly ' +
    'orthogonal basis of its own; the two bases interfere.',
  seconds: { quick: 1, paper: 20 },
  specs: (scale) => [
    {
      model: { features: 20, hidden: 10 },
      input: {
        density: 0.05,
        sets: [
          { kind: 'correlated', size: SET },
          { kind: 'correlated', size: SET },
        ],
      },
      training: scale === 'quick' ? { steps: 5_000, batch: 256, learningRate: 5e-3, schedule: 'cosine' } : {},
      replicas: 4,
    },
  ],
  data,
  signature: (data) => decidedBy(0, [data.model], signature(data)),
};
