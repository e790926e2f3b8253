import { drawBatch } from '../features.ts';
import type { TrainedGroup } from '../join.ts';
import { bestReplicas } from '../metrics/replicas.ts';
import { HELD_OUT_STEP } from '../random.ts';
import type { SpecInput } from '../spec.ts';
import type { TrainResult } from '../train.ts';
import { atLeast, atMost, noted } from './claims.ts';
import type { Claim, Context, Experiment, Scale } from './experiment.ts';
import { neuronAlignment } from './privilegedBasis.ts';
import { groupLoss, modelAt, onlyGroup, type TrainedModel } from './trained.ts';

/** One kind of model, the best of several at each density. P = densities. */
export interface HiddenKind {
  models: TrainedModel[]; // (P) without constant features; loss is their mean
  active: number[][]; // (P, m) share of held-out inputs on which each hidden unit is above 0, largest first
}

export interface EvadedReluData {
  densities: number[]; // (P) falling
  plain: HiddenKind; // ReLU hidden layer
  biased: HiddenKind; // with a stand-in for a hidden bias
  large: HiddenKind; // many features
  linear: HiddenKind; // linear hidden layer
}

const DENSITIES = [0.35, 0.12, 0.05];
const FEATURES = 10;
/**
 * The family has no hidden bias. Features that are always active and have importance 0 give a neuron one: their
 * sum is 10 ± 1.3, and nothing is lost by not reconstructing them.
 */
const CONSTANTS = 20;

function training(scale: Scale): Partial<SpecInput> {
  return {
    training: scale === 'quick' ? { steps: 2_000, batch: 256, learningRate: 5e-3, schedule: 'linear' } : {},
    replicas: scale === 'quick' ? 10 : 100,
  };
}

const sweep = [{ path: 'input.density', values: DENSITIES }];

/** Ten features in five dimensions. */
function smallSpec(hiddenActivation: 'identity' | 'relu', scale: Scale): SpecInput {
  return {
    ...training(scale),
    model: { features: FEATURES, hidden: 5, hiddenActivation },
    input: { density: 1, importance: { base: 0.75 } },
    sweep,
  };
}

/** The same with constant features behind the others. */
function biasedSpec(density: number, scale: Scale): SpecInput {
  const values = (own: (i: number) => number, constant: number) =>
    Array.from({ length: FEATURES + CONSTANTS }, (_, i) => (i < FEATURES ? own(i) : constant));
  return {
    ...training(scale),
    model: { features: FEATURES + CONSTANTS, hidden: 5, hiddenActivation: 'relu' },
    input: { density: values(() => density, 1), importance: values((i) => 0.75 ** i, 0) },
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

/** Share of one held-out batch on which each hidden unit of instance i is above 0, largest first. Shape (m). */
function activeShares(group: TrainedGroup, i: number): number[] {
  const { features: n, hidden: m } = group.problem.family;
  const inputs = drawBatch({ ...group.problem, firstStep: HELD_OUT_STEP }, i, 0);
  const W = group.params.W.subarray(i * n * m, (i + 1) * n * m);
  const samples = inputs.length / n;
  const active = new Array<number>(m).fill(0);
  for (let s = 0; s < samples; s++) {
    for (let k = 0; k < m; k++) {
      let h = 0;
      for (let j = 0; j < n; j++) h += W[j * m + k] * inputs[s * n + j];
      if (h > 0) active[k] += 1 / samples;
    }
  }
  return active.sort((a, b) => b - a);
}

/** The model cut down to its first `features` features, its loss that of these alone. */
function firstFeatures(model: TrainedModel, features: number): TrainedModel {
  return {
    ...model,
    features,
    W: model.W.slice(0, features * model.hidden),
    b: model.b.slice(0, features),
    density: model.density.slice(0, features),
    importance: model.importance.slice(0, features),
    loss: (model.loss * model.features) / features,
  };
}

async function kindOf(results: TrainResult[], features: number, context: Context): Promise<HiddenKind> {
  const kind: HiddenKind = { models: [], active: [] };
  for (const result of results) {
    const group = onlyGroup(result);
    const loss = await groupLoss(group, context);
    for (const i of bestReplicas(loss, result.spec.replicas, 1)) {
      kind.models.push(firstFeatures(modelAt(group, i, loss[i]), features));
      kind.active.push(activeShares(group, i));
    }
  }
  return kind;
}

/** Mean share of inputs on which a neuron is active, at each density. */
export function meanActive({ active }: HiddenKind): number[] {
  return active.map((shares) => shares.reduce((a, b) => a + b, 0) / shares.length);
}

function signature({ densities, plain, biased, large, linear }: EvadedReluData): Claim[] {
  const gap = (kind: HiddenKind) => kind.models.map(({ loss }, p) => loss / linear.models[p].loss);
  const [own, shifted] = [gap(plain), gap(biased)];
  const at = `density ${densities[0]}`;
  const bound = 'TMS; bound ours';
  return [
    noted(
      atLeast(
        'hidden bias: neurons are shifted positive; least mean share of inputs on which one is active, over densities',
        bound,
        Math.min(...meanActive(biased)),
        0.9,
      ),
      'twenty constant features of importance 0 stand in for the bias',
    ),
    atLeast(`large n, ${at}: the same`, bound, meanActive(large)[0], 0.9),
    atMost(
      `ten features, no bias, ${at}: neurons use their ReLU; the same`,
      bound,
      meanActive(plain)[0],
      0.9,
    ),
    atMost(
      `hidden bias, ${at}: features no longer lie along neurons; mean share of ‖W_i‖² on one`,
      bound,
      neuronAlignment(biased.models[0]),
      0.8,
    ),
    atMost(`large n, ${at}: the same`, bound, neuronAlignment(large.models[0]), 0.8),
    atMost(
      'evading pays: loss over that of the linear hidden layer, with bias against without; largest ratio',
      bound,
      Math.max(...shifted.map((value, p) => value / own[p])),
      1,
    ),
  ];
}

export const evadedRelu: Experiment<EvadedReluData> = {
  name: 'evaded-relu',
  paper: 'T23',
  section: 'Superposition in a privileged basis',
  title: 'A known failure: models that evade the hidden ReLU',
  caption:
    'Given a hidden bias, or many features, the model shifts its neurons so far up that they are nearly always active: ' +
    'the ReLU is evaded, the basis is no longer privileged. Our models have no hidden bias; twenty features that are ' +
    'always on and weigh nothing in the loss stand in for it.',
  seconds: { quick: 5, paper: 600 },
  specs: (scale) => [
    smallSpec('relu', scale),
    smallSpec('identity', scale),
    largeSpec(scale),
    ...DENSITIES.map((density) => biasedSpec(density, scale)),
  ],
  data: async ([plain, linear, large, ...biased], context) => ({
    densities: DENSITIES,
    plain: await kindOf([plain], FEATURES, context),
    biased: await kindOf(biased, FEATURES, context),
    large: await kindOf([large], 100, context),
    linear: await kindOf([linear], FEATURES, context),
  }),
  signature,
};
