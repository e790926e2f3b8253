/** The claims on double descent, judged on data that show what the paper says and on data that do not. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ddCurve } from '../sim/experiments/ddCurve.ts';
import { cornersOf, ddHidden } from '../sim/experiments/ddHidden.ts';
import { ddNorms } from '../sim/experiments/ddNorms.ts';
import { ddPressure } from '../sim/experiments/ddPressure.ts';
import { ddRates } from '../sim/experiments/ddRates.ts';
import { ddRepeats } from '../sim/experiments/ddRepeats.ts';
import { ddScale, halfOf } from '../sim/experiments/ddScale.ts';
import { ddSizes } from '../sim/experiments/ddSizes.ts';
import { ddTraining } from '../sim/experiments/ddTraining.ts';
import { ddVectors } from '../sim/experiments/ddVectors.ts';
import type { Memory, Vectors } from '../sim/experiments/memorising.ts';
import { constantLoss, polygonCode, storageFloor } from '../sim/theory/memorise.ts';
import { judges } from './judges.ts';

const FIVE = [0.3, 0.3, 0.29, 0.29, 0.28, 0.05];
const NONE = new Array<number>(6).fill(0.01);

/** A model that stores its T samples in a polygon, with the norms of the exact code times `slack`. */
const storing = (samples: number, more: Partial<Memory> = {}): Memory => ({
  row: 0,
  samples,
  train: 0,
  test: 1,
  normW: 1.1 * polygonCode(samples).normW,
  normB: 1.5 * polygonCode(samples).normB,
  features: NONE,
  total: 2,
  shares: new Array(samples).fill(2 / samples),
  regular: true,
  dropped: 0,
  ...more,
});
const generalising = (samples: number, more: Partial<Memory> = {}): Memory =>
  storing(samples, {
    train: 0.97,
    test: 0.99,
    normW: 2.4,
    normB: 0.3,
    features: FIVE,
    regular: false,
    ...more,
  });

const sizes = [5, 6, 8, 10, 30, 50, 200];
const peaked = (samples: number) =>
  storing(samples, { normW: samples === 30 ? 60 : storing(samples).normW / (samples > 30 ? 20 : 1) });
const descent = [
  ...sizes.map((T) => (T === 200 ? storing(T, { test: 1.8, train: 0.8 }) : storing(T))),
  generalising(1000),
  generalising(2000),
];
const constant = constantLoss(1000, 0.01);
const floor = storageFloor(1000, 0.01, 5);
const curve = (memories: Memory[]) => ({ memories, large: [], constant, floor, constantLarge: 0.9994 });

judges(
  ddCurve,
  curve(descent),
  curve([
    ...sizes.map((T) => storing(T, { regular: false, total: 1.5 })),
    storing(1000, { test: 1.002 }),
    storing(2000, { test: 1.005 }),
  ]),
);

const exact = [5, 6, 8, 10, 30].map((samples) => ({ samples, ...polygonCode(samples) }));
judges(
  ddNorms,
  { memories: [...sizes.map(peaked), generalising(2000)], exact },
  {
    memories: [...sizes.map((T) => storing(T, { normW: 3 / T, normB: 3 / T })), storing(2000, { normW: 90 })],
    exact,
  },
);

const ring = (T: number, radius: (t: number) => number = () => 1): Vectors => ({
  row: 0,
  samples: T,
  W: [1, 0],
  h: Array.from({ length: T }, (_, t) => [radius(t), 0]).flat(),
  ratio: Math.max(radius(0), radius(1)),
  gap: radius(0) === radius(1) ? 1 / T : 2 / T,
});
const uneven = (T: number) => ring(T, (t) => (t % 2 ? 2 : 1));
judges(
  ddVectors,
  { vectors: [ring(5), ring(6)], reference: ring(5000), referenceModels: [generalising(5000)] },
  { vectors: [uneven(5), uneven(6)], reference: ring(5000), referenceModels: [storing(5000)] },
);

const samples = [10, 100, 1000];
judges(
  ddSizes,
  { hidden: [2, 4], samples, loss: [1, 1.5, 0.99, 1, 1.2, 1.3] },
  { hidden: [2, 4], samples, loss: [1.3, 1.2, 1.1, 1.2, 1.1, 1] },
  ['the training set at which'],
);
judges(
  ddSizes,
  { hidden: [2, 4], samples, loss: [1, 1.5, 0.99, 1, 1.2, 1.3] },
  { hidden: [2, 4], samples, loss: [1, 1.2, 1.5, 1, 1.6, 1.1] },
  ['there are places', 'and places'],
);

const ways = (heights: number[]) =>
  heights.map((height, k) => ({
    steps: [1, 2, 3, 3][k] * 1000,
    decay: k === 3 ? 1 : 0.01,
    loss: [1, height, 0.99],
  }));
judges(
  ddTraining,
  { samples, runs: ways([1.01, 1.1, 1.6, 1.05]) },
  { samples, runs: ways([1.2, 1.1, 1.05, 1.05]) },
);

const branch = (memorising: boolean) => ({
  rates: [1e-3, 1e-2],
  memories: [
    generalising(1000),
    memorising ? storing(1000, { train: 0.8, test: 5 }) : generalising(1000, { train: 0.98 }),
  ],
});
judges(ddRates, branch(true), branch(false));

/** Cells in which the first sample is memorised from `threshold(T)` repeats on and then takes a feature's place. */
const repeated = (threshold: (T: number) => number, taken = 1) =>
  [5000, 10_000, 20_000].flatMap((T) =>
    [1, 2, 4, 8].map((repeats) => {
      const memorised = Number(repeats >= threshold(T));
      return { samples: T, repeats, memorised, share: 0.1, rest: 0.05, features: 5 - taken * memorised };
    }),
  );
judges(
  ddRepeats,
  { features: 1000, cells: repeated((T) => (0.4 * T) / 1000) },
  { features: 1000, cells: repeated(() => 1, 0) },
);
judges(
  ddRepeats,
  { features: 1000, cells: repeated((T) => (0.4 * T) / 1000) },
  { features: 1000, cells: repeated((T) => 40_000 / T, 0) },
  ['a sample that counts once'],
);

/** A rise that is half-way where a feature has been seen `seen` times. */
const rise = (density: number, decay: number, seen: number) => ({
  density,
  decay,
  samples: [seen / 4, seen, 4 * seen].map((count) => count / density),
  five: [0.1, 0.65, 1.3],
});
const rises = (seen: number[]) => ({
  rises: seen.map((count, k) => rise([0.02, 0.01, 0.005, 0.01][k], k === 3 ? 0.1 : 0.01, count)),
});
judges(ddScale, rises([10, 9, 8, 9]), rises([40, 10, 4, 30]));
test('a rise is half-way between the sizes, in equal ratios', () => {
  const own = { density: 0.01, decay: 0.01, samples: [100, 400], five: [0, 1] };
  assert.is(Math.round(halfOf(own)), 200);
  assert.ok(Number.isNaN(halfOf({ ...own, five: [0.8, 1] })));
});

const shifted = (onHull: number, bias = [0.2, 0.3]) => ({ samples: 5, h: [0, 1], bias, train: 0, onHull });
const larger = { samples: [50, 200, 2000], train: [0.8, 0.9, 0.98], constant };
judges(
  ddHidden,
  { ...larger, shifted: [shifted(5)], test: [1, 1.02, 0.99] },
  { ...larger, shifted: [shifted(3, [0.2, -0.3])], test: [1.05, 1.02, 1] },
);
test('corners of the convex hull: not the centre, not a point on an edge, not the same point twice', () => {
  assert.is(cornersOf([0, 0, 2, 0, 2, 2, 0, 2, 1, 1]), 4);
  assert.is(cornersOf([0, 0, 1, 0, 2, 0, 0, 2, 0, 2]), 3);
  assert.is(cornersOf([0, 0, 1, 0, 1.5, 1, 0.7, 2, -0.5, 1]), 5);
});

/** Cells whose shapes get cleaner by factors `dense` and `sparse` with pressure, and with training if it `helps`. */
const pressed = (dense: number, sparse: number, helps: boolean) => ({
  cells: [0.5, 0.1].flatMap((density, d) =>
    [1, 2, 3].flatMap((length) =>
      [1.25, 16].map((pressure) => ({
        density,
        pressure,
        steps: 1000 * length,
        learned: 8,
        uneven: pressure > 2 ? 0.3 / [dense, sparse][d] : 0.3,
        lines: helps ? length / 4 : 0.5,
      })),
    ),
  ),
});
judges(ddPressure, pressed(3, 6, true), pressed(0.9, 0.8, false));

test.run();
