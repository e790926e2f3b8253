/** The residual MLP: against the stream that it stands for, its gradient by differences, its embedding, its spec. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { heldOutLoss } from '../sim/evaluate.ts';
import { expandGrid } from '../sim/grid.ts';
import { contributions, neuronsPerFeature, ownResponses, sharesAlong } from '../sim/metrics/contributions.ts';
import { programFor } from '../sim/models/models.ts';
import { mixingOf } from '../sim/models/residual.ts';
import { initParams } from '../sim/params.ts';
import { evaluate } from '../sim/program/evaluate.ts';
import { instanceKey, normals } from '../sim/random.ts';
import { reference } from '../sim/reference.ts';
import { simd } from '../sim/simd/engine.ts';
import { parseSpec, type SpecInput } from '../sim/spec.ts';
import { computedLoss, mixedLoss } from '../sim/theory/compressed.ts';
import { trainAll } from '../sim/train.ts';
import { allClose } from './allClose.ts';

const specOf = (model: object = {}, input: object = {}): SpecInput => ({
  model: {
    ...{ kind: 'residual-mlp', features: 8, hidden: 4, hiddenActivation: 'relu', tied: false, bias: false },
    ...model,
  },
  input: { density: 0.3, magnitude: 'signed', ...input },
});
const groupOf = (spec: SpecInput) => expandGrid(parseSpec(spec)).groups[0];

/** Normal numbers. */
const numbers = (part: number, count: number) => [...normals(instanceKey(3, 0), part, count)];

/** Unit rows. */
function unitRows(part: number, n: number, d: number): number[][] {
  const all = numbers(part, n * d);
  return Array.from({ length: n }, (_, i) => {
    const row = all.slice(i * d, (i + 1) * d);
    const length = Math.hypot(...row);
    return row.map((value) => value / length);
  });
}

const dot = (a: number[], b: number[]) => a.reduce((sum, value, k) => sum + value * b[k], 0);
const matrix = (rows: number, columns: number, of: (i: number, k: number) => number) =>
  Float64Array.from({ length: rows * columns }, (_, at) => of(Math.floor(at / columns), at % columns));

const [N, NEURONS, D] = [5, 3, 12];
const SAMPLES = Array.from({ length: 6 }, (_, t) =>
  numbers(10 + t, N).map((value, i) => ((i + t) % 3 === 0 ? 0 : value)),
);

/** A stream of d dimensions: directions of features, and what neurons read and write. */
const STREAM = { E: unitRows(0, N, D), A: unitRows(1, NEURONS, D), B: unitRows(2, NEURONS, D) };

/** The stream's MLP in terms of features. */
const TENSORS = {
  W: matrix(N, NEURONS, (i, k) => dot(STREAM.A[k], STREAM.E[i])),
  V: matrix(N, NEURONS, (i, k) => dot(STREAM.E[i], STREAM.B[k])),
  b: new Float64Array(N),
  M: mixingOf(STREAM.E.flat(), N),
};

const PROBLEM = groupOf(specOf({ features: N, hidden: NEURONS, embedding: D })).problem;
const PROGRAM = programFor(PROBLEM.family, PROBLEM.training);
const IMPORTANCE = { importance: new Float64Array(N).fill(1) };

/** Mean over features of (y − x − ReLU(x))², by going through the stream. */
function streamLoss(x: number[]): number {
  const { E, A, B } = STREAM;
  const stream = Array.from({ length: D }, (_, k) => x.reduce((sum, xi, i) => sum + xi * E[i][k], 0));
  const h = A.map((row) => Math.max(0, dot(row, stream)));
  const after = stream.map((value, k) => value + h.reduce((sum, hj, j) => sum + hj * B[j][k], 0));
  return x.reduce((sum, xi, i) => sum + (dot(E[i], after) - xi - Math.max(0, xi)) ** 2, 0) / N;
}

test('it loses what a residual stream loses that is written out: embed, read, write, read along the embedding', () => {
  for (const x of SAMPLES) {
    const { loss } = evaluate(PROGRAM, TENSORS, IMPORTANCE, Float64Array.from(x));
    allClose([loss], [streamLoss(x)], { relative: 1e-12 });
  }
});

test('its gradients are central differences', () => {
  const x = Float64Array.from(SAMPLES.flat());
  const { gradients } = evaluate(PROGRAM, TENSORS, IMPORTANCE, x);
  assert.equal(Object.keys(gradients).sort(), ['V', 'W'], 'b and M stay');
  for (const name of ['W', 'V'] as const) {
    const differences = TENSORS[name].map((_, at) => {
      const [up, down] = [1e-6, -1e-6].map((step) => {
        const moved = TENSORS[name].map((value, k) => value + (k === at ? step : 0));
        return evaluate(PROGRAM, { ...TENSORS, [name]: moved }, IMPORTANCE, x).loss;
      });
      return (up - down) / 2e-6;
    });
    allClose(gradients[name], differences, { absolute: 1e-8 }, name);
  }
});

test('an embedding is random unit directions of the model alone: their overlaps are 1/d in the mean square', () => {
  const group = groupOf({ ...specOf({ features: 40, hidden: 2, embedding: 90 }), replicas: 2 });
  const { M, W } = initParams(group.problem, group.initStd);
  const squares = Array.from(M, (value) => value * value).reduce((a, b) => a + b);
  const pairs = 2 * 40 * 39;
  const error = Math.sqrt(2 / (pairs / 2)) / 90; // of the mean of so many squares of near normals, each twice
  assert.ok(Math.abs(squares / pairs - 1 / 90) < 4 * error, `${squares / pairs}, not 1/90`);
  for (let i = 0; i < 40; i++) {
    assert.is(M[i * 41], 0);
    for (let j = 0; j < i; j++) assert.is(M[i * 40 + j], M[j * 40 + i]);
  }
  assert.ok(
    M.subarray(0, 1600).some((value, at) => value !== M[1600 + at]),
    'another seed, another embedding',
  );
  assert.ok(W.some((value) => value !== 0));
  const one = groupOf({ ...specOf({ features: 40, hidden: 2, embedding: 90 }), replicas: 1 });
  allClose(initParams(one.problem, one.initStd).M, M.subarray(0, 1600), {}, 'whatever stands beside it');
});

test('mixing that is given stays, and none is drawn without an embedding', () => {
  const M = Array.from({ length: 3 }, (_, i) => Array.from({ length: 3 }, (_, j) => Number(i !== j) * 0.25));
  const rows = [[1], [0], [0]];
  const init = { values: { W: rows, V: rows, M } };
  const own = { features: 3, hidden: 1 };
  const given = groupOf({ ...specOf({ ...own, embedding: 3 }), training: { init } });
  assert.equal(initParams(given.problem, given.initStd, given.start!.params).M, Float32Array.from(M.flat()));
  const bare = groupOf(specOf(own));
  assert.is(initParams(bare.problem, bare.initStd).M, undefined);
});

test('features computed exactly lose the closed forms on every engine that trains it', async () => {
  const [features, hidden, density] = [8, 4, 0.3];
  const identity = Array.from({ length: features }, (_, i) =>
    Array.from({ length: hidden }, (_, k) => Number(i === k)),
  );
  for (const embedding of [undefined, 20]) {
    const init = { values: { W: identity, V: identity } };
    const spec = { ...specOf(embedding ? { embedding } : {}), training: { init, steps: 1, learningRate: 0 } };
    const { groups } = await trainAll(spec, { engine: 'simd' });
    const [{ problem, params }] = groups;
    const sizes = { features, hidden, density };
    const exact = params.M ? mixedLoss(params.M, sizes) : computedLoss(sizes);
    for (const engine of [simd, reference]) {
      const [loss] = await heldOutLoss(engine, problem, params, 65_536);
      allClose([loss], [exact], { relative: 0.015 }, `${engine.name}, d = ${embedding}`); // 4 standard errors
    }
  }
});

test('simd trains it as the reference does, mixing and all', async () => {
  for (const model of [
    { features: 8, hidden: 4, embedding: 30 },
    { features: 20, hidden: 12, embedding: 20 },
    {},
  ]) {
    const spec = {
      ...specOf(model),
      training: { steps: 100, batch: 16, learningRate: 0.02 },
      record: { lossEvery: 1 },
    };
    const [own, wanted] = [
      await trainAll(spec, { engine: 'simd' }),
      await trainAll(spec, { engine: 'reference' }),
    ];
    allClose(own.groups[0].losses, wanted.groups[0].losses, { relative: 1e-3, absolute: 1e-6 });
    const { losses } = wanted.groups[0];
    assert.ok(losses[99] < losses[0], 'it learns');
  }
});

test('a wrong embedding is refused by name', () => {
  const refused = (spec: object) => assert.throws(() => parseSpec(spec), /./);
  const message = (spec: object) => {
    try {
      parseSpec(spec);
    } catch (error) {
      return (error as Error).message;
    }
    return 'accepted';
  };
  refused(specOf({ embedding: 0 }));
  assert.match(
    message(specOf({ embedding: 7 })),
    /model\.embedding: expected at least model\.features = 8, .*got 7/,
  );
  assert.match(
    message(specOf({ kind: 'toy', embedding: 20 })),
    /model\.embedding: expected none but for residual-mlp/,
  );
  assert.match(
    message(specOf({}, { target: 'abs' })),
    /input\.target: expected x: residual-mlp is to compute/,
  );
});

test('contributions, responses, neurons of a feature and shares along directions, by hand', () => {
  const layer = { W: [1, 2, -3, 0.5, 0, -1], V: [2, 1, 5, 4, 1, 1] }; // three features, two neurons
  allClose(contributions(layer), [2, 2, 0, 2, 0, 0], {});
  allClose(ownResponses(layer, 2), [4, 2, 0], {});
  allClose(neuronsPerFeature(layer, 2), [2, 1, 0], {});
  const r = Math.SQRT1_2;
  const shares = sharesAlong(layer.V, 2, [r, 0, r, 0, 0, 1]); // columns (r, r, 0) and (0, 0, 1)
  allClose(shares, [((2 + 5) ** 2 / 2 + (1 + 4) ** 2 / 2) / 48, 2 / 48], { relative: 1e-14 });
});

test.run();
