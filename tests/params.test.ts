import { test } from 'uvu';
import { expandGrid } from '../sim/grid.ts';
import { initParams } from '../sim/params.ts';
import { rowRange, takeParams, takeRows } from '../sim/problem.ts';
import { normals } from '../sim/random.ts';
import { parseSpec, type SpecInput } from '../sim/spec.ts';
import { allClose } from './allClose.ts';
import { checkMean } from './statistics.ts';

const groupOf = (spec: Partial<SpecInput>, tied = true) =>
  expandGrid(
    parseSpec({
      model: { features: 5, hidden: 2, tied },
      input: { density: 0.1 },
      replicas: 7,
      seed: 3,
      ...spec,
    }),
  ).groups[0];

test('shapes are (I, n, m) and (I, n); biases start at 0; a tied model has no decoder', () => {
  const { problem, initStd } = groupOf({});
  const { W, V, b } = initParams(problem, initStd);
  if (W.length !== 7 * 5 * 2 || V !== undefined) throw new Error(`${W.length} weights, V = ${V}`);
  allClose(b, new Array(35).fill(0), {});
});

test("weights are the instance's normals times its own scale", () => {
  const { problem, initStd } = groupOf({
    training: { init: { std: 1 } },
    sweep: [{ path: 'training.init.std', values: [0, 0.5, 2] }],
    replicas: 1,
  });
  const { W } = initParams(problem, initStd);
  [0, 0.5, 2].forEach((std, i) => {
    const z = normals([problem.keys[2 * i], problem.keys[2 * i + 1]], 0, 10);
    allClose(
      W.subarray(10 * i, 10 * i + 10),
      z.map((v) => Math.fround(std * v)),
      {},
      `std ${std}`,
    );
  });
});

test('encoder, decoder, instances and seeds start from different numbers', () => {
  const { problem, initStd } = groupOf({}, false);
  const { W, V } = initParams(problem, initStd);
  const all = [...W, ...V!, ...initParams(groupOf({ seed: 4 }).problem, initStd).W];
  if (new Set(all).size !== all.length)
    throw new Error(`${all.length - new Set(all).size} weights occur twice`);
});

test('a slice of a problem starts where the whole would, so blocks change nothing', () => {
  const { problem, initStd } = groupOf({}, false);
  const whole = takeParams(initParams(problem, initStd), problem.family, rowRange(2, 5));
  const part = initParams(takeRows(problem, rowRange(2, 5)), initStd.subarray(2, 5));
  allClose(part.W, whole.W, {});
  allClose(part.V!, whole.V!, {});
});

test('ten thousand weights have the standard deviation √(2/(n + m)) that Xavier asks for (5 % is found)', () => {
  const { problem, initStd } = groupOf({ replicas: 2500 });
  const { W } = initParams(problem, initStd);
  const variance = W.reduce((sum, w) => sum + w * w, 0) / W.length;
  checkMean(variance / (2 / 7), 1, Math.sqrt(2), W.length, 0.1, 'variance');
});

test.run();
