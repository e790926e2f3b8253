import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reluOutputFamily } from '../sim/family.ts';
import {
  attackDirections,
  attackedLoss,
  meanInputNorm,
  relativeVulnerability,
} from '../sim/metrics/adversarial.ts';
import { gram } from '../sim/metrics/gram.ts';
import { backward, type Model } from '../sim/model.ts';
import { instanceKey, normals } from '../sim/random.ts';

const near = (actual: number, expected: number, tolerance: number, what = '') =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what} got ${actual}, expected ${expected}`);

const model = (W: number[], n: number): Model => ({
  W: Float64Array.from(W),
  b: new Float64Array(n),
});

test('without superposition an attack of size λ costs λ²/n', () => {
  const batch = Float64Array.of(0, 0, 0.3, 0, 0.5, 0.9);
  const out = attackedLoss(reluOutputFamily(2, 2), model([1, 0, 0, 1], 2), batch, [1, 1], 0.2);
  near(out.clean, 0, 1e-15);
  near(out.worst, 0.04 / 2, 1e-12);
});

test('an antipodal pair on silent inputs is twice as vulnerable: two features a dimension', () => {
  const silent = new Float64Array(4);
  const pair = attackedLoss(reluOutputFamily(2, 1), model([1, -1], 2), silent, [1, 1], 0.1);
  const alone = attackedLoss(reluOutputFamily(2, 2), model([1, 0, 0, 1], 2), silent, [1, 1], 0.1);
  near(relativeVulnerability(pair, alone), 2, 1e-12);
});

test('vulnerability counts what the attack adds to the loss', () => {
  const attacked = new Float64Array(0);
  near(
    relativeVulnerability({ clean: 0.3, attacked, worst: 0.5 }, { clean: 0.1, attacked, worst: 0.2 }),
    2,
    1e-12,
  );
});

test('attacked losses are those of the reference model fed with the attacked input', () => {
  const own = reluOutputFamily(5, 3);
  const weights = normals(instanceKey(8, 0), 0, 20);
  const trained = { W: weights.slice(0, 15), b: weights.slice(15).map((b) => 0.1 * b) };
  const batch = normals(instanceKey(8, 1), 0, 20).map(Math.abs);
  const importance = [1, 0.5, 2, 1, 0.1];
  const out = attackedLoss(own, trained, batch, importance, 0.3);
  near(out.clean, backward(own, trained, batch, importance).loss, 1e-12);
  const directions = attackDirections(gram(trained, own), 5);
  for (let i = 0; i < 5; i++) {
    const moved = batch.map((x, at) => x + 0.3 * directions[i * 5 + (at % 5)]);
    // not backward() on the moved input: that would move the target too
    let loss = 0;
    for (let s = 0; s < 4; s++) {
      for (let j = 0; j < 5; j++) {
        let y = trained.b[j];
        for (let a = 0; a < 5; a++) {
          for (let k = 0; k < 3; k++) y += trained.W[j * 3 + k] * trained.W[a * 3 + k] * moved[s * 5 + a];
        }
        loss += (importance[j] * (batch[s * 5 + j] - Math.max(0, y)) ** 2) / 20;
      }
    }
    near(out.attacked[i], loss, 1e-12, `attack on ${i}`);
  }
  assert.is(out.worst, Math.max(...out.attacked));
});

test('no other direction of the same length pushes feature i further', () => {
  const W = normals(instanceKey(9, 0), 0, 12);
  const G = gram({ W }, { features: 6, hidden: 2 });
  const directions = attackDirections(G, 6);
  const push = (i: number, d: ArrayLike<number>) =>
    G.subarray(i * 6, i * 6 + 6).reduce((y, g, j) => y + g * d[j], 0);
  for (let i = 0; i < 6; i++) {
    const best = push(i, directions.subarray(i * 6, i * 6 + 6));
    for (let seed = 0; seed < 50; seed++) {
      const other = normals(instanceKey(seed, 2), 0, 6);
      const length = Math.hypot(...other);
      assert.ok(
        push(
          i,
          other.map((d) => d / length),
        ) <=
          best + 1e-12,
      );
    }
  }
});

test('the mean input norm is the mean of Euclidean lengths', () => {
  near(meanInputNorm(Float64Array.of(3, 4, 0, 0, 0, 1), 2), 2, 1e-15);
});

test.run();
