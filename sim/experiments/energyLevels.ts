import type { TrainedModels } from '../join.ts';
import { featureDimensionality } from '../metrics/dimensionality.ts';
import { atLeast } from './claims.ts';
import { evenSteps, snapshotLosses } from './dynamics.ts';
import type { Claim, Context, Experiment } from './experiment.ts';
import { groupLoss, onlyGroup } from './trained.ts';

/** S = snapshots, n = features. */
export interface EnergyLevelsData {
  features: number;
  hidden: number;
  row: number; // instance shown: the one of lowest final loss
  steps: number[]; // (S)
  loss: number[]; // (S) held-out
  D: number[][]; // (S, n) dimensionality of each feature
}

async function data([result]: TrainedModels[], context: Context): Promise<EnergyLevelsData> {
  const group = onlyGroup(result);
  const { family } = group.problem;
  const n = family.features;
  const final = await groupLoss(group, context);
  const best = final.indexOf(Math.min(...final));
  return {
    features: n,
    hidden: family.hidden,
    row: group.rows[best],
    steps: group.snapshots.map(({ step }) => step),
    loss: await snapshotLosses(group, best, context),
    D: group.snapshots.map(({ params }) => [
      ...featureDimensionality(params, family).subarray(best * n, (best + 1) * n),
    ]),
  };
}

/** A feature's dimensionality changes by more than this between snapshots: a jump. */
const JUMP = 0.1;

/** Snapshots (numbers, from 1 on) in which some feature jumps, after the first fifth of the training, in which they settle. */
function jumps({ D, steps }: EnergyLevelsData): number[] {
  const settled = steps.at(-1)! / 5;
  return [...D.keys()].filter(
    (s) => s > 0 && steps[s] > settled && D[s].some((value, i) => Math.abs(value - D[s - 1][i]) > JUMP),
  );
}

function signature(found: EnergyLevelsData): Claim[] {
  const { D, loss } = found;
  const learned = D.at(-1)!.filter((value) => value >= 0.1);
  const digons = learned.filter((value) => Math.abs(value - 0.5) < 0.02).length;
  const at = jumps(found);
  const lower = at.filter((s) => loss[s] < loss[s - 1]).length;
  return [
    atLeast(
      'the model ends in digons: share of learned features with D within 0.02 of 1/2',
      'TMS; bound ours',
      digons / learned.length,
      0.9,
    ),
    atLeast(
      'features jump between levels: intervals in which a dimensionality changes by more than 0.1',
      'TMS; bound ours',
      at.length,
      2,
    ),
    atLeast(
      'the loss drops at each jump: share of those intervals',
      'TMS; bound ours',
      at.length > 0 ? lower / at.length : Number.NaN,
      0.9,
    ),
  ];
}

export const energyLevels: Experiment<EnergyLevelsData> = {
  name: 'energy-levels',
  id: 'T18',
  paper: 'toy-models',
  section: 'Superposition and learning dynamics',
  title: 'Features jump between energy levels',
  caption:
    'Dimensionality of every feature during one training that ends in digons, and the loss on held-out samples below. ' +
    'Features sit on levels and jump from one to another; the loss drops when they do.',
  seconds: { quick: 10, paper: 30 },
  specs: (scale) => {
    const steps = scale === 'quick' ? 6_000 : 10_000;
    return [
      {
        model: { features: 50, hidden: 8 },
        input: { density: 0.3 },
        training:
          scale === 'quick'
            ? { steps, batch: 512, learningRate: 3e-3, init: 'stacked' }
            : { init: 'stacked' },
        replicas: 4,
        record: { snapshots: evenSteps(steps, 100) },
      },
    ];
  },
  data,
  signature,
};
