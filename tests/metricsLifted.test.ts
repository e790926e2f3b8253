/** Lifted weights by hand: losses, and what each weight is worth, against one model for each weight that is missing. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawBatch } from '../sim/features.ts';
import { ablations, liftedLoss, liftedOutputs, liftedWeights, usesOf } from '../sim/metrics/lifted.ts';
import { normals } from '../sim/random.ts';
import type { SpecInput } from '../sim/spec.ts';
import { trainAll } from '../sim/train.ts';
import { allClose } from './allClose.ts';

test('the loss of two outputs on two samples, by hand', () => {
  const model = { U: [1, -0.5, 0.25, 0.5], b: [0, -0.25] };
  const samples = [1, 0, 0.5, 1]; // x' = (1, 0) and ReLU(0, 0.375)
  allClose([liftedLoss(model, samples)], [(0 + 0 + 0.25 + 0.625 ** 2) / 2], { relative: 1e-12 });
});

test('ablations are the losses of models without one weight', () => {
  const n = 5;
  const model = { U: normals([1, 2], 0, n * n), b: normals([1, 2], 1, n) };
  const samples = normals([1, 2], 2, 40 * n).map((z) => Math.max(0, z)); // half of them 0
  const whole = liftedLoss(model, samples);
  const expected = Array.from({ length: n * n }, (_, missing) => {
    const U = Array.from(model.U, (value, at) => (at === missing ? 0 : value));
    return liftedLoss({ ...model, U }, samples) - whole;
  });
  allClose(ablations(model, samples), expected, { absolute: 1e-12 });
});

test('the loss of a lifted model against sums in matrices', () => {
  const n = 3;
  const [U, b] = [normals([5, 5], 0, n * n), normals([5, 5], 1, n)];
  const x = [0.3, 0, 0.7];
  const losses = x.map((target, i) => {
    const z = b[i] + x.reduce((sum, value, j) => sum + U[i * n + j] * value, 0);
    return (Math.max(0, z) - target) ** 2;
  });
  allClose([liftedLoss({ U, b }, x)], [losses.reduce((p, q) => p + q, 0)], { relative: 1e-12 });
});

test('with targets of another layer, by hand: losses, ablations, outputs and uses of two outputs on two samples', () => {
  const model = { U: [1, -0.5, 0.25, 0.5], b: [0, -0.25] };
  const samples = [1, 0, 0.5, 1]; // z = (1, 0) and (0, 0.375): outputs (1, 0), (0, 0.375)
  const targets = [0.5, 0, 2, 1];
  allClose(liftedOutputs(model, samples), [1, 0, 0, 0.375], {});
  const loss = (0.25 + 0 + 4 + 0.625 ** 2) / 2;
  allClose([liftedLoss(model, samples, targets)], [loss], { relative: 1e-12 });
  const without = (0.25 + 0 + 1.5 ** 2 + 0.625 ** 2) / 2; // U_01 = 0: z_0 = 0.5 on the second sample
  allClose([ablations(model, samples, targets)[1]], [without - loss], { relative: 1e-12 });
  const { passed, wanted, together } = usesOf(model, samples, targets);
  allClose(passed, [0.5, 0, 0.25, 0.5], {}); // output 0 is on in the first sample only, output 1 in the second
  allClose(wanted, [(1 * 0.5 + 0.5 * 2) / 2, 2 / 2, 0.5 / 2, 1 / 2], {});
  allClose(together, [1, 0.5, 0.5, 0.5], {});
});

test('lifted weights are V Wᵀ', () => {
  allClose(liftedWeights([1, 2, 3, 4], [1, 0, -1, 2], 2), [1, 3, 3, 5], {});
});

test('an untied model whose encoder is the identity and stays is the lifted model, and trains as one', async () => {
  const n = 4;
  const [U, b] = [normals([3, 5], 0, n * n), normals([3, 5], 1, n)];
  const identity = Float32Array.from(U, (_, at) => Number(at % (n + 1) === 0));
  const start = { W: identity, V: Float32Array.from(U), b: Float32Array.from(b) };
  const spec: SpecInput = {
    model: { features: n, hidden: n, tied: false },
    input: { density: 0.6 },
    training: {
      ...{ steps: 30, batch: 32, learningRate: 0.01 },
      perTensor: { W: { learningRate: 0, weightDecay: 0 } },
    },
    record: { lossEvery: 1 },
  };
  const { groups } = await trainAll(spec, { engine: 'simd', start });
  const [{ problem, params, losses }] = groups;
  assert.equal(params.W, identity);
  assert.ok(params.V.every((value, at) => value !== start.V[at]));
  const samples = drawBatch(problem, 0, 0); // of the first step
  allClose([losses[0] * n], [liftedLoss({ U, b }, samples)], { relative: 1e-5 });
  assert.ok(losses[29] < losses[0]);
});

test.run();
