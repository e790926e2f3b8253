/** Models that compute a sparse layer: against sums written out, differences, the layer's own statistics, its spec. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expandGrid } from '../sim/grid.ts';
import { circuitWeights } from '../sim/models/circuit.ts';
import { programFor } from '../sim/models/models.ts';
import { initParams } from '../sim/params.ts';
import { evaluate } from '../sim/program/evaluate.ts';
import { instanceKey, normals } from '../sim/random.ts';
import { parseSpec, type SpecInput } from '../sim/spec.ts';
import { trainAll } from '../sim/train.ts';
import { allClose } from './allClose.ts';

const specOf = (model: object = {}, input: object = {}): SpecInput => ({
  model: {
    ...{ kind: 'circuit', features: 6, hidden: 2, tied: false },
    circuit: { blocks: 2, density: 0.5, shift: -0.1 },
    ...model,
  },
  input: { density: 0.5, ...input },
});
const groupOf = (spec: SpecInput) => expandGrid(parseSpec(spec)).groups[0];
const numbers = (part: number, count: number) => normals(instanceKey(5, 0), part, count);

const [N, M] = [6, 2];
const TENSORS = {
  W: numbers(0, N * M),
  V: numbers(1, N * M),
  b: numbers(2, N),
  A: numbers(3, N * N).map(Math.abs),
  v: numbers(4, N),
};
const X = numbers(5, 4 * N).map((z, at) => (at % 3 === 0 ? 0 : Math.abs(z)));
const { family, training } = groupOf(specOf()).problem;
const PROGRAM = programFor(family, training);
const IMPORTANCE = { importance: Float64Array.from({ length: N }, (_, i) => 1 + i) };

test('its loss is that of ReLU(V Wᵀx + b) against ReLU(A x + v), written out', () => {
  let sum = 0;
  for (let t = 0; t < 4; t++)
    for (let i = 0; i < N; i++) {
      let [z, y] = [TENSORS.b[i], TENSORS.v[i]];
      for (let j = 0; j < N; j++) {
        y += TENSORS.A[i * N + j] * X[t * N + j];
        for (let k = 0; k < M; k++) z += TENSORS.V[i * M + k] * TENSORS.W[j * M + k] * X[t * N + j];
      }
      sum += ((1 + i) * (Math.max(0, z) - Math.max(0, y)) ** 2) / N / 4;
    }
  allClose([evaluate(PROGRAM, TENSORS, IMPORTANCE, X).loss], [sum], { relative: 1e-12 });
});

test('its gradients are central differences, and the layer stays', () => {
  const { gradients } = evaluate(PROGRAM, TENSORS, IMPORTANCE, X);
  assert.equal(Object.keys(gradients).sort(), ['V', 'W', 'b']);
  for (const name of ['W', 'V', 'b'] as const) {
    const differences = TENSORS[name].map((_, at) => {
      const [up, down] = [1e-6, -1e-6].map((step) => {
        const moved = TENSORS[name].map((value, k) => value + (k === at ? step : 0));
        return evaluate(PROGRAM, { ...TENSORS, [name]: moved }, IMPORTANCE, X).loss;
      });
      return (up - down) / 2e-6;
    });
    allClose(gradients[name], differences, { absolute: 1e-7 }, name);
  }
});

test('A is 0 outside of its blocks, and within them uniform on [0, 1) with the probability that is asked for', () => {
  const [n, blocks, density] = [128, 8, 0.1];
  const A = circuitWeights({ blocks, density, shift: 0, seed: 3 }, n);
  const outside = A.filter((_, at) => Math.floor(Math.floor(at / n) / 16) !== Math.floor((at % n) / 16));
  assert.is(outside.length, n * n - 8 * 256);
  assert.ok(outside.every((weight) => weight === 0));
  const there = A.filter((weight) => weight > 0);
  const share = there.length / 2048;
  assert.ok(Math.abs(share - density) < 4 * Math.sqrt((density * (1 - density)) / 2048), `${share}`);
  const mean = there.reduce((a, b) => a + b) / there.length;
  const square = there.reduce((a, b) => a + b * b) / there.length;
  assert.ok(Math.abs(mean - 1 / 2) < 4 * Math.sqrt(1 / 12 / there.length), `mean ${mean}`);
  assert.ok(Math.abs(square - 1 / 3) < 4 * Math.sqrt(4 / 45 / there.length), `mean square ${square}`);
  assert.ok(there.every((weight) => weight < 1));
  assert.not.equal(circuitWeights({ blocks, density, shift: 0, seed: 4 }, n), A);
});

test('all models of a spec compute the same layer, from other weights, and keep it', async () => {
  const spec = {
    ...specOf(),
    replicas: 2,
    training: { steps: 40, batch: 16, learningRate: 0.02 },
    record: { lossEvery: 1 },
  };
  const { problem, initStd } = groupOf(spec);
  const first = initParams(problem, initStd);
  assert.equal(first.A.slice(0, 36), first.A.slice(36));
  assert.ok(first.A.some((weight) => weight > 0));
  assert.ok(first.v.every((shift) => shift === Math.fround(-0.1)));
  assert.not.equal(first.W.slice(0, 12), first.W.slice(12));
  const [own, wanted] = [
    await trainAll(spec, { engine: 'simd' }),
    await trainAll(spec, { engine: 'reference' }),
  ];
  allClose(own.groups[0].losses, wanted.groups[0].losses, { relative: 1e-3, absolute: 1e-6 });
  assert.equal(own.groups[0].params.A, first.A);
});

test('a circuit that is missing, too many, or cut into unequal blocks is refused by name', () => {
  const message = (spec: SpecInput) => {
    try {
      parseSpec(spec);
    } catch (error) {
      return (error as Error).message;
    }
    return 'accepted';
  };
  const own = { blocks: 4, density: 0.5, shift: 0 };
  assert.match(message(specOf({ circuit: undefined })), /model\.circuit: expected blocks, density and shift/);
  assert.match(message(specOf({ kind: 'toy' })), /model\.circuit: expected none but for circuit/);
  assert.match(
    message(specOf({ circuit: own })),
    /model\.circuit\.blocks: expected a divisor of .* 6, got 4/,
  );
  assert.match(message(specOf({}, { target: 'abs' })), /input\.target: expected x: circuit is to compute/);
});

test.run();
