import { mean } from 'mathjs/number';
import { drawBatch } from '../features.ts';
import { expandGrid } from '../grid.ts';
import type { TrainedGroup } from '../join.ts';
import { bestReplicas } from '../metrics/replicas.ts';
import type { Model } from '../model.ts';
import { initParams } from '../params.ts';
import { type Problem, takeParams, takeRows } from '../problem.ts';
import { HELD_OUT_STEP } from '../random.ts';
import type { SpecInput } from '../spec.ts';
import { exactLoss } from '../theory/exactLoss.ts';
import type { TrainResult } from '../train.ts';
import { atLeast, atMost, digits, noted } from './claims.ts';
import type { Claim, Context, Experiment, Scale } from './experiment.ts';
import { type BiasedModel, type BiasedPass, evadingModel, heldOutPass, trainBiased } from './hiddenBias.ts';
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
    replicas: scale === 'quick' ? 10 : 100,
  };
}

const sweep = [{ path: 'input.density', values: DENSITIES }];

/** Ten features in five dimensions. */
function smallSpec(hiddenActivation: 'identity' | 'relu', scale: Scale): SpecInput {
  return {
    ...training(scale),
    model: { features: 10, hidden: 5, hiddenActivation },
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

async function kindOf(result: TrainResult, context: Context): Promise<HiddenKind> {
  const group = onlyGroup(result);
  const loss = await groupLoss(group, context);
  const best = [...bestReplicas(loss, result.spec.replicas, 1)];
  return {
    models: best.map((i) => modelAt(group, i, loss[i])),
    active: best.map((i) => activeShares(group, i)),
  };
}

/** Models with a hidden bias, trained from the weights and on the samples of the first replicas of those without. */
async function biasedKind(
  { spec }: TrainResult,
  { scale, signal }: Context,
): Promise<EvadedReluData['biased']> {
  const kind: EvadedReluData['biased'] = { models: [], active: [], lift: [] };
  const [{ problem, initStd, rows }] = expandGrid(spec).groups;
  const start = initParams(problem, initStd);
  for (const p of DENSITIES.keys()) {
    const fits: (BiasedPass & { i: number; model: BiasedModel })[] = [];
    for (let replica = 0; replica < (scale === 'quick' ? 2 : 5); replica++) {
      await new Promise((resolve) => setTimeout(resolve)); // a chance to interrupt
      signal?.throwIfAborted();
      const i = p * spec.replicas + replica;
      const { W, b } = takeParams(start, problem.family, [i]);
      const c = new Float64Array(problem.family.hidden);
      const model = { W: Float64Array.from(W), b: Float64Array.from(b), c };
      trainBiased(problem, i, model);
      fits.push({ i, model, ...heldOutPass(problem, i, model, HELD_OUT) });
    }
    const best = fits.reduce((low, other) => (other.loss < low.loss ? other : low));
    kind.models.push(plainModel(problem, best.i, rows[best.i], best.model, best.loss));
    kind.active.push([...best.active].sort((a, b) => b - a));
    kind.lift.push([...best.model.c]);
  }
  return kind;
}

/** What W, b and the problem of instance i make, as plain data. */
function plainModel(problem: Problem, i: number, row: number, { W, b }: Model, loss: number): TrainedModel {
  const { features, hidden } = problem.family;
  const { density, importance } = takeRows(problem, [i]);
  return { row, features, hidden, W: [...W], b: [...b], density: [...density], importance: [...importance], loss }; // biome-ignore format: one line
}

/** The linear models with their neurons lifted until none is ever shut. */
function evadingLosses({ models }: HiddenKind, result: TrainResult): EvadedReluData['evading'] {
  const { problem, rows } = onlyGroup(result);
  return {
    loss: models.map(({ W, b, density, importance }) => {
      const model = { W: Float64Array.from(W), b: Float64Array.from(b) };
      return exactLoss(problem.family, model, density, importance).loss;
    }),
    active: models.map((model) => {
      const { active } = heldOutPass(problem, rows.indexOf(model.row), evadingModel(model), HELD_OUT);
      return Math.min(...active);
    }),
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
    'the ReLU is evaded, the basis is no longer privileged. The models with a bias are trained in plain loops. Lifted: ' +
    'a linear model whose neurons are raised until none is ever shut, and whose output bias takes that back; with a ' +
    'hidden bias its exact loss is within reach.',
  seconds: { quick: 11, paper: 600 },
  specs: (scale) => [smallSpec('relu', scale), smallSpec('identity', scale), largeSpec(scale)],
  data: async ([plain, linear, large], context) => {
    return {
      densities: DENSITIES,
      plain: await kindOf(plain, context),
      biased: await biasedKind(plain, context),
      large: await kindOf(large, context),
      evading: evadingLosses(await kindOf(linear, context), linear),
    };
  },
  signature,
};
