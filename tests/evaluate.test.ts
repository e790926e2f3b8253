import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { heldOutLoss, heldOutLosses, heldOutSamples } from '../sim/evaluate.ts';
import { expandGrid } from '../sim/grid.ts';
import type { Params } from '../sim/problem.ts';
import { reference } from '../sim/reference.ts';
import { simd } from '../sim/simd/engine.ts';
import { parseSpec, type SpecInput } from '../sim/spec.ts';
import { allClose } from './allClose.ts';
import { checkMean } from './statistics.ts';

const SPEC: SpecInput = {
  model: { features: 2, hidden: 1 },
  input: { density: 1, importance: [1, 3] },
  training: { hiddenPenalty: 5, learningRate: 1 },
  sweep: [{ path: 'input.density', values: [1, 0.5, 0.1] }],
};
const problemOf = (spec: SpecInput) => expandGrid(parseSpec(spec)).groups[0].problem;
const weights = (count: number, own: number[], b: number[]): Params => ({
  W: Float32Array.from(new Array(count).fill(own).flat()),
  b: Float32Array.from(new Array(count).fill(b).flat()),
});

// W = (1, −1), b = 0 reconstructs unless both features are on; then the error is 2·min² or with importance
// (1 + 3)·min², whose mean over n = 2 and over min of two uniforms (E min² = 1/6) is p²·4/6/2 = p²/3.
test('an antipodal pair has held-out loss (1 + r) p²/6 / n, without the hidden penalty', async () => {
  const problem = problemOf(SPEC);
  for (const engine of [reference, simd]) {
    const loss = await heldOutLoss(engine, problem, weights(3, [1, -1], [0, 0]), 2 ** 18);
    [1, 0.5, 0.1].forEach((p, i) => {
      const deviation = Math.sqrt((4 * p ** 2) / 15 - p ** 4 / 9); // E min⁴ = 1/15
      checkMean(loss[i], p ** 2 / 3, deviation, 2 ** 18, 0.01 * p, `density ${p}, ${engine.name}`);
    });
  }
});

// A zero model with bias c: E (x − c)² = p/3 − p c + c², c ≥ 0; importances 1 and 3 over n = 2.
test('a zero model with the bias p/2 has held-out loss 2(p/3 − p²/4)', async () => {
  const problem = problemOf({ ...SPEC, sweep: [], input: { density: 0.4, importance: [1, 3] } });
  const [loss] = await heldOutLoss(simd, problem, weights(1, [0, 0], [0.2, 0.2]), 2 ** 18);
  checkMean(loss, 2 * (0.4 / 3 - 0.04), 0.5, 2 ** 18, 0.008, 'loss');
});

test('weights are left alone, the sample is the same every time and rounds up to whole batches', async () => {
  const problem = problemOf(SPEC);
  const params = weights(3, [0.9, -0.7], [0.1, 0.1]);
  const before = params.W.slice();
  const first = await heldOutLoss(reference, problem, params, 1500);
  allClose(await heldOutLoss(reference, problem, params, 2048), first, {}, 'samples 1500 and 2048');
  allClose(params.W, before, {});
});

test('the held-out sample is a tenth of the inputs of training in whole batches, at least 1 and at most 64', async () => {
  const sized = (batch: number, steps: number) => problemOf({ ...SPEC, training: { batch, steps } });
  const sizes = [
    [1, 1],
    [1024, 10],
    [1024, 11],
    [100, 205],
    [1024, 640],
    [1024, 10_000],
  ].map(([batch, steps]) => heldOutSamples(sized(batch, steps)));
  allClose(sizes, [1024, 1024, 2048, 3072, 65_536, 65_536], {});
  const problem = sized(100, 205);
  const params = weights(3, [0.9, -0.7], [0.1, 0.1]);
  const stated = await heldOutLoss(reference, problem, params, heldOutSamples(problem));
  allClose(await heldOutLoss(reference, problem, params), stated, {}, 'the default');
});

test('an instance has the same held-out loss alone and among others', async () => {
  const params = weights(3, [0.9, -0.7], [0.1, 0.1]);
  const all = await heldOutLoss(simd, problemOf(SPEC), params, 4096);
  const alone = problemOf({ ...SPEC, input: { density: 1, importance: [1, 3] }, sweep: [] });
  const [first] = await heldOutLoss(simd, alone, weights(1, [0.9, -0.7], [0.1, 0.1]), 4096);
  allClose([first], [all[0]], {});
});

test('diverged weights have the held-out loss NaN, their neighbours a finite one', async () => {
  const params = weights(3, [1, -1], [0, 0]);
  params.W[2] = Number.NaN;
  for (const engine of [reference, simd]) {
    const loss = await heldOutLoss(engine, problemOf(SPEC), params, 1024);
    if (!(Number.isFinite(loss[0]) && Number.isNaN(loss[1]) && Number.isFinite(loss[2])))
      throw new Error(`${engine.name}: ${loss}`);
  }
});

test('groups that train on sets of other sizes have together the losses that they have one by one', async () => {
  const spec = parseSpec({
    model: { features: 20, hidden: 2 },
    input: { density: 0.5, samples: { count: 3, unitLength: true } },
    training: { steps: 1, reduction: 'sum' },
    sweep: [{ path: 'input.samples.count', values: [3, 7] }],
    replicas: 2,
  });
  const groups = expandGrid(spec).groups.map(({ problem }, g) => ({
    problem,
    params: {
      W: Float32Array.from({ length: 80 }, (_, k) => (g * ((k % 7) - 3)) / 4),
      b: new Float32Array(40),
    },
  }));
  for (const engine of [reference, simd]) {
    const together = await heldOutLosses(engine, groups, 500);
    for (const [g, { problem, params }] of groups.entries()) {
      assert.equal(together[g], await heldOutLoss(engine, problem, params, 500));
    }
    allClose(together[0], [1, 1], { absolute: 500 / 2 ** 24 }, 'a model of zeros loses ‖x‖² = 1'); // 500 float32 sums
  }
  const other = { ...groups[0], problem: problemOf(SPEC) };
  const refused = await heldOutLosses(simd, [groups[0], other], 500).catch((error) => String(error));
  assert.match(String(refused), /expected one family, got 2/);
});

test.run();
