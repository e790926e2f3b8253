import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { kgonLoss, solveKgon } from '../sim/theory/kgon.ts';
import { branchCrossing, densityOfCrossing } from '../sim/theory/pentagon.ts';
import { polygonOptimum } from '../sim/theory/polygon.ts';

test('towards density 0 a polygon of six features loses what the closed form of the sparse limit says', () => {
  for (const k of [4, 5, 6]) {
    const p = 1e-5;
    const loss = (6 * polygonOptimum(6, k, p).loss) / (6 * p); // one feature active, which one uniform
    const limit = kgonLoss(6, solveKgon(k)!);
    assert.ok(Math.abs(loss / limit - 1) < 1e-3, `${k}-gon: ${loss} against ${limit}`);
  }
});

test('of dense features fewer share the plane: the square, then the pentagon, then the hexagon', () => {
  const best = (p: number) => {
    const losses = [3, 4, 5, 6].map((k) => polygonOptimum(6, k, p).loss);
    return 3 + losses.indexOf(Math.min(...losses));
  };
  assert.equal([0.3, 0.1, 0.02].map(best), [4, 5, 6]);
});

test('at the density of a crossing the branches cross there', () => {
  assert.ok(Math.abs(1 / branchCrossing(densityOfCrossing(1 / 2.5)) - 2.5) < 0.01);
});

test.run();
