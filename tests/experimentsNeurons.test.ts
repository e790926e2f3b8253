import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { asymmetric, effect, type FoundMotif } from '../sim/experiments/asymmetric.ts';
import { compression } from '../sim/experiments/compression.ts';
import { evadedRelu, evadingModel, type HiddenKind } from '../sim/experiments/evadedRelu.ts';
import { hiddenPenalty, leastImportance } from '../sim/experiments/hiddenPenalty.ts';
import { dimensionsNeeded, sensingBound } from '../sim/experiments/sensingBound.ts';
import { slope } from '../sim/experiments/slope.ts';
import { reluOutputFamily } from '../sim/family.ts';
import { forward } from '../sim/model.ts';
import { judges, model, unit } from './judges.ts';

const turned = [[0.7, 0.7], [-0.7, 0.7]]; // biome-ignore format: a matrix
const kind = (rows: number[][], active: number, loss: number): HiddenKind => ({
  models: [model(rows, { loss })],
  active: [[active, active]],
});
judges(
  evadedRelu,
  { densities: [0.35], plain: kind(unit(2, 2), 0.5, 0.02), biased: { ...kind(turned, 0.95, 0.015), lift: [[0.5, 0.4]] }, large: kind(turned, 0.95, 0.01), evading: { loss: [0.01], active: [1] } }, // biome-ignore format: one line a case
  { densities: [0.35], plain: kind(turned, 0.95, 0.02), biased: { ...kind(unit(2, 2), 0.5, 0.03), lift: [[0.5, -0.4]] }, large: kind(unit(2, 2), 0.5, 0.01), evading: { loss: [0.03], active: [0.5] } }, // biome-ignore format: one line a case
);

test('a lifted model is the linear one, and never shut', () => {
  const linear = {
    W: Float64Array.from([0.9, -0.3, -0.6, 0.5, 0.2, 0.8]),
    b: Float64Array.from([0.1, -0.2, 0.05]),
  };
  const inputs = [[0.7, 0, 0.4], [0, 0.9, 0], [0.2, 0.6, 0.8], [0, 0, 0], [0, 1, 0], [1, 0, 0]]; // biome-ignore format: a matrix
  const lifted = evadingModel(linear);
  assert.equal([...lifted.c], [0.6, 0.3]);
  const family = reluOutputFamily(3, 2);
  for (const x of inputs) {
    const want = forward(family, linear, x);
    const got = forward({ ...family, hiddenActivation: 'relu', hiddenBias: true }, lifted, x);
    want.yPre.forEach((y, j) => {
      assert.ok(Math.abs(got.yPre[j] - y) < 1e-14, `${got.yPre[j]} ${y}`);
    });
    assert.ok(got.hPre.every((h) => h >= 0));
  }
});

const motif: FoundMotif = {
  neuron: 0,
  primary: 0,
  secondary: 1,
  encode: [2, -0.5],
  decode: [0.5, 2],
  inhibitor: 1,
  instance: 3,
  disturbance: 4,
  total: -0.1,
};
const motifs = { densities: [0.5, 0.35, 0.2, 0.1], replicas: 6, model: model(unit(2, 2)) };
judges(
  asymmetric,
  { ...motifs, motifs: [[motif], [motif], [motif], [motif]], shown: { ...motif, inhibitor: 1 } },
  { ...motifs, motifs: [[], [], [], [{ ...motif, inhibitor: null, total: 1 }]], shown: null },
  ['form the motif'],
);

test('the effect of one feature on the output of another goes through all neurons that fire, and the bias', () => {
  const wired = model([[2, -1], [0.5, 0]], { V: [0, 0, 3, 5], b: [0, -1] }); // biome-ignore format: a matrix
  assert.is(effect(wired, 0, 1, 1), 2 * 3 - 1);
  assert.is(effect(wired, 0, -1, 1), 1 * 5 - 1);
});

const digons = [[1, 0], [-1, 0], [0, 1], [0, -1]]; // biome-ignore format: a matrix
const importance = [1, 0.5, 0.01, 0.001];
judges(
  hiddenPenalty,
  { penalties: [0, 0.007], penalised: [], last: { reached: 1, free: 1 }, models: [model(digons, { importance }), model(unit(4, 2), { importance, loss: 0.05 })] }, // biome-ignore format: one line a case
  { penalties: [0, 0.007], penalised: [], last: { reached: 1, free: 1 }, models: [model(unit(4, 2), { importance }), model(digons, { importance, loss: 0.005 })] }, // biome-ignore format: one line a case
);

test('a feature is worth its penalty from the least importance on, found by trying all weights', () => {
  const [penalty, n] = [0.004, 20];
  const gain = (importance: number) => {
    const cost = (w: number) => (importance * (1 - w * w) ** 2) / (3 * n) + (penalty * w) / 2;
    return cost(0) - Math.min(...Array.from({ length: 1201 }, (_, k) => cost(k / 1000)));
  };
  const least = leastImportance(penalty, n);
  assert.ok(gain(least * 1.01) > 0);
  assert.is(gain(least * 0.99), 0);
});

const curve = (levels: number, error: number[]) => ({ levels, error, edge: error });
judges(
  compression,
  { epsilons: [0, 0.1], curves: [curve(2, [1 / 48, 0.1]), curve(3, [1 / 108, 0.05])], linear: 1 / 12, averaged: 1 / 12, encoder: { x: [], level: [] } }, // biome-ignore format: one line a case
  { epsilons: [0, 0.1], curves: [curve(2, [0.05, 0.05]), curve(3, [0.05, 0.1])], linear: 1 / 12, averaged: 0.1, encoder: { x: [], level: [] } }, // biome-ignore format: one line a case
);

const bound = [18, 11, 5, 2, 1];
const sensing = { features: 50, densities: [0.3, 0.1, 0.03, 0.01, 0.003], hidden: [], lost: [], bound };
judges(
  sensingBound,
  { ...sensing, needed: [30, 22, 12, 6, 4] },
  { ...sensing, needed: [18, 5, 1, 0.2, 0.01] },
  ['sparser features need fewer'],
);
judges(
  sensingBound,
  { ...sensing, needed: [18, 11, 5, 2, 1] },
  { ...sensing, needed: [10, 10, 10, 10, 10] },
  ['no model beats'],
);

test('the dimensions needed lie between two models by a power law, and are unknown if no model does', () => {
  assert.ok(Math.abs(dimensionsNeeded([1, 10], [1, 0.01]) - Math.sqrt(10)) < 1e-12);
  assert.is(dimensionsNeeded([4, 8], [0.05, 0.01]), 4);
  assert.ok(Number.isNaN(dimensionsNeeded([4, 8], [0.9, 0.2])));
});

test('the slope is that of the least-squares line', () => {
  assert.ok(Math.abs(slope([1, 2, 4], [1, 0, 5]) - 1.5) < 1e-12); // by hand: 7 / (14/3)
  assert.is(slope([1, 2, 4], [0, 0, 0]), 0);
  assert.ok(Math.abs(slope([0.1, 0.2, 0.4], [0.3, 0.3, 0.3])) < 1e-15);
  assert.ok(Number.isNaN(slope([1], [1])));
});

test.run();
