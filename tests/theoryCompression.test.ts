import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { draw, instanceKey, sampleStream, sampleWord, stepKey, unit } from '../sim/random.ts';
import { compressionError, LINEAR_ERROR, pairError, steepFloor } from '../sim/theory/compression.ts';

const near = (actual: number, expected: number, tolerance: number, what = '') =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what} got ${actual}, expected ${expected}`);

test('without steep segments only x loses its place within a cell: 1/(12 Z²)', () => {
  for (const Z of [1, 2, 3, 10]) near(compressionError(Z, 0), 1 / (12 * Z * Z), 1e-12, `Z = ${Z}`);
});

test('the steep floor climbs over the end of each cell but the last', () => {
  near(steepFloor(0.85, 3, 0.1), 0, 1e-12);
  near(steepFloor(0.95, 3, 0.1), 0.5, 1e-12);
  near(steepFloor(1.2, 3, 0.1), 1, 1e-12);
  near(steepFloor(2.99, 3, 0.1), 2, 1e-12);
});

test('quadrature agrees with sampling within four standard errors', () => {
  const stream = sampleStream(stepKey(instanceKey(4, 0), 0), sampleWord(0));
  const samples = 200_000;
  for (const [Z, epsilon] of [
    [3, 0.1],
    [2, 0.5],
    [5, 0.02],
    [4, 1],
  ]) {
    let [sum, squares] = [0, 0];
    for (let s = 0; s < samples; s++) {
      const error = pairError(unit(draw(stream)), unit(draw(stream)), Z, epsilon);
      sum += error;
      squares += error * error;
    }
    const mean = sum / samples;
    const standardError = Math.sqrt((squares / samples - mean * mean) / samples);
    near(compressionError(Z, epsilon), mean, 4 * standardError, `Z = ${Z}, ε = ${epsilon}`);
  }
});

test('quadrature agrees with a fine midpoint rule over x and y, where three bends lie within one cell too', () => {
  const points = 1200; // so that every bend falls between two of them
  for (const [Z, epsilon] of [
    [3, 0.5],
    [3, 0.1],
    [4, 0.3],
  ]) {
    let sum = 0;
    for (let i = 0; i < points; i++) {
      for (let j = 0; j < points; j++) sum += pairError((i + 0.5) / points, (j + 0.5) / points, Z, epsilon);
    }
    near(compressionError(Z, epsilon), sum / points ** 2, 1e-6, `Z = ${Z}, ε = ${epsilon}`);
  }
});

test('with the lower edge of a cell read off for x the error without segments is 1/(3 Z²), so three levels are needed', () => {
  for (const Z of [1, 2, 3, 10]) near(compressionError(Z, 0, 0), 1 / (3 * Z * Z), 1e-12, `Z = ${Z}`);
  assert.ok(compressionError(2, 0.1, 0) > LINEAR_ERROR);
  assert.ok(compressionError(3, 0.1, 0) < LINEAR_ERROR);
});

test('three levels beat the linear schemes even with steep segments of a tenth', () => {
  assert.ok(compressionError(3, 0.1) < LINEAR_ERROR, `${compressionError(3, 0.1)}`);
  assert.ok(compressionError(3, 0.01) < compressionError(3, 0.1));
});

test('a linear scheme loses 1/12: keeping x alone, or the mean of both', () => {
  const points = 400;
  let [keep, average] = [0, 0];
  for (let i = 0; i < points; i++) {
    for (let j = 0; j < points; j++) {
      const [x, y] = [(i + 0.5) / points, (j + 0.5) / points];
      keep += (y - 0.5) ** 2 / points ** 2;
      average += ((x - y) / 2) ** 2 * (2 / points ** 2);
    }
  }
  near(keep, LINEAR_ERROR, 1e-5);
  near(average, LINEAR_ERROR, 1e-5);
});

test.run();
