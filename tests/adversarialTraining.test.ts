import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { addGradients, hardenedModels } from '../sim/experiments/adversarialTraining.ts';

const [n, m] = [4, 2];
const wave = (length: number, phase: number) =>
  Float64Array.from({ length }, (_, i) => Math.sin(3 * i + phase));
const x = Float64Array.of(0.9, 0, 0.4, 0);
const moved = Float64Array.of(1, -0.1, 0.5, 0.2);

/** 0.5 ‖x − ReLU(W Wᵀ moved + b)‖². */
function loss(W: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < n; j++) {
    let y = b[j];
    for (let i = 0; i < n; i++) for (let k = 0; k < m; k++) y += W[j * m + k] * W[i * m + k] * moved[i];
    sum += 0.5 * (x[j] - Math.max(0, y)) ** 2;
  }
  return sum;
}

test('gradients on a moved input are those of central differences', () => {
  const W = wave(n * m, 1);
  const b = wave(n, 2).map((value) => 0.3 * value);
  const [dW, db] = [new Float64Array(n * m), new Float64Array(n)];
  addGradients({ W, b }, x, moved, 0.5, dW, db);
  const difference = (weights: Float64Array, at: number) => {
    const [old, step] = [weights[at], 1e-6];
    weights[at] = old + step;
    const above = loss(W, b);
    weights[at] = old - step;
    const below = loss(W, b);
    weights[at] = old;
    return (above - below) / (2 * step);
  };
  for (const [at, value] of dW.entries()) assert.ok(Math.abs(value - difference(W, at)) < 1e-8, `dW[${at}]`);
  for (const [at, value] of db.entries()) assert.ok(Math.abs(value - difference(b, at)) < 1e-8, `db[${at}]`);
  assert.ok(dW.some((value) => value !== 0));
});

test('models trained against long attacks represent fewer features than models that are not', () => {
  const models = hardenedModels(400);
  assert.ok(models.at(-1)!.featuresPerDimension < models[0].featuresPerDimension / 1.5);
});

test.run();
