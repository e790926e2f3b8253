import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bestCollapse, collapsedPairs, collapseMinimum } from '../sim/theory/collapse.ts';

test('the number of collapsed pairs in the middle of each regime is the one the paper reports', () => {
  for (const [p, pairs] of [
    [0.03, 0],
    [0.1, 1],
    [0.18, 2],
    [0.45, 3],
  ]) {
    assert.is(bestCollapse(p).collapsed, pairs, `density ${p}`);
  }
});

test('without collapse the features make a hexagon with partners next to each other', () => {
  const { W } = collapseMinimum(0, 0.03).model;
  const norms = Array.from({ length: 6 }, (_, i) => Math.hypot(W[2 * i], W[2 * i + 1]));
  for (const norm of norms) assert.ok(Math.abs(norm - norms[0]) < 1e-3);
  for (const [i, j] of [
    [0, 1],
    [2, 3],
    [4, 5],
  ]) {
    const cosine = (W[2 * i] * W[2 * j] + W[2 * i + 1] * W[2 * j + 1]) / norms[i] / norms[j];
    assert.ok(Math.abs((Math.acos(cosine) * 180) / Math.PI - 60) < 6, `partners at cosine ${cosine}`);
  }
});

test('only pairs that share a direction at sensible length count as collapsed', () => {
  assert.equal(collapsedPairs([1, 0, 0.7, 0.01, 0, 1, 0, -1, 0.2, 0, 0.2, 0]), [0]);
  assert.equal(collapsedPairs([1, 0, 0.8, 0.6, 0, 1, 0, -1, 1, 0, 0, 1]), []);
});

test.run();
