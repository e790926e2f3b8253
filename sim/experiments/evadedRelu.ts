import { mean } from 'mathjs/number';
import type { Family } from '../family.ts';
import { drawBatch } from '../features.ts';
import type { TrainedGroup, TrainedModels } from '../join.ts';
import { bestReplicas } from '../metrics/replicas.ts';
import { forward, type Model } from '../model.ts';
import { takeModel } from '../params.ts';
import { type Problem, takeParams } from '../problem.ts';
import { HELD_OUT_STEP } from '../random.ts';
import type { SpecInput } from '../spec.ts';
import { exactLoss } from '../theory/exactLoss.ts';
import { atLeast, atMost, digits, noted } from './claims.ts';
import type { Claim, Context, Experiment, Scale } from './experiment.ts';
import { neuronAlignment } from './privilegedBasis.ts';
import { groupLoss, modelAt, onlyGroup, type TrainedModel } from './trained.ts';

/** One kind of model, the best of several at each density. P = densities. */
export interface HiddenKind {
  models: TrainedModel[]; // (P)
  active: number[][]; // (P, m) share of held-out inputs on which each hidden unit is above 0, largest first
}

export interface EvadedReluData {
  densities: number[]; // (P) falling
  plain: HiddenKind; // ReLU hidden layer
  biased: HiddenKind & { lift: number[][] }; // with a hidden bias; lift (P, m) is that bias
  large: HiddenKind; // many features
  evading: { loss: number[]; active: number[] }; // (P) best linear models, lifted: exact loss, least active share
}

const DENSITIES = [0.35, 0.12, 0.05];
const HELD_OUT = 16_384;

function training(scale: Scale): Partial<SpecInput> {
  return {
    training: scale === 'quick' ? { steps: 2_000, batch: 256, learningRate: 5e-3, schedule: 'linear' } : {},
    replicas: 100,
  };
}

const sweep = [{ path: 'input.density', values: DENSITIES }];

/** Ten features in five dimensions. Those with a hidden bias start from the weights of those without. */
function smallSpec(
  model: { hiddenActivation: 'identity' | 'relu'; hiddenBias?: boolean },
  scale: Scale,
): SpecInput {
  return {
    ...training(scale),
    model: { features: 10, hidden: 5, ...model },
    input: { density: 1, importance: { base: 0.75 } },
    sweep,
  };
}

/** A hundred features in twenty neurons. */
function largeSpec(scale: Scale): SpecInput {
  return {
    ...training(scale),
    model: { features: 100, hidden: 20, hiddenActivation: 'relu' },
    input: { density: 1, importance: { base: 0.98 } },
    sweep,
    replicas: scale === 'quick' ? 1 : 10,
  };
}

/** Share of held-out samples of instance i on which each hidden unit of a model is above 0. Shape (m). */
function activeShares(problem: Problem, i: number, family: Family, model: Model): number[] {
  const n = family.features;
  const training = { ...problem.training, batch: HELD_OUT };
  const inputs = drawBatch({ ...problem, training, firstStep: HELD_OUT_STEP }, i, 0);
  const active = new Array<number>(family.hidden).fill(0);
  for (let s = 0; s < HELD_OUT; s++) {
    const { hPre } = forward(family, model, inputs.subarray(s * n, (s + 1) * n));
    for (let k = 0; k < active.length; k++) if (hPre[k] > 0) active[k] += 1 / HELD_OUT;
  }
  return active;
}

/** Instances of lowest held-out loss, one a density, and the loss of all. */
async function bestOf(result: TrainedModels, context: Context) {
  const group = onlyGroup(result);
  const loss = await groupLoss(group, context);
  return { group, loss, best: [...bestReplicas(loss, result.spec.replicas, 1)] };
}

function kindFrom(group: TrainedGroup, loss: Float64Array, best: number[]): HiddenKind {
  const { family } = group.problem;
  const shares = (i: number) => activeShares(group.problem, i, family, takeModel(group.params, family, i));
  return {
    models: best.map((i) => modelAt(group, i, loss[i])),
    active: best.map((i) => shares(i).sort((a, b) => b - a)),
  };
}

async function kindOf(result: TrainedModels, context: Context): Promise<HiddenKind> {
  const { group, loss, best } = await bestOf(result, context);
  return kindFrom(group, loss, best);
}

/** Models with a hidden bias, and that bias. */
async function biasedKind(result: TrainedModels, context: Context): Promise<EvadedReluData['biased']> {
  const { group, loss, best } = await bestOf(result, context);
  const lift = best.map((i) => [...takeParams(group.params, group.problem.family, [i]).c]);
  return { ...kindFrom(group, loss, best), lift };
}

/**
 * The model with a linear hidden layer as one with a ReLU: each neuron is lifted by the most that inputs in [0, 1]
 * can push it down, so that it is never shut, and the outputs are lowered by as much as that adds.
 */
export function evadingModel({
  W,
  b,
}: {
  W: ArrayLike<number>;
  b: ArrayLike<number>;
}): Required<Omit<Model, 'V'>> {
  const n = b.length;
  const m = W.length / n;
  const c = new Float64Array(m);
  for (let at = 0; at < n * m; at++) c[at % m] += Math.max(0, -W[at]);
  const lowered = Float64Array.from(b, (bias, i) =>
    c.reduce((sum, value, k) => sum - value * W[i * m + k], bias),
  );
  return { W: Float64Array.from(W), b: lowered, c };
}

/** The linear models with their neurons lifted until none is ever shut. */
function evadingLosses({ models }: HiddenKind, result: TrainedModels): EvadedReluData['evading'] {
  const { problem, rows } = onlyGroup(result);
  const lifted: Family = { ...problem.family, hiddenActivation: 'relu', hiddenBias: true };
  return {
    loss: models.map(({ W, b, density, importance }) => {
      const model = { W: Float64Array.from(W), b: Float64Array.from(b) };
      return exactLoss(problem.family, model, density, importance).loss;
    }),
    active: models.map((model) =>
      Math.min(...activeShares(problem, rows.indexOf(model.row), lifted, evadingModel(model))),
    ),
  };
}

/** Mean share of inputs on which a neuron is active, at each density. */
export function meanActive({ active }: HiddenKind): number[] {
  return active.map((shares) => Number(mean(shares)));
}

const BOUND = 'TMS; bound ours';

/** With a hidden bias, or many features, neurons are shifted up; without, they are not. */
function shiftClaims({ plain, biased, large }: EvadedReluData, at: string): Claim[] {
  return [
    atLeast(
      'hidden bias: neurons are shifted positive; least mean share of inputs on which one is active, over densities',
      BOUND,
      Math.min(...meanActive(biased)),
      0.9,
    ),
    atLeast('their hidden biases are positive; least of them', 'TMS', Math.min(...biased.lift.flat()), 0),
    atLeast(`large n, ${at}: neurons are shifted positive; mean share`, BOUND, meanActive(large)[0], 0.9),
    atMost(
      `ten features, no bias, ${at}: neurons use their ReLU; mean share`,
      BOUND,
      meanActive(plain)[0],
      0.9,
    ),
  ];
}

/** Where the ReLU is evaded the basis is not privileged. */
function basisClaims({ biased, large }: EvadedReluData, at: string): Claim[] {
  return [
    atMost(
      `hidden bias, ${at}: features no longer lie along neurons; mean share of ‖W_i‖² on one`,
      BOUND,
      neuronAlignment(biased.models[0]),
      0.8,
    ),
    atMost(`large n, ${at}: the same`, BOUND, neuronAlignment(large.models[0]), 0.8),
  ];
}

/** Evading pays, and training finds it. */
function lossClaims({ plain, biased, evading }: EvadedReluData): Claim[] {
  const over = (losses: readonly number[]) =>
    Math.max(...losses.map((loss, p) => loss / plain.models[p].loss));
  return [
    noted(
      atMost(
        'evading pays: exact loss of the linear model, lifted, over that of the best trained one without bias; largest ratio',
        'exact',
        over(evading.loss),
        1,
      ),
      `its neurons are active on ${digits(100 * Math.min(...evading.active))} % of the inputs or more`,
    ),
    atMost(
      'and training finds it: loss with hidden bias over that without; largest ratio',
      'TMS',
      over(biased.models.map(({ loss }) => loss)),
      1,
    ),
  ];
}

function signature(data: EvadedReluData): Claim[] {
  const at = `density ${data.densities[0]}`;
  return [...shiftClaims(data, at), ...basisClaims(data, at), ...lossClaims(data)];
}

export const evadedRelu: Experiment<EvadedReluData> = {
  name: 'evaded-relu',
  id: 'T23',
  paper: 'toy-models',
  section: 'Superposition in a privileged basis',
  title: 'A known failure: models that evade the hidden ReLU',
  caption:
    'Given a hidden bias, or many features, the model shifts its neurons so far up that they are nearly always active: ' +
    'the ReLU is evaded, the basis is no longer privileged. The best of 100 models of each kind and density. Lifted: ' +
    'a linear model whose neurons are raised until none is ever shut, and whose output bias takes that back; with a ' +
    'hidden bias its exact loss is within reach.',
  seconds: { quick: 13, paper: 300 },
  revision: 1,
  specs: (scale) => [
    smallSpec({ hiddenActivation: 'relu' }, scale),
    smallSpec({ hiddenActivation: 'identity' }, scale),
    largeSpec(scale),
    smallSpec({ hiddenActivation: 'relu', hiddenBias: true }, scale),
  ],
  data: async ([plain, linear, large, biased], context) => {
    return {
      densities: DENSITIES,
      plain: await kindOf(plain, context),
      biased: await biasedKind(biased, context),
      large: await kindOf(large, context),
      evading: evadingLosses(await kindOf(linear, context), linear),
    };
  },
  signature,
};
