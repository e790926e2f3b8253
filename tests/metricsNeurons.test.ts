import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Family } from '../sim/family.ts';
import { findAsymmetric } from '../sim/metrics/asymmetric.ts';
import {
  countNeurons,
  judgeNeuron,
  neuronStacks,
  polysemanticity,
  rescaleNeurons,
  sortNeurons,
} from '../sim/metrics/neurons.ts';
import { forward } from '../sim/model.ts';
import { instanceKey, normals } from '../sim/random.ts';

const family = (features: number, hidden: number): Family => ({
  features,
  hidden,
  hiddenActivation: 'relu',
  outputActivation: 'relu',
  tied: false,
  bias: true,
  magnitude: 'signed',
  target: 'abs',
  sets: [],
  kind: 'toy',
  hiddenBias: false,
  gating: 'independent',
});

/** Weights (n, m) from rows a neuron: easier to read for stacks. */
const byNeuron = (neurons: number[][]) =>
  Float64Array.from({ length: neurons.length * neurons[0].length }, (_, at) => {
    return neurons[at % neurons.length][Math.floor(at / neurons.length)];
  });

test('rescaling makes the largest encoder weight of each neuron one and leaves the function as it was', () => {
  const own = family(4, 3);
  const weights = {
    W: normals(instanceKey(1, 0), 0, 12),
    V: normals(instanceKey(1, 0), 1, 12),
    b: new Float64Array(4),
  };
  const scaled = rescaleNeurons(weights, own);
  for (const stack of neuronStacks(scaled, own, 0))
    assert.ok(Math.abs(Math.abs(stack[0].weight) - 1) < 1e-12);
  const W = Float64Array.from(scaled.W);
  const V = Float64Array.from(scaled.V!);
  for (const x of [
    [1, -1, 0.5, 0],
    [-0.2, 0.7, -0.9, 1],
  ]) {
    const before = forward(own, weights, x).xHat;
    forward(own, { W, V, b: weights.b }, x).xHat.forEach((y, j) => {
      assert.ok(Math.abs(y - before[j]) < 1e-12);
    });
  }
});

test('a tied model cannot be rescaled, and says so', () => {
  assert.throws(() => rescaleNeurons({ W: [1], b: [0] }, family(1, 1)), /untied/);
});

test('stacks list signed weights by size; neurons line up by their largest feature, dead ones last', () => {
  const W = byNeuron([
    [0.1, 0.02, -1],
    [0.01, 0, 0],
    [0.9, -0.5, 0],
  ]);
  const stacks = neuronStacks({ W: [...new Array(9).fill(5), ...W] }, family(3, 3), 1);
  assert.equal(stacks[0], [
    { feature: 2, weight: -1 },
    { feature: 0, weight: 0.1 },
    { feature: 1, weight: 0.02 },
  ]);
  assert.equal(sortNeurons(stacks), [2, 0, 1]);
  assert.equal(
    stacks.map((stack) => judgeNeuron(stack)),
    ['mono', 'dead', 'poly'],
  );
  assert.ok(Math.abs(polysemanticity(stacks[2]) - 5 / 9) < 1e-12);
});

test('three monosemantic neurons and three features in two: the binary-code regime is counted as such', () => {
  const W = byNeuron([
    [1, 0, 0, 0, 0, 0, 0.05],
    [0, 1, 0.1, 0, 0, 0, 0],
    [0, 0, 1, 0, 0, 0, 0],
    [0, 0, 0, 0.8, 0.9, 0, 0],
    [0, 0, 0, 0.8, 0, 0.9, 0],
  ]);
  const counts = countNeurons(neuronStacks({ W }, family(7, 5), 0));
  assert.equal(counts, { mono: 3, poly: 2, dead: 0, monoFeatures: 3, polyFeatures: 3 });
});

test('the asymmetric motif of the paper is found with its inhibitor, in any scale', () => {
  const own = family(3, 3);
  // neuron 0 is the motif on (0, 1); neuron 1 fires with feature 0 and pulls feature 1 down; 2 is on its own
  const weights = {
    W: byNeuron([
      [2, -0.5, 0],
      [1, 0, 0],
      [0, 0, 1],
    ]),
    V: byNeuron([
      [0.5, 2, 0],
      [0, -3, 0],
      [0, 0, 1],
    ]),
    b: new Float64Array(3),
  };
  for (const given of [weights, rescaleNeurons(weights, own)]) {
    const motifs = findAsymmetric(given, own, 0);
    assert.is(motifs.length, 1);
    const { neuron, primary, secondary, inhibitor } = motifs[0];
    assert.equal([neuron, primary, secondary, inhibitor], [0, 0, 1, 1]);
  }
});

test('the sign of the secondary feature is free, and a weak pull is no inhibitor', () => {
  const W = byNeuron([
    [1, 0.25],
    [1, 0],
  ]);
  const b = new Float64Array(2);
  const inhibitorWith = (pull: number) => {
    const V = byNeuron([
      [1, 4],
      [0, pull],
    ]);
    return findAsymmetric({ W, V, b }, family(2, 2), 0).map(({ inhibitor }) => inhibitor);
  };
  assert.equal(inhibitorWith(-4), [1]);
  assert.equal(inhibitorWith(-1), [null]);
});

test('each bound of the motif counts: unequal in, stronger out, both ways through near one', () => {
  const motifs = (wa: number, wb: number, va: number, vb: number) =>
    findAsymmetric({ W: [wa, wb], V: [va, vb], b: [0, 0] }, family(2, 1), 0).length;
  assert.is(motifs(1, 0.25, 1, 4), 1);
  assert.is(motifs(1, 0.8, 1, 1.25), 0, 'weights in nearly equal');
  assert.is(motifs(1, 0.05, 1, 20), 0, 'the second weight in is noise');
  assert.is(motifs(1, 0.65, 1.2, 1), 0, 'the first feature is decoded more strongly');
  assert.is(motifs(1, 0.25, 0.3, 4), 0, 'the first feature comes through weakly');
  assert.is(motifs(1, 0.25, 1, 1.5), 0, 'the second feature comes through weakly');
  assert.is(motifs(1, 0.25, 2, 4), 0, 'the first feature comes through doubled');
});

test('an inhibitor fires on the same side as the motif and is another neuron', () => {
  const inhibitorWith = (w: number, v: number) => {
    const W = byNeuron([
      [1, 0.25],
      [w, 0],
    ]);
    const V = byNeuron([
      [1, 4],
      [0, v],
    ]);
    return findAsymmetric({ W, V, b: [0, 0] }, family(2, 2), 0).map(({ inhibitor }) => inhibitor);
  };
  assert.equal(inhibitorWith(1, -4), [1]);
  assert.equal(inhibitorWith(-1, -4), [null]);
  assert.equal(inhibitorWith(-1, 4), [null]);
});

test('a neuron is monosemantic below a fifth and dead below a tenth; a feature with a neuron of its own counts once', () => {
  const judge = (...weights: number[]) =>
    judgeNeuron(weights.map((weight, feature) => ({ feature, weight })));
  assert.equal(
    [judge(1, 0.19), judge(1, 0.21), judge(0.09, 0), judge(0.11, 0)],
    ['mono', 'poly', 'dead', 'mono'],
  );
  const W = byNeuron([
    [1, 0, 0],
    [0.8, 0.9, 0],
  ]);
  const counts = countNeurons(neuronStacks({ W }, family(3, 2), 0));
  assert.equal(counts, { mono: 1, poly: 1, dead: 0, monoFeatures: 1, polyFeatures: 1 });
});

test('symmetric superposition and monosemantic neurons are not the motif', () => {
  const own = family(2, 2);
  const b = new Float64Array(2);
  const symmetric = byNeuron([
    [1, -1],
    [-1, 1],
  ]);
  assert.equal(findAsymmetric({ W: symmetric, V: symmetric, b }, own, 0), []);
  const mono = byNeuron([
    [1, 0],
    [0, 1],
  ]);
  assert.equal(findAsymmetric({ W: mono, V: mono, b }, own, 0), []);
});

test.run();
