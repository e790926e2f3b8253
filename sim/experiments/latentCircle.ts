/** Correlated binary features of a point on a circle: what linear and ReLU models of few dimensions make of them. */
import { heldOutLoss } from '../evaluate.ts';
import { gram } from '../metrics/gram.ts';
import { takeParams } from '../problem.ts';
import type { SpecInput } from '../spec.ts';
import {
  fromCirculant,
  latentCovariance,
  type Principal,
  principal,
  shareAlong,
  tailOf,
} from '../theory/principal.ts';
import type { TrainResult } from '../train.ts';
import { atMost, digits, noted, statement } from './claims.ts';
import type { Claim, Context, Experiment, Scale } from './experiment.ts';

/** Models of each number of dimensions: medians over replicas. */
export interface LatentSeries {
  hidden: number[]; // (M)
  share: number[]; // (M) of ‖W‖² along the first two components of the covariance
  circulant: number[]; // (M) distance of W Wᵀ from a circulant matrix
  loss: number[]; // (M) held-out, summed over features
}

export interface LatentCircleData {
  eigenvalues: number[]; // (n) of the exact covariance
  tail: number[]; // (M) exact loss of the best linear model without bias
  linear: LatentSeries;
  small: LatentSeries; // ReLU, weight decay 1
  large: LatentSeries; // ReLU, weight decay 6
  control: LatentSeries; // independent features, ReLU, weight decay 6
  gram: number[]; // (n, n) of a ReLU model of 4 dimensions at weight decay 6
}

const FEATURES = 12;
const HIDDEN = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const SHARPNESS = 10;
const DECAYS = { linear: 0, small: 1, large: 6 };

/** 8,000 samples, 200 epochs of batches of 256; clipped gradients, a rate of 0.01 that falls as a cosine. */
function specOf(scale: Scale, relu: boolean, decays: number[], isLatent: boolean): SpecInput {
  return {
    model: { features: FEATURES, hidden: 2, outputActivation: relu ? 'relu' : 'identity', bias: false },
    input: {
      density: isLatent ? 1 : 0.5, // of the point, or of each feature
      magnitude: 'one',
      samples: { count: 8_000, batches: 'drawn' },
      ...(isLatent && { latent: { shape: 'circle', sharpness: SHARPNESS } as const }),
    },
    training: {
      steps: scale === 'quick' ? 3_125 : 6_250,
      batch: 256,
      learningRate: 0.01,
      schedule: 'cosine',
      clip: 1,
      reduction: 'sum',
    },
    sweep: [
      { path: 'model.hidden', values: HIDDEN },
      { path: 'training.weightDecay', values: decays },
    ],
    replicas: scale === 'quick' ? 3 : 10,
  };
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** What the models with the decay number `which` of a result show, beside the components of their features. */
async function seriesOf(
  result: TrainResult,
  which: number,
  parts: Principal,
  context: Context,
): Promise<LatentSeries> {
  const { replicas, sweep } = result.spec;
  const decays = (sweep[1] as { values: number[] }).values.length;
  const out: LatentSeries = { hidden: [], share: [], circulant: [], loss: [] };
  for (const { params, problem } of result.groups) {
    const { family } = problem;
    const loss = await heldOutLoss(context.engine, problem, params, 8_192, context.threads);
    const own = Array.from({ length: replicas }, (_, r) => which * replicas + r);
    if (own.some((i) => i >= decays * replicas)) throw new RangeError('which: expected a decay of the sweep');
    const weights = own.map((i) => takeParams(params, family, [i]));
    out.hidden.push(family.hidden);
    out.share.push(median(weights.map(({ W }) => shareAlong(parts, W, FEATURES, 2))));
    out.circulant.push(median(weights.map((one) => fromCirculant(gram(one, family), FEATURES))));
    out.loss.push(median(own.map((i) => loss[i])));
  }
  return out;
}

/** Second moments E x xᵀ: the covariance, and the means' product; every mean is ½ by the symmetry of the circle. */
const secondMoments = (covariance: Float64Array): Float64Array => covariance.map((value) => value + 0.25);

async function data([linear, relu, independent]: TrainResult[], context: Context): Promise<LatentCircleData> {
  const covariance = latentCovariance('circle', SHARPNESS, FEATURES);
  const parts = principal(covariance, FEATURES);
  const moments = principal(secondMoments(covariance), FEATURES);
  const group = relu.groups[HIDDEN.indexOf(4)];
  const own = takeParams(group.params, group.problem.family, [relu.spec.replicas]);
  return {
    eigenvalues: [...parts.values],
    tail: HIDDEN.map((m) => tailOf(moments, m)),
    linear: await seriesOf(linear, 0, parts, context),
    small: await seriesOf(relu, 0, parts, context),
    large: await seriesOf(relu, 1, parts, context),
    control: await seriesOf(independent, 0, parts, context),
    gram: [...gram(own, group.problem.family)],
  };
}

const MIDDLE = [4, 5, 6, 7, 8];
const at = (series: LatentSeries, m: number): number => series.hidden.indexOf(m);

function signature({ tail, linear, small, large, control }: LatentCircleData): Claim[] {
  const off = tail.map((best, k) => Math.abs(linear.loss[k] - best) / Math.max(best, 0.05));
  const lack = MIDDLE.map((m) => Math.abs(small.share[at(small, m)] - 2 / m));
  const above = MIDDLE.filter((m) => large.share[at(large, m)] > 2 / m + 0.05);
  const round = Math.max(...MIDDLE.map((m) => large.circulant[at(large, m)]));
  const flat = MIDDLE.map((m) => control.share[at(control, m)]);
  return [
    noted(
      atMost(
        'a linear model loses the tail of the eigenvalues of the second moments: relative difference, worst m',
        'exact; tolerance 2 %, of losses above 0.05',
        Math.max(...off),
        0.02,
      ),
      'without a bias the means are a component too; samples held out, not those of training',
    ),
    atMost(
      'ReLU, weight decay 1: no plane is preferred, the first two components have 2/m of ‖W‖²; worst of m = 4 … 8',
      'BOWS, read off a picture; tolerance ours',
      Math.max(...lack),
      0.05,
    ),
    statement(
      'ReLU, weight decay 6: the circle survives, its two components keep well above 2/m of ‖W‖²',
      'BOWS; more than 0.05 above, ours',
      `m = ${MIDDLE.join(', ')}`,
      `m = ${above.join(', ') || 'none'} (${MIDDLE.map((m) => digits(large.share[at(large, m)])).join(', ')})`,
      above.length === MIDDLE.length,
    ),
    atMost(
      'and W Wᵀ is close to circulant: relative distance, worst of m = 4 … 8',
      'BOWS, by eye; bound ours',
      round,
      0.1,
    ),
    noted(
      atMost(
        'independent features of the same density show no circle: share of ‖W‖² in its plane, worst of m = 4 … 8',
        'BOWS; that of a random plane, 2/n, and a tolerance of ours',
        Math.max(...flat),
        2 / FEATURES + 0.05,
      ),
      'the plane is that of the circle, which independent features know nothing of',
    ),
  ];
}

export const latentCircle: Experiment<LatentCircleData> = {
  name: 'latent-circle',
  id: 'BW',
  paper: 'double-descent',
  section: 'Correlated data',
  title: 'Twelve binary features of a point on a circle',
  caption:
    'Each feature has a place on the circle and is 1 with probability σ(10 cos) of its angle to the sample’s point. Left: ' +
    'eigenvalues of the covariance, two of them the circle. Then the loss of linear models beside the exact tail of the ' +
    'second moments; the share of ‖W‖² along the two components of the circle, which large weight decay keeps far above ' +
    '2/m; and W Wᵀ of a ReLU model of four dimensions at weight decay 6, the same along every diagonal.',
  seconds: { quick: 25, paper: 200 },
  specs: (scale) => [
    specOf(scale, false, [DECAYS.linear], true),
    specOf(scale, true, [DECAYS.small, DECAYS.large], true),
    specOf(scale, true, [DECAYS.large], false),
  ],
  data,
  signature,
};
