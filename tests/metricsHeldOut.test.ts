import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Problem, reluOutputFamily } from '../sim/family.ts';
import { heldOutLoss } from '../sim/metrics/heldOut.ts';
import { instanceKey } from '../sim/random.ts';

/** Two instances of two features in one dimension, the first dead with bias 0, the second a digon. */
const problem: Problem = {
  family: reluOutputFamily(2, 1),
  training: {
    batch: 4096,
    steps: 1,
    optimizer: 'adamw',
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    momentum: 0,
    schedule: 'constant',
    warmup: 0,
    hiddenPenalty: 0,
  },
  firstStep: 0,
  instances: 2,
  keys: Int32Array.from([...instanceKey(1, 0), ...instanceKey(1, 1)]),
  density: Float64Array.of(0.4, 0.4, 0.4, 0.4),
  importance: Float64Array.of(1, 3, 1, 3),
  learningRate: Float64Array.of(0, 0),
  weightDecay: Float64Array.of(0, 0),
};
const params = { W: Float32Array.of(0, 0, 1, -1), V: null, b: new Float32Array(4) };

test('held-out losses agree with the integrals done by hand within four standard errors', () => {
  const { loss, standardError } = heldOutLoss(problem, params, 8);
  // dead: (1 + 3) p/3 / 2; digon: both active, the loser is lost: (1 + 3) p² E min² / 2, E min² = 1/6
  const expected = [(4 * 0.4) / 3 / 2, (4 * 0.16) / 6 / 2];
  expected.forEach((value, row) => {
    assert.ok(Math.abs(loss[row] - value) < 4 * standardError[row], `${loss[row]} against ${value}`);
    assert.ok(standardError[row] > 0 && standardError[row] < 0.03 * value);
  });
});

test('held-out samples do not depend on where training started', () => {
  const moved = heldOutLoss({ ...problem, firstStep: 500 }, params, 1);
  assert.equal(moved.loss, heldOutLoss(problem, params, 1).loss);
});

test.run();
