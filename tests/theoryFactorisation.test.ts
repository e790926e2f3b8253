import { log2 } from 'mathjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { surprisal } from '../sim/metrics/information.ts';
import { instanceKey, normals } from '../sim/random.ts';
import {
  factorise,
  lassoCodes,
  leastSquares,
  type Rows,
  squaredErrors,
} from '../sim/theory/factorisation.ts';

const near = (actual: number, expected: number, tolerance: number, what = '') =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what} got ${actual}, expected ${expected}`);

const random = (part: number, count: number) => normals(instanceKey(7, 0), part, count);

/** Rows of length 1. */
function unitRows(M: Float64Array, d: number): Float64Array {
  return M.map((value, at) => {
    const from = at - (at % d);
    return value / Math.hypot(...M.subarray(from, from + d));
  });
}

const [N, L, d] = [20, 9, 5];
const samples: Rows = { size: d, values: random(0, N * d) };
const D = unitRows(random(1, L * d), d);

/** D (x − Dᵀz) of sample s. Shape (L). */
function pulls(z: ArrayLike<number>, s: number): number[] {
  const rest = Array.from({ length: d }, (_, k) => {
    let value = samples.values[s * d + k];
    for (let a = 0; a < L; a++) value -= z[a] * D[a * d + k];
    return value;
  });
  return Array.from({ length: L }, (_, a) => rest.reduce((sum, value, k) => sum + value * D[a * d + k], 0));
}

test('LASSO codes meet the conditions of the optimum: the pull is λ times the sign, and at most λ where a code is 0', () => {
  for (const sparsity of [0.02, 0.3, 1]) {
    const codes = new Float64Array(N * L);
    lassoCodes(samples, D, sparsity, codes, 1e-12);
    for (let s = 0; s < N; s++) {
      const z = codes.subarray(s * L, (s + 1) * L);
      pulls(z, s).forEach((pull, a) => {
        if (z[a] !== 0) near(pull, sparsity * Math.sign(z[a]), 1e-8, `λ ${sparsity}, sample ${s}, code ${a}`);
        else assert.ok(Math.abs(pull) <= sparsity + 1e-8);
      });
    }
  }
});

/** FISTA (Beck & Teboulle 2009) on one sample, as a second way to the same codes. */
function fista(s: number, sparsity: number): number[] {
  const rate = 1 / L; // the largest eigenvalue of D Dᵀ is at most its trace
  let [z, ahead, t] = [new Array<number>(L).fill(0), new Array<number>(L).fill(0), 1];
  for (let step = 0; step < 20_000; step++) {
    const moved = pulls(ahead, s).map((pull, a) => ahead[a] + rate * pull);
    const next = moved.map((u) => Math.sign(u) * Math.max(0, Math.abs(u) - rate * sparsity));
    const later = (1 + Math.sqrt(1 + 4 * t * t)) / 2;
    ahead = next.map((value, a) => value + ((t - 1) / later) * (value - z[a]));
    [z, t] = [next, later];
  }
  return z;
}

test('they are those of FISTA, from zero and from elsewhere', () => {
  const [cold, warm] = [new Float64Array(N * L), random(3, N * L)];
  for (const codes of [cold, warm]) lassoCodes(samples, D, 0.2, codes, 1e-12);
  for (let s = 0; s < 4; s++) {
    fista(s, 0.2).forEach((value, a) => {
      near(cold[s * L + a], value, 1e-6);
      near(warm[s * L + a], value, 1e-6);
    });
  }
});

test('on orthonormal rows they are the soft threshold', () => {
  const own: Rows = { size: 2, values: [3, -0.2, -1, 0.5] };
  const codes = new Float64Array(4);
  lassoCodes(own, Float64Array.of(1, 0, 0, 1), 0.4, codes);
  assert.equal(
    [...codes].map((value) => Number(value.toFixed(9))),
    [2.6, 0, -0.6, 0.1],
  );
});

test('least squares leaves an error that no code sees, and gives back the dictionary that made the samples', () => {
  const codes = random(4, N * L).map((value) => (Math.abs(value) < 1 ? 0 : value));
  const best = leastSquares(samples, codes, D);
  for (let a = 0; a < L; a++) {
    for (let k = 0; k < d; k++) {
      let sum = 0;
      for (let s = 0; s < N; s++) {
        let rest = samples.values[s * d + k];
        for (let b = 0; b < L; b++) rest -= codes[s * L + b] * best[b * d + k];
        sum += codes[s * L + a] * rest;
      }
      near(sum, 0, 1e-6, `latent ${a}, dimension ${k}`);
    }
  }
  const made = Float64Array.from({ length: N * d }, (_, at) => {
    let sum = 0;
    for (let a = 0; a < L; a++) sum += codes[Math.floor(at / d) * L + a] * D[a * d + (at % d)];
    return sum;
  });
  leastSquares(
    { size: d, values: made },
    codes,
    D.map(() => 0),
  ).forEach((value, at) => {
    near(value, D[at], 1e-6);
  });
});

test('a latent that codes nothing stays where it is', () => {
  const own: Rows = { size: 2, values: [2, 0, 4, 0] };
  const before = Float64Array.of(0, 1, 0.6, 0.8);
  const best = leastSquares(own, Float64Array.of(1, 0, 2, 0), before);
  [2, 0, 0.6, 0.8].forEach((value, at) => {
    near(best[at], value, 1e-8);
  });
});

test('squared errors, by hand', () => {
  const own: Rows = { size: 2, values: [1, 2, 0, 1] };
  const factors = {
    sparsity: 0,
    codes: Float64Array.of(1, 0, 0, 0.5),
    dictionary: Float64Array.of(1, 0, 0, 1),
  };
  assert.equal([...squaredErrors(own, factors)], [4, 0.25]);
});

test('axes that come alone are found from near two of them, by a latent that was silent the third', () => {
  const values = Float64Array.from({ length: 30 * 4 }, (_, at) => {
    const s = Math.floor(at / 4);
    return at % 4 === s % 3 ? 1 + s / 30 : 0;
  });
  const start = unitRows(Float64Array.of(1, 0.2, 0, 0, 0.1, 1, 0, 0, 0, 0, 0, 1), 4);
  const [own] = factorise({ size: 4, values }, start, [0.05], { first: 20, further: 0 });
  [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0].forEach((value, at) => {
    near(own.dictionary[at], value, 1e-3, `entry ${at}`);
  });
  for (let s = 0; s < 30; s++) near(own.codes[s * 3 + (s % 3)], 1 + s / 30 - 0.05, 1e-3, `sample ${s}`);
});

test('surprisal: half in one bin and a quarter in each of two are 1.5 bits each', () => {
  near(surprisal([0, 0.1, 1, -1], 1, 4), 2 * 1 + 2 + 2, 1e-12);
  near(surprisal([3, 3, 3], 5), 0, 1e-12);
  const shares = [0.1, 0.2, 0.7];
  const values = shares.flatMap((share, k) => new Array<number>(1000 * share).fill(k - 1));
  near(surprisal(values, 2), -1000 * shares.reduce((sum, p) => sum + p * log2(p), 0), 1e-8);
  assert.throws(() => surprisal([2], 1), /expected −1 to 1, got 2/);
  assert.throws(() => surprisal([Number.NaN], 1), /got NaN/);
});

test.run();
