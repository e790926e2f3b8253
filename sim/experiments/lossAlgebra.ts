import { type Family, reluOutputFamily } from '../family.ts';
import type { TrainedModels } from '../join.ts';
import type { Model } from '../model.ts';
import type { SpecInput } from '../spec.ts';
import { exactLoss } from '../theory/exactLoss.ts';
import { linearExpectedLoss, linearLossTerms, oneSparseLoss } from '../theory/linear.ts';
import { atMost, near, statement } from './claims.ts';
import type { Claim, Context, Experiment, Scale } from './experiment.ts';
import { bestModels, type TrainedModel } from './trained.ts';

/** Losses, summed over features, when k of 5 features are unit vectors spread evenly over two dimensions. */
interface Packing {
  k: number;
  linear: number; // benefit + interference of the linear model
  oneSparse: number; // of the ReLU-output model, b = 0, one feature at value 1
}

export interface LossAlgebraData {
  packings: Packing[]; // k = 0 … 5
  linear: { model: TrainedModel; exact: number }[];
  relu: { model: TrainedModel; exact: number }[];
}

const FEATURES = 5;
const HIDDEN = 2;

function familyOf(outputActivation: 'identity' | 'relu'): Family {
  return { ...reluOutputFamily(FEATURES, HIDDEN), outputActivation };
}

/** k unit vectors as far apart as they can be on a line's two ends or a circle, the other features zero. */
function packed(k: number): Model {
  const W = new Float64Array(FEATURES * HIDDEN);
  const turn = k === 2 ? Math.PI / 2 : (2 * Math.PI) / Math.max(1, k);
  for (let i = 0; i < k; i++) W.set([Math.cos(i * turn), Math.sin(i * turn)], i * HIDDEN);
  return { W, b: new Float64Array(FEATURES) };
}

function packing(k: number): Packing {
  const ones = new Float64Array(FEATURES).fill(1);
  const { benefit, interference } = linearLossTerms(familyOf('identity'), packed(k), ones);
  return {
    k,
    linear: benefit + interference,
    oneSparse: oneSparseLoss(familyOf('relu'), packed(k), ones),
  };
}

const asModel = ({ W, b }: TrainedModel): Model => ({
  W: Float64Array.from(W),
  b: Float64Array.from(b),
});

async function data([linear, relu]: TrainedModels[], context: Context): Promise<LossAlgebraData> {
  const linearModels = await bestModels(linear, context);
  const reluModels = await bestModels(relu, context);
  return {
    packings: Array.from({ length: FEATURES + 1 }, (_, k) => packing(k)),
    linear: linearModels.map((model) => ({
      model,
      exact: linearExpectedLoss(familyOf('identity'), asModel(model), model.density, model.importance),
    })),
    relu: reluModels.map((model) => ({
      model,
      exact: exactLoss(familyOf('relu'), asModel(model), model.density, model.importance).loss,
    })),
  };
}

const argmin = (values: readonly number[]) => values.indexOf(Math.min(...values));

function signature({ packings, linear, relu }: LossAlgebraData): Claim[] {
  const deviation = Math.max(
    ...[...linear, ...relu].map(({ model, exact }) => Math.abs(model.loss / exact - 1)),
  );
  return [
    near(
      'linear: the best number of features to represent is m, never more',
      'TMS, exact',
      argmin(packings.map((one) => one.linear)),
      HIDDEN,
      0,
    ),
    near(
      'ReLU output, 1-sparse, b = 0: two antipodal pairs cost nothing but the fifth feature',
      'TMS, exact',
      packings[4].oneSparse,
      1,
      1e-9,
    ),
    statement(
      'so the ReLU-output model gains by representing more than m features',
      'TMS',
      'least 1-sparse loss at k > 2',
      `at k = ${argmin(packings.map((one) => one.oneSparse))}`,
      argmin(packings.map((one) => one.oneSparse)) > HIDDEN,
    ),
    atMost(
      'largest relative deviation of held-out losses from the algebra',
      'exact; bound ours, for sampling noise',
      deviation,
      0.05,
    ),
  ];
}

export const lossAlgebra: Experiment<LossAlgebraData> = {
  name: 'loss-algebra',
  id: 'T5',
  paper: 'toy-models',
  section: 'Demonstrating superposition',
  title: 'Why ReLU output makes room: the algebra of the loss',
  caption:
    'Left: loss when k of five features are unit vectors spread evenly over two dimensions. To the linear model all ' +
    'interference costs, so two features are best; with ReLU output negative interference is free for 1-sparse inputs. ' +
    'Right: losses of trained models on held-out samples against the closed forms.',
  seconds: { quick: 1, paper: 10 },
  specs: (scale: Scale): SpecInput[] =>
    (['identity', 'relu'] as const).map((outputActivation) => ({
      model: { features: FEATURES, hidden: HIDDEN, outputActivation },
      input: { density: 1 },
      training: scale === 'quick' ? { steps: 1_500, batch: 256, learningRate: 5e-3 } : {},
      sweep: [{ path: 'input.density', from: 1, to: 0.05, count: 8, scale: 'log' }],
    })),
  data,
  signature,
};
