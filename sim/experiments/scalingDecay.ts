/** S1: the sign of the weight decay decides how many features are represented. */
import type { TrainedModels } from '../join.ts';
import { featureNorms } from '../metrics/norms.ts';
import { atLeast, near, statement } from './claims.ts';
import type { Claim, Context, Experiment, Scale } from './experiment.ts';
import { FEATURES, HIDDEN, type Scaled, scaledModels, scalingSpec, shortened } from './scaling.ts';

export interface DecayData {
  models: Scaled[]; // by γ, then m
  gammas: number[]; // of the histograms
  norms: number[][]; // (gammas) of (n), at the middle m
}

const EXPONENT = 1;
/** linspace(−1, 1, 10) */
const GAMMAS = [-9, -7, -5, -3, -1, 1, 3, 5, 7, 9].map((ninth) => ninth / 9);
const SIZES: Record<Scale, number[]> = { quick: [25], paper: HIDDEN };
/** Places on the axis of γ whose norms are drawn: both ends, and the least decay. */
const SHOWN = [0, 5, 9];

async function data([result]: TrainedModels[], context: Context): Promise<DecayData> {
  const models = await scaledModels(result, [EXPONENT], context);
  const { groups } = result;
  const { params, problem } = groups[Math.floor(groups.length / 2)];
  const norms = featureNorms(params, problem.family);
  return {
    models,
    gammas: SHOWN.map((k) => models[k].gamma),
    norms: SHOWN.map((k) => [...norms.subarray(k * FEATURES, (k + 1) * FEATURES)]),
  };
}

/** Share of lengths within a quarter of 0 or of 1. */
const atEnds = (norms: number[]): number =>
  norms.filter((norm) => norm < 0.25 || Math.abs(norm - 1) < 0.25).length / norms.length;

/** Largest rise of φ½ from one γ to the next, over all m. */
function largestRise(models: Scaled[]): number {
  const sizes = [...new Set(models.map(({ hidden }) => hidden))];
  const rises = sizes.flatMap((m) => {
    const own = models.filter(({ hidden }) => hidden === m).map(({ kept }) => kept / FEATURES);
    return own.slice(1).map((share, k) => share - own[k]);
  });
  return Math.max(...rises);
}

function signature({ models, norms }: DecayData): Claim[] {
  const [strong, weak] = [-1, 1].map((gamma) => models.filter((own) => own.gamma === gamma));
  const ratio = Math.max(...weak.map(({ kept, hidden }) => Math.abs(Math.log2(kept / hidden))));
  return [
    atLeast(
      'at γ = −1 all features are represented: least φ½, the share with ‖W_i‖ > ½',
      'LIU; bound ours',
      Math.min(...strong.map(({ kept }) => kept / FEATURES)),
      0.99,
    ),
    near(
      'at γ = 1 as many as there are dimensions, φ½ = m/n: log₂ of the worst factor',
      'LIU; tolerance ours, a factor of 2',
      ratio,
      0,
      1,
    ),
    statement(
      'the larger the decay, the fewer: φ½ over γ',
      'LIU; ours: by no more than 1 % of the features otherwise',
      'never rising',
      `largest rise ${largestRise(models).toFixed(3)}`,
      largestRise(models) <= 0.01,
    ),
    atLeast(
      'lengths are near 0 or 1: share within ¼ of either, least of γ = −1, 0.1 and 1',
      'LIU, by eye; bound ours',
      Math.min(...norms.map(atEnds)),
      0.9,
    ),
  ];
}

export const scalingDecay: Experiment<DecayData> = {
  name: 'scaling-decay',
  id: 'LS1',
  paper: 'scaling',
  section: 'Weight decay of either sign',
  title: 'Weight decay decides how many features are represented',
  caption:
    'A thousand features of frequencies p_i ∝ 1/i, one of them expected in a sample. A decay γ > 0 shrinks all ' +
    'weights; γ < 0 pulls the length of every direction W_i to 1. Left: share φ½ of features whose direction is longer ' +
    'than ½, over γ; dotted: m/n. Right: how the lengths are distributed at three γ.',
  seconds: { quick: 10, paper: 15_000 },
  specs: (scale) => [scalingSpec(scale, { exponent: EXPONENT }, { hidden: SIZES[scale], gamma: GAMMAS })],
  data,
  signature: (data, scale) => shortened(signature(data), scale),
};
