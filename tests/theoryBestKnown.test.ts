import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reluOutputFamily } from '../sim/family.ts';
import { heldOutLoss } from '../sim/metrics/heldOut.ts';
import { instanceKey } from '../sim/random.ts';
import { bestKnown } from '../sim/theory/bestKnown.ts';
import { bestSolution, meanOverFeatures, regionBoundaries } from '../sim/theory/phase.ts';

const CELLS: [p: number, r: number][] = [
  [0.02, 0.3],
  [0.1, 0.03],
  [0.1, 0.3],
  [0.1, 1],
  [0.3, 0.1],
  [0.3, 2],
  [0.9, 0.5],
  [1, 5],
];

test('the best known solution is never worse than the best closed form', () => {
  for (const n of [2, 3] as const) {
    for (const [p, r] of CELLS) {
      const closed = meanOverFeatures(bestSolution(n, p, r).loss, n);
      const { loss } = bestKnown(n, p, r);
      assert.ok(loss <= closed * (1 + 1e-9), `n ${n}, p ${p}, r ${r}: ${loss} against ${closed}`);
    }
  }
});

test('towards sparse inputs it is the closed form', () => {
  for (const n of [2, 3] as const) {
    for (const r of [0.3, 1, 3]) {
      const closed = meanOverFeatures(bestSolution(n, 0.01, r).loss, n);
      assert.ok(Math.abs(bestKnown(n, 0.01, r).loss / closed - 1) < 0.01);
    }
  }
});

test('far from the boundaries its region is that of the closed forms', () => {
  for (const n of [2, 3] as const) {
    for (const p of [0.05, 0.2]) {
      const { low, high } = regionBoundaries(n, p);
      assert.is(bestKnown(n, p, low / 2).region, 'not learned');
      assert.is(bestKnown(n, p, low * 1.5).region, 'superposed');
      assert.is(bestKnown(n, p, high * 2).region, 'dedicated');
    }
  }
});

test('above density 4/7 a shrunk pair still beats ignoring a feature, also on sampled inputs', () => {
  const p = 0.65;
  const { model, loss, region } = bestKnown(2, p, 1);
  const closed = meanOverFeatures(bestSolution(2, p, 1).loss, 2);
  assert.is(region, 'superposed');
  const problem = {
    family: reluOutputFamily(2, 1),
    training: {
      batch: 10_000,
      steps: 1,
      optimizer: 'adamw' as const,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      momentum: 0,
      schedule: 'constant' as const,
      warmup: 0,
      hiddenPenalty: 0,
    },
    firstStep: 0,
    instances: 1,
    keys: Int32Array.from(instanceKey(3, 0)),
    density: Float64Array.of(p, p),
    importance: Float64Array.of(1, 1),
    learningRate: Float64Array.of(0),
    weightDecay: Float64Array.of(0),
  };
  const params = { W: Float32Array.from(model.W), V: null, b: Float32Array.from(model.b) };
  const sampled = heldOutLoss(problem, params, 10);
  assert.ok(Math.abs(sampled.loss[0] - loss) < 4 * sampled.standardError[0]);
  assert.ok(sampled.loss[0] + 4 * sampled.standardError[0] < closed, `${sampled.loss[0]} against ${closed}`);
});

test.run();
