import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { emptyColumns } from '../sim/columns.ts';
import { reluOutputFamily } from '../sim/family.ts';
import { drawBatch } from '../sim/features.ts';
import { heldOutEstimate } from '../sim/metrics/heldOut.ts';
import { backward } from '../sim/model.ts';
import type { Problem } from '../sim/problem.ts';
import { HELD_OUT_STEP, instanceKey } from '../sim/random.ts';
import { ADAMW } from './adamw.ts';
import { perTensor } from './perTensor.ts';

/** Two instances of two features in one dimension, the first dead with bias 0, the second a digon. */
const problem: Problem = {
  family: reluOutputFamily(2, 1),
  training: { ...ADAMW, batch: 4096 },
  firstStep: 0,
  ...emptyColumns(reluOutputFamily(2, 1), 2),
  instances: 2,
  keys: Int32Array.from([...instanceKey(1, 0), ...instanceKey(1, 1)]),
  ...emptyColumns(reluOutputFamily(2, 1), 2),
  density: Float64Array.of(0.4, 0.4, 0.4, 0.4),
  importance: Float64Array.of(1, 3, 1, 3),
  learningRate: perTensor(reluOutputFamily(2, 1), [0, 0]),
  weightDecay: perTensor(reluOutputFamily(2, 1), [0, 0]),
};
const params = { W: Float32Array.of(0, 0, 1, -1), b: new Float32Array(4) };

test('held-out losses agree with the integrals done by hand within four standard errors', () => {
  const { loss, standardError } = heldOutEstimate(problem, params, 8);
  // dead: (1 + 3) p/3 / 2; digon: both active, the loser is lost: (1 + 3) p² E min² / 2, E min² = 1/6
  const expected = [(4 * 0.4) / 3 / 2, (4 * 0.16) / 6 / 2];
  expected.forEach((value, row) => {
    assert.ok(Math.abs(loss[row] - value) < 4 * standardError[row], `${loss[row]} against ${value}`);
    assert.ok(standardError[row] > 0 && standardError[row] < 0.03 * value);
  });
});

test('the standard error is that of a mean of independent losses', () => {
  const { standardError } = heldOutEstimate(problem, params, 8);
  // dead: loss Σ I x²/2 has variance (1 + 9)/4 · (p/5 − p²/9); digon: 2 min², E min⁴ = 1/15
  const variances = [2.5 * (0.4 / 5 - 0.16 / 9), (4 * 0.16) / 15 - (0.16 / 3) ** 2];
  variances.forEach((variance, row) => {
    const ratio = standardError[row] / Math.sqrt(variance / (8 * 4096));
    assert.ok(Math.abs(ratio - 1) < 0.03, `row ${row}: ${ratio}`);
  });
});

test('every batch is another one, none is a batch of training, and the hidden penalty counts', () => {
  const own = { ...problem, training: { ...problem.training, batch: 64, hiddenPenalty: 0.5 } };
  const [one, two, four] = [1, 2, 4].map((batches) => heldOutEstimate(own, params, batches).loss[1]);
  assert.ok(one !== two && two !== four);
  const mean = [0, 1].map((step) => batchLoss(own, HELD_OUT_STEP, step)).reduce((a, b) => a + b) / 2;
  assert.ok(Math.abs(two - mean) < 1e-12);
  assert.ok(Math.abs(one - batchLoss(own, 0, 0)) > 1e-6);
});

/** Loss of the digon on batch `step` of the steps from `firstStep`, by the reference model. */
function batchLoss(own: Problem, firstStep: number, step: number): number {
  const digon = { W: Float64Array.of(1, -1), b: new Float64Array(2) };
  const batch = drawBatch({ ...own, firstStep }, 1, step);
  return backward(own.family, digon, batch, [1, 3], own.training.hiddenPenalty).loss;
}

test('held-out samples do not depend on where training started', () => {
  const moved = heldOutEstimate({ ...problem, firstStep: 500 }, params, 1);
  assert.equal(moved.loss, heldOutEstimate(problem, params, 1).loss);
});

test.run();
