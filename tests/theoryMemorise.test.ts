/** Theory of memorising and its metrics, each against a calculation of another kind. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hiddenVectors } from '../sim/metrics/encode.ts';
import { circles, deadSamples, sampleDimensionality } from '../sim/metrics/samples.ts';
import { instanceKey, normals } from '../sim/random.ts';
import { tableOfRows } from '../sim/table.ts';
import {
  collisionProbability,
  constantLoss,
  leastNormCode,
  polygonCode,
  storageFloor,
  unitMoments,
} from '../sim/theory/memorise.ts';
import { allClose } from './allClose.ts';

const polygon = (T: number, radius = 1) =>
  Float64Array.from({ length: 2 * T }, (_, k) => {
    const angle = (2 * Math.PI * Math.floor(k / 2)) / T;
    return radius * (k % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
  });

test('the T-gon of least norm stores T orthonormal samples without loss, and no shorter one does', () => {
  for (const T of [5, 6, 8, 30]) {
    const { radius, normW, normB } = polygonCode(T);
    const lost = (shrink: number) => {
      const R2 = radius * shrink;
      const beta = R2 - 1; // what returns the sample itself
      const h = polygon(T, Math.sqrt(R2));
      let worst = 0;
      for (let t = 0; t < T; t++) {
        const output = Math.max(0, h[0] * h[2 * t] + h[1] * h[2 * t + 1] - beta);
        worst = Math.max(worst, Math.abs(output - (t === 0 ? 1 : 0)));
      }
      return worst;
    };
    assert.ok(lost(1) < 1e-9, `T = ${T}`);
    assert.ok(lost(0.99) > 1e-3, `T = ${T}: a shorter code leaks`);
    allClose([normW, normB], [Math.sqrt(T * radius), Math.sqrt(T) * (radius - 1)], { relative: 1e-12 });
  }
  allClose([polygonCode(5).normW, polygonCode(5).normB], [2.69, 1.0], { absolute: 6e-4 });
  allClose([polygonCode(100).normW, polygonCode(100).normB], [225, 5058], { relative: 3e-3 });
  assert.equal(leastNormCode(4, 0), { radius: 1, normW: 2, normB: 0 });
});

/** Moments of unit-length samples by sampling: E x and its standard error, E x² and E‖x‖². */
function sampled(n: number, p: number, samples: number) {
  const uniforms = normals(instanceKey(5, 0), 0, 1); // only seeds Math.random's replacement below
  let state = Math.floor(Math.abs(uniforms[0]) * 1e9) >>> 0;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state >>> 8) + 0.5) / 2 ** 24;
  };
  const rate = Math.log1p(-p);
  let [sum, squares, lengths] = [0, 0, 0];
  for (let s = 0; s < samples; s++) {
    const own: number[] = [];
    for (
      let i = Math.floor(Math.log(random()) / rate);
      i < n;
      i += 1 + Math.floor(Math.log(random()) / rate)
    ) {
      own.push(random());
    }
    const length = Math.hypot(...own);
    const mean = length > 0 ? own.reduce((a, b) => a + b, 0) / length / n : 0;
    sum += mean;
    squares += mean * mean;
    lengths += length > 0 ? 1 : 0;
  }
  const mean = sum / samples;
  return {
    mean,
    error: Math.sqrt((squares / samples - mean * mean) / samples),
    square: lengths / samples / n,
  };
}

test('moments of samples of length 1: the integral against a long sample', () => {
  for (const [n, p] of [
    [1000, 0.01],
    [10_000, 0.001],
    [20, 0.1],
    [3, 0.5],
  ]) {
    // biome-ignore format: a table
    const exact = unitMoments(n, p);
    const drawn = sampled(n, p, 200_000);
    assert.ok(
      Math.abs(exact.mean - drawn.mean) < 4.5 * drawn.error,
      `n = ${n}: ${exact.mean}, ${drawn.mean}`,
    );
    allClose([exact.square], [drawn.square], { relative: 5e-3 });
  }
  allClose([unitMoments(1, 0.3).mean], [0.3], { relative: 1e-7 }); // one feature: 1 whenever it is active
});

test('best constant and floor: between them lies what five stored features gain', () => {
  const [small, large] = [constantLoss(1000, 0.01), constantLoss(10_000, 0.001)];
  assert.ok(small > 0.99 && small < 0.995 && large > 0.999 && large < 1);
  allClose([storageFloor(1000, 0.01, 5)], [0.995 * small], { relative: 1e-12 });
  allClose([storageFloor(10_000, 0.001, 5)], [0.9986], { absolute: 4e-4 }); // the paper's limit of infinite data, read off
});

test('samples of the smaller setting collide ten times as often', () => {
  allClose([collisionProbability(10_000, 1e-3), collisionProbability(1000, 0.01)], [0.01, 0.0952], {
    absolute: 1e-4,
  });
});

test('samples of a T-gon have 2/T of a dimension each; one at the origin has none and counts as dropped', () => {
  const h = polygon(7, 3);
  allClose(sampleDimensionality(h, 2), new Array(7).fill(2 / 7), { relative: 1e-12 });
  const dropped = Float64Array.of(...polygon(6, 3), 0, 0);
  allClose(sampleDimensionality(dropped, 2), [...new Array(6).fill(1 / 3), 0], { absolute: 1e-12 });
  assert.equal([deadSamples(h, 2), deadSamples(dropped, 2)], [0, 1]);
});

test('two circles: their ratio, and the gap in angle', () => {
  const plain = circles(polygon(8, 2));
  allClose([plain.ratio, plain.gap], [1, 1 / 8], { absolute: 1e-9 });
  const two = circles(Float64Array.of(...polygon(4, 1), ...polygon(4, 3)));
  allClose([two.ratio, two.gap], [3, 1 / 4], { absolute: 1e-9 });
});

test('hidden vectors are Wᵀx of every sample', () => {
  const table = tableOfRows([[1, 0, 2], [0, 0, 0], [0, 3, 0]]); // biome-ignore format: a table
  assert.equal([...hiddenVectors(table, [1, 2, 3, 4, 5, 6], 2)], [11, 14, 0, 0, 9, 12]);
});

test.run();
