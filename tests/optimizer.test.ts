import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { OptimizerName, ScheduleName, Training } from '../sim/family.ts';
import { expandGrid } from '../sim/grid.ts';
import {
  clipGradients,
  initMoments,
  optimizerStep,
  pullRows,
  schedule,
  stepCoefficients,
} from '../sim/optimizer.ts';
import { initParams } from '../sim/params.ts';
import { chooseKernel } from '../sim/simd/kernel.ts';
import { parseSpec } from '../sim/spec.ts';
import { trainAll } from '../sim/train.ts';
import { ADAMW } from './adamw.ts';
import { allClose } from './allClose.ts';

/** What PyTorch did: written by bench/peers/torch_oracle.py. */
const torch = JSON.parse(readFileSync(new URL('fixtures/torch.json', import.meta.url), 'utf8'));

const DEFAULTS: Training = { ...ADAMW, steps: 100 };
const START = [0.5, -1, 2];
const RATE = 0.1;

/** Weights after each of the fixture's five gradients. */
function updates(training: Partial<Training>, weightDecay: number): number[][] {
  const weights = Float64Array.from(START);
  const moments = initMoments(weights.length);
  return torch.gradients.map((gradient: number[], step: number) => {
    const own = { ...DEFAULTS, ...training };
    optimizerStep(own, step, RATE, weightDecay, weights, Float64Array.from(gradient), moments);
    return [...weights];
  });
}

/** One first update of one weight 2 with gradient 3, learning rate 0.1 and weight decay 0.5. */
function firstUpdate(optimizer: OptimizerName): number {
  const weights = Float64Array.of(2);
  optimizerStep(
    { ...DEFAULTS, optimizer, momentum: 0.9 },
    0,
    0.1,
    0.5,
    weights,
    Float64Array.of(3),
    initMoments(1),
  );
  return weights[0];
}

const compared: [key: string, training: Partial<Training>, weightDecay: number][] = [
  ['adamw', { optimizer: 'adamw' }, 0.1],
  ['adam', { optimizer: 'adam' }, 0.1],
  ['adam-betas', { optimizer: 'adam', beta1: 0.5, beta2: 0.8, epsilon: 1e-3 }, 0],
  ['sgd', { optimizer: 'sgd' }, 0.1],
  ['sgd-momentum', { optimizer: 'sgd', momentum: 0.9 }, 0],
];
for (const [key, training, weightDecay] of compared) {
  test(`five updates of ${key} land where torch.optim lands`, () =>
    allClose(updates(training, weightDecay).flat(), torch.updates[key].flat(), { relative: 1e-12 }));
}

test("AdamW's first update decays the weight by lr·wd and moves it by lr against the gradient's sign", () =>
  allClose([firstUpdate('adamw')], [2 * (1 - 0.05) - 0.1 * (3 / (3 + 1e-8))], { relative: 1e-15 }));

test('AdamW decays by the scheduled learning rate', () => {
  const weights = Float64Array.of(2);
  const halfway = { ...DEFAULTS, schedule: 'linear' as const, steps: 4 }; // rate ½ at step 2
  optimizerStep(halfway, 2, 0.1, 0.5, weights, Float64Array.of(0), initMoments(1));
  allClose(weights, [2 * (1 - 0.05 * 0.5)], { relative: 1e-15 });
});

test("Adam's first update moves by lr, whatever the size of gradient + wd·w", () =>
  allClose([firstUpdate('adam')], [2 - 0.1 * (4 / (4 + 1e-8))], { relative: 1e-15 }));

test("SGD's first update moves by lr·(gradient + wd·w)", () =>
  allClose([firstUpdate('sgd')], [2 - 0.1 * 4], { relative: 1e-15 }));

test('a zero gradient with no weight decay leaves every optimiser where it is', () => {
  for (const optimizer of ['adamw', 'adam', 'sgd'] as const) {
    const weights = Float64Array.of(2);
    optimizerStep({ ...DEFAULTS, optimizer }, 0, 0.1, 0, weights, Float64Array.of(0), initMoments(1));
    allClose(weights, [2], {}, optimizer);
  }
});

test('clipping scales all gradients by one factor, and leaves short ones alone', () => {
  const gradients = [Float64Array.of(3, 0), Float64Array.of(4)]; // norm 5
  clipGradients(10, gradients);
  allClose([...gradients[0], ...gradients[1]], [3, 0, 4], {});
  clipGradients(1, gradients);
  allClose([...gradients[0], ...gradients[1]], [3 / (5 + 1e-6), 0, 4 / (5 + 1e-6)], { relative: 1e-15 });
  clipGradients(0, gradients);
  allClose(gradients[1], [4 / (5 + 1e-6)], { relative: 1e-15 });
});

test('a pull moves every row along itself towards length 1, and leaves rows of length 1 and 0', () => {
  const weights = Float64Array.of(3, 4, 0.6, 0.8, 0, 0, 0, 0.5);
  pullRows(weights, 2, 0.1); // lengths 5, 1, 0, ½ go to 5 − 0.1 · 4, 1, 0, ½ + 0.1 · ½
  const expected = [3 * (4.6 / 5), 4 * (4.6 / 5), 0.6, 0.8, 0, 0, 0, 0.55];
  allClose(weights, expected, { relative: 1e-7 }); // of the 1e-8 added to lengths
});

test('a row that is only pulled keeps its direction and comes to length 1 as (1 − lr κ)^t', async () => {
  const training = { steps: 40, learningRate: 0.05, weightDecay: 0, unitPull: 2, batch: 1 };
  const input = { density: 1, importance: 0 }; // no gradient
  const spec = { model: { features: 3, hidden: 2 }, input, training: { ...training, init: { std: 3 } } };
  const own = parseSpec(spec);
  const [{ problem, initStd }] = expandGrid(own).groups;
  const start = initParams(problem, initStd).W;
  for (const engine of ['reference', 'simd'] as const) {
    const { W } = (await trainAll(spec, { engine })).groups[0].params;
    for (let i = 0; i < 3; i++) {
      const [before, after] = [start, W].map((all) => Math.hypot(all[2 * i], all[2 * i + 1]));
      allClose([after - 1], [(before - 1) * 0.9 ** 40], { absolute: 1e-5 }, engine);
      const turned = start[2 * i] * W[2 * i + 1] - start[2 * i + 1] * W[2 * i];
      allClose([turned / before], [0], { absolute: 1e-5 }, engine);
    }
  }
});

test('rows are pulled in the kernel of a training set as in the reference', async () => {
  const spec = (unitPull: number) => ({
    model: { features: 30, hidden: 2 },
    input: { density: 0.05, samples: { count: 40, empty: 'redraw' as const } },
    training: { steps: 60, learningRate: 0.01, weightDecay: 0, unitPull },
    record: { lossEvery: 10 },
  });
  const lossesOf = async (engine: 'simd' | 'reference', unitPull = 2) =>
    (await trainAll(spec(unitPull), { engine })).groups[0];
  const [own, expected] = [await lossesOf('simd'), await lossesOf('reference')];
  assert.is(chooseKernel(own.problem), 'fixed');
  allClose(own.losses, expected.losses, { relative: 1e-4 });
  const without = (await lossesOf('simd', 0)).losses.at(-1)!;
  assert.ok(without < 0.9 * own.losses.at(-1)!, 'the pull is felt');
});

const factors = (name: ScheduleName, warmup: number, steps: number) =>
  Array.from({ length: steps }, (_, step) => schedule({ ...DEFAULTS, schedule: name, warmup, steps }, step));

test('linear and cosine schedules follow torch.optim.lr_scheduler', () => {
  allClose(factors('linear', 0, 8), torch.schedules.linear, { relative: 1e-12 }, 'linear');
  allClose(factors('cosine', 0, 8), torch.schedules.cosine, { relative: 1e-12 }, 'cosine');
});

test('warm-up climbs in equal steps to 1, and the schedule starts behind it', () => {
  allClose(factors('constant', 4, 6), [0.25, 0.5, 0.75, 1, 1, 1], {});
  allClose(factors('linear', 2, 6), [0.5, 1, 1, 0.75, 0.5, 0.25], {});
  allClose(factors('cosine', 1, 3), [1, 1, 0.5], { absolute: 1e-15 });
});

test('the quarter cosine ends just above 0 with the slope of a sine', () => {
  const quarter = [1, Math.sqrt(3) / 2, 0.5]; // cosines of 0°, 30°, 60°
  allClose(factors('quarter-cosine', 0, 3), quarter, { relative: 1e-12 });
});

test('the cosine to a tenth is nine tenths of the cosine above it', () => {
  allClose(
    factors('cosine-to-tenth', 0, 4),
    [1, 0.55 + 0.45 * Math.SQRT1_2, 0.55, 0.55 - 0.45 * Math.SQRT1_2],
    { relative: 1e-12 },
  );
});

test('bias corrections of the first update are 1/(1 − β₁) and 1/√(1 − β₂)', () => {
  const { rate, correct1, correct2 } = stepCoefficients(DEFAULTS, 0);
  allClose([rate, correct1, correct2], [1, 10, 1 / Math.sqrt(0.001)], { relative: 1e-12 });
});

test.run();
