import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  bestSolution,
  candidateLosses,
  regionBoundaries,
  regionOfSolution,
  TRIPLE_POINT,
} from '../sim/theory/phase.ts';

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `got ${actual}, expected ${expected}`);

test('the lower boundary has the values of the hand-made table', () => {
  for (const [p, low] of [
    [0.5, 0.667],
    [0.3, 0.24],
    [0.2, 0.1333],
    [0.1, 0.0571],
    [0.05, 0.0267],
  ]) {
    near(regionBoundaries(2, p).low, low, 5e-4);
    near(regionBoundaries(2, p).high, 1 / regionBoundaries(2, p).low, 1e-12);
    assert.is(regionBoundaries(3, p).high, 1);
  }
});

test('all candidates cost 0.10884 at the triple point', () => {
  near(TRIPLE_POINT.density, 0.5714, 1e-4);
  for (const [name, loss] of candidateLosses(3, TRIPLE_POINT.density, 1)) {
    assert.ok(Math.abs(loss - TRIPLE_POINT.loss) < 1e-12, name);
    near(loss, 0.10884, 5e-6);
  }
});

test('the best solution changes exactly at the boundaries, for both diagrams', () => {
  for (const n of [2, 3] as const) {
    for (const p of [0.02, 0.1, 0.3, 0.5, 0.7, 1]) {
      const { low, high } = regionBoundaries(n, p);
      const region = (r: number) => regionOfSolution(bestSolution(n, p, r).solution);
      assert.is(region(low * 0.99), 'not learned');
      assert.is(region(high * 1.01), 'dedicated');
      if (low < high) {
        assert.is(region(low * 1.01), 'superposed');
        assert.is(region(high * 0.99), 'superposed');
      }
    }
  }
});

test('with three features and a precious extra one, the others share a dimension', () => {
  assert.is(bestSolution(3, 0.1, 2).solution, 'others paired');
  assert.is(bestSolution(2, 0.1, 100).solution, 'ignore another');
});

test.run();
