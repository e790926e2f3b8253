import type { TrainedModels } from '../join.ts';
import { compressedSensingBound } from '../theory/linear.ts';
import { inputVariance } from '../theory/phase.ts';
import { atLeast, atMost, noted } from './claims.ts';
import type { Claim, Context, Experiment } from './experiment.ts';
import { slope } from './slope.ts';
import { groupLoss } from './trained.ts';

/** P = densities, M = numbers of hidden dimensions. */
export interface SensingBoundData {
  features: number;
  densities: number[]; // (P) falling
  hidden: number[]; // (M) rising
  lost: number[][]; // (P, M) held-out loss over that of the best constant output
  needed: number[]; // (P) dimensions at which LOST of the variance is lost; NaN if never
  bound: number[]; // (P) −n p log p
}

const FEATURES = 50;
const DENSITIES = [0.3, 0.1, 0.03, 0.01, 0.003];
const HIDDEN = [2, 3, 5, 8, 12, 18, 27, 40];
/** A model has recovered its input if it loses no more than this share of the variance; ours. */
const LOST = 0.1;

/** Where the falling curve `lost` over `hidden` first crosses LOST, between points by a power law. */
export function dimensionsNeeded(hidden: readonly number[], lost: readonly number[]): number {
  const k = lost.findIndex((share) => share <= LOST);
  if (k < 0) return Number.NaN;
  if (k === 0) return hidden[0];
  const part = Math.log(lost[k - 1] / LOST) / Math.log(lost[k - 1] / lost[k]);
  return hidden[k - 1] * (hidden[k] / hidden[k - 1]) ** part;
}

async function data([result]: TrainedModels[], context: Context): Promise<SensingBoundData> {
  const lost = DENSITIES.map(() => new Array<number>(HIDDEN.length).fill(Number.NaN));
  for (const group of result.groups) {
    const m = HIDDEN.indexOf(group.problem.family.hidden);
    (await groupLoss(group, context)).forEach((loss, i) => {
      const p = Math.floor(group.rows[i] / HIDDEN.length);
      lost[p][m] = loss / inputVariance(DENSITIES[p]);
    });
  }
  return {
    features: FEATURES,
    densities: DENSITIES,
    hidden: HIDDEN,
    lost,
    needed: lost.map((shares) => dimensionsNeeded(HIDDEN, shares)),
    bound: DENSITIES.map((density) => compressedSensingBound(FEATURES, density)),
  };
}

function signature({ densities, needed, bound }: SensingBoundData): Claim[] {
  const ratio = needed.map((m, p) => m / bound[p]);
  return [
    noted(
      atLeast(
        'dimensions needed over the bound −n(1 − S) log(1 − S); least over densities',
        'TMS: m = Ω(…); constant 1, ours',
        Math.min(...ratio),
        1,
      ),
      'a lower bound up to an unknown constant; needed = a trained model loses a tenth of the variance',
    ),
    atMost(
      'no model beats the order of the bound: power of (1 − S) by which needed over bound changes',
      'TMS; at most 0, with 0.1 for noise, ours',
      slope(densities.map(Math.log), ratio.map(Math.log)),
      0.1,
    ),
    atMost(
      'sparser features need fewer dimensions: those needed at the sparsest over those at the densest',
      'TMS; bound ours',
      needed.at(-1)! / needed[0],
      0.5,
    ),
  ];
}

export const sensingBound: Experiment<SensingBoundData> = {
  name: 'compressed-sensing-bound',
  id: 'A2',
  paper: 'toy-models',
  section: 'Appendix',
  title: 'How few dimensions could ever do: the bound of compressed sensing',
  caption:
    'Left: share of the variance that trained ReLU-output models lose over their hidden dimensions m. Right: dimensions ' +
    'at which they lose a tenth, against the lower bound −n(1 − S) log(1 − S), which holds up to a constant factor for ' +
    'any decoder.',
  seconds: { quick: 6, paper: 120 },
  specs: (scale) => {
    const quick = scale === 'quick';
    return [
      {
        model: { features: FEATURES, hidden: 2 },
        input: { density: 0.3 },
        training: quick
          ? { steps: 2_000, batch: 256, learningRate: 5e-3, schedule: 'cosine' }
          : { schedule: 'cosine', learningRate: 3e-3 },
        sweep: [
          { path: 'input.density', values: DENSITIES },
          { path: 'model.hidden', values: HIDDEN },
        ],
      },
    ];
  },
  data,
  signature,
};
