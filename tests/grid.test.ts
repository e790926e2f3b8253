import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { countRows } from '../sim/axes.ts';
import { axisPoints, perFeature } from '../sim/curves.ts';
import { expandGrid } from '../sim/grid.ts';
import { instanceKey } from '../sim/random.ts';
import { parseSpec, type SpecInput } from '../sim/spec.ts';
import { SpecError } from '../sim/specError.ts';
import { allClose } from './allClose.ts';

const PAIR: SpecInput = { model: { features: 2, hidden: 1 }, input: { density: 0.5 } };
const grid = (spec: SpecInput) => expandGrid(parseSpec(spec));

/** The issues of the SpecError that expanding a spec must end in. */
function issuesOf(spec: SpecInput) {
  try {
    grid(spec);
  } catch (error) {
    if (error instanceof SpecError) return error.issues;
    throw error;
  }
  throw new Error(`expanded: ${JSON.stringify(spec)}`);
}

test('a linear axis is evenly spaced, a logarithmic one in ratio, both end exactly', () => {
  allClose(axisPoints({ path: 'a', from: 0, to: 3, count: 4, scale: 'linear' }), [0, 1, 2, 3], {});
  allClose(axisPoints({ path: 'a', from: 1, to: 0.01, count: 3, scale: 'log' }), [1, 0.1, 0.01], {
    relative: 1e-15,
  });
  assert.is(axisPoints({ path: 'a', from: 0.1, to: 0.7, count: 7, scale: 'log' })[6], 0.7);
  allClose(axisPoints({ path: 'a', from: 4, to: 9, count: 1, scale: 'linear' }), [4], {});
  allClose(axisPoints({ path: 'a', values: [3, 1, 2] }), [3, 1, 2], {});
});

test('per-feature fields: scalar, list, power, span', () => {
  allClose(perFeature(0.3, 3), [0.3, 0.3, 0.3], {});
  allClose(perFeature([1, 2], 2), [1, 2], {});
  allClose(perFeature({ base: 0.5, scale: 4 }, 4), [4, 2, 1, 0.5], {});
  allClose(perFeature({ from: 1, to: 0.01 }, 3), [1, 0.1, 0.01], { relative: 1e-15 });
  allClose(perFeature({ from: 7, to: 0.01 }, 1), [7], {});
});

test('rows count the first axis outermost and replicas innermost', () => {
  const spec: SpecInput = {
    ...PAIR,
    sweep: [
      { path: 'input.density', values: [0.1, 0.2] },
      { path: 'input.importance.1', values: [1, 2, 3] },
    ],
    replicas: 2,
  };
  const { rows, axisValues, groups } = grid(spec);
  assert.is(rows, 12);
  assert.is(countRows(parseSpec(spec)), 12);
  allClose(axisValues[0], [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2], {});
  allClose(axisValues[1], [1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3], {});
  assert.is(groups.length, 1);
  allClose(groups[0].rows, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], {});
  allClose(groups[0].problem.density.subarray(12, 14), [0.2, 0.2], {}, 'density of row 6');
  allClose(groups[0].problem.importance.subarray(20, 22), [1, 3], {}, 'importance of row 10');
});

test('learning rate, weight decay, initial scale and seed are columns of one group', () => {
  const { groups } = grid({
    ...PAIR,
    training: { init: { std: 1 } },
    sweep: [
      { path: 'training.learningRate', values: [0.1, 0.2] },
      { path: 'training.weightDecay', values: [0, 1] },
      { path: 'training.init.std', values: [2, 3] },
      { path: 'seed', values: [5, 2 ** 40] },
    ],
  });
  assert.is(groups.length, 1);
  const [{ problem, initStd }] = groups;
  allClose([problem.learningRate[14], problem.learningRate[16]], [0.1, 0.2], {});
  allClose([problem.weightDecay[6], problem.weightDecay[8]], [0, 1], {});
  allClose(initStd.subarray(0, 4), [2, 2, 3, 3], {});
  allClose(problem.keys.subarray(0, 4), [...instanceKey(5, 0), ...instanceKey(2 ** 40, 1)], {});
});

test('a tensor may have a rate and a decay of its own, as a column of its group', () => {
  const { groups } = grid({
    ...PAIR,
    training: { learningRate: 0.5, weightDecay: 0.1, perTensor: { b: { weightDecay: -0.3 } } },
    sweep: [{ path: 'training.perTensor.b.weightDecay', values: [0, 2] }],
  });
  assert.is(groups.length, 1);
  allClose(groups[0].problem.learningRate, [0.5, 0.5, 0.5, 0.5], {});
  allClose(groups[0].problem.weightDecay, [0.1, 0, 0.1, 2], {});
});

test('an axis over the model or the training splits the sweep into groups that keep their row numbers', () => {
  const { groups, axisValues } = grid({
    ...PAIR,
    sweep: [
      { path: 'input.density', values: [0.1, 0.2] },
      { path: 'model.hidden', values: [1, 2] },
      { path: 'training.learningRate', values: [1, 2] },
    ],
    replicas: 2,
  });
  assert.equal(
    groups.map((g) => g.problem.family.hidden),
    [1, 2],
  );
  allClose(groups[0].rows, [0, 1, 2, 3, 8, 9, 10, 11], {});
  allClose(groups[1].rows, [4, 5, 6, 7, 12, 13, 14, 15], {});
  allClose(
    groups[1].problem.learningRate,
    [1, 1, 2, 2, 1, 1, 2, 2].flatMap((rate) => [rate, rate]),
    {},
  );
  for (const { rows, problem } of groups)
    rows.forEach((row, i) => {
      assert.is(problem.density[2 * i], axisValues[0][row]);
      allClose(problem.keys.subarray(2 * i, 2 * i + 2), instanceKey(0, row), {});
    });
});

test('curves and lists follow a swept number of features', () => {
  const { groups } = grid({
    model: { features: 2, hidden: 1 },
    input: { density: { from: 1, to: 0.01 }, importance: { base: 0.5 } },
    sweep: [{ path: 'model.features', values: [2, 3] }],
  });
  allClose(groups[0].problem.density, [1, 0.01], {});
  allClose(groups[1].problem.density, [1, 0.1, 0.01], { relative: 1e-15 });
  allClose(groups[1].problem.importance, [1, 0.5, 0.25], {});
});

test('initial scale: per-model is √(2/(n+m)), stacked √(2/(m(n+instances))), as the notebook has it', () => {
  const std = (init: 'per-model' | 'stacked', features: number, hidden: number, replicas: number) =>
    grid({ model: { features, hidden }, input: { density: 1 }, training: { init }, replicas }).groups[0]
      .initStd[0];
  allClose([std('per-model', 200, 20, 20), std('stacked', 200, 20, 20)], [0.0953, 0.0213], {
    relative: 3e-3,
  });
  allClose([std('per-model', 5, 2, 10), std('stacked', 5, 2, 10)], [0.5345, 0.2582], { relative: 3e-3 });
});

test('what an axis may not name is an error that says so', () => {
  for (const path of [
    'name',
    'replicas',
    'model',
    'model.tied',
    'input.density.2',
    'record.lossEvery',
    'constructor',
  ])
    assert.match(issuesOf({ ...PAIR, sweep: [{ path, values: [1] }] })[0].got, path);
});

test('an axis point outside its field names the field', () => {
  const issues = (path: string, values: number[]) => issuesOf({ ...PAIR, sweep: [{ path, values }] });
  assert.equal(issues('input.density', [0.5, 1.5])[0].path, 'input.density');
  assert.equal(issues('input.density.1', [0.5, -1])[0], {
    path: 'input.density.1',
    expected: 'at least 0',
    got: '-1',
  });
  assert.equal(issues('model.hidden', [1, 1.5, 2])[0].expected, 'an integer');
  assert.is(issues('training.warmup', [0, 10_000])[0].path, 'training.warmup');
});

test('curves that leave their range are found in the cell where they do', () => {
  const spec: SpecInput = {
    ...PAIR,
    input: { density: { base: 2, scale: 0.5 }, importance: { base: 1e30 } },
  };
  assert.match(issuesOf({ ...spec, model: { features: 3, hidden: 1 } })[0].path, 'input.density.2');
  assert.match(
    issuesOf({ model: { features: 20, hidden: 1 }, input: { density: 1, importance: { base: 1e30 } } })[0]
      .path,
    'input.importance.11',
  );
  assert.is(
    issuesOf({ ...spec, sweep: [{ path: 'input.density.scale', values: [0.5, 0.6] }] })[0].got,
    '1.2',
  );
});

test('a decay of AdamW that float32 weights do not feel is refused where it is, and no other', () => {
  const training = { learningRate: 1e-3, weightDecay: 5e-5 };
  const { path, expected, got } = issuesOf({ ...PAIR, training })[0];
  assert.is(path, 'training.weightDecay');
  assert.match(expected, 'learningRate · weightDecay of at least 6e-8');
  assert.is(got, '0.001 · 0.00005 = 5e-8');
  for (const change of [
    { weightDecay: 6e-5 },
    { weightDecay: 0 },
    { learningRate: 0 },
    { optimizer: 'adam' as const },
  ])
    grid({ ...PAIR, training: { ...training, ...change } });
  const own = { perTensor: { b: { weightDecay: -1e-6 } } };
  assert.is(issuesOf({ ...PAIR, training: own })[0].path, 'training.perTensor.b.weightDecay');
  const axis = { path: 'training.learningRate', from: 1e-2, to: 1e-6, count: 5, scale: 'log' as const }; // 1e-10 to 1e-14 W
  assert.is(issuesOf({ ...PAIR, sweep: [axis] })[0].path, 'training.weightDecay');
  grid({ ...PAIR, training: { weightDecay: 0 }, sweep: [axis] });
  const dictionary = { latents: 4, training: { optimizer: 'adamw' as const, weightDecay: 1e-6 } };
  assert.is(issuesOf({ ...PAIR, dictionary })[0].path, 'dictionary.training.weightDecay');
  assert.is(issuesOf({ ...PAIR, dictionary: { latents: 4 }, training })[0].path, 'training.weightDecay');
});

test('a pull of rows to length 1 is a number of each model, refused where no float32 weight feels it', () => {
  const sweep = [{ path: 'training.unitPull', values: [0, 0.5, 2] }];
  const { groups } = grid({ ...PAIR, training: { unitPull: 1 }, sweep });
  assert.equal([groups.length, ...groups[0].problem.unitPull], [1, 0, 0.5, 2]);
  assert.equal(
    [...grid(PAIR).groups[0].problem.unitPull],
    new Array(groups[0].problem.instances / 3).fill(0),
  );
  const [{ path, got }] = issuesOf({ ...PAIR, training: { learningRate: 1e-3, unitPull: 5e-5 } });
  assert.equal([path, got], ['training.unitPull', '0.001 · 0.00005 = 5e-8']);
  const axis = { path: 'training.unitPull', values: [0, 1e-6] };
  assert.is(issuesOf({ ...PAIR, training: { unitPull: 1 }, sweep: [axis] })[0].path, 'training.unitPull');
  const own = { optimizer: 'sgd' as const, unitPull: 0 };
  assert.is(issuesOf({ ...PAIR, training: own, sweep })[0].path, 'training.unitPull');
  const growth = { path: 'training.weightDecay', values: [0, -1] };
  const [refused] = issuesOf({ ...PAIR, training: own, sweep: [growth] });
  assert.equal([refused.path, refused.expected], ['training.weightDecay', 'at least 0 for sgd']);
});

test('a share of a tree that the 24 bits of a draw do not hold is refused like a density', () => {
  const tree = { parents: [-1, 0], alone: 1e-8 };
  assert.is(issuesOf({ ...PAIR, input: { density: 0.5, tree } })[0].path, 'input.tree.alone.0');
});

test('members of a set must share a density', () => {
  const sets = [{ kind: 'correlated' as const, size: 2 }];
  const [issue] = issuesOf({ ...PAIR, input: { density: [0.1, 0.2], sets } });
  assert.equal(issue, { path: 'input.density.1', expected: 'the density 0.1 of its set', got: '0.2' });
  const swept = {
    ...PAIR,
    input: { density: 0.1, sets },
    sweep: [{ path: 'input.density.1', values: [0.1, 0.3] }],
  };
  assert.is(issuesOf(swept)[0].got, '0.3');
});

test('a sweep too large fails before a row is made, whether by rows or by rows × features', () => {
  const million = (path: string) => ({ path, from: 0.1, to: 1, count: 1_000_000 });
  assert.is(
    issuesOf({ ...PAIR, sweep: [million('input.density'), million('input.importance'), million('seed')] })[0]
      .got,
    '1000000000000000000',
  );
  const wide = { model: { features: 65_536, hidden: 1 }, input: { density: 1 }, replicas: 2 ** 24 };
  assert.match(issuesOf(wide)[0].expected, 'numbers in which the models differ');
});

test('a million rows expand into one group', () => {
  const { rows, groups } = grid({
    ...PAIR,
    sweep: [
      { path: 'input.density', from: 1, to: 0.01, count: 1000, scale: 'log' },
      { path: 'input.importance.1', from: 0.1, to: 10, count: 1000, scale: 'log' },
    ],
  });
  assert.is(rows, 1_000_000);
  assert.is(groups.length, 1);
});

test.run();
