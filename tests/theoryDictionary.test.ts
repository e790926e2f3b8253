import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { instanceKey, normals } from '../sim/random.ts';
import { kinshipSupport, PUBLISHED, parentFate } from '../sim/theory/absorption.ts';
import { bestDictionary, expectedLoss, plain, type Support, startAt } from '../sim/theory/dictionary.ts';
import { companyOf, companySupport, hedge } from '../sim/theory/hedging.ts';
import { innerLatent, nestedSupport } from '../sim/theory/matryoshka.ts';
import { minimise } from '../sim/theory/optimum.ts';

const near = (actual: number, expected: number, tolerance: number, what = '') =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what} got ${actual}, expected ${expected}`);

const total = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0);

test('supports: probabilities sum to 1, features come as often and as together as asked', () => {
  for (const support of [
    kinshipSupport({ ...PUBLISHED, alone: 0.2 }),
    companySupport(companyOf(0.25, 0.2, 0.3), 4),
    nestedSupport(0.25, [0.15, 0.02, 0.5]),
  ]) {
    near(total(support.probability), 1, 1e-12);
  }
  const { probability, points, size } = companySupport(companyOf(0.25, 0.2, -0.2), 3);
  const moment = (i: number, j: number) =>
    total(probability.map((p, at) => p * points[at * size + i] * points[at * size + j]));
  near(moment(0, 0), 0.25, 1e-12);
  near(moment(2, 2), 0.2, 1e-12);
  near(moment(0, 1) - 0.25 * 0.2, -0.2 * Math.sqrt(0.25 * 0.75 * 0.2 * 0.8), 1e-12);
  assert.throws(() => companyOf(0.25, 0.2, -0.9), /rho: expected rates in \[0, 1\]/);
});

test('the gradient of the expected loss is that of central differences, prefixes and all', () => {
  const support = nestedSupport(0.3, [0.2, 0.4]); // d = 3
  const objective = {
    sparsity: 0.1,
    prefixes: [
      { latents: 1, weight: 0.3 },
      { latents: 4, weight: 1 },
    ],
  };
  const flat = normals(instanceKey(3, 1), 0, 2 * 4 * 3 + 4 + 3);
  const gradient = new Float64Array(flat.length);
  const idle = new Float64Array(flat.length);
  expectedLoss(support, objective)(flat, gradient);
  for (let i = 0; i < flat.length; i++) {
    const at = (by: number) => {
      const moved = flat.slice();
      moved[i] += by;
      return expectedLoss(support, objective)(moved, idle);
    };
    near(gradient[i], (at(1e-6) - at(-1e-6)) / 2e-6, 1e-7, `weight ${i}`);
  }
});

test('the expected loss of a dictionary written down is that of a sum by hand', () => {
  const support: Support = {
    size: 2,
    probability: Float64Array.of(0.75, 0.25),
    points: Float64Array.of(0, 0, 2, 0),
  };
  // one latent of norm 3 along f0, z = ReLU(0.5·2 − 0.4) = 0.6 on the second point: ĥ = 1.8, error 0.2
  const flat = Float64Array.of(0.5, 0, -0.4, 3, 0, 0, 0);
  const loss = expectedLoss(support, plain(1, 0.1))(flat, new Float64Array(7));
  near(loss, 0.25 * (0.2 ** 2 + 0.1 * 0.6 * 3), 1e-12);
});

/**
 * Strict hierarchy by another road: given the decoder bias b, no code of input h costs less than that of one latent
 * along h − b, λ r − λ²/4 with r = ‖h − b‖ (λ ≤ 2r), and two latents can do that for both inputs at once.
 */
function absorbedLoss(lambda: number): number {
  const [p0, p10, p11] = [0.75, 0.2, 0.05];
  const cost = (r: number) => lambda * r - (lambda * lambda) / 4;
  return minimise(
    ([a, b]) =>
      p0 * (a * a + b * b) + p10 * cost(Math.hypot(1 - a, b)) + p11 * cost(Math.hypot(1 - a, 1 - b)),
    [0, 0],
  ).value;
}

test('strict hierarchy: the optimum is full absorption at every sparsity, and its loss is known', () => {
  for (const lambda of [0.001, 0.01, 0.1]) {
    const { loss, response } = parentFate({ ...PUBLISHED, alone: 0 }, lambda);
    near(loss, absorbedLoss(lambda), 1e-6 * lambda, `λ = ${lambda}`);
    assert.is(response, 0);
  }
  near(parentFate({ ...PUBLISHED, alone: 0 }, 0.001).childCosine, Math.SQRT1_2, 1e-3);
  const ratio = absorbedLoss(1e-4) / (1e-4 * (0.2 + 2 * 0.05)); // against no absorption, as λ → 0
  near(ratio, (0.2 + Math.SQRT2 * 0.05) / 0.3, 1e-3);
});

test('a child that comes alone ends absorption: the parent answers more as it does, less as sparsity rises', () => {
  const response = (alone: number, lambda: number) => parentFate({ ...PUBLISHED, alone }, lambda).response;
  const low = response(0.02, 0.01);
  assert.ok(low > 0 && response(0.1, 0.01) > low && response(0.02, 0.003) > low);
  assert.is(response(0.02, 0.1), 0);
});

test('hedging: the sign follows the company, and independent features do not mix', () => {
  const strict = hedge({ first: 0.25, with: 0.2, without: 0 }, 1e-3);
  const inverted = hedge({ first: 0.25, with: 0.1, without: 0.2 }, 0.02);
  assert.ok(strict.other > 0.1 && strict.encoderRatio > 0.1 && inverted.other < -0.1);
  const apart = hedge({ first: 0.25, with: 0.2, without: 0.2 }, 1e-3);
  near(apart.other, 0, 1e-3);
  near(apart.dictionary.decoderBias[1], 0.2, 1e-4);
  near(apart.loss, 0.2 * 0.8 + 0.25 * 1e-3, 1e-6); // the variance of f1, and λ P(f0) to first order
  const wide = hedge({ first: 0.25, with: 0.2, without: 0.1 }, 1e-3, 2);
  near(wide.other, 0, 0.02, 'as many latents as features');
});

test('the optimum of a shy company lies around the mean of the inputs, where starts at the origin do not lead', () => {
  const { loss, other } = hedge(companyOf(0.4, 0.15, -0.1), 0.01, 1, 3);
  assert.ok(loss < 0.25498 && other < -0.12, `${loss} ${other}`); // 0.2559813 and −0.086 without them
});

test('no step away from the optimum of a hedging latent lowers the loss', () => {
  const company = { first: 0.25, with: 0.2, without: 0.1 };
  const { loss, dictionary } = hedge(company, 0.01);
  const flat = Float64Array.from(
    [dictionary.encoder, dictionary.encoderBias, dictionary.decoder, dictionary.decoderBias].flatMap((t) => [
      ...t,
    ]),
  );
  for (let seed = 0; seed < 200; seed++) {
    const size = 10 ** -(1 + (seed % 4));
    const step = normals(instanceKey(9, seed), 0, flat.length);
    const moved = flat.map((value, i) => value + size * step[i]);
    const there = expectedLoss(companySupport(company), plain(1, 0.01))(moved, new Float64Array(flat.length));
    assert.ok(there > loss - 1e-9, `seed ${seed}: ${there} < ${loss}`);
  }
});

test('given starts count: from the truth alone the optimum of independent features is the truth', () => {
  const { dictionary } = bestDictionary(companySupport(companyOf(0.3, 0.2, 0)), plain(2, 1e-3), [
    startAt([1, 0, 0, 1], 2),
  ]);
  for (const [latent, axis] of [
    [0, 0],
    [1, 1],
  ]) {
    const row = dictionary.decoder.subarray(latent * 2, latent * 2 + 2);
    assert.ok(row[axis] / Math.hypot(...row) > 0.999);
  }
});

test('Matryoshka: without inner weight the inner latent absorbs, with weight 1 it hedges', () => {
  const [none, full] = [innerLatent(0), innerLatent(1)];
  assert.ok(none.encoder < -0.1 && Math.abs(none.decoder) < 0.01, JSON.stringify(none));
  assert.ok(full.encoder > 0.05 && full.decoder > 0.05, JSON.stringify(full));
});

test.run();
