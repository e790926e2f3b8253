import { test } from 'uvu';
import {
  type Activation,
  type Family,
  type Magnitude,
  reluOutputFamily,
  type Target,
} from '../sim/family.ts';
import { activate, backward, forward, type Gradients, type Model, sampleLoss, slope } from '../sim/model.ts';
import { allClose } from './allClose.ts';
import { slopesOf } from './slopes.ts';

const RELU_OUTPUT = reluOutputFamily(2, 1);
const EXACT = { relative: 1e-14, absolute: 1e-15 };

/** Every member of the family with n features and m hidden dimensions. */
function* families(
  features: number,
  hidden: number,
  activations: Activation[] = ['identity', 'relu'],
  hiddenBias = false,
): Generator<Family> {
  for (const hiddenActivation of activations)
    for (const outputActivation of activations)
      for (const tied of [true, false])
        for (const bias of [true, false])
          for (const target of ['x', 'abs'] as Target[])
            for (const magnitude of ['unit', 'signed'] as Magnitude[])
              yield {
                features,
                hidden,
                hiddenActivation,
                outputActivation,
                tied,
                bias,
                magnitude,
                target,
                sets: [],
                kind: 'toy',
                hiddenBias,
                gating: 'independent',
              };
}

/** `count` numbers scattered over (−1, 1), none of them near 0. */
function scattered(count: number, phase: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => Math.sin(phase + 7.31 * i + 0.37 * i * i) || 0.5);
}

function modelOf(family: Family): Model {
  const { features: n, hidden: m } = family;
  return {
    W: scattered(n * m, 1),
    ...(!family.tied && { V: scattered(n * m, 2) }),
    b: family.bias ? scattered(n, 3).map((b) => b / 4) : new Float64Array(n),
    ...(family.hiddenBias && { c: scattered(m, 6).map((c) => c / 4) }),
  };
}

/** A batch with zeros, and negative values where the family has them. Shape (8, n). */
function batchOf(family: Family): Float64Array {
  const x = scattered(8 * family.features, 4).map((v, i) => (i % 3 === 0 ? 0 : v));
  return family.magnitude === 'signed' ? x : x.map(Math.abs);
}

function checkGradients(family: Family, hiddenPenalty: number): void {
  const model = modelOf(family);
  const batch = batchOf(family);
  const importance = scattered(family.features, 5).map((v) => 0.1 + Math.abs(v));
  const run = () => backward(family, model, batch, importance, hiddenPenalty);
  const gradients = run();
  const what = `λ = ${hiddenPenalty}, ${JSON.stringify(family)}`;
  const check = (actual: Float64Array, weights: Float64Array, name: string) =>
    allClose(
      actual,
      slopesOf(weights, () => run().loss),
      { absolute: 1e-8 },
      `${name} of ${what}`,
    );
  check(gradients.dW, model.W, 'dW');
  if (model.V) check(gradients.dV!, model.V, 'dV');
  if (family.bias) check(gradients.db, model.b, 'db');
  if (model.c) check(gradients.dc!, model.c, 'dc');
}

test('gradients equal central finite differences for every family member, with and without hidden penalty', () => {
  for (const family of families(4, 3)) for (const lambda of [0, 0.3]) checkGradients(family, lambda);
});

test('so they do with a hidden bias and with every activation', () => {
  const every: Activation[] = ['identity', 'relu', 'gelu', 'leaky-relu', 'tanh', 'abs'];
  for (const family of families(3, 2, every, true)) checkGradients(family, 0.1);
});

test('activations by hand: GELU(1) of its tanh form is 0.841192, a leaky ReLU keeps a hundredth', () => {
  allClose([activate('gelu', 1), activate('gelu', -1)], [0.841192, -0.158808], { absolute: 5e-7 });
  allClose([activate('leaky-relu', -2), activate('abs', -2)], [-0.02, 2], EXACT);
  allClose([activate('tanh', 0.5)], [(Math.E - 1) / (Math.E + 1)], EXACT);
});

test('gradients equal central finite differences for one feature and for more hidden units than features', () => {
  for (const family of families(1, 1)) checkGradients(family, 0.1);
  for (const family of families(2, 5)) checkGradients(family, 0.1);
});

test('a model without a bias has a zero bias gradient, a tied one no decoder gradient', () => {
  for (const family of families(3, 2)) {
    const { db, dV } = backward(family, modelOf(family), batchOf(family), [1, 1, 1]);
    if (!family.bias) allClose(db, [0, 0, 0], {}, 'db');
    if ((dV === undefined) !== family.tied) throw new Error(`dV is ${dV} for tied = ${family.tied}`);
  }
});

interface HandCase {
  family: Partial<Family>;
  W: number[];
  V?: number[];
  b: number[];
  x: number[];
  importance: number[];
  hiddenPenalty?: number;
  xHat: number[];
  loss: number;
  dW: number[];
  dV?: number[];
  db: number[];
}

function checkByHand(own: HandCase): void {
  const family = { ...RELU_OUTPUT, ...own.family };
  const model: Model = {
    W: Float64Array.from(own.W),
    ...(own.V && { V: Float64Array.from(own.V) }),
    b: Float64Array.from(own.b),
  };
  allClose(forward(family, model, own.x).xHat, own.xHat, EXACT, "x'");
  const batch = Float64Array.from(own.x);
  const got: Gradients = backward(family, model, batch, own.importance, own.hiddenPenalty);
  allClose([got.loss], [own.loss], EXACT, 'loss');
  allClose(got.dW, own.dW, EXACT, 'dW');
  if (own.dV) allClose(got.dV!, own.dV, EXACT, 'dV');
  allClose(got.db, own.db, EXACT, 'db');
}

// h = ½·1 − 1·¼ = ¼; y = (⅛ + 0.1, −¼ + 0.2) = (0.225, −0.05), so the second output is off.
// dy = 2·1/2·(0.225 − 1) = −0.775 and 0; dh = ½ dy₀ = −0.3875; dW = dy h + x dh.
test('2→1 tied ReLU output, by hand', () =>
  checkByHand({
    family: {},
    W: [0.5, -1],
    b: [0.1, 0.2],
    x: [1, 0.25],
    importance: [1, 2],
    xHat: [0.225, 0],
    loss: (0.775 ** 2 + 2 * 0.25 ** 2) / 2,
    dW: [-0.58125, -0.096875],
    db: [-0.775, 0],
  }));

// As above, but y₁ = −0.05 counts: dy₁ = 2·2/2·(−0.05 − 0.25) = −0.6; dh = −0.3875 + 0.6 = 0.2125.
test('2→1 tied linear, by hand', () =>
  checkByHand({
    family: { outputActivation: 'identity' },
    W: [0.5, -1],
    b: [0.1, 0.2],
    x: [1, 0.25],
    importance: [1, 2],
    xHat: [0.225, -0.05],
    loss: (0.775 ** 2 + 2 * 0.3 ** 2) / 2,
    dW: [-0.775 * 0.25 + 0.2125, -0.6 * 0.25 + 0.25 * 0.2125],
    db: [-0.775, -0.6],
  }));

// Untied, no bias, target |x|, x = (−1, ½): hPre = 1 + ½ = 3/2, h = 3/2; y = (3/4, −3/8); x' = (3/4, 0), t = (1, ½).
// dy = (−¼, 0); dV = dy h = (−3/8, 0); dh = −¼·½ + λ = −⅛ + ¼ = ⅛; dW = x dh = (−⅛, 1/16). Loss (1/16 + ¼)/2 + ¼·3/2.
test('2→1 untied ReLU hidden, target |x|, hidden penalty, by hand', () =>
  checkByHand({
    family: { tied: false, bias: false, hiddenActivation: 'relu', magnitude: 'signed', target: 'abs' },
    W: [-1, 1],
    V: [0.5, -0.25],
    b: [0, 0],
    x: [-1, 0.5],
    importance: [1, 1],
    hiddenPenalty: 0.25,
    xHat: [0.75, 0],
    loss: (0.0625 + 0.25) / 2 + 0.375,
    dW: [-0.125, 0.0625],
    dV: [-0.375, 0],
    db: [0, 0],
  }));

// The same with W negated: h = 0 behind the ReLU, so x' = 0, only the loss remains.
test('a dead hidden unit passes no gradient', () =>
  checkByHand({
    family: { tied: false, bias: false, hiddenActivation: 'relu', magnitude: 'signed', target: 'abs' },
    W: [1, -1],
    V: [0.5, -0.25],
    b: [0, 0],
    x: [-1, 0.5],
    importance: [1, 1],
    hiddenPenalty: 0.25,
    xHat: [0, 0],
    loss: (1 + 0.25) / 2,
    dW: [0, 0],
    dV: [0, 0],
    db: [0, 0],
  }));

test('the slope of ReLU at 0 is 0, so a zero output with zero bias stays where it is', () => {
  allClose([slope('relu', 0), slope('relu', 1e-300), slope('identity', 0)], [0, 1, 1], {});
  allClose([activate('relu', -2), activate('relu', 3), activate('identity', -2)], [0, 3, -2], {});
  const model: Model = { W: new Float64Array(2), b: new Float64Array(2) };
  const { db, loss } = backward(RELU_OUTPUT, model, Float64Array.of(1, 0.5), [1, 1]);
  allClose([...db, loss], [0, 0, (1 + 0.25) / 2], EXACT);
});

test('a batch counts as the mean of its samples', () => {
  const family = { ...RELU_OUTPUT, features: 4, hidden: 3 };
  const model = modelOf(family);
  const batch = batchOf(family);
  const importance = [1, 0.5, 0.25, 2];
  const whole = backward(family, model, batch, importance, 0.1);
  const parts = Array.from({ length: 8 }, (_, s) =>
    backward(family, model, batch.subarray(4 * s, 4 * s + 4), importance, 0.1),
  );
  const mean = (pick: (g: Gradients) => number) => parts.reduce((sum, g) => sum + pick(g) / 8, 0);
  allClose([whole.loss], [mean((g) => g.loss)], EXACT, 'loss');
  whole.dW.forEach((value, i) => {
    allClose([value], [mean((g) => g.dW[i])], EXACT, `dW[${i}]`);
  });
});

test('the loss of one sample weighs squared errors by importance and divides by n', () => {
  const pass = {
    hPre: Float64Array.of(-3),
    h: Float64Array.of(-3),
    yPre: new Float64Array(2),
    xHat: Float64Array.of(0.5, 2),
  };
  const signed: Family = { ...RELU_OUTPUT, magnitude: 'signed', target: 'abs' };
  // (2·(|−1| − 0.5)² + 3·(1 − 2)²)/2 + 0.1·|−3|
  allClose([sampleLoss(signed, pass, [-1, 1], [2, 3], 0.1)], [(0.5 + 3) / 2 + 0.3], EXACT);
});

test.run();
