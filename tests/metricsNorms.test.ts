import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { capacity, dimensionsPerFeature, featureDimensionality } from '../sim/metrics/dimensionality.ts';
import { featureCosine, gram } from '../sim/metrics/gram.ts';
import { interference, interferenceNorm } from '../sim/metrics/interference.ts';
import { featureNorms, fractionRepresented } from '../sim/metrics/norms.ts';
import { phaseColors, regionOf } from '../sim/metrics/phaseRegion.ts';
import { instanceKey, normals } from '../sim/random.ts';

function near(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-12) {
  assert.is(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    assert.ok(
      Math.abs(actual[i] - expected[i]) <= tolerance,
      `at ${i}: got ${actual[i]}, expected ${expected[i]}`,
    );
  }
}

/** Two instances of three features in two dimensions: a digon and a lone axis; a 3-4-5 vector, two absent. */
const W = [1, 0, -1, 0, 0, 2, 3, 4, 0, 0, 0, 0];
const shape = { features: 3, hidden: 2 };

/** k columns at equal angles, length l. */
const polygon = (k: number, l = 1) => ({
  W: Float64Array.from({ length: 2 * k }, (_, at) => {
    const angle = (2 * Math.PI * Math.floor(at / 2)) / k;
    return l * (at % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
  }),
});

test('norms are the lengths of the rows of W, instance by instance', () => {
  near(featureNorms({ W }, shape), [1, 1, 2, 5, 0, 0]);
});

test('the gram matrix holds every dot product within an instance and none across', () => {
  near(gram({ W }, shape), [1, -1, 0, -1, 1, 0, 0, 0, 4, 25, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test('interference is the sum of squared projections of the others, its norm the root', () => {
  near(interference({ W }, shape), [1, 1, 0, 0, 0, 0]);
  const slanted = { W: [2, 0, 3, 4, 0, 5] }; // Ŵ_0 = (1,0): 3² + 0²; Ŵ_1 = (.6,.8): 1.2² + 4²; Ŵ_2 = (0,1): 4²
  near(interference(slanted, shape), [9, 17.44, 16]);
  near(interferenceNorm(slanted, shape), [3, Math.sqrt(17.44), 4]);
});

test('dimensionality is 1/2 in a digon, 1 alone, 0 when absent', () => {
  near(featureDimensionality({ W }, shape), [0.5, 0.5, 1, 1, 0, 0]);
});

test('dimensionality of a polygon is 2/k whatever its size', () => {
  for (const k of [3, 5, 6, 7]) {
    const D = featureDimensionality(polygon(k, 1.17), { features: k, hidden: 2 });
    near(D, new Array(k).fill(2 / k));
  }
});

test('capacity counts dimensions: at most m, and m exactly for a tight frame', () => {
  near(capacity({ W }, shape), [2, 1]);
  near(capacity(polygon(5, 0.8), { features: 5, hidden: 2 }), [2]);
  const random = { W: normals(instanceKey(5, 0), 0, 60 * 8 * 3) };
  for (const C of capacity(random, { features: 8, hidden: 3 })) assert.ok(C > 1 && C <= 3);
});

test('the cosine of two features does not depend on their lengths, and an absent feature has none', () => {
  const model = { W: [3, 0, 0, 5, 2, 2, 0, 0] };
  const size = { features: 4, hidden: 2 };
  near([featureCosine(model, size, 0, 1), featureCosine(model, size, 2, 1)], [0, Math.SQRT1_2]);
  assert.equal(featureCosine(model, size, 0, 3), Number.NaN);
});

test('dimensionality equals the capacity of Scherlis et al. computed from the gram matrix', () => {
  const size = { features: 7, hidden: 3 };
  const random = { W: normals(instanceKey(6, 0), 0, 21) };
  const G = gram(random, size);
  const expected = Array.from({ length: 7 }, (_, i) => {
    const row = G.subarray(i * 7, (i + 1) * 7);
    return G[i * 7 + i] ** 2 / row.reduce((sum, g) => sum + g * g, 0);
  });
  near(featureDimensionality(random, size), expected);
});

test('dimensions per feature is m over the squared Frobenius norm', () => {
  near(dimensionsPerFeature({ W }, shape), [2 / 6, 2 / 25]);
  assert.is(dimensionsPerFeature({ W: [0, 0] }, { features: 1, hidden: 2 })[0], Number.POSITIVE_INFINITY);
});

test('fraction represented counts norms above the threshold', () => {
  near(fractionRepresented({ W }, shape), [1, 1 / 3]);
  near(fractionRepresented({ W }, shape, 1.5), [1 / 3, 1 / 3]);
});

test('a feature is lost, superposed or dedicated by norm first and interference second', () => {
  assert.is(regionOf(0.1, 3), 'not learned');
  assert.is(regionOf(0.95, 0.02), 'dedicated');
  assert.is(regionOf(0.95, 0.9), 'superposed');
  near(phaseColors({ W }, shape, 1), [1, 1, 0, 0]);
  near(phaseColors({ W }, shape, 2), [1, 0, 0, 0]);
});

test('a W that is not a whole number of models is refused with the numbers', () => {
  assert.throws(() => featureNorms({ W: [1, 2, 3] }, shape), /multiple of 3 × 2 = 6 numbers, got 3/);
});

test.run();
