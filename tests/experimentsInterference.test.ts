/** The claims on interference weights, judged on data that show what the paper says and on data that do not. */

import { test } from 'uvu';
import {
  type CircuitRun,
  type Found,
  interferenceCircuit,
  SCORES,
} from '../sim/experiments/interferenceCircuit.ts';
import { interferenceLifted, type SettledData } from '../sim/experiments/interferenceLifted.ts';
import { type InterferenceData, interferenceWeights } from '../sim/experiments/interferenceWeights.ts';
import { judges } from './judges.ts';

const kept = (gain: number) => [
  { count: 10, precision: 1, recall: 0.5, gain: 0.4 },
  { count: 40, precision: 0.5, recall: 1, gain },
  { count: 100, precision: 0.2, recall: 1, gain: 0 },
];
const lifted = (own: number, correlation: number, gain: number): InterferenceData => ({
  diagonal: [new Array(4).fill(1), [1, 1, 0.9, own]],
  others: [new Array(600).fill(0.1), new Array(600).fill(-0.1)],
  real: new Array(40).fill(1),
  rest: new Array(40).fill(10),
  bySize: kept(gain),
  byTarget: kept(gain),
  correlation,
});
judges(interferenceWeights, lifted(0.8, -0.05, 0.95), lifted(0.1, -0.4, 0.3));

const found = (recall: number, gain: number): Found[] => [
  { count: 10, precision: 1, recall: 0.1, gain: 0.2 },
  { count: 40, precision: 0.6, recall, gain },
  { count: 100, precision: 0.1, recall: 1, gain: 1 },
];
const computed = (recall: number, gain: number, real: number, rest: number): CircuitRun => ({
  density: 0.1,
  realBins: [],
  restBins: [],
  real: [[], []],
  rest: [[], []],
  pairs: 16_000,
  agreement: { real, rest, apart: rest },
  truth: { real: 100, inside: 90, entries: 200 },
  losses: { whole: 1.5, real: 1.2, none: 5 },
  curves: Object.fromEntries(SCORES.map((name) => [name, found(recall, gain)])) as CircuitRun['curves'],
});
judges(interferenceCircuit, [computed(0.5, 0.9, 0.95, 0.01)], [computed(0.7, 0.7, 0.5, -0.2)]);

const settled = (own: number, correlation: number, same: number): SettledData => ({
  own: [
    [1, own],
    [1, 1],
  ],
  before: [[], []],
  after: [[], []],
  largest: 0.1,
  taken: [new Array(4950).fill(0.1), new Array(4950).fill(0.1)],
  takenBins: [],
  correlation,
  real: 100,
  same,
  losses: [0.001, 0.001],
});
judges(interferenceLifted, settled(0.97, -0.02, 10_000), settled(0.6, 0.2, 9_990));

test.run();
