/**
 * Chains of Langevin dynamics around trained models: the loop, the engines and the progress are those of training, with
 * the optimiser `sgld`, on fixed samples that are all taken at every step, so that the recorded losses are exact.
 */

import type { Block, TrainEvent } from './block.ts';
import type { Running } from './engines.ts';
import { type Grid, type Group, takeGroup } from './grid.ts';
import { joinBlocks, type TrainedGroup } from './join.ts';
import {
  type ChainEstimate,
  type Coefficient,
  chainEstimate,
  coefficientOf,
} from './metrics/learningCoefficient.ts';
import type { Params, Problem } from './problem.ts';
import { instanceKey } from './random.ts';
import type { Source } from './table.ts';
import { finish, trainBlocks } from './train.ts';

/** One way to run chains: step size ε, inverse temperature nβ, localisation γ. */
export interface ChainSetting {
  stepSize: number;
  inverseTemperature: number;
  localization: number;
}

/** Which chains to run around every model. */
export interface ChainPlan {
  settings: ChainSetting[]; // C of them
  chains: number; // K of each setting
  steps: number;
  burnIn: number; // share of the steps that no mean takes
  samples: number; // drawn for models that trained on fresh samples; a fixed training set is taken as it is
  seed: number;
  lossEvery: number;
}

/** What a plan is where nothing else is said: ten chains of 4,000 steps, on 5,000 samples. */
export const CHAIN_PLAN: Omit<ChainPlan, 'settings'> = {
  chains: 10,
  steps: 4000,
  burnIn: 0.5,
  samples: 5000,
  seed: 0,
  lossEvery: 10,
};

/** nβ = n / ln n, at which the mean excess of the loss estimates λ (Watanabe 2013). */
export const inverseTemperatureOf = (samples: number): number => samples / Math.log(samples);

/** Samples that a model's loss is taken over in its chains. */
export function chainSamples({ source }: Problem, plan: Pick<ChainPlan, 'samples'>): number {
  return source ? source.count : plan.samples;
}

/** The samples of the chains: those of the training, or so many drawn once from the same inputs. */
function sourceOf({ source }: Problem, samples: number): Source {
  if (source) return { ...source, batches: 'full' };
  return {
    count: samples,
    unitLength: false,
    redrawEmpty: false,
    batches: 'full',
    repeats: [],
    given: null,
  };
}

/** Chains that run together: settings outermost, then models, chains innermost. */
const countOf = ({ settings, chains }: ChainPlan, models: number): number =>
  settings.length * models * chains;

/** Columns of the chains, by their settings. */
function settingColumns(plan: ChainPlan, models: number, tensors: number): Partial<Problem> {
  const count = countOf(plan, models);
  const fill = (value: (setting: ChainSetting) => number, width: number) =>
    Float64Array.from({ length: count * width }, (_, at) =>
      value(plan.settings[Math.floor(at / width / (models * plan.chains))]),
    );
  return {
    learningRate: fill(({ stepSize }) => stepSize, tensors),
    weightDecay: new Float64Array(count * tensors),
    attack: new Float64Array(count),
    inverseTemperature: fill(({ inverseTemperature }) => inverseTemperature, 1),
    localization: fill(({ localization }) => localization, 1),
  };
}

/** Keys of chains `from` … from + count − 1. Shape (count, 2). */
const chainKeys = (seed: number, from: number, count: number): Int32Array =>
  Int32Array.from(Array.from({ length: count }, (_, i) => instanceKey(seed, from + i)).flat());

/** Chains around the models of a group, as a group whose first chain is number `from`. */
function chainGroup(group: Group, params: Params, plan: ChainPlan, from: number): Group {
  const models = group.rows.length;
  const count = countOf(plan, models);
  const of = Int32Array.from({ length: count }, (_, i) => Math.floor(i / plan.chains) % models);
  const { problem, initStd } = takeGroup({ ...group, first: undefined, start: undefined }, of);
  const source = sourceOf(problem, plan.samples);
  const training = {
    ...problem.training,
    optimizer: 'sgld' as const,
    steps: plan.steps,
    batch: source.count,
    schedule: 'constant' as const,
    warmup: 0,
    clip: 0,
    attack: undefined,
    sparsityWarmup: 0,
  };
  const shared = Int32Array.from({ length: 2 * count }, (_, at) => instanceKey(plan.seed, 0)[at % 2]);
  const dataKeys = problem.dataKeys ?? shared;
  const keys = chainKeys(plan.seed, from, count);
  const columns = settingColumns(plan, models, problem.learningRate.length / count);
  return {
    rows: Int32Array.from({ length: count }, (_, i) => from + i),
    problem: { ...problem, training, keys, dataKeys, source, ...columns },
    initStd,
    start: { params, of },
  };
}

/** A group of trained models, or of chosen ones: what chains begin at. */
export type Trained = Pick<TrainedGroup, 'rows' | 'problem' | 'params'>;

/** The grid of all chains of a plan around the models of some groups. */
function chainGrid(spec: Grid['spec'], trained: readonly Trained[], plan: ChainPlan): Grid {
  let rows = 0;
  const groups = trained.map(({ params, problem, ...own }) => {
    const initStd = new Float64Array(own.rows.length);
    const group = chainGroup({ ...own, problem, initStd }, params, plan, rows);
    rows += group.rows.length;
    return group;
  });
  const record = { lossEvery: plan.lossEvery, snapshots: [] };
  return { spec: { ...spec, record }, rows, axisValues: [], groups };
}

/** The chains around one model at one setting. R = recorded steps. */
export interface Chains extends Coefficient {
  setting: ChainSetting;
  steps: number[]; // (R) of the traces
  traces: number[][]; // (chains, R) losses, L(w*) the first
  ends: ChainEstimate[];
}

/** The traces of the chains of one setting around one model of a group. */
function chainsAt(
  { lossSteps, losses, rows }: TrainedGroup,
  plan: ChainPlan,
  place: number,
  models: number,
): Chains {
  const setting = plan.settings[Math.floor(place / models)];
  const traces = Array.from({ length: plan.chains }, (_, k) =>
    lossSteps.map((_, s) => losses[s * rows.length + place * plan.chains + k]),
  );
  const ends = traces.map((trace) => chainEstimate(trace, setting.inverseTemperature, plan.burnIn));
  return { setting, steps: lossSteps, traces, ends, ...coefficientOf(ends) };
}

/**
 * Runs chains of a plan around every model of some groups, and estimates the local learning coefficient of each. The
 * result has, for every group, the models in order, and for each model the settings in order.
 * @throws SpecError, the signal's reason when aborted, and what engines throw.
 */
export async function learningCoefficients(
  spec: Grid['spec'],
  trained: readonly Trained[],
  plan: ChainPlan,
  running: Running = {},
  onEvent: (event: TrainEvent) => void = () => {},
): Promise<Chains[][][]> {
  const grid = chainGrid(spec, trained, plan);
  const blocks: Block[][] = grid.groups.map(() => []);
  await finish(trainBlocks(grid, running), (event) => {
    if (event.kind === 'block') blocks[event.block.group].push(event.block);
    onEvent(event);
  });
  return trained.map(({ rows: { length: models } }, g) => {
    const own = joinBlocks(grid.groups[g], blocks[g]);
    return Array.from({ length: models }, (_, model) =>
      plan.settings.map((_, setting) => chainsAt(own, plan, setting * models + model, models)),
    );
  });
}
