/** Correlated binary features of a point on a circle: what linear and ReLU models of few dimensions make of them. */
import type { TrainedModels } from '../join.ts';
import { gram } from '../metrics/gram.ts';
import { takeParams } from '../problem.ts';
import { covarianceOf, latentMoments, principal, tailOf } from '../theory/principal.ts';
import { atMost, digits, noted, statement } from './claims.ts';
import type { Claim, Experiment } from './experiment.ts';
import {
  FEATURES,
  type LatentSeries,
  type LinearSeries,
  latentSpec,
  linearSeries,
  losesTail,
  type Places,
  SHARPNESS,
  seriesOf,
} from './latent.ts';

export interface LatentCircleData {
  eigenvalues: number[]; // (n) of the exact covariance
  tail: number[]; // (M) exact loss of the best linear model
  linear: LinearSeries;
  small: LatentSeries; // ReLU, weight decay 1
  large: LatentSeries; // ReLU, weight decay 6
  control: LatentSeries; // independent features, ReLU, weight decay 6
  gram: number[]; // (n, n) of a ReLU model of 4 dimensions at weight decay 6
}

const HIDDEN = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const DECAYS = { linear: 0, small: 1, large: 6 };
const CIRCLE: Places = { shape: 'circle', points: 'places' };

function data([linear, relu, independent]: TrainedModels[]): LatentCircleData {
  const exact = latentMoments('circle', SHARPNESS, FEATURES);
  const parts = principal(covarianceOf(exact), FEATURES);
  const group = relu.groups[HIDDEN.indexOf(4)];
  const own = takeParams(group.params, group.problem.family, [relu.spec.replicas]);
  return {
    eigenvalues: [...parts.values],
    tail: HIDDEN.map((m) => tailOf(parts, m)),
    linear: linearSeries(linear, exact),
    small: seriesOf(relu, 0, parts, 2),
    large: seriesOf(relu, 1, parts, 2),
    control: seriesOf(independent, 0, parts, 2),
    gram: [...gram(own, group.problem.family)],
  };
}

const MIDDLE = [4, 5, 6, 7, 8];
const at = (series: LatentSeries, m: number): number => series.hidden.indexOf(m);

function signature({ tail, linear, small, large, control }: LatentCircleData): Claim[] {
  const lack = MIDDLE.map((m) => Math.abs(small.share[at(small, m)] - 2 / m));
  const above = MIDDLE.filter((m) => large.share[at(large, m)] > 2 / m + 0.05);
  const round = Math.max(...MIDDLE.map((m) => large.circulant[at(large, m)]));
  const flat = MIDDLE.map((m) => control.share[at(control, m)]);
  return [
    losesTail(
      'a linear model loses the tail of the eigenvalues of the covariance: relative difference, worst m',
      linear,
      tail,
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
    noted(
      atMost(
        'and W Wᵀ is close to circulant: relative distance, worst of m = 4 … 8',
        'ours, of a picture of BOWS; bound ours',
        round,
        0.1,
      ),
      'the paper shows a picture and states no number',
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
    'eigenvalues of the covariance, two of them the circle. Then the loss of linear models beside the exact tail of ' +
    'these; the share of ‖W‖² along the two components of the circle, which large weight decay keeps far above ' +
    '2/m; and W Wᵀ of a ReLU model of four dimensions at weight decay 6, the same along every diagonal.',
  revision: 1,
  seconds: { quick: 30, paper: 80 },
  specs: (scale) => [
    latentSpec(scale, CIRCLE, false, HIDDEN, [DECAYS.linear]),
    latentSpec(scale, CIRCLE, true, HIDDEN, [DECAYS.small, DECAYS.large]),
    latentSpec(scale, null, true, HIDDEN, [DECAYS.large]),
  ],
  data,
  signature,
};
