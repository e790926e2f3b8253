/** Langevin dynamics by its exact answers, and the coefficients that its chains give. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expandGrid } from '../sim/grid.ts';
import { type ChainPlan, inverseTemperatureOf, learningCoefficients } from '../sim/langevin.ts';
import {
  type ChainEstimate,
  chainEstimate,
  coefficientOf,
  findPlateau,
} from '../sim/metrics/learningCoefficient.ts';
import { langevinStep } from '../sim/optimizer.ts';
import type { Params } from '../sim/problem.ts';
import { noiseDraw } from '../sim/random.ts';
import { parseSpec, type SpecInput } from '../sim/spec.ts';
import { SpecError } from '../sim/specError.ts';
import {
  crossingExcess,
  squaresExcess,
  squaresExcessAt,
  squaresExcessOfSteps,
} from '../sim/theory/coefficients.ts';
import { kgonModel, onesOfFeatures, solveKgon } from '../sim/theory/kgon.ts';
import { trainAll } from '../sim/train.ts';

const near = (actual: number, expected: number, tolerance: number, what = '') =>
  assert.ok(
    Math.abs(actual - expected) <= tolerance,
    `${what} got ${actual}, expected ${expected} ± ${tolerance}`,
  );

test('a step of Langevin dynamics is the formula', () => {
  const weights = Float64Array.of(2, -1);
  const setting = { inverseTemperature: 10, localization: 4 };
  langevinStep(setting, 0.01, 0.5, weights, Float64Array.of(3, 0), Float64Array.of(1, -1), () => 0.7);
  near(weights[0], 2 - 0.005 * (10 * (3 + 0.5 * 2) + 4 * 1) + 0.1 * 0.7, 1e-14);
  near(weights[1], -1 - 0.005 * (10 * (0.5 * -1) + 0) + 0.1 * 0.7, 1e-14);
});

test('noise has mean 0, variance 1, no skew, and is at most 2√3', () => {
  const stream: [number, number] = [123, 456];
  const count = 200_000;
  const draws = Float64Array.from({ length: count }, () => noiseDraw(stream));
  const moment = (power: number) => draws.reduce((sum, z) => sum + z ** power, 0) / count;
  const [mean, variance, third] = [moment(1), moment(2), moment(3)];
  near(mean, 0, 4 / Math.sqrt(count));
  near(variance, 1, 4 * Math.sqrt(1.7 / count)); // E z⁴ = 2.7
  near(third, 0, 4 * Math.sqrt(12 / count));
  assert.ok(draws.every((z) => Math.abs(z) <= 2 * Math.sqrt(3)));
});

/** Chains at the weights `params` of the first model of a spec, by one engine. */
async function chainsOf(
  spec: SpecInput,
  params: Params,
  plan: Partial<ChainPlan>,
  engine: 'simd' | 'reference' = 'simd',
) {
  const own = parseSpec(spec);
  const [group] = expandGrid(own).groups;
  const whole = {
    chains: 10,
    steps: 100,
    burnIn: 0.5,
    samples: 100,
    seed: 3,
    lossEvery: 1,
    settings: [],
    ...plan,
  };
  const [[chains]] = await learningCoefficients(own, [{ ...group, params }], whole, { engine, threads: 2 });
  return chains;
}

const zeros = (...sizes: [string, number][]): Params =>
  Object.fromEntries(sizes.map(([name, size]) => [name, new Float32Array(size)]));

/** x' = b for the only sample 0: L = |b|². */
const SQUARES = (d: number): SpecInput => ({
  model: { features: d, hidden: 1, outputActivation: 'identity' },
  input: { density: 0.5, samples: { values: [new Array(d).fill(0)] } },
  training: { reduction: 'sum' },
});

/** x' = v c for the only sample 0: L = v² c². */
const CROSSING: SpecInput = {
  model: { features: 1, hidden: 1, tied: false, hiddenBias: true, bias: false, outputActivation: 'identity' },
  input: { density: 0.5, samples: { values: [[0]] } },
  training: { reduction: 'sum' },
};

for (const engine of ['simd', 'reference'] as const) {
  test(`${engine}: the chain of a sum of squares has the variance of its autoregression`, async () => {
    const setting = { stepSize: 0.01, inverseTemperature: 40, localization: 20 };
    const plan = { settings: [setting], chains: engine === 'simd' ? 400 : 40, steps: 400 };
    const [chains] = await chainsOf(SQUARES(3), zeros(['W', 3], ['b', 3]), plan, engine);
    const expected = squaresExcessOfSteps(3, 40, 20, 0.01);
    const error = chains.sd / Math.sqrt(chains.stayed);
    near(chains.lambda, expected, 4 * error, 'λ̂');
    assert.ok(error < 0.05 * expected, 'and the test can tell');
    assert.is(chains.status, 'estimate');
  });
}

test('small steps reach the exact values: d/2 of a sum of squares, and of the normal crossing', async () => {
  const setting = { stepSize: 1e-3, inverseTemperature: 100, localization: 1 };
  const plan = { settings: [setting], chains: 200, steps: 6000, lossEvery: 5 };
  const [squares] = await chainsOf(SQUARES(4), zeros(['W', 4], ['b', 4]), plan);
  near(squares.lambda, squaresExcess(4, 100, 1), 0.1 * 2, 'sum of squares');
  near(squaresExcess(4, 1e9, 1), 2, 1e-6, 'its limit');
  const [crossing] = await chainsOf(CROSSING, zeros(['W', 1], ['V', 1], ['b', 1], ['c', 1]), plan);
  const exact = crossingExcess(100, 1);
  near(crossing.lambda, exact, 0.1 * exact, 'crossing');
});

test('a chain of squares that has not forgotten its start is the recursion of its variance', () => {
  const [d, nBeta, gamma, step] = [3, 40, 20, 0.002];
  let variance = 0;
  for (let t = 0; t <= 30; t++) {
    near(squaresExcessAt(d, nBeta, gamma, step, t), d * nBeta * variance, 1e-12, `after ${t} steps`);
    variance = (1 - step * (nBeta + gamma / 2)) ** 2 * variance + step;
  }
  near(squaresExcessAt(d, nBeta, gamma, step, 1e5), squaresExcessOfSteps(d, nBeta, gamma, step), 1e-12);
});

test('the crossing by a plain double sum, and its slow way to ½', () => {
  const [nBeta, gamma, step] = [20, 3, 0.01];
  let [above, below] = [0, 0];
  for (let u = -5 + step / 2; u < 5; u += step) {
    for (let v = -5 + step / 2; v < 5; v += step) {
      const excess = nBeta * u * u * v * v;
      const weight = Math.exp(-excess - (gamma / 2) * (u * u + v * v));
      above += weight * excess;
      below += weight;
    }
  }
  near(crossingExcess(nBeta, gamma), above / below, 1e-6);
  const far = [1e2, 1e4, 1e8].map((own) => crossingExcess(own, 1));
  assert.ok(far[0] < far[1] && far[1] < far[2] && far[2] < 0.5);
  const slope = 0.5 - crossingExcess(1e16, 1);
  near(slope * Math.log(1e16), 1, 0.2, '½ − 1/ln nβ');
});

test('the kernel of a training set, the program kernel and the rows kernel run the chains of the reference', async () => {
  const fixed: SpecInput = {
    model: { features: 40, hidden: 2 },
    input: { density: 0.1, samples: { count: 21 } },
  };
  const program: SpecInput = {
    model: { features: 5, hidden: 2, tied: false },
    input: { density: 0.9, samples: { count: 9 } },
  };
  const rows: SpecInput = {
    model: { features: 20, hidden: 7 },
    input: { density: 0.9, samples: { count: 8 } },
  };
  for (const [name, shape] of Object.entries({ fixed, program, rows })) {
    const langevin = { inverseTemperature: 100, localization: 3 };
    const training = { optimizer: 'sgld' as const, learningRate: 1e-3, weightDecay: 0, steps: 40, langevin };
    const spec = { ...shape, training, replicas: 3, record: { lossEvery: 1 } };
    const [one, three, loops] = [
      await trainAll(spec, { engine: 'simd', threads: 1 }),
      await trainAll(spec, { engine: 'simd', threads: 2 }),
      await trainAll(spec, { engine: 'reference' }),
    ].map(({ groups }) => groups[0]);
    assert.equal(three.params, one.params);
    for (const tensor of Object.keys(one.params)) {
      one.params[tensor].forEach((w, k) => {
        near(w, loops.params[tensor][k], 1e-4, `${name} ${tensor}`);
      });
    }
  }
});

test('a chain that falls below its start has left, one whose loss is no number has diverged', () => {
  const still = [1, ...new Array(40).fill(1.5)];
  assert.equal(chainEstimate(still, 10, 0.5), { lambda: 5, end: 'stayed' });
  const fell = still.map((loss, k) => (k > 20 && k <= 24 ? 0.5 : loss));
  assert.is(chainEstimate(fell, 10, 0.5).end, 'left');
  const dip = still.map((loss, k) => (k === 22 ? 0.5 : loss)); // one draw in a window of four
  assert.is(chainEstimate(dip, 10, 0.5).end, 'stayed');
  assert.is(chainEstimate([1, Number.NaN, Number.NaN], 10, 0).end, 'diverged');
});

test('coefficients leave out what left, and say so where all did', () => {
  const chain = (lambda: number, end: ChainEstimate['end'] = 'stayed') => ({ lambda, end });
  const some = coefficientOf([chain(2), chain(4), chain(-7, 'left'), chain(Number.NaN, 'diverged')]);
  assert.equal(some, { status: 'estimate', lambda: 3, sd: Math.SQRT2, stayed: 2, left: 1, diverged: 1 });
  const none = coefficientOf([chain(-70, 'left'), chain(-80, 'left')]);
  assert.is(none.status, 'not at a minimum');
  assert.is(none.lambda, -75);
});

test('a plateau is the longest run of three or more within a tenth of its median', () => {
  assert.equal(findPlateau([1, 5, 5.2, 4.9, 9, 9]), { from: 1, to: 3, value: 5 });
  assert.is(findPlateau([1, 2, 4, 8]), null);
  assert.equal(findPlateau([7, Number.NaN, 7, 7, 7]), { from: 2, to: 4, value: 7 });
});

test('weights that are no minimum are reported as such, with their negative number', async () => {
  const spec: SpecInput = {
    model: { features: 6, hidden: 2 },
    input: { density: { exactly: 1 }, samples: { values: onesOfFeatures(6, 16) } },
    training: { reduction: 'sum' },
  };
  const setting = { stepSize: 1e-3, inverseTemperature: inverseTemperatureOf(5000), localization: 0.1 };
  const start = { W: Float32Array.from({ length: 12 }, (_, k) => (k < 2 ? 1 : 0)), b: new Float32Array(6) };
  const [off] = await chainsOf(spec, start, { settings: [setting], steps: 1000 });
  assert.is(off.status, 'not at a minimum');
  assert.ok(off.lambda < -10, String(off.lambda));
  const { W, b } = kgonModel(6, solveKgon(5)!);
  const five = { W: Float32Array.from(W), b: Float32Array.from(b) };
  const [on] = await chainsOf(spec, five, { settings: [{ ...setting, stepSize: 1e-4 }], steps: 1000 });
  assert.is(on.status, 'estimate');
});

test('a temperature is asked for with sgld, and with nothing else', () => {
  const base = { model: { features: 2, hidden: 1 }, input: { density: 0.5 } };
  const refused = (training: object) =>
    assert.throws(
      () => parseSpec({ ...base, training }),
      (error: unknown) => error instanceof SpecError && /training\.langevin/.test(error.message),
    );
  refused({ optimizer: 'sgld' });
  refused({ langevin: { inverseTemperature: 5 } });
  const training = { optimizer: 'sgld' as const, langevin: { inverseTemperature: 5 } };
  const sweep = [{ path: 'training.langevin.localization', values: [0, 1] }];
  const { groups } = expandGrid(parseSpec({ ...base, training, sweep }));
  assert.is(groups.length, 1, 'cells of a sweep over it train side by side');
  assert.equal([...groups[0].problem.localization], [0, 1]);
});

test.run();
