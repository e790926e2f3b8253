/** The claims on double descent, judged on data that show what the paper says and on data that do not. */

import { test } from 'uvu';
import { ddCurve } from '../sim/experiments/ddCurve.ts';
import { ddNorms } from '../sim/experiments/ddNorms.ts';
import { ddRates } from '../sim/experiments/ddRates.ts';
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

test.run();
