import type { TrainedModels } from '../join.ts';
import { interference } from '../metrics/interference.ts';
import {
  judgeNeuron,
  neuronStacks,
  rescaleNeurons,
  type Semantics,
  type Stake,
  sortNeurons,
} from '../metrics/neurons.ts';
import { shareOf } from '../metrics/share.ts';
import type { SpecInput } from '../spec.ts';
import { atLeast, atMost, decidedBy, noted, statement } from './claims.ts';
import type { Claim, Context, Experiment, Scale } from './experiment.ts';
import { bestModels } from './trained.ts';

/** One model: its neurons in the order of their largest feature, scaled so that its weight is ±1. */
export interface AbsModel {
  density: number;
  row: number;
  stacks: Stake[][]; // (m) up to twelve largest weights of each neuron
  semantics: Semantics[]; // (m)
  superposition: number[]; // (n) interference of each feature's encoder direction
}

export interface AbsSparsityData {
  models: AbsModel[];
}

const DENSITIES = [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001];
/** Weights of a neuron that are kept for drawing. */
const KEPT = 12;

/** The models of this figure and of the next. */
export function absSpec(scale: Scale): SpecInput {
  return {
    model: { features: 100, hidden: 40, hiddenActivation: 'relu', tied: false },
    input: { density: 1, importance: { base: 0.8 }, magnitude: 'signed', target: 'abs' },
    training:
      scale === 'quick'
        ? { steps: 5_000, batch: 256, learningRate: 5e-3, schedule: 'linear', init: { std: 0.04 } }
        : { init: 'stacked' },
    sweep: [{ path: 'input.density', values: DENSITIES }],
  };
}

export async function absData([result]: TrainedModels[], context: Context): Promise<AbsSparsityData> {
  const { family } = result.groups[0].problem;
  const models = (await bestModels(result, context)).map((model): AbsModel => {
    const scaled = rescaleNeurons(model, family);
    const stacks = neuronStacks(scaled, family, 0);
    const order = sortNeurons(stacks);
    return {
      density: model.density[0],
      row: model.row,
      stacks: order.map((k) => stacks[k].slice(0, KEPT)),
      semantics: order.map((k) => judgeNeuron(stacks[k])),
      superposition: [...interference(scaled, family)],
    };
  });
  return { models };
}

/** Share of the living neurons that listen to several features. */
function polyShare(model: AbsModel): number {
  const { count, of } = countsOf(model);
  return count / of;
}

/** Living neurons and those of them that listen to several features. */
function countsOf({ semantics }: AbsModel): { count: number; of: number } {
  const living = semantics.filter((kind) => kind !== 'dead');
  return { count: living.filter((kind) => kind === 'poly').length, of: living.length };
}

/** Whether shares rise from model to model, as far as so few neurons tell, and end higher than they began. */
function rises(models: readonly AbsModel[]): boolean {
  const shares = models.map(countsOf).map(({ count, of }) => shareOf(count, of));
  const falls = shares.some((share, k) => shares.slice(0, k).some((earlier) => share.high < earlier.low));
  return !falls && shares.at(-1)!.low > shares[0].high;
}

function signature({ models }: AbsSparsityData, scale: Scale): Claim[] {
  const shares = models.map(polyShare);
  const claims = [
    atMost(
      'density 1 and 0.3: all neurons are monosemantic; share of polysemantic ones',
      'TMS, by eye; bound ours',
      Math.max(shares[0], shares[1]),
      0.05,
    ),
    statement(
      'density 0.1: a few are slightly polysemantic',
      'TMS, by eye',
      'fewer than half (ours)',
      `${(100 * shares[2]).toFixed(0)} %`,
      shares[2] < 0.5,
    ),
    statement(
      'the share of polysemantic neurons grows as features become sparse',
      'TMS, by eye',
      'rising from 0.3 to 0.001: no later 95 % interval below an earlier one',
      shares.map((share) => `${(100 * share).toFixed(0)} %`).join(', '),
      rises(models.slice(1)),
    ),
    atLeast('density 0.001: all are polysemantic', 'TMS, by eye; bound ours', shares.at(-1)!, 0.95),
  ];
  const note = 'quick scale: 5,000 short steps; the least important features are hardly learned';
  return scale === 'paper' ? claims : claims.map((claim) => (claim.holds ? claim : noted(claim, note)));
}

export const absSparsity: Experiment<AbsSparsityData> = {
  name: 'abs-sparsity',
  id: 'T25',
  paper: 'toy-models',
  section: 'Computation in superposition',
  title: 'Absolute values of 100 features by 40 neurons',
  caption:
    'Encoder weights of each neuron as a stack, neurons in the order of their largest feature and scaled so that its ' +
    'weight is 1; colour is the superposition of the feature. A shaded neuron is polysemantic: its second weight is ' +
    'more than a fifth of its first. Dense features get neurons of their own, sparse ones share them.',
  seconds: { quick: 10, paper: 250 },
  specs: (scale) => [absSpec(scale)],
  data: absData,
  signature: (data, scale) => decidedBy(0, data.models, signature(data, scale)),
};
