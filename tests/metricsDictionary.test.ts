import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  absorption,
  type Coded,
  deadShare,
  decoderProjection,
  detection,
  effectiveFeatures,
  explainedVariance,
  firingRates,
  meanFiring,
  meanSquaredError,
  meanTrulyActive,
  shrinkage,
} from '../sim/metrics/codes.ts';
import {
  agreement,
  bestLatents,
  cosines,
  decoderCosine,
  matchedCosine,
  matchLatents,
  meanMaxCosine,
  meanNormRatio,
  shareFound,
  uniqueness,
} from '../sim/metrics/dictionary.ts';
import { instanceKey, normals } from '../sim/random.ts';

const near = (actual: number, expected: number, what = '') =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `${what} got ${actual}, expected ${expected}`);

const turn = (degrees: number) => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
const pentagon = [0, 72, 144, 216, 288].flatMap(turn); // (5, 2)
const axes = [1, 0, 0, 0, 1, 0, 0, 0, 1]; // (3, 3)

test('a dictionary that is the truth, in any order and of any length, has every score at 1', () => {
  const decoder = [4, 2, 0, 3, 1].flatMap((f) => pentagon.slice(2 * f, 2 * f + 2).map((v) => (f + 2) * v));
  const cos = cosines(decoder, pentagon, 2);
  near(meanMaxCosine(cos), 1);
  near(shareFound(cos), 1);
  near(uniqueness(cos), 1);
  assert.equal(
    Object.values(matchedCosine(cos)).map((v) => v.toFixed(12)),
    ['1.000000000000', '1.000000000000'],
  );
  assert.equal([...matchLatents(cos)], [2, 4, 1, 3, 0]);
  near(meanNormRatio(decoder, pentagon, 2), (2 + 3 + 4 + 5 + 6) / 5);
});

test('turned by half a step, each feature is 36 degrees from its nearest latent; MCC, which takes |cos|, sees the opposite pentagon as the truth', () => {
  const cos = cosines([36, 108, 180, 252, 324].flatMap(turn), pentagon, 2);
  near(meanMaxCosine(cos), Math.cos(Math.PI / 5));
  near(matchedCosine(cos).ofPairs, 1);
  assert.is(shareFound(cos), 0);
});

test('MMCS counts the sign and alive latents only, MCC counts |cos| and says its denominator', () => {
  const cos = cosines([1, 0, 0, 0, -1, 0], axes, 3); // found, upside down
  near(meanMaxCosine(cos), 1 / 3);
  near(matchedCosine(cos).ofPairs, 1);
  near(matchedCosine(cos).ofFeatures, 2 / 3);
  near(meanMaxCosine(cos, [0, 1]), (0 - 1 + 0) / 3);
  near(meanMaxCosine(cos, [0, 0]), 0);
  assert.equal([...bestLatents(cos, [0, 0])], [-1, -1, -1]);
});

test('MCC is one to one: two latents on one feature cannot both count, though MMCS is the same', () => {
  const cos = cosines([1, 0, 0, 1, 0, 0, 0, 1, 0], axes, 3);
  near(meanMaxCosine(cos), 2 / 3);
  near(matchedCosine(cos).ofFeatures, 2 / 3);
  near(uniqueness(cos), 1 / 3);
  near(uniqueness(cos, [1, 0, 1]), 1);
});

test('a mixed latent is given by the matching of largest sum, not by the greedy one', () => {
  const [a, b] = [turn(10), turn(-30)]; // a is nearest to f0 (10°), but b is nearer to f0 (30°) than to f1 (120°)
  const cos = cosines([...a, ...b], [1, 0, 0, 1], 2);
  // a–f0, b–f1: cos 10° + |cos 120°|; a–f1, b–f0: cos 80° + cos 30°
  const expected = Math.max(Math.cos(Math.PI / 18) + 0.5, Math.cos((80 * Math.PI) / 180) + Math.sqrt(3) / 2);
  near(2 * matchedCosine(cos).ofPairs, expected);
});

test('matching beats every permutation tried at random', () => {
  const [decoder, truth] = [normals(instanceKey(1, 0), 0, 18), normals(instanceKey(2, 0), 0, 15)];
  const { values } = cosines(decoder, truth, 3); // (6, 5)
  const best = matchedCosine({ latents: 6, features: 5, values }).ofFeatures * 5;
  let top = 0;
  const visit = (f: number, used: number, sum: number): void => {
    if (f === 5) top = Math.max(top, sum);
    else
      for (let l = 0; l < 6; l++)
        if (!((used >> l) & 1)) visit(f + 1, used | (1 << l), sum + Math.abs(values[l * 5 + f]));
  };
  visit(0, 0, 0);
  near(best, top);
});

test('a direction of no length is near to nothing', () => {
  near(meanMaxCosine(cosines([0, 0, 1, 0], [1, 0, 0, 1], 2)), 0.5);
});

test('mean decoder cosine: antipodal pairs count as alike, dead latents do not count', () => {
  near(decoderCosine([1, 0, -1, 0, 0, 1], 2), 1 / 3);
  near(decoderCosine([1, 0, -1, 0, 0, 1], 2, [1, 0, 1]), 0);
  assert.ok(Number.isNaN(decoderCosine([1, 0], 2)));
});

test('agreement between seeds needs no truth: permuted copies agree, a turned one less', () => {
  const shuffled = [...pentagon.slice(4), ...pentagon.slice(0, 4)];
  near(agreement([pentagon, shuffled], 2), 1);
  const turned = [10, 82, 154, 226, 298].flatMap(turn);
  near(agreement([pentagon, shuffled, turned], 2), (1 + 2 * Math.cos(Math.PI / 18)) / 3);
});

/** Four samples of a parent (feature 0) with a child (feature 1), and their codes by two latents along f0 and f1. */
function family(z: number[], output?: number[]): Coded {
  const x = [0, 0, 1, 0, 1, 1, 0, 1];
  return { samples: 4, features: 2, latents: 2, size: 2, x, h: x, z, output: output ?? z };
}

test('L0, rates, dead share and effective features of codes written down', () => {
  const coded = family([0, 0, 1, 0, 3, 0, 0, 0]);
  near(meanFiring(coded), 0.5);
  near(meanTrulyActive(coded), 1);
  assert.equal([...firingRates(coded)], [0.5, 0]);
  near(deadShare(coded), 0.5);
  near(effectiveFeatures(coded), 1);
  near(effectiveFeatures(family([1, 1, 1, 1, 1, 1, 1, 1])), 2);
  near(effectiveFeatures(family([3, 1, 0, 0, 0, 0, 0, 0])), 4 / 3 ** 0.75); // H of (3/4, 1/4) = ln 4 − ¾ ln 3
  assert.ok(Number.isNaN(effectiveFeatures(family(new Array(8).fill(0)))));
});

test('R² is 1 for h, 0 for the mean of h; error and shrinkage by hand', () => {
  const exact = family([0, 0, 1, 0, 1, 1, 0, 1]);
  near(explainedVariance(exact), 1);
  near(meanSquaredError(exact), 0);
  near(shrinkage(exact), 1);
  near(explainedVariance(family(exact.z as number[], new Array(8).fill(0.5))), 0);
  const half = family(exact.z as number[], [0, 0, 0.5, 0, 0.5, 0.5, 0, 0.5]);
  near(shrinkage(half), 0.5);
  near(meanSquaredError(half), (0.25 + 0.5 + 0.25) / 4);
  near(explainedVariance(half), 1 - 1 / 2); // Σ ‖h − mean‖² = 8 · 1/4
  assert.ok(Number.isNaN(explainedVariance({ ...exact, h: new Array(8).fill(1) })));
});

test('precision, recall and F1 of each latent against its own feature', () => {
  const cos = cosines([1, 0, 0, 1], [1, 0, 0, 1], 2);
  assert.equal(detection(family([0, 0, 1, 0, 1, 1, 0, 1]), cos), { precision: 1, recall: 1, f1: 1 });
  // latent 0 fires on samples 0, 1 (feature 0 in 1, 2); latent 1 on sample 3 only (feature 1 in 2, 3)
  const some = detection(family([1, 0, 1, 0, 0, 0, 0, 1]), cos);
  near(some.precision, (1 / 2 + 1) / 2);
  near(some.recall, 1 / 2);
  near(some.f1, (1 / 2 + 2 / 3) / 2);
  near(detection(family([1, 0, 1, 0, 0, 0, 0, 0]), cos).f1, 1 / 2, 'dead latents do not count');
});

test('absorption: a silent parent with a carrier is absorbed, a silent parent without one is only silent', () => {
  const lineage = { parent: 0, children: [1] };
  const absorbing = cosines([1, 0, Math.SQRT1_2, Math.SQRT1_2], [1, 0, 0, 1], 2);
  const silent = family([0, 0, 1, 0, 0, 1.4, 0, 0.7]);
  assert.equal(absorption(silent, absorbing, lineage), { latent: 0, rate: 1, response: 0, recall: 0.5 });
  const plain = cosines([1, 0, 0, 1], [1, 0, 0, 1], 2);
  assert.equal(absorption(silent, plain, lineage), { latent: 0, rate: 0, response: 0, recall: 0.5 });
  const partial = absorption(family([0, 0, 1, 0, 0.2, 1.2, 0, 0.7]), absorbing, lineage);
  near(partial.response, 0.2);
  near(partial.recall, 1);
  near(partial.rate, 0);
});

test('decoder projection: the (n N)-th largest of all projections, bias taken off', () => {
  const h = [3, 0, 0, 2, 1, 1]; // (3, 2)
  const shape = { samples: 3, size: 2, h };
  // projections on the axes: 3 0, 0 2, 1 1
  near(decoderProjection(shape, [1, 0, 0, 1], [0, 0], 1), 1);
  near(decoderProjection(shape, [1, 0, 0, 1], [0, 0], 2), 0);
  near(decoderProjection(shape, [1, 0, 0, 1], [1, 1], 1), 0);
  assert.throws(() => decoderProjection(shape, [1, 0, 0, 1], [0, 0], 3), /count: expected 1 to L = 2, got 3/);
});

test.run();
