import { eigs } from 'mathjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { alignFrame, canonicalPlane, distance, procrustes } from '../sim/metrics/align.ts';
import { assign } from '../sim/metrics/assignment.ts';
import { svd } from '../sim/metrics/svd.ts';
import { instanceKey, normals } from '../sim/random.ts';

const random = (seed: number, count: number) => normals(instanceKey(seed, 0), 0, count);

const near = (actual: number, expected: number, tolerance: number, what = '') =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what} got ${actual}, expected ${expected}`);

/** A (n, m) times R (m, m). */
const times = (A: ArrayLike<number>, R: ArrayLike<number>, m: number) =>
  Float64Array.from({ length: A.length }, (_, at) => {
    const row = Math.floor(at / m) * m;
    let sum = 0;
    for (let k = 0; k < m; k++) sum += A[row + k] * R[k * m + (at % m)];
    return sum;
  });

/** A random orthogonal matrix by Gram–Schmidt. */
function orthogonal(seed: number, m: number): Float64Array {
  const Q = random(seed, m * m);
  for (let i = 0; i < m; i++) {
    const row = Q.subarray(i * m, (i + 1) * m);
    for (let j = 0; j < i; j++) {
      const other = Q.subarray(j * m, (j + 1) * m);
      const dot = row.reduce((sum, x, d) => sum + x * other[d], 0);
      row.forEach((x, d) => {
        row[d] = x - dot * other[d];
      });
    }
    const length = Math.hypot(...row);
    row.forEach((x, d) => {
      row[d] = x / length;
    });
  }
  return Q;
}

function cheapest(cost: ArrayLike<number>, k: number, row = 0, used = 0): number {
  if (row === k) return 0;
  let best = Number.POSITIVE_INFINITY;
  for (let c = 0; c < k; c++) {
    if ((used >> c) & 1) continue;
    best = Math.min(best, cost[row * k + c] + cheapest(cost, k, row + 1, used | (1 << c)));
  }
  return best;
}

test('the assignment is as cheap as the best of all permutations', () => {
  for (let seed = 0; seed < 200; seed++) {
    const k = 2 + (seed % 6);
    const cost = random(seed, k * k).map((x) => (seed % 3 === 0 ? Math.round(2 * x) : x)); // ties in every third
    const columns = assign(cost, k);
    assert.is(new Set(columns).size, k);
    const total = columns.reduce((sum, c, row) => sum + cost[row * k + c], 0);
    near(total, cheapest(cost, k), 1e-9, `seed ${seed}`);
  }
});

test('singular values and vectors put the matrix together again', () => {
  const A = random(3, 5 * 3);
  const { U, sigma, V } = svd(A, 3);
  for (let i = 0; i < 5; i++) {
    for (let j = 0; j < 3; j++) {
      const sum = [0, 1, 2].reduce((s, q) => s + U[i * 3 + q] * sigma[q] * V[j * 3 + q], 0);
      near(sum, A[i * 3 + j], 1e-12);
    }
  }
  assert.ok(sigma[0] >= sigma[1] && sigma[1] >= sigma[2]);
  const { sigma: known } = svd([3, 0, 4, 5], 2); // AᵀA = [[25, 20], [20, 25]]: √45 and √5
  near(known[0], Math.sqrt(45), 1e-12);
  near(known[1], Math.sqrt(5), 1e-12);
});

test('singular values are the positive eigenvalues of [[0, A], [Aᵀ, 0]], by mathjs', () => {
  for (const [rows, cols] of [
    [5, 3],
    [4, 4],
    [9, 2],
  ]) {
    // biome-ignore format: a table
    const A = random(rows, rows * cols);
    const entry = (r: number, c: number) => (r < rows && c >= rows ? A[r * cols + c - rows] : 0);
    const size = rows + cols;
    const symmetric = Array.from({ length: size }, (_, r) =>
      Array.from({ length: size }, (_, c) => entry(r, c) + entry(c, r)),
    );
    const { values } = eigs(symmetric, { eigenvectors: false, precision: 1e-13 });
    const theirs = (values as number[]).sort((a, b) => b - a).slice(0, cols);
    svd(A, cols).sigma.forEach((sigma, q) => {
      near(sigma, theirs[q], 1e-12, `(${rows}, ${cols})`);
    });
  }
});

test('Procrustes recovers a rotation or reflection, also from solutions that leave a dimension unused', () => {
  for (const m of [2, 3, 5]) {
    const R = orthogonal(m, m);
    const A = random(10 + m, 7 * m);
    procrustes(A, times(A, R, m), m).forEach((r, at) => {
      near(r, R[at], 1e-9, `m = ${m}`);
    });
    const flat = A.map((x, at) => (at % m === m - 1 ? 0 : x));
    assert.ok(alignFrame(flat, times(flat, R, m), m).distance < 1e-9, `flat, m = ${m}`);
    const found = procrustes(flat, times(flat, R, m), m);
    times(
      found,
      Float64Array.from({ length: m * m }, (_, at) => found[(at % m) * m + Math.floor(at / m)]),
      m,
    ).forEach((x, at) => {
      near(x, at % (m + 1) === 0 ? 1 : 0, 1e-9, 'R Rᵀ');
    });
  }
});

test('the distance is the root mean square over rows, not over numbers', () => {
  near(distance([1, 1, 0, 0], [0, 0, 0, 0], 2), 1, 1e-15);
});

test('small singular values keep their vectors, vanishing ones lose theirs', () => {
  const { U, sigma } = svd([1, 0, 0, 0, 1e-6, 0, 0, 0, 1e-15], 3);
  assert.equal([...sigma], [1, 1e-6, 1e-15]);
  assert.equal([...U], [1, 0, 0, 0, 1, 0, 0, 0, 0]);
});

test('the canonical plane puts the anchor on the x axis and the next feature above it', () => {
  const W = canonicalPlane([0, 2, 1, 1, 0, 0], 0);
  [2, 0, 1, 1, 0, 0].forEach((expected, at) => {
    near(W[at], expected, 1e-12);
  });
});

test.run();
