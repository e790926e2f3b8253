import assert from 'node:assert/strict';
import { test } from 'uvu';
import { emptyColumns } from '../sim/columns.ts';
import { type Activation, type Family, reluOutputFamily, type Training } from '../sim/family.ts';
import { drawBatch, drawUniform } from '../sim/features.ts';
import { backward, type Model as ToyModel } from '../sim/model.ts';
import { modelNames, programFor, sizeOf, tensorsOf } from '../sim/models/models.ts';
import { columnsAt, type Problem } from '../sim/problem.ts';
import { evaluate } from '../sim/program/evaluate.ts';
import * as ops from '../sim/program/ops.ts';
import { scheduleOf } from '../sim/program/schedule.ts';
import { instanceKey, normals } from '../sim/random.ts';
import { ADAMW } from './adamw.ts';
import { allClose } from './allClose.ts';
import { perTensor } from './perTensor.ts';
import { slopesOf } from './slopes.ts';
import './zoo.ts';

const ACTIVATIONS: Activation[] = ['identity', 'relu', 'gelu', 'leaky-relu', 'tanh', 'abs'];

/** A problem of one instance on signed inputs, and its weights, normal of standard deviation 0.5. */
function instanceOf(family: Family, training: Partial<Training> = {}) {
  const n = family.features;
  const key = instanceKey(5, 0);
  const problem: Problem = {
    family: { ...family, magnitude: 'signed' },
    training: { ...ADAMW, batch: 9, ...training },
    firstStep: 0,
    ...emptyColumns(family, 1),
    instances: 1,
    keys: Int32Array.from(key),
    ...emptyColumns(family, 1),
    density: new Float64Array(n).fill(0.6),
    importance: Float64Array.from({ length: n }, (_, j) => 0.8 ** j),
    learningRate: perTensor(family, [1e-3]),
    weightDecay: perTensor(family, [0]),
    localization: Float64Array.of(0.7),
  };
  const weights = tensorsOf(family).map((tensor, part) => {
    return [tensor.name, normals(key, part, sizeOf(tensor)).map((z) => z / 2)] as const;
  });
  const batch = Float64Array.from(drawBatch(problem, 0, 0));
  return { problem, weights: Object.fromEntries(weights), batch };
}

/** Loss and gradients by the interpreter. */
function run({ problem, weights, batch }: ReturnType<typeof instanceOf>) {
  const program = programFor(problem.family, problem.training);
  const drawn = drawUniform(problem, 0, 0, ops.drawnBy(program));
  const columns = columnsAt(problem, ['importance', 'localization'], 0);
  return evaluate(program, weights, columns, batch, batch, undefined, drawn);
}

test('the toy model as a program is model.ts to 1e-12, for every flag', () => {
  for (const hiddenActivation of ACTIVATIONS)
    for (const outputActivation of ACTIVATIONS)
      for (const tied of [true, false])
        for (const hiddenBias of [true, false])
          for (const target of ['x', 'abs'] as const)
            for (const hiddenPenalty of [0, 0.3]) {
              const flags = { hiddenActivation, outputActivation, tied, hiddenBias, target };
              const family = { ...reluOutputFamily(4, 3), ...flags };
              const own = instanceOf(family, { hiddenPenalty });
              const { loss, gradients } = run(own);
              const model = own.weights as unknown as ToyModel;
              const want = backward(family, model, own.batch, own.problem.importance, hiddenPenalty);
              const name = JSON.stringify({ ...flags, hiddenPenalty });
              allClose([loss], [want.loss], { relative: 1e-12 }, name);
              for (const tensor of tensorsOf(family)) {
                const key = `d${tensor.name}` as 'dW';
                allClose(
                  gradients[tensor.name],
                  want[key],
                  { absolute: 1e-12, relative: 1e-12 },
                  `${name} ${key}`,
                );
              }
            }
});

test('a program sums or averages over the features, and leaves alone what is not trained', () => {
  const family = { ...reluOutputFamily(4, 2), bias: false };
  const [mean, sum] = [run(instanceOf(family)), run(instanceOf(family, { reduction: 'sum' }))];
  allClose([sum.loss], [4 * mean.loss], { relative: 1e-14 });
  assert.deepEqual(Object.keys(mean.gradients), ['W']);
});

/** Gradients by central differences, against those of the interpreter, in every weight that is trained. */
function checkDifferences(family: Family, training: Partial<Training> = {}): void {
  const own = instanceOf(family, training);
  const { gradients } = run(own);
  for (const { name, trained } of tensorsOf(family)) {
    assert.equal(name in gradients, trained, `${family.kind}: gradient of ${name}`);
    const slopes = slopesOf(own.weights[name] as Float64Array, () => run(own).loss, 1e-5);
    if (trained)
      allClose(gradients[name], slopes, { absolute: 1e-7, relative: 1e-6 }, `${family.kind} d${name}`);
  }
}

test('gradients of every model are those of its loss, by differences', () => {
  for (const kind of modelNames()) {
    for (const [n, m] of [[3, 2], [4, 4]]) checkDifferences({ ...reluOutputFamily(n, m), kind }); // biome-ignore format: one line
  }
  for (const activation of ACTIVATIONS) {
    const flags = {
      hiddenActivation: activation,
      outputActivation: activation,
      hiddenBias: true,
      tied: false,
    };
    checkDifferences({ ...reluOutputFamily(3, 2), ...flags }, { hiddenPenalty: 0.2, reduction: 'sum' });
  }
});

test('operations that do not fit are refused with what was expected and got', () => {
  const [W, x] = [ops.param('W', [3, 2]), ops.input(3)];
  assert.throws(() => ops.matT(W, ops.input(2)), /matT: expected a vector of 3 numbers, got 2/);
  assert.throws(() => ops.mat(W, x), /mat: expected a vector of 2 numbers, got 3/);
  assert.throws(() => ops.mat(x, x), /mat: expected a matrix, got input {2}of shape \(\)/);
  assert.throws(() => ops.add(x, ops.matT(W, x)), /add: expected a vector of 3 numbers, got 2/);
  assert.throws(() => ops.add(ops.param('E', [1, 3]), x), /add: expected vectors, got the matrix E/);
  assert.throws(() => ops.squared(x, 1, x), /squared: expected a column as weight, got input/);
  assert.throws(() => ops.l1(x, 1, ops.column('a', 2)), /absolute: expected a column of 3 numbers, got 2/);
  assert.throws(() => ops.programOf([x]), /program: expected losses, got a vector of input/);
  const program = ops.programOf([ops.squared(ops.matT(W, x))]);
  assert.throws(
    () => evaluate(program, {}, {}, new Float64Array(3)),
    /param "W": expected 6 numbers, got none/,
  );
});

test('a loop ends at a sum over rows, and what is cheap runs where it is used', () => {
  const family: Family = {
    ...reluOutputFamily(5, 5),
    target: 'abs',
    hiddenActivation: 'relu',
    hiddenBias: true,
  };
  const { loops } = scheduleOf(programFor(family, { ...ADAMW, hiddenPenalty: 1 }));
  assert.deepEqual(
    loops.map(({ nodes }) => nodes.map(({ op }) => op)),
    [['matT'], ['add', 'relu', 'absolute'], ['mat', 'add', 'relu', 'abs', 'sub', 'squared']],
  );
});

test.run();
