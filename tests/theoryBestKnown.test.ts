import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { emptyColumns } from '../sim/columns.ts';
import { reluOutputFamily } from '../sim/family.ts';
import { heldOutEstimate } from '../sim/metrics/heldOut.ts';
import { instanceKey, normals } from '../sim/random.ts';
import { bestKnown, bestKnownPlane } from '../sim/theory/bestKnown.ts';
import { bestSolution, meanOverFeatures, regionBoundaries } from '../sim/theory/phase.ts';
import { ADAMW } from './adamw.ts';
import { perTensor } from './perTensor.ts';

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

/** Mean squared error of W = a · triangle with bias b at density p: every input a grid of midpoints, or 0. */
function triangleLoss(a: number, b: number, p: number): number {
  const points = 24;
  const grid = Array.from({ length: points + 1 }, (_, k) => (k === points ? 0 : (k + 0.5) / points));
  const weight = grid.map((_, k) => (k === points ? 1 - p : p / points));
  let loss = 0;
  for (const [i, x] of grid.entries()) {
    for (const [j, y] of grid.entries()) {
      for (const [k, z] of grid.entries()) {
        const out = Math.max(0, a * a * (x - (y + z) / 2) + b);
        loss += weight[i] * weight[j] * weight[k] * (x - out) ** 2;
      }
    }
  }
  return loss;
}

test('three dense, equally important features in two dimensions make a triangle, and no pair is better', () => {
  const p = 0.8;
  let least = Number.POSITIVE_INFINITY;
  for (let a = 0.8; a < 0.9; a += 0.01) {
    for (let b = 0; b < 0.5; b += 0.02) least = Math.min(least, triangleLoss(a, b, p));
  }
  const { model, loss } = bestKnown(3, p, 1);
  assert.ok(Math.abs(loss - least) < 5e-5, `${loss} against ${least}`); // a pair beside a feature has 35e-5 more
  for (const [i, j] of [
    [0, 1],
    [1, 2],
    [2, 0],
  ]) {
    const [u, v] = [i, j].map((f) => model.W.slice(2 * f, 2 * f + 2));
    const cosine = (u[0] * v[0] + u[1] * v[1]) / (Math.hypot(...u) * Math.hypot(...v));
    assert.ok(Math.abs(cosine + 0.5) < 1e-3, `${cosine}`);
  }
});

test('above density 4/7 a shrunk pair still beats ignoring a feature, also on sampled inputs', () => {
  const p = 0.65;
  const { model, loss, region } = bestKnown(2, p, 1);
  const closed = meanOverFeatures(bestSolution(2, p, 1).loss, 2);
  assert.is(region, 'superposed');
  const problem = {
    family: reluOutputFamily(2, 1),
    training: { ...ADAMW, batch: 10_000 },
    firstStep: 0,
    ...emptyColumns(reluOutputFamily(2, 1), 1),
    instances: 1,
    keys: Int32Array.from(instanceKey(3, 0)),
    ...emptyColumns(reluOutputFamily(2, 1), 1),
    density: Float64Array.of(p, p),
    importance: Float64Array.of(1, 1),
    learningRate: perTensor(reluOutputFamily(2, 1), [0]),
    weightDecay: perTensor(reluOutputFamily(2, 1), [0]),
  };
  const params = { W: Float32Array.from(model.W), b: Float32Array.from(model.b) };
  const sampled = heldOutEstimate(problem, params, 10);
  assert.ok(Math.abs(sampled.loss[0] - loss) < 4 * sampled.standardError[0]);
  assert.ok(sampled.loss[0] + 4 * sampled.standardError[0] < closed, `${sampled.loss[0]} against ${closed}`);
});

/** Loss of one neuron for two features, summed over them, by midpoints. */
function pairLoss([u, v, a, b]: readonly number[], p: number): number {
  const points = 60;
  let loss = 0;
  const add = (weight: number, x: number, y: number) => {
    const h = u * x + v * y;
    loss += weight * ((x - Math.max(0, u * h + a)) ** 2 + (y - Math.max(0, v * h + b)) ** 2);
  };
  add((1 - p) ** 2, 0, 0);
  for (let i = 0; i < points; i++) {
    const x = (i + 0.5) / points;
    add((p * (1 - p)) / points, x, 0);
    add((p * (1 - p)) / points, 0, x);
    for (let j = 0; j < points; j++) add((p / points) ** 2, x, (j + 0.5) / points);
  }
  return loss;
}

test('at equal importance no model of a search beats the optimum: a soft pair, then a long and a short feature', () => {
  const draws = normals(instanceKey(5, 0), 0, 4 * 1500);
  for (const [p, region] of [
    [0.5, 'even'],
    [0.65, 'even'],
    [0.8, 'uneven'],
  ] as const) {
    const { model, loss } = bestKnown(2, p, 1, 4);
    let best = [0.8, -0.8, 0.2, 0.2];
    for (let k = 0; k < 1500; k++) {
      const scale = 0.5 * 0.997 ** k;
      const probe = best.map((value, i) => value + scale * draws[4 * k + i]);
      if (pairLoss(probe, p) < pairLoss(best, p)) best = probe;
    }
    assert.ok(2 * loss < pairLoss(best, p) + 1e-4, `p ${p}: ${2 * loss} against ${pairLoss(best, p)}`);
    const own = pairLoss([...model.W, ...model.b], p);
    assert.ok(Math.abs(own - 2 * loss) < 2e-4, `p ${p}: ${own} against ${2 * loss}`);
    const [long, short] = model.W.map(Math.abs).sort().reverse();
    assert.is(long - short < 0.01 ? 'even' : 'uneven', region);
  }
});

test('random starts find nothing below the optimum of a plane', () => {
  const densities = [1, 0.8, 0.5, 0.2];
  const importances = [0.3, 0.7, 1, 2.5];
  for (const n of [2, 3] as const) {
    const plane = bestKnownPlane(n, densities, importances);
    densities.forEach((p, d) => {
      importances.forEach((r, k) => {
        const { loss } = bestKnown(n, p, r, 8);
        assert.ok(plane[4 * d + k].loss <= loss * (1 + 2e-4), `n ${n}, p ${p}, r ${r}`);
      });
    });
  }
});

test.run();
