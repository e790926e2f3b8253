/** D10: the same with a ReLU on the hidden layer, whose bias moves the code off the axes: "shifted" superposition. */
import type { TrainedGroup } from '../join.ts';
import { hiddenVectors } from '../metrics/encode.ts';
import { takeFrom } from '../problem.ts';
import type { SpecInput } from '../spec.ts';
import { tablesOf } from '../table.ts';
import { constantLoss } from '../theory/memorise.ts';
import { noted, statement } from './claims.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';
import { groupMeans, mean, SMALL, samplesSpec } from './memorising.ts';

/** The model of least training loss on a small set: where it puts the samples. */
export interface Shifted {
  samples: number; // T
  h: number[]; // (T, 2) hidden vectors
  bias: number[]; // (2) of the hidden units
  train: number;
  onHull: number; // samples that are corners of the convex hull of all
}

export interface HiddenData {
  shifted: Shifted[];
  samples: number[]; // (T) of the larger sets
  test: number[]; // (T) mean over models
  train: number[];
  constant: number; // exact test loss of the best constant output
}

const FEW: Record<Scale, number[]> = { quick: [5, 6, 8], paper: [5, 6, 8] };
const FEW_TRAINING: Record<Scale, [steps: number, replicas: number]> = {
  quick: [10_000, 8],
  paper: [50_000, 8],
};
const MANY: Record<Scale, number[]> = {
  quick: [50, 100, 200, 500, 1000, 2000],
  paper: [50, 100, 200, 500, 1000, 2000, 5000],
};
const MANY_TRAINING: Record<Scale, [steps: number, replicas: number]> = {
  quick: [3000, 2],
  paper: [10_000, 4],
};

function specOf(counts: number[], [steps, replicas]: [number, number]): SpecInput {
  const spec = samplesSpec(SMALL, 2, counts, steps, replicas);
  return { ...spec, model: { ...spec.model, hiddenActivation: 'relu', hiddenBias: true } };
}

/** Number of points (T, 2) that are corners of their convex hull (Andrew's monotone chain). */
export function cornersOf(points: readonly number[]): number {
  const at = (t: number) => [points[2 * t], points[2 * t + 1]] as const;
  const all = Array.from({ length: points.length / 2 }, (_, t) => t).sort(
    (a, b) => at(a)[0] - at(b)[0] || at(a)[1] - at(b)[1],
  );
  const turn = (a: number, b: number, c: number) => {
    const [[ax, ay], [bx, by], [cx, cy]] = [at(a), at(b), at(c)];
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
  };
  const half = (order: number[]) => {
    const hull: number[] = [];
    for (const t of order) {
      while (hull.length > 1 && turn(hull[hull.length - 2], hull[hull.length - 1], t) <= 1e-9) hull.pop();
      hull.push(t);
    }
    return hull;
  };
  return new Set([...half(all), ...half(all.toReversed())]).size;
}

const lastLosses = ({ losses, rows }: TrainedGroup) => losses.subarray(losses.length - rows.length);

/** The model of least training loss of a group. */
function shiftedOf(group: TrainedGroup): Shifted {
  const { features: n, hidden: m } = group.problem.family;
  const last = lastLosses(group);
  const i = last.reduce((best, loss, k) => (loss < last[best] ? k : best), 0);
  const { list, of } = tablesOf(group.problem);
  const bias = [...takeFrom(group.params.c, [i], m)];
  const table = list[of[i]];
  const h = hiddenVectors(table, takeFrom(group.params.W, [i], n * m), m).map((value, at) =>
    Math.max(0, value + bias[at % m]),
  );
  const points = [...h].map((value) => Math.round(value * 1e4) / 1e4);
  return { samples: table.samples, h: points, bias, train: last[i], onHull: cornersOf(points) };
}

function bumpClaim({ samples, test }: HiddenData): Claim {
  const top = test.reduce((best, own, k) => (own > test[best] ? k : best), 0);
  return statement(
    'double descent is there too: the mean test loss rises above both sides, and above 1.01',
    'DD, a comment by Hobbhahn; bound that of D3',
    `above 1.01, T = ${samples[0]} and T = ${samples.at(-1)}`,
    `T = ${samples[top]}: ${test[top].toFixed(3)}; ends: ${test[0].toFixed(3)}, ${test.at(-1)!.toFixed(3)}`,
    test[top] > Math.max(1.01, test[0], test.at(-1)!),
  );
}

function signature(data: HiddenData): Claim[] {
  const { shifted, samples, test, constant } = data;
  const biases = shifted.flatMap(({ bias }) => bias);
  const least = Math.min(...biases);
  const five = shifted.find((own) => own.samples === 5)!;
  return [
    noted(
      statement(
        'the code is shifted: every hidden bias pushes it off the axes, into the quadrant where the ReLU is open',
        'DD, a comment by Hobbhahn',
        'biases above 0',
        `${biases.filter((c) => c > 0).length} of ${biases.length}, least ${least.toFixed(2)}`,
        least > 0,
      ),
      'of the model of least training loss of each small set',
    ),
    statement(
      'T = 5: the samples are the corners of a pentagon still, around a centre that is not the origin',
      'DD, a comment by Hobbhahn',
      '5 corners',
      `${five.onHull} corners, training loss ${five.train.toFixed(3)}`,
      five.onHull === 5,
    ),
    bumpClaim(data),
    statement(
      `T = ${samples.at(-1)}: and it generalises there, with a test loss below the best constant's`,
      'DD, a comment by Hobbhahn; the constant exact',
      `below ${constant.toFixed(4)}`,
      test.at(-1)!.toFixed(4),
      test.at(-1)! < constant,
    ),
  ];
}

export const ddHidden: Experiment<HiddenData> = {
  name: 'dd-hidden-relu',
  id: 'D10',
  paper: 'double-descent',
  section: 'Repeated samples and scales',
  title: 'A ReLU on the hidden layer',
  caption:
    'The same model with h = ReLU(Wᵀx + c). Left: hidden vectors of small training sets, for the model of least training ' +
    'loss; the cross is c, where an empty input goes. The polygon has moved off the origin, since all h are positive. ' +
    'Right: train and test loss over T, with the bump between memorising and generalising.',
  seconds: { quick: 12, paper: 400 },
  specs: (scale) => [specOf(FEW[scale], FEW_TRAINING[scale]), specOf(MANY[scale], MANY_TRAINING[scale])],
  data: async ([few, many], context) => ({
    shifted: few.groups.map(shiftedOf),
    samples: MANY[context.scale],
    test: await groupMeans(many, context),
    train: many.groups.map((group) => mean([...lastLosses(group)])),
    constant: constantLoss(SMALL.features, SMALL.density),
  }),
  signature,
};
