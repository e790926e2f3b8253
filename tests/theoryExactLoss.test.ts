import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { emptyColumns } from '../sim/columns.ts';
import { type Family, reluOutputFamily } from '../sim/family.ts';
import { heldOutEstimate } from '../sim/metrics/heldOut.ts';
import type { Model } from '../sim/model.ts';
import type { Problem } from '../sim/problem.ts';
import { instanceKey, normals } from '../sim/random.ts';
import { exactLoss } from '../sim/theory/exactLoss.ts';
import { linearExpectedLoss } from '../sim/theory/linear.ts';
import { reluMoments } from '../sim/theory/moments.ts';
import { candidateLosses, inputVariance, meanOverFeatures } from '../sim/theory/phase.ts';
import { ADAMW } from './adamw.ts';
import { perTensor } from './perTensor.ts';

const family = (features: number, hidden: number, change: Partial<Family> = {}): Family => ({
  ...reluOutputFamily(features, hidden),
  ...change,
});

/** A model with float32 weights of size about 0.7 and small biases. */
function randomModel({ features: n, hidden: m, tied }: Family, seed: number): Model {
  const key = instanceKey(seed, 0);
  const scaled = (part: number, count: number, scale: number) =>
    normals(key, part, count).map((z) => Math.fround(scale * z));
  return { W: scaled(0, n * m, 0.7), ...(!tied && { V: scaled(1, n * m, 0.7) }), b: scaled(2, n, 0.2) };
}

function problemOf(own: Family, density: number[], importance: number[], batch: number): Problem {
  return {
    family: own,
    training: { ...ADAMW, batch },
    firstStep: 0,
    ...emptyColumns(own, 1),
    instances: 1,
    keys: Int32Array.from(instanceKey(77, 0)),
    ...emptyColumns(own, 1),
    density: Float64Array.from(density),
    importance: Float64Array.from(importance),
    learningRate: perTensor(own, [0]),
    weightDecay: perTensor(own, [0]),
  };
}

const near = (actual: number, expected: number, tolerance: number, what: string) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: got ${actual}, expected ${expected}`);

/** ∫ over [0, 1]^d by the midpoint rule with `points` points a side. */
function midpoint(dimensions: number, points: number, f: (u: number[]) => number): number {
  const total = points ** dimensions;
  let sum = 0;
  for (let at = 0; at < total; at++) {
    const u = Array.from(
      { length: dimensions },
      (_, d) => ((Math.floor(at / points ** d) % points) + 0.5) / points,
    );
    sum += f(u);
  }
  return sum / total;
}

test('moments of one summand agree with the integral done by hand', () => {
  // y = 2v − 1 is positive from v = 1/2: ∫ y = 1/4, ∫ y² = 1/6, ∫ v y = 5/24
  const { mean, square, cross } = reluMoments(-1, 2, []);
  near(mean, 1 / 4, 1e-12, 'mean');
  near(square, 1 / 6, 1e-12, 'square');
  near(cross, 5 / 24, 1e-12, 'cross');
});

test('|x| of a signed feature: ReLU(x) pays for the negative half alone', () => {
  const own = family(1, 1, { magnitude: 'signed', target: 'abs' });
  const model = { W: Float64Array.of(1), b: new Float64Array(1) };
  near(exactLoss(own, model, [0.3], [2]).loss, (2 * 0.3) / 6, 1e-12, 'loss'); // ½ E x² = 1/6
});

test('a hidden bias is an output bias that has gone through the decoder', () => {
  for (const tied of [true, false]) {
    const own = family(4, 2, { tied, hiddenBias: true });
    const model = { ...randomModel(own, 9), c: Float64Array.of(1.5, 1.1) };
    const problem = problemOf(own, [0.4, 0.6, 0.5, 0.3], [1, 0.7, 0.5, 0.2], 4096);
    const params = Object.fromEntries(
      Object.entries(model).map(([name, values]) => [name, Float32Array.from(values)]),
    );
    const { loss, standardError } = heldOutEstimate(problem, params, 16);
    const exact = exactLoss(
      own,
      { ...model, c: Float64Array.from(params.c) },
      problem.density,
      problem.importance,
    );
    near(loss[0], exact.loss, 5 * standardError[0], `tied ${tied}`);
    const without = exactLoss(own, { ...model, c: new Float64Array(2) }, problem.density, problem.importance);
    const moved = Math.abs(without.loss - exact.loss) / standardError[0];
    assert.ok(moved > 20, `the bias moves the loss by ${moved} standard errors`);
  }
});

test('the bound of a dead model covers the pattern that was left out', () => {
  const model = { W: new Float64Array(2), b: new Float64Array(2) };
  const args = [family(2, 1), model, [0.05, 0.05], [1, 1]] as const;
  const { loss, bound } = exactLoss(...args, 0.01);
  const missing = exactLoss(...args).loss - loss;
  near(missing, 0.05 ** 2 / 3, 1e-12, 'both features active');
  assert.ok(bound >= missing, `bound ${bound}`);
});

test('moments of several summands agree with a fine midpoint rule', () => {
  const cases: [number, number | null, number[]][] = [
    [-0.4, 1.1, [-0.6, 0.3]],
    [0.2, -0.9, [0.5, -1e-3]],
    [-0.1, 1e-3, [0.7, -0.6]],
    [-0.05, 0.3, [1e-7, -0.4]],
    [-0.3, null, [0.8, 0.02, -0.5]],
    [0.1, 0, [-0.4, 0]],
  ];
  for (const [offset, own, others] of cases) {
    const relu = (u: number[]) =>
      Math.max(
        0,
        others.reduce((y, c, i) => y + c * u[i], offset + (own ?? 0) * (u[others.length] ?? 0)),
      );
    const dimensions = others.length + (own === null ? 0 : 1);
    const moments = reluMoments(offset, own, others);
    const what = JSON.stringify([offset, own, others]);
    near(moments.mean, midpoint(dimensions, 50, relu), 1e-4, `mean of ${what}`);
    near(
      moments.square,
      midpoint(dimensions, 50, (u) => relu(u) ** 2),
      1e-4,
      `square of ${what}`,
    );
    if (own === null) assert.is(moments.cross, 0);
    else
      near(
        moments.cross,
        midpoint(dimensions, 50, (u) => u[others.length] * relu(u)),
        1e-4,
        `cross of ${what}`,
      );
  }
});

/**
 * Moments of ReLU(z + v), v ~ U[0, 1], for z = −½ + Σ c_i u_i in (−1, 0): polynomials in q = 1 + z, done by hand,
 * q²/2, q³/3 and q²/2 − q³/6. q is symmetric about its mean, so E q³ = mean³ + 3 mean variance.
 */
function momentsByHand(others: number[]): { mean: number; square: number; cross: number } {
  const middle = others.reduce((sum, c) => sum + c / 2, 0.5);
  const variance = others.reduce((sum, c) => sum + (c * c) / 12, 0);
  const [second, third] = [middle ** 2 + variance, middle ** 3 + 3 * middle * variance];
  return { mean: second / 2, square: third / 3, cross: second / 2 - third / 6 };
}

test('small coefficients are averaged over exactly, and many tiny ones in no time', () => {
  for (const [count, size] of [
    [5, 5e-3],
    [6, 2e-4],
    [20, 1e-7], // 4^20 nodes if each took four
  ]) {
    const others = new Array<number>(count).fill(size);
    const [got, expected] = [reluMoments(-0.5, 1, others), momentsByHand(others)];
    for (const name of ['mean', 'square', 'cross'] as const) {
      near(got[name], expected[name], 1e-9, `${name} of ${count} × ${size}`);
    }
  }
});

test('moments do not jump where quadrature takes over from the vertex sum', () => {
  const at = (c: number) => reluMoments(-0.2, 0.5, [0.4, c, -0.3, c]).square;
  for (const c of [1e-1, 1e-2, 1e-3, 1e-4, 1e-5]) {
    // linear in c up to its curvature: the middle lies half-way between its neighbours
    near(at(c), (at(c * 0.99) + at(c * 1.01)) / 2, 1e-4 * c * c + 1e-9, `c = ${c}`);
  }
});

test('exact loss reproduces the closed forms of the phase diagrams', () => {
  for (const p of [1, 0.5, 0.1, 0.01]) {
    for (const r of [0.2, 1, 5]) {
      const two = new Map(candidateLosses(2, p, r));
      const half = p / 2;
      const two1 = (W: number[], b: number[]) =>
        exactLoss(family(2, 1), { W: Float64Array.from(W), b: Float64Array.from(b) }, [p, p], [1, r]).loss;
      const mean = (name: 'ignore extra' | 'ignore another' | 'extra in a pair') =>
        meanOverFeatures(two.get(name)!, 2);
      near(two1([1, 0], [0, half]), mean('ignore extra'), 1e-12, 'ignore extra');
      near(two1([0, 1], [half, 0]), mean('ignore another'), 1e-12, 'ignore another');
      near(two1([1, -1], [0, 0]), mean('extra in a pair'), 1e-12, 'extra in a pair');
      const three = exactLoss(
        family(3, 2),
        { W: Float64Array.of(1, 0, -1, 0, 0, 1), b: new Float64Array(3) },
        [p, p, p],
        [1, 1, r],
      );
      near(three.loss, (p * p) / 3 / 3, 1e-12, 'others paired');
    }
  }
});

test('a model that knows nothing costs the variance of its inputs', () => {
  const dead = { W: new Float64Array(4), b: Float64Array.of(0.15, 0.15) };
  near(exactLoss(family(2, 2), dead, [0.3, 0.3], [1, 1]).loss, inputVariance(0.3), 1e-12, 'loss');
});

test('a linear model costs what its loss algebra says, densities and importances differing', () => {
  const linear = family(5, 3, { outputActivation: 'identity' });
  const density = [1, 0.5, 0.3, 0.2, 0.05];
  const importance = [1, 0.9, 0.5, 2, 3];
  for (const seed of [1, 2]) {
    const model = randomModel(linear, seed);
    const expected = linearExpectedLoss(linear, model, density, importance);
    near(exactLoss(linear, model, density, importance).loss, expected, 1e-12, `seed ${seed}`);
  }
});

test('exact loss lies within four standard errors of 32,768 held-out samples for every kind of input', () => {
  const kinds: Partial<Family>[] = [
    {},
    { tied: false },
    { outputActivation: 'identity' },
    { magnitude: 'signed' },
    { magnitude: 'signed', target: 'abs', tied: false },
    { sets: [{ kind: 'correlated', size: 2 }] },
    {
      sets: [
        { kind: 'anticorrelated', size: 3 },
        { kind: 'correlated', size: 2 },
      ],
    },
  ];
  const importance = [1, 0.8, 0.6, 0.4, 0.2, 0.1];
  kinds.forEach((kind, seed) => {
    const own = family(6, 2, kind);
    const density = own.sets.length ? [0.6, 0.6, 0.6, 0.3, 0.3, 0.3] : [0.9, 0.7, 0.5, 0.3, 0.2, 0.1];
    const model = randomModel(own, seed + 10);
    const params = {
      W: Float32Array.from(model.W),
      ...(model.V && { V: Float32Array.from(model.V) }),
      b: Float32Array.from(model.b),
    };
    const sampled = heldOutEstimate(problemOf(own, density, importance, 8192), params, 4);
    const { loss } = exactLoss(own, model, density, importance);
    near(loss, sampled.loss[0], 4 * sampled.standardError[0], JSON.stringify(kind));
    assert.ok(sampled.standardError[0] < 0.015 * loss, 'the sample is large enough to tell');
  });
});

test('skipped patterns are bounded: the full loss lies between loss and loss + bound', () => {
  const own = family(8, 3);
  const density = new Array(8).fill(0.1);
  const importance = new Array(8).fill(1);
  const model = randomModel(own, 3);
  const full = exactLoss(own, model, density, importance);
  const part = exactLoss(own, model, density, importance, 1e-5);
  assert.is(full.bound, 0);
  assert.ok(part.bound > 0 && part.bound < 0.05, `bound ${part.bound}`);
  assert.ok(part.loss < full.loss && full.loss < part.loss + part.bound);
});

test('the bound closes when every pattern is visited, for every kind of set', () => {
  const own = family(7, 2, {
    sets: [
      { kind: 'anticorrelated', size: 3 },
      { kind: 'correlated', size: 2 },
    ],
  });
  const density = [0.3, 0.3, 0.3, 0.2, 0.2, 0.4, 0.1];
  const { bound } = exactLoss(own, randomModel(own, 4), density, new Array(7).fill(1), 1e-30);
  assert.ok(Math.abs(bound) < 1e-12, `bound ${bound}`);
});

test('a ReLU hidden layer is refused by name', () => {
  const own = family(2, 2, { hiddenActivation: 'relu' });
  assert.throws(() => exactLoss(own, randomModel(own, 1), [1, 1], [1, 1]), /hiddenActivation.*"relu"/);
});

test('families whose integrals are not known are refused by name', () => {
  const one = { W: Float64Array.of(1), b: new Float64Array(1) };
  const of = (change: Partial<Family>) => () =>
    exactLoss({ ...reluOutputFamily(1, 1), ...change }, one, [1], [1]);
  assert.throws(of({ gating: 'exactly' }), /gating: expected "independent", got "exactly"/);
  assert.throws(of({ magnitude: 'one' }), /magnitude: expected "unit" or "signed", got "one"/);
  assert.throws(of({ outputActivation: 'gelu' }), /outputActivation/);
});

test.run();
