/** M1: features along a circle of which a sample lights up a part: the narrower the part, the more discrete the code. */
import { median } from 'mathjs/number';
import { heldOutLoss } from '../evaluate.ts';
import type { TrainedModels } from '../join.ts';
import { breaksAround } from '../metrics/breaks.ts';
import { takeParams } from '../problem.ts';
import { noted, statement } from './claims.ts';
import type { Claim, Context, Experiment } from './experiment.ts';
import { onlyGroup } from './trained.ts';

/** Models of one width. */
export interface Around {
  extent: number; // ℓ: x_φ = a cos((φ − θ)/ℓ) within a quarter of a period, else 0
  breaks: number[]; // of each model
  loss: number[]; // held-out, as a share of the mean square of an input
  W: number[]; // (n, m) of the model of median breaks
}

export interface ManifoldData {
  features: number; // n
  around: Around[];
}

const FEATURES = 100;
const EXTENTS = [1, 0.5, 0.25, 0.125];
/** Half the width of the part is ℓ π/2 of a circle of 2π. */
const WIDTH = 1 / 4;
const HELD_OUT = 8192;

/** Mean of x_i²: a third of the mean square of a bump, half of the part of the circle that it covers. */
const squareOf = (extent: number): number => (1 / 3) * (2 * extent * WIDTH) * (1 / 2);

/** Place of the median of some numbers, the lower one of two. */
const middleOf = (values: number[]): number =>
  [...values.keys()].sort((a, b) => values[a] - values[b])[Math.floor((values.length - 1) / 2)];

async function data([result]: TrainedModels[], context: Context): Promise<ManifoldData> {
  const { problem, params } = onlyGroup(result);
  const { replicas } = result.spec;
  const losses = await heldOutLoss(context.engine, problem, params, HELD_OUT, context.threads);
  const breaks = breaksAround(params, problem.family);
  const around = EXTENTS.map((extent, k) => {
    const own = [...breaks.subarray(k * replicas, (k + 1) * replicas)];
    const shown = takeParams(params, problem.family, [k * replicas + middleOf(own)]);
    const loss = [...losses.subarray(k * replicas, (k + 1) * replicas)];
    return { extent, breaks: own, loss: loss.map((one) => one / squareOf(extent)), W: [...shown.W] };
  });
  return { features: FEATURES, around };
}

function signature({ around }: ManifoldData): Claim[] {
  const middles = around.map(({ breaks }) => Number(median(breaks)));
  const narrow = middles.slice(1); // from ℓ = ½
  const text = around.map(({ extent }, k) => `ℓ = ${extent}: ${middles[k]}`).join('; ');
  return [
    noted(
      statement(
        'the number of discrete directions grows as ℓ falls from ½ to ⅛: breaks around the circle, median over models',
        'MAY23; measure ours, m = 2',
        'increasing',
        text,
        narrow.every((count, k) => k === 0 || count > narrow[k - 1]),
      ),
      'a break is where neighbours have a cosine below 0.9; at ℓ = ⅛ the update does not rule out that training fails',
    ),
    statement(
      'and at ℓ = 1 the circle is kept whole',
      'ours, m = 2',
      'no break, median over models',
      `${middles[0]}`,
      middles[0] === 0,
    ),
  ];
}

export const featureManifold: Experiment<ManifoldData> = {
  name: 'feature-manifold',
  id: 'M1',
  paper: 'may-updates',
  section: 'Feature manifolds',
  title: 'A circle of features breaks up into discrete directions',
  caption:
    'A hundred features evenly around a circle. A sample has a place θ and a height a, and feature φ the value ' +
    'a cos((φ − θ)/ℓ) within a quarter of a period of θ, else 0. Above: directions W_i in two hidden dimensions, coloured ' +
    'by the place of the feature and joined in its order, for the model of median breaks. Below: breaks, places where ' +
    'neighbours point apart (cosine below 0.9), and the held-out loss as a share of the mean square of the inputs.',
  seconds: { quick: 8, paper: 90 },
  specs: (scale) => [
    {
      model: { features: FEATURES, hidden: 2 },
      input: { density: 1, manifold: { curve: 'circle', width: WIDTH } },
      training: { steps: 3000, batch: 256, learningRate: 3e-3 },
      sweep: [{ path: 'input.manifold.width', values: EXTENTS.map((extent) => extent * WIDTH) }],
      replicas: scale === 'quick' ? 9 : 99,
    },
  ],
  data,
  signature,
};
