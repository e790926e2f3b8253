/** SGD from a noisy square: how the loss goes down level by level, and the learning coefficient up. */
import type { TrainedModels } from '../join.ts';
import { CHAIN_PLAN, inverseTemperatureOf, learningCoefficients, type Trained } from '../langevin.ts';
import { joinParams, takeParams, takeRows } from '../problem.ts';
import type { SpecInput } from '../spec.ts';
import { near, noted, shareAtLeast, statement } from './claims.ts';
import type { Claim, Context, Experiment, Scale } from './experiment.ts';
import {
  FEATURES,
  KGON_MODEL,
  type KgonPhase,
  type Placed,
  paperPhases,
  phaseOf,
  placeOf,
  WITHIN,
  weightsOf,
} from './kgons.ts';
import { onlyGroup } from './trained.ts';

/** One run along its C checkpoints, and λ̂ there. */
export interface Descent {
  row: number;
  loss: number[]; // (C) exact expected loss
  phase: number[]; // (C) place of the level among the phases, −1 on none
  lambda: (number | null)[]; // (C) λ̂, null where all chains left
  left: number; // chains that left, of all
  chains: number;
}

export interface StaircaseData {
  phases: KgonPhase[];
  steps: number[]; // (C) of the checkpoints, the start first
  runs: number;
  counts: number[]; // (P) checkpoints behind the start on each level
  off: number; // checkpoints behind the start on none
  upward: number; // runs that went from a level to a higher one
  stairs: number[][]; // (≤ SHOWN, C) exact losses of other runs, those that pass most levels first
  histogram: { from: number; width: number; counts: number[] }; // of the exact losses behind the start
  fresh: { on: number; all: number }; // checkpoints on a level of all those behind the start, on fresh samples
  descents: Descent[]; // of runs that pass most levels, one for each sequence of levels
}

/** Of the paper: 1,000 samples of its own for each run, 4,500 epochs of batches of 20. */
const SAMPLES = 1_000;
const BATCH = 20;
const STEPS = (4_500 * SAMPLES) / BATCH;
/** Runs whose losses are drawn. */
const SHOWN = 12;
/** Levels of which the paper speaks. */
const NAMED = ['4', '4⁺', '4⁺⁺', '5'];
const BINS = { from: 0.04, width: 5e-4, count: 160 };

function staircaseSpec(scale: Scale): SpecInput {
  const quick = scale === 'quick';
  const every = STEPS / (quick ? 20 : 150);
  return {
    name: 'kgon-staircase',
    ...KGON_MODEL,
    input: { ...KGON_MODEL.input, samples: { count: SAMPLES, batches: 'drawn' } },
    training: {
      optimizer: 'sgd',
      learningRate: 0.005,
      weightDecay: 0,
      reduction: 'sum',
      batch: BATCH,
      steps: STEPS,
      init: { values: weightsOf(phaseOf(4, 0), 0), noise: 0.01 },
    },
    replicas: quick ? 32 : 1_000,
    record: {
      lossEvery: STEPS / 100,
      snapshots: Array.from({ length: STEPS / every + 1 }, (_, k) => k * every),
    },
  };
}

/** The same on fresh samples at every step, a fifth as long: what of it is due to a sample that is given once. */
function freshSpec(scale: Scale): SpecInput {
  const { name: _name, record: _record, ...rest } = staircaseSpec(scale);
  const steps = STEPS / 5;
  return {
    ...rest,
    input: KGON_MODEL.input,
    training: { ...rest.training, steps },
    replicas: scale === 'quick' ? 16 : 200,
    record: { lossEvery: steps / 10, snapshots: [0, 1, 2, 3, 4].map((k) => (k * steps) / 4) },
  };
}

/** Where every run stands at every checkpoint. (runs)(checkpoints) */
function placesOf(result: TrainedModels, phases: KgonPhase[]): Placed[][] {
  const { rows, snapshots } = onlyGroup(result);
  return Array.from(rows, (row, i) =>
    snapshots.map(({ params: { W, b } }) =>
      placeOf(
        row,
        W.subarray(2 * FEATURES * i, 2 * FEATURES * (i + 1)),
        b.subarray(FEATURES * i, FEATURES * (i + 1)),
        phases,
      ),
    ),
  );
}

/** The levels that a run passes, in their order, without the places in between. */
const passed = (run: readonly Placed[]): number[] =>
  run
    .map(({ phase }) => phase)
    .filter((phase) => phase >= 0)
    .filter((phase, at, all) => phase !== all[at - 1]);

/** Chains around every checkpoint behind the start of run i, on the run's own samples: ε and γ of the paper. */
async function descentOf(
  result: TrainedModels,
  i: number,
  run: Placed[],
  context: Context,
): Promise<Descent> {
  const { problem, rows, snapshots } = onlyGroup(result);
  const own = snapshots.map(() => i);
  const trained: Trained = {
    rows: Int32Array.from(own, () => rows[i]),
    problem: takeRows(problem, own),
    params: joinParams(snapshots.map(({ params }) => takeParams(params, problem.family, [i]))),
  };
  const inverseTemperature = inverseTemperatureOf(SAMPLES);
  const settings = [{ stepSize: 1e-3, inverseTemperature, localization: 1 }];
  const plan = { ...CHAIN_PLAN, settings, steps: 500, samples: SAMPLES };
  const [models] = await learningCoefficients(result.spec, [trained], plan, context);
  const estimates = models.map(([chains]) => chains);
  return {
    row: rows[i],
    loss: run.map(({ loss }) => loss),
    phase: run.map(({ phase }) => phase),
    lambda: estimates.map(({ status, lambda }) => (status === 'estimate' ? lambda : null)),
    left: estimates.reduce((sum, { left }) => sum + left, 0),
    chains: estimates.length * plan.chains,
  };
}

function histogramOf(losses: readonly number[]): StaircaseData['histogram'] {
  const { from, width, count } = BINS;
  const counts = new Array<number>(count).fill(0);
  for (const loss of losses) counts[Math.min(count - 1, Math.max(0, Math.floor((loss - from) / width)))]++;
  return { from, width, counts };
}

/** The first of each kind, in their order. */
const ofEachKind = <T>(all: readonly T[], kindOf: (one: T) => string): T[] => {
  const kinds = all.map(kindOf);
  return all.filter((_, k) => kinds.indexOf(kinds[k]) === k);
};

/** Checkpoints behind the start that stand on a level. */
function freshOf(result: TrainedModels, phases: KgonPhase[]): StaircaseData['fresh'] {
  const behind = placesOf(result, phases).flatMap((run) => run.slice(1));
  return { on: behind.filter(({ phase }) => phase >= 0).length, all: behind.length };
}

async function data([result, fresh]: TrainedModels[], context: Context): Promise<StaircaseData> {
  const phases = paperPhases();
  const places = placesOf(result, phases);
  const behind = places.flatMap((run) => run.slice(1));
  const levels = places.map((run) => passed(run).map((phase) => phases[phase].level));
  const upward = levels.filter((own) => own.some((level, k) => level > own[k - 1])).length;
  const total = (run: number) => places[run].reduce((sum, { loss }) => sum + loss, 0);
  const order = [...places.keys()].sort((a, b) => levels[b].length - levels[a].length || total(a) - total(b));
  const chosen = ofEachKind(order, (i) => String(levels[i])).slice(0, context.scale === 'quick' ? 2 : 6);
  const descents: Descent[] = [];
  for (const i of chosen) descents.push(await descentOf(result, i, places[i], context));
  return {
    phases,
    steps: onlyGroup(result).snapshots.map(({ step }) => step),
    runs: places.length,
    counts: phases.map((_, p) => behind.filter(({ phase }) => phase === p).length),
    off: behind.filter(({ phase }) => phase < 0).length,
    upward,
    stairs: order
      .filter((i) => !chosen.includes(i))
      .slice(0, SHOWN)
      .map((i) => places[i].map(({ loss }) => loss)),
    histogram: histogramOf(behind.map(({ loss }) => loss)),
    fresh: freshOf(fresh, phases),
    descents,
  };
}

/** Mean λ̂ of a run's checkpoints on each level that it stands on for two or more, from the highest level down. */
export function coefficientsByLevel({ phase, lambda }: Descent, phases: readonly KgonPhase[]) {
  return phases
    .map(({ name, level }, p) => {
      const own = lambda.filter((value, k): value is number => phase[k] === p && value !== null && k > 0);
      return {
        name,
        level,
        count: own.length,
        lambda: own.reduce((sum, value) => sum + value, 0) / own.length,
      };
    })
    .filter(({ count }) => count >= 2)
    .sort((a, b) => b.level - a.level);
}

function risesClaim({ descents, phases }: StaircaseData): Claim {
  const all = descents.map((own) => coefficientsByLevel(own, phases)).filter((own) => own.length > 1);
  const rising = all.filter((own) => own.every(({ lambda }, k) => k === 0 || lambda > own[k - 1].lambda));
  const describe = (own: (typeof all)[number]) =>
    own.map(({ name, lambda }) => `${lambda.toFixed(2)} on ${name}`).join(', ');
  return noted(
    statement(
      'where the loss steps down λ̂ steps up',
      'CHEN-N',
      'mean λ̂ on each level of a run above that on the level before',
      all.map(describe).join('; ') || 'no run passes two levels',
      all.length > 0 && rising.length === all.length,
    ),
    'ε = 0.001, γ = 1, 500 steps, on the samples of the run',
  );
}

/** λ̂ of a reproduction of the paper along its run; tolerance ours. */
const ALONG: readonly [name: string, lambda: number][] = [
  ['4⁺', 4.3],
  ['5', 6.7],
];

/** Mean λ̂ of the checkpoints on a level, over the runs that stand there. */
function lambdaOn(name: string, { descents, phases }: StaircaseData): number {
  const own = descents.flatMap((one) => coefficientsByLevel(one, phases)).filter((one) => one.name === name);
  const count = own.reduce((sum, one) => sum + one.count, 0);
  return own.reduce((sum, one) => sum + one.count * one.lambda, 0) / count;
}

function signature(own: StaircaseData): Claim[] {
  const { phases, counts, off } = own;
  const on = phases.reduce((sum, { name }, p) => sum + (NAMED.includes(name) ? counts[p] : 0), 0);
  const all = counts.reduce((sum, count) => sum + count, 0) + off;
  const visited = phases.filter((_, p) => counts[p] > 0).map(({ name }) => name);
  return [
    noted(
      shareAtLeast(
        `checkpoints of SGD stand on the levels of ${NAMED.join(', ')}, within ${WITHIN} of the exact loss`,
        'CHEN-R',
        on,
        all,
        0.95,
      ),
      `${off} of ${all} are on no level, ${all - on - off} on another; 1,000 samples are not the expectation: with positive dead biases a run settles a little above the level`,
    ),
    shareAtLeast(
      `so do those of SGD on fresh samples, on levels of any k-gon, within ${WITHIN}`,
      'ours; share and distance of the reproduction',
      own.fresh.on,
      own.fresh.all,
      0.95,
    ),
    shareAtLeast(
      'runs go down from level to level, and never up',
      'CHEN-N; share ours',
      own.runs - own.upward,
      own.runs,
      0.95,
    ),
    statement(
      'levels of squares with and without positive biases and of the pentagon are visited',
      'CHEN-N',
      NAMED.join(', '),
      visited.join(', ') || 'none',
      NAMED.every((name) => visited.includes(name)),
    ),
    risesClaim(own),
    ...ALONG.map(([name, lambda]) =>
      near(`λ̂ of checkpoints on ${name}`, 'CHEN-R; tolerance ours', lambdaOn(name, own), lambda, 1),
    ),
  ];
}

export const kgonStaircase: Experiment<StaircaseData> = {
  name: 'kgon-staircase',
  id: 'L5',
  paper: 'learning',
  section: 'SGD',
  title: 'SGD goes down the levels, and λ̂ goes up',
  caption:
    'Runs of SGD from a square with normal noise of 0.01, each on 1,000 samples of its own in batches of 20, 4,500 epochs. ' +
    'Left: exact expected loss of the runs that pass most levels; they stand on levels of k-gons and step from one to the ' +
    'next. Middle: how many checkpoints of all runs stand where. Right: two of the runs with λ̂ by Langevin dynamics, on the ' +
    'samples of the run: it steps up where the loss steps down.',
  seconds: { quick: 25, paper: 900 },
  specs: (scale) => [staircaseSpec(scale), freshSpec(scale)],
  data,
  signature,
};
