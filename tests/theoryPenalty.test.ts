import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bestArrangement, meanHiddenSize, meanSize, mostSaved } from '../sim/theory/penalty.ts';

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `got ${actual}, expected ${expected}`);

test('the mean size of a neuron: by hand for one and for two features', () => {
  near(meanSize([-2], 0.3), 0.3, 1e-12); // 2 · p/2
  near(meanSize([1, -1], 1), 1 / 3, 1e-12); // E|u − v|
  near(meanSize([1, 1], 0.5), 0.5, 1e-12); // no sign to lose: the sum of the means
  near(meanHiddenSize([1, 0, -1, 0, 0, 2], 2, 1), 1 / 3 + 1, 1e-12);
});

/** Penalised loss of one feature with weight w and bias b, by midpoints. */
function loneLoss(w: number, b: number, p: number, penalty: number): number {
  const points = 400;
  let sum = (1 - p) * Math.max(0, b) ** 2;
  for (let k = 0; k < points; k++) {
    const x = (k + 0.5) / points;
    sum += (p / points) * ((x - Math.max(0, w * w * x + b)) ** 2 + penalty * Math.abs(w) * x);
  }
  return sum;
}

test('what a lone feature saves is what a search over its weight and bias finds', () => {
  const p = 0.05;
  for (const penalty of [0, 0.2, 0.5]) {
    let least = Number.POSITIVE_INFINITY;
    for (let w = 0; w <= 1.1; w += 0.01) {
      for (let b = -0.1; b <= 0.1; b += 0.005) least = Math.min(least, loneLoss(w, b, p, penalty));
    }
    near(mostSaved([1], p, penalty), p / 3 - (p * p) / 4 - least, 2e-5);
  }
});

test('with room for all, a small penalty keeps equal features apart and a larger one pairs them', () => {
  const apart = bestArrangement([1, 1], 2, 0.05, 0.3);
  assert.equal([apart.alone, apart.pairs], [[0, 1], []]);
  const paired = bestArrangement([1, 1], 2, 0.05, 0.65);
  assert.equal([paired.alone, paired.pairs], [[], [[0, 1]]]);
  assert.is(bestArrangement([1, 1], 2, 0.05, 0.8).saved, 0);
});

test('without a penalty sparse features pair up until the neurons are full', () => {
  const { pairs } = bestArrangement([1, 0.9, 0.8, 0.7, 0.6], 2, 0.05, 0);
  assert.equal(pairs.flat().sort(), [0, 1, 2, 3]);
});

test.run();
