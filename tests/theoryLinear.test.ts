import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Family } from '../sim/family.ts';
import {
  activeProbability,
  compressedSensingBound,
  linearExpectedLoss,
  linearLossTerms,
  oneSparseLoss,
} from '../sim/theory/linear.ts';

const near = (actual: number, expected: number, tolerance = 1e-12) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `got ${actual}, expected ${expected}`);

const family: Family = {
  features: 3,
  hidden: 2,
  hiddenActivation: 'identity',
  outputActivation: 'identity',
  tied: true,
  bias: true,
  magnitude: 'unit',
  target: 'x',
  sets: [],
  kind: 'toy',
  hiddenBias: false,
  gating: 'independent',
};

/** Feature 0 alone, features 1 and 2 antipodal, the last at half length. */
const model = { W: Float64Array.of(1, 0, 0, 1, 0, -0.5), b: new Float64Array(3) };

test('benefit and interference are the sums done by hand', () => {
  const { benefit, interference } = linearLossTerms(family, model, [1, 2, 4]);
  near(benefit, 4 * 0.75 ** 2); // only the last has ‖W‖² = 1/4
  near(interference, (2 + 4) * 0.25); // W_1·W_2 = −1/2, counted for outputs 1 and 2
});

test('interference is weighed by the importance of the output it disturbs', () => {
  const untied = {
    W: Float64Array.of(0, 0, 1, 0, 0, 0),
    V: Float64Array.of(0.5, 0, 0, 0, 0, 0),
    b: new Float64Array(3),
  };
  near(linearLossTerms(family, untied, [3, 5, 7]).interference, 3 * 0.25); // only C_01 = 1/2
});

test('with the best bias the expected loss is the variance times the two terms', () => {
  const p = 0.4;
  const bias = Float64Array.of(0, (0.5 * p) / 2, ((1 - 0.25 + 0.5) * p) / 2); // (p/2) Σ_i (δ_ij − C_ji)
  const { benefit, interference } = linearLossTerms(family, model, [1, 2, 4]);
  const loss = linearExpectedLoss(family, { ...model, b: bias }, [p, p, p], [1, 2, 4]);
  near(loss, ((p / 3 - (p * p) / 4) * (benefit + interference)) / 3);
});

test('one active feature: ReLU makes the negative interference of a pair free', () => {
  const pair = { ...model, W: Float64Array.of(1, 0, 0, 1, 0, -1) };
  near(oneSparseLoss(family, pair, [1, 1, 1]), 0);
  near(oneSparseLoss(family, { ...pair, b: Float64Array.of(0.1, 0, 0) }, [1, 1, 1]), 3 * 0.01);
});

test('the numbers of active features have probabilities that sum to one', () => {
  near(activeProbability(5, 2, 0.3), 10 * 0.09 * 0.343);
  let total = 0;
  for (let k = 0; k <= 20; k++) total += activeProbability(20, k, 0.07);
  near(total, 1);
});

test('the compressed-sensing bound of 100 features at density 1/10 is 23', () => {
  near(compressedSensingBound(100, 0.1), 10 * Math.LN10);
});

test.run();
