/** The claims on compressed computation, judged on data that show what the paper says and on data that do not. */

import { test } from 'uvu';
import { type CompressedData, compressedComputation } from '../sim/experiments/compressedComputation.ts';
import { judges } from './judges.ts';

const DENSITIES = [0.003, 0.01, 0.03, 0.1, 0.3, 1];
/** Losses at so many times half of p/6, and with one active feature of 40. */
const losses = (times: number, alone: number, built = 1) => ({
  byDensity: DENSITIES.map((p) => (times * p) / 12),
  built: DENSITIES.map((p) => (built * p) / 12),
  sparse: [alone / 480, (1.01 * alone) / 480],
});
const work = { own: [1, 0], neurons: [1, 0] };
const compressed = (
  [mixing, bare, alone]: number[],
  built: number,
  least: number,
  top: number,
): CompressedData => ({
  sizes: { features: 40, hidden: 20, embedding: 400 },
  samples: 65_536,
  densities: DENSITIES,
  bare: losses(bare, alone, built),
  mixing: losses(mixing, alone),
  mixed: DENSITIES.map((p) => 0.11 * p),
  least: [least / 480, least / 480],
  work: { bare: work, mixing: work },
  along: Array.from({ length: 40 }, (_, e) => (e < 20 ? top : 1 - top) / 20),
  seeds: 3,
});
judges(
  compressedComputation,
  compressed([0.8, 1, 1], 1, 0.7, 0.97),
  compressed([0.99, 0.8, 0.9], 0.9, 1.1, 0.5),
);

test.run();
