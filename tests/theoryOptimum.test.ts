import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { minimise } from '../sim/theory/optimum.ts';
import { branchCrossing, branchMinimum } from '../sim/theory/pentagon.ts';

const near = (actual: number, expected: number, tolerance: number, what = '') =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what} got ${actual}, expected ${expected}`);

test('the minimiser finds the bottom of the Rosenbrock valley', () => {
  const { x, value } = minimise(([a, b]) => (1 - a) ** 2 + 100 * (b - a * a) ** 2, [-1.2, 1]);
  near(x[0], 1, 1e-4);
  near(x[1], 1, 1e-4);
  near(value, 0, 1e-8);
});

test('the minimiser crosses a kink in the curvature', () => {
  const { x } = minimise(([a]) => (a < 0 ? a * a : 50 * a * a) - a, [-3]);
  near(x[0], 0.01, 1e-5);
});

test('towards the high-sparsity limit the pentagon has the published norm and bias', () => {
  const { model } = branchMinimum('pentagon', 1e-4, 1);
  for (let i = 0; i < 5; i++) {
    near(Math.hypot(model.W[2 * i], model.W[2 * i + 1]), 1.17046, 2e-4, 'norm');
    near(model.b[i], -0.2823, 2e-4, 'bias');
  }
});

test('the digons cost two exact pairs and one ignored feature', () => {
  const p = 0.05;
  const paper = ((2 * p * p) / 3 + (p / 3 - (p * p) / 4)) / 5; // closed forms, mean over features
  const { loss } = branchMinimum('digons', p, 1);
  assert.ok(loss <= paper && loss > 0.9995 * paper, `loss ${loss}, closed form ${paper}`);
});

test('a denser feature gets more room in the pentagon, a rarer one less', () => {
  const angleTo = (relative: number) => {
    const { W } = branchMinimum('pentagon', 0.05, relative).model;
    const dot = W[0] * W[2] + W[1] * W[3];
    return Math.acos(dot / (Math.hypot(W[0], W[1]) * Math.hypot(W[2], W[3])));
  };
  near(angleTo(1), (2 * Math.PI) / 5, 1e-4);
  assert.ok(angleTo(1.5) > angleTo(1) && angleTo(1) > angleTo(0.5));
});

test('at density 0.05 pentagon and digons cross where the odd feature is 3.7 times sparser', () => {
  const crossing = branchCrossing(0.05);
  near(1 / crossing, 3.716, 2e-3);
  const loss = (branch: 'pentagon' | 'digons', r: number) => branchMinimum(branch, 0.05, r).loss;
  assert.ok(loss('pentagon', crossing * 1.05) < loss('digons', crossing * 1.05));
  assert.ok(loss('pentagon', crossing * 0.95) > loss('digons', crossing * 0.95));
});

test.run();
