/**
 * Programs made up at random, in every way in which loops can hand numbers on: one step of SGD on simd against the same
 * step of the float64 interpreter, whose gradients tests/program.test.ts holds against differences.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { emptyColumns } from '../sim/columns.ts';
import type { Engine } from '../sim/engine.ts';
import { reluOutputFamily } from '../sim/family.ts';
import { defineModel, type Tensor } from '../sim/models/models.ts';
import { initParams } from '../sim/params.ts';
import type { Problem } from '../sim/problem.ts';
import * as ops from '../sim/program/ops.ts';
import { draw, instanceKey, type Stream } from '../sim/random.ts';
import { reference } from '../sim/reference.ts';
import { simd } from '../sim/simd/engine.ts';
import { ADAMW } from './adamw.ts';

/** 256 has a sum over the active inputs in the loop of a ReLU that is a sum's argument too. */
const SEEDS = [...Array(50).keys(), 256];
const SIZES = [1, 2, 3, 5, 8, 9, 12, 19];
const RATE = 64; // makes gradients as large as weights, whose float32 the difference is taken of

/** Which operations beside the common ones. */
type Kind = 'plain' | 'codes' | 'attention' | 'masks' | 'places';

/** Takes one of some things at random. */
type Pick = <T>(things: readonly T[]) => T;

const tensors = (n: number, m: number, kind: Kind): Tensor[] => {
  const of = (name: string, shape: number[], trained = true): Tensor => ({
    name,
    shape,
    init: 'normal',
    trained,
  });
  return [
    of('W', [n, m]),
    of('V', [n, m]),
    of('F', [n, m], false),
    of('E', [m, n]),
    ...(kind === 'masks'
      ? [of('M', [m, n]), of('inner', [n, 3]), of('shift', [n, 3]), of('outer', [n, 3]), of('one', [1])]
      : []),
    of('U', [m, m]),
    of('b', [n]),
    of('c', [m]),
  ];
};

/** Operations of sparse codes on a and b. */
function codeMakers(given: Record<string, ops.Node>, a: ops.Node, b: ops.Node): (() => ops.Node)[] {
  const rows = Object.values(given).filter(({ shape }) => shape.length === 2 && shape[0] === a.size);
  return [
    () => ops.gate(a, b),
    () => ops.largest(a, ops.column('active', 1)),
    () => ops.jump(a, a.size === given.b.size ? given.b : given.c, 0.5),
    ...rows.map((W) => () => ops.div(a, ops.norms(W))),
  ];
}

/** Operations of attention on a and b. */
const softMakers = (a: ops.Node, b: ops.Node): (() => ops.Node)[] => [
  () => ops.softmax(a, ops.abs(b)),
  () => ops.softmax(ops.scale(a, 5), ops.relu(b)),
  () => ops.softmax(a, ops.digit(ops.scale(b, 20), 0)),
  () => ops.digit(ops.scale(a, 20), 1),
];

/** Operations of masks on a. */
function maskMakers(given: Record<string, ops.Node>, vectors: ops.Node[], a: ops.Node): (() => ops.Node)[] {
  const single = vectors.find(({ size, op }) => size === 1 && op !== 'column') ?? given.one;
  const { inner, shift, outer } = given;
  return [
    () => ops.mul(a, ops.uniform(a.size, `drawn ${vectors.length}`)),
    () => ops.times(a, ops.uniform(1, `one ${vectors.length}`)),
    () => ops.times(a, single),
    () => ops.normalGelu(a),
    () => ops.hardSigmoid(a, 0, 0.01),
    () => ops.hardSigmoid(a, 0.01, 0),
    ...(a.size === inner.shape[0] ? [() => ops.perceptrons(a, inner, shift, outer)] : []),
  ];
}

const [GAMMA, PACE, CORRECT] = [ops.clock('gamma'), ops.clock('rate'), ops.clock('correct')];

/** Operations of what stays with a place in the batch, and of numbers of the step, on a. */
function placeMakers(vectors: ops.Node[], a: ops.Node, b: ops.Node): (() => ops.Node)[] {
  const own = () => ops.source(a.size, `source ${vectors.length}`, 0.3, 0.9);
  return [
    () => ops.add(a, ops.climb(own(), b, PACE, CORRECT)),
    () => ops.mul(a, ops.climb(ops.climb(own(), b, PACE, CORRECT), a, PACE, CORRECT)),
    () => ops.mul(a, ops.below(b, 0.1)),
    () => ops.times(a, ops.total(b)),
    () => ops.saturate(a, GAMMA),
  ];
}

/** A new vector out of those there are. */
function grow(pick: Pick, given: Record<string, ops.Node>, vectors: ops.Node[], kind: Kind): ops.Node {
  const a = pick(vectors);
  const b = pick(vectors.filter(({ size }) => size === a.size));
  const fitting = (side: number) =>
    Object.values(given).filter(({ shape }) => shape.length === 2 && shape[side] === a.size);
  const makers: (() => ops.Node)[] = [
    () => ops.add(a, b),
    () => ops.sub(a, b),
    () => ops.mul(a, b),
    () => ops.scale(a, -0.7),
    () => ops.relu(a),
    () => ops.relu(a, 0.2),
    () => ops.tanh(a),
    () => ops.abs(a),
    ...fitting(0).flatMap((W) => [() => ops.matT(W, a), () => ops.relu(ops.matT(W, a))]),
    ...fitting(1).map((W) => () => ops.mat(W, a)),
  ];
  const more = {
    plain: () => [],
    codes: () => codeMakers(given, a, b),
    attention: () => softMakers(a, b),
    masks: () => maskMakers(given, vectors, a),
    places: () => placeMakers(vectors, a, b),
  };
  return pick([...makers, ...more[kind]()])();
}

/** Defines the model of a seed. */
function makeUp(seed: number, kind: Kind): { name: string; n: number; m: number } {
  const stream: Stream = instanceKey(4321, seed);
  const pick: Pick = (things) => things[draw(stream) % things.length];
  const [n, m, name] = [pick(SIZES), pick(SIZES), `made up ${kind} ${seed}`];
  defineModel({
    name,
    tensors: () => tensors(n, m, kind),
    clocks: () => ({ gamma: 0.3, rate: 0.05, correct: 1.5 }),
    losses(_, given, x) {
      const stream: Stream = instanceKey(8765, seed);
      const choose: Pick = (things) => things[draw(stream) % things.length];
      const vectors = [x, given.b, given.c, ops.column('importance', n), ops.matT(given.W, x)];
      for (let k = 0; k < 9; k++) vectors.push(grow(choose, given, vectors, kind));
      const last = vectors.slice(-3);
      const weight = (a: ops.Node) => (a.size === n ? choose([undefined, vectors[3]]) : undefined);
      return [
        ...last.map((a) => ops.squared(a, 0.1, weight(a))),
        ops.l1(choose(last), 0.05, undefined),
        ...(kind === 'attention' ? last.map((a) => ops.crossEntropy(a, ops.abs(a), 0.1)) : []),
        ops.squared(ops.sub(ops.mat(given.V, ops.matT(given.W, x)), x), 1 / n, vectors[3]),
        ...(kind === 'places'
          ? [
              ops.frequent(
                ops.saturate(ops.mat(given.V, ops.matT(given.W, x)), GAMMA),
                9,
                ops.column('active', 1),
              ),
              ops.frequent(ops.saturate(ops.matT(given.F, ops.abs(x)), GAMMA), 5, ops.column('active', 1)),
            ]
          : []),
        ...(kind === 'masks' ? [ops.misfit(given.F, given.M, given.U, 0.1, ops.column('active', 1))] : []),
      ];
    },
  });
  return { name, n, m };
}

function problemOf(seed: number, kind: Kind): Problem {
  const { name, n, m } = makeUp(seed, kind);
  const family = { ...reluOutputFamily(n, m), kind: name };
  const columns = emptyColumns(family, 2);
  columns.density.fill(0.7, 0, n).fill(0.1, n);
  columns.importance.forEach((_, j) => {
    columns.importance[j] = 0.9 ** (j % n);
  });
  columns.learningRate.fill(RATE);
  columns.active = Float64Array.of(2, 1);
  const training = { ...ADAMW, optimizer: 'sgd' as const, batch: 7 };
  const keys = Int32Array.from([...instanceKey(99, seed), ...instanceKey(98, seed)]);
  return { ...columns, family, training, firstStep: 0, instances: 2, keys };
}

async function oneStep(engine: Engine, problem: Problem) {
  const params = initParams(problem, Float64Array.of(0.5, 0.5));
  const session = await engine.open(problem, params, { lossEvery: 1, threads: 1 });
  const { losses } = await session.run(1);
  const after = await session.read();
  await session.close();
  return { params, losses, after };
}

/** Largest difference of the steps of a tensor, relative to the largest step of the tensor or 1e-3. */
function offBy(start: Float32Array, own: Float32Array, wanted: Float32Array): number {
  let [off, size] = [0, RATE * 1e-3];
  for (let k = 0; k < start.length; k++) {
    off = Math.max(off, Math.abs(own[k] - wanted[k]));
    size = Math.max(size, Math.abs(wanted[k] - start[k]));
    if (Number.isNaN(own[k])) return Number.POSITIVE_INFINITY;
  }
  return off / size;
}

/** Everything in which simd differs from the interpreter on the programs of some seeds. */
async function differences(seeds: readonly number[], kind: Kind): Promise<string[]> {
  const found: string[] = [];
  for (const seed of seeds) {
    const problem = problemOf(seed, kind);
    const [own, wanted] = [await oneStep(simd, problem), await oneStep(reference, problem)];
    const { features, hidden } = problem.family;
    wanted.losses.forEach((loss, i) => {
      const off = Math.abs(own.losses[i] - loss);
      if (!(off <= 1e-5 * loss))
        found.push(`${seed} (${features},${hidden}): loss ${own.losses[i]}, not ${loss}`);
    });
    for (const [name, start] of Object.entries(own.params)) {
      const off = offBy(start, own.after[name], wanted.after[name]);
      if (!(off < 2e-5))
        found.push(`${seed} (${features},${hidden}): gradient of ${name} off by ${off.toExponential(1)}`);
    }
  }
  return found;
}

test('programs made up at random do on simd what the interpreter does', async () => {
  assert.equal(await differences(SEEDS, 'plain'), []);
});

test('and so do those with the operations of sparse codes', async () => {
  assert.equal(await differences(SEEDS.slice(0, 30), 'codes'), []);
});

test('and those with the operations of attention', async () => {
  assert.equal(await differences(SEEDS.slice(0, 40), 'attention'), []);
});

test('and with those of masks, and numbers drawn for every sample', async () => {
  assert.equal(await differences(SEEDS, 'masks'), []);
});

test('and with sources, numbers of the step, and what a loss asks of the whole batch', async () => {
  assert.equal(await differences(SEEDS, 'places'), []);
});

test.run();
