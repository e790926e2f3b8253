/** What a residual MLP loses, against sums written out here and weights that were moved at random. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { instanceKey, normals } from '../sim/random.ts';
import { computedLoss, leastSparseLoss, mixedLoss, wantedDirections } from '../sim/theory/compressed.ts';
import { allClose } from './allClose.ts';

const NONE = new Float64Array(36);

/** So many normal numbers, one a call. */
function normalNumbers(part: number, count: number): () => number {
  const all = normals(instanceKey(7, 0), part, count);
  let at = 0;
  return () => all[at++];
}

/** A symmetric matrix (n, n) of diagonal 0. */
function symmetric(n: number, random: () => number): Float64Array {
  const M = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) M[i * n + j] = M[j * n + i] = 0.12 * random();
  return M;
}

test('the first m of n features lose nothing and the others p/6 each, by the integral of u² over (0, 1)', () => {
  const steps = 1000; // midpoints
  let half = 0;
  for (let k = 0; k < steps; k++) half += ((k + 0.5) / steps) ** 2 / steps / 2;
  allClose([computedLoss({ features: 6, hidden: 2, density: 0.3 })], [(4 * 0.3 * half) / 6], {
    relative: 1e-6,
  });
  assert.is(computedLoss({ features: 6, hidden: 6, density: 0.3 }), 0);
  assert.is(computedLoss({ features: 6, hidden: 9, density: 0.3 }), 0);
});

/** Mean loss over features of m features computed exactly, over all supports and a grid of values of 3 features. */
function enumerated(M: ArrayLike<number>, m: number, p: number, points: number): number {
  const values = Array.from({ length: points }, (_, k) => -1 + (2 * k + 1) / points);
  const states = [{ x: 0, weight: 1 - p }, ...values.map((x) => ({ x, weight: p / points }))];
  let sum = 0;
  for (const a of states)
    for (const b of states)
      for (const c of states) {
        const x = [a.x, b.x, c.x];
        for (let i = 0; i < 3; i++) {
          const added = x.reduce((z, xj, j) => z + M[i * 3 + j] * xj, i < m ? Math.max(0, x[i]) : 0);
          sum += (a.weight * b.weight * c.weight * (added - Math.max(0, x[i])) ** 2) / 3;
        }
      }
  return sum;
}

test('mixing that is left costs ‖M‖² p/(3n) more at every density, by enumeration of three features', () => {
  const M = symmetric(3, normalNumbers(0, 3));
  for (const density of [0.1, 0.6, 1])
    for (const hidden of [0, 1, 2]) {
      const exact = mixedLoss(M, { features: 3, hidden, density });
      const grid = enumerated(M, hidden, density, 60); // off by 1/points² of the squares
      allClose([grid], [exact], { relative: 5e-4 }, `m = ${hidden}, p = ${density}`);
    }
});

test('directions are eigenvectors of the mixing, in the order of 1 − 2λ + 2λ²', () => {
  const n = 6;
  const M = symmetric(n, normalNumbers(1, 15));
  const { values, directions } = wantedDirections(M, n);
  for (let e = 0; e < n; e++) {
    const v = Array.from({ length: n }, (_, i) => directions[i * n + e]);
    const image = v.map((_, i) => v.reduce((sum, vj, j) => sum + M[i * n + j] * vj, 0));
    const lambda = image.reduce((sum, z, i) => sum + z * v[i], 0);
    allClose(image, v.map((z) => lambda * z), { absolute: 1e-8 }, `eigenvector ${e}`); // biome-ignore format: one check
    allClose([values[e]], [1 - 2 * lambda + 2 * lambda * lambda], { absolute: 1e-10 });
    assert.ok(e === 0 || values[e] <= values[e - 1] + 1e-12);
  }
});

/** Loss of neurons at one feature active of n, by the model's own formula, u² integrated to 1/3. */
function lossAlone(M: ArrayLike<number>, W: number[], V: number[], n: number, m: number): number {
  let sum = 0;
  for (let j = 0; j < n; j++)
    for (const sign of [1, -1])
      for (let i = 0; i < n; i++) {
        let output = sign * M[i * n + j];
        for (let k = 0; k < m; k++) output += V[i * m + k] * Math.max(0, sign * W[j * m + k]);
        const target = i === j && sign > 0 ? 1 : 0;
        sum += (output - target) ** 2 / (2 * 3 * n * n);
      }
  return sum;
}

/** Least squares over V for given W, column by column of the 2n things that neurons return, by elimination. */
function bestV(M: ArrayLike<number>, W: number[], n: number, m: number): number[] {
  const columns = [1, -1].flatMap((sign) =>
    Array.from({ length: n }, (_, j) => ({
      h: Array.from({ length: m }, (_, k) => Math.max(0, sign * W[j * m + k])),
      t: Array.from({ length: n }, (_, i) => Number(i === j && sign > 0) - sign * M[i * n + j]),
    })),
  );
  const rows = Array.from({ length: m }, (_, a) => [
    ...Array.from({ length: m }, (_, b) =>
      columns.reduce((sum, { h }) => sum + h[a] * h[b], a === b ? 1e-9 : 0),
    ),
    ...Array.from({ length: n }, (_, i) => columns.reduce((sum, { h, t }) => sum + h[a] * t[i], 0)),
  ]);
  for (let a = 0; a < m; a++)
    for (let b = 0; b < m; b++) {
      if (a === b) continue;
      const factor = rows[b][a] / rows[a][a];
      rows[b] = rows[b].map((value, c) => value - factor * rows[a][c]);
    }
  return Array.from(
    { length: n * m },
    (_, at) => rows[at % m][m + Math.floor(at / m)] / rows[at % m][at % m],
  );
}

test('no neurons that are tried lose less than the bound with one feature active, and without mixing it is reached', () => {
  const [n, m] = [6, 3];
  const random = normalNumbers(2, 30 + 3 * 3000 * n * m);
  for (const M of [NONE, symmetric(n, random), symmetric(n, random)]) {
    const bound = leastSparseLoss(M, { features: n, hidden: m, density: 1 / n });
    let best = Number.POSITIVE_INFINITY;
    for (let trial = 0; trial < 3000; trial++) {
      const W = Array.from({ length: n * m }, random);
      best = Math.min(best, lossAlone(M, W, bestV(M, W, n, m), n, m));
    }
    assert.ok(best >= bound * (1 - 1e-9), `${best} is below ${bound}`);
  }
  const built = Array.from({ length: n * m }, (_, at) => Number(Math.floor(at / m) === at % m));
  const exact = computedLoss({ features: n, hidden: m, density: 1 / n });
  allClose([lossAlone(NONE, built, built, n, m)], [exact], { relative: 1e-12 });
  allClose([leastSparseLoss(NONE, { features: n, hidden: m, density: 1 / n })], [exact], { relative: 1e-12 });
});

test.run();
