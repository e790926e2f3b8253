/** Binary features of a point on a figure-eight and on a sphere: do these shapes survive as the circle does? */
import type { TrainedModels } from '../join.ts';
import { covarianceOf, latentMoments, principal, tailOf } from '../theory/principal.ts';
import { atMost, digits, statement } from './claims.ts';
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

/** Models of features of one shape. */
export interface ShapeData {
  name: string;
  components: number; // d, dimensions that the shape lies in
  eigenvalues: number[]; // (n) of the exact covariance
  tail: number[]; // (M) exact loss of the best linear model
  linear: LinearSeries;
  small: LatentSeries; // ReLU, weight decay 1
  large: LatentSeries; // ReLU, weight decay 6
}

export interface LatentShapesData {
  shapes: ShapeData[];
}

const HIDDEN = [4, 6, 8, 10];
const DECAYS = [1, 6];
const SHAPES: readonly { places: NonNullable<Places>; components: number }[] = [
  { places: { shape: 'figure-eight', points: 'places' }, components: 2 },
  { places: { shape: 'sphere', points: 'uniform' }, components: 3 },
];

function shapeOf(k: number, [linear, relu]: TrainedModels[]): ShapeData {
  const { places, components } = SHAPES[k];
  const exact = latentMoments(places.shape, SHARPNESS, FEATURES, places.points);
  const parts = principal(covarianceOf(exact), FEATURES);
  return {
    name: places.shape,
    components,
    eigenvalues: [...parts.values],
    tail: HIDDEN.map((m) => tailOf(parts, m)),
    linear: linearSeries(linear, exact),
    small: seriesOf(relu, 0, parts, components),
    large: seriesOf(relu, 1, parts, components),
  };
}

/** d/m, what the components of the shape have of ‖W‖² where no direction is preferred. */
export const evenShare = (components: number, hidden: number): number => Math.min(1, components / hidden);

function claimsOf({ name, components: d, tail, linear, small, large }: ShapeData): Claim[] {
  const lack = small.hidden.map((m, k) => Math.abs(small.share[k] - evenShare(d, m)));
  const above = large.hidden.filter((m, k) => large.share[k] > evenShare(d, m) + 0.05);
  return [
    losesTail(
      `${name}: a linear model loses the tail of the eigenvalues of the covariance, relative difference, worst m`,
      linear,
      tail,
    ),
    atMost(
      `${name}, ReLU, weight decay 1: no directions are preferred, the first ${d} components have ${d}/m of ‖W‖²; worst m`,
      'BOWS, read off a picture of the circle; tolerance ours',
      Math.max(...lack),
      0.05,
    ),
    statement(
      `${name}, ReLU, weight decay 6: the shape survives, its ${d} components keep well above ${d}/m of ‖W‖²`,
      'BOWS; more than 0.05 above, ours',
      `m = ${large.hidden.join(', ')}`,
      `m = ${above.join(', ') || 'none'} (${large.share.map(digits).join(', ')})`,
      above.length === large.hidden.length,
    ),
  ];
}

export const latentShapes: Experiment<LatentShapesData> = {
  name: 'latent-shapes',
  id: 'BW2',
  paper: 'double-descent',
  section: 'Correlated data',
  title: 'Twelve binary features of a point on a figure-eight and on a sphere',
  caption:
    'As with the circle: features have places on a figure-eight in the plane, or evenly on a sphere. Left: eigenvalues of ' +
    'the exact covariance, those of the shape in colour. Then the loss of linear models beside the exact tail of ' +
    'these, and the share of ‖W‖² along the components of the shape, which large weight decay keeps above d/m.',
  revision: 1,
  seconds: { quick: 20, paper: 80 },
  specs: (scale) =>
    SHAPES.flatMap(({ places }) => [
      latentSpec(scale, places, false, HIDDEN, [0]),
      latentSpec(scale, places, true, HIDDEN, DECAYS),
    ]),
  data: async (results) => {
    const shapes: ShapeData[] = [];
    for (const k of SHAPES.keys()) shapes.push(await shapeOf(k, results.slice(2 * k, 2 * k + 2)));
    return { shapes };
  },
  signature: ({ shapes }) => shapes.flatMap(claimsOf),
};
