import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluate } from '../sim/evaluate.ts';
import { expandGrid } from '../sim/grid.ts';
import { overGrid } from '../sim/overGrid.ts';
import { reference } from '../sim/reference.ts';
import { parseSpec, type SpecInput, specJsonSchema, TABLE_COLUMNS } from '../sim/spec.ts';
import { SpecError } from '../sim/specError.ts';
import { lossTables, metricsTable } from '../sim/store/metrics.ts';
import { cellTable } from '../sim/sweep/cells.ts';
import { blockMetrics } from '../sim/sweep/finish.ts';
import { readManifest } from '../sim/sweep/manifest.ts';
import { mergeSweeps } from '../sim/sweep/merge.ts';
import { sweep } from '../sim/sweep/sweep.ts';
import { trainAll } from '../sim/train.ts';
import { allClose } from './allClose.ts';

const AXES = { density: { from: 1, to: 0.25, count: 3, scale: 'log' }, hidden: [1, 2] } as const;
type Point = { density: number; hidden: number };

/** Fields that follow one axis, the other, both, and none. */
const cell = ({ density, hidden }: Point): SpecInput => ({
  name: 'function',
  model: { features: 3, hidden },
  input: { density, importance: [1, 0.5, density / hidden] },
  training: { steps: 5, batch: 4, learningRate: 0.01 * Math.sqrt(density), weightDecay: 0.02 },
  replicas: 2,
});
const POINTS = [1, 0.5, 0.25].flatMap((density) => [1, 2].map((hidden) => ({ density, hidden })));

function issuesOf(work: () => unknown) {
  try {
    work();
  } catch (error) {
    if (error instanceof SpecError) return error.issues;
    throw error;
  }
  throw new Error('expected a SpecError');
}

test('the spec of a function is plain JSON that says each number once', () => {
  const spec = overGrid(AXES, cell);
  assert.equal(JSON.parse(JSON.stringify(spec)), spec);
  assert.equal(spec.sweep, [
    { name: 'density', from: 1, to: 0.25, count: 3, scale: 'log' },
    { name: 'hidden', values: [1, 2] },
  ]);
  assert.equal(
    spec.linked?.map(({ path, along, values }) => [path, along, values.length]),
    [
      ['model.hidden', [1], 2],
      ['input.density', [0], 3],
      ['input.importance.2', [0, 1], 6],
      ['training.learningRate', [0], 3],
    ],
  );
  assert.equal(spec.linked?.[2].values, [1, 0.5, 0.5, 0.25, 0.25, 0.125]);
  const schema = new Ajv2020({ strict: false }).compile(specJsonSchema());
  assert.ok(schema(spec), JSON.stringify(schema.errors));
  assert.not.ok(schema({ ...spec, sweep: [{ name: 'x', path: 'seed', values: [1] }] }));
});

test('every row has the numbers that the function gives for its cell', () => {
  const { rows, groups, axisValues } = expandGrid(parseSpec(overGrid(AXES, cell)));
  assert.is(rows, 12);
  allClose(axisValues[1], [1, 1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2], {});
  assert.equal(
    groups.map((group) => group.problem.family.hidden),
    [1, 2],
  );
  const seen = groups.flatMap(({ rows: own, problem }) =>
    [...own].map((row, i) => {
      const point = { density: axisValues[0][row], hidden: axisValues[1][row] };
      allClose([point.density, point.hidden], Object.values(POINTS[row >> 1]), { relative: 1e-15 });
      const { input, training } = cell(point);
      allClose(problem.density.subarray(3 * i, 3 * i + 3), new Array(3).fill(input.density), {});
      allClose(problem.importance.subarray(3 * i, 3 * i + 3), input.importance as number[], {});
      assert.is(problem.learningRate[2 * i], training?.learningRate); // of W; b has its own
      assert.is(problem.family.hidden, point.hidden);
      return row;
    }),
  );
  assert.equal(
    seen.sort((a, b) => a - b),
    [...Array(12).keys()],
  );
});

test('a sweep from a function trains the same bytes as its models one by one from plain specs', async () => {
  const whole = await trainAll(overGrid(AXES, cell), { engine: 'reference' });
  for (const { rows, params, losses, problem } of whole.groups) {
    const width = problem.family.features * problem.family.hidden;
    for (const [i, row] of rows.entries()) {
      // A plain spec of this cell alone, repeated so that its model stands in the same row: rows key the generator.
      const point = { density: whole.grid.axisValues[0][row], hidden: whole.grid.axisValues[1][row] };
      const plain: SpecInput = {
        ...cell(point),
        sweep: [{ path: 'training.weightDecay', values: new Array(6).fill(0.02) }],
      };
      const [alone] = (await trainAll(plain, { engine: 'reference' })).groups;
      assert.equal(
        params.W.slice(i * width, (i + 1) * width),
        alone.params.W.slice(row * width, (row + 1) * width),
      );
      assert.equal(params.b.slice(i * 3, i * 3 + 3), alone.params.b.slice(row * 3, row * 3 + 3));
      assert.is(losses[i], alone.losses[row]);
    }
  }
});

test('where each number follows one axis, a function and axes by path make the same models', async () => {
  const density = { from: 1, to: 0.1, count: 4, scale: 'log' } as const;
  const base: SpecInput = {
    model: { features: 2, hidden: 1 },
    input: { density: 1 },
    training: { steps: 4, batch: 4 },
  };
  const byPath = await trainAll(
    {
      ...base,
      sweep: [
        { path: 'input.density', ...density },
        { path: 'training.beta1', values: [0.8, 0.9] },
      ],
    },
    { engine: 'reference' },
  );
  const byFunction = await trainAll(
    overGrid({ density, memory: [0.8, 0.9] }, (point) => ({
      ...base,
      input: { density: point.density },
      training: { ...base.training, beta1: point.memory },
    })),
    { engine: 'reference' },
  );
  assert.equal(byFunction.groups, byPath.groups);
  assert.equal(byFunction.grid.axisValues, byPath.grid.axisValues);
});

test('a sweep from a function is stored, resumed, sharded and merged like any other, its axes first in the tables', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'superpose-function-'));
  try {
    const at = (name: string) => path.join(folder, name);
    const run = async (name: string, options: object, input = overGrid(AXES, cell)) => {
      for await (const _ of sweep(input, at(name), { engine: 'reference', blockInstances: 2, ...options }));
    };
    await run('whole', {});
    for (const index of [0, 1, 2]) await run(`shards/${index}`, { shard: { index, of: 3 } });
    await mergeSweeps([at('shards')], at('merged'));
    const read = (name: string, file: string) => fs.readFileSync(path.join(at(name), file), 'utf8');
    assert.is(read('merged', 'SHA256SUMS'), read('whole', 'SHA256SUMS'));
    fs.rmSync(path.join(at('whole'), 'blocks/block-0000003.safetensors'));
    await run('whole', { resume: true }, JSON.parse(JSON.stringify(readManifest(at('whole')).spec)));
    assert.is(read('whole', 'SHA256SUMS'), read('merged', 'SHA256SUMS'));
    assert.match(read('whole', 'metrics.csv'), /^density,hidden,row,replica,/);
    assert.match(read('whole', 'cells.csv'), /^density,hidden,cell,/);
    const changed = overGrid(AXES, (point) => ({ ...cell(point), seed: 3 }));
    await run('whole', { resume: true }, changed).then(
      () => assert.unreachable(),
      (error) => assert.match(error.message, /specHash/),
    );
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});

test('no axis can take the name of another column', async () => {
  const grid = expandGrid(parseSpec(overGrid(AXES, cell)));
  const result = await trainAll(overGrid(AXES, cell), { engine: 'reference' });
  const [group] = result.groups;
  const heldOut = await evaluate(reference, group.problem, group.params, group.divergedAt, 1);
  const range = { index: 0, group: 0, from: 0, to: 6 };
  const none = new Float64Array(6);
  const block = { ...group, heldOut, firstDivergedAt: group.divergedAt, retryRate: none, retry: 0.5 };
  const tables = [
    metricsTable(grid, group, heldOut),
    blockMetrics(grid, range, block, 0.5),
    ...lossTables(group),
    cellTable(grid, { rows: group.rows, heldOut }),
  ];
  for (const { name } of tables.flat()) {
    assert.ok(name === 'density' || name === 'hidden' || TABLE_COLUMNS.includes(name), name);
  }
  assert.match(
    issuesOf(() => overGrid({ loss: [1, 2] }, () => cell({ density: 1, hidden: 1 })))[0].path,
    /grid\.loss/,
  );
});

// biome-ignore lint/suspicious/noExplicitAny: broken on purpose
const broken = (change: (point: Point) => any) => issuesOf(() => overGrid(AXES, change))[0];

test('a bad function is told what it did, in which field and where in the grid', () => {
  const good = (point: Point) =>
    structuredClone(cell(point)) as ReturnType<typeof cell> & { training: object };
  const at = (place: (point: Point) => boolean, change: object) => (point: Point) =>
    place(point) ? { ...good(point), ...change } : good(point);
  const later = ({ density, hidden }: Point) => density < 0.3 && hidden === 2;
  const where = ' where density = 0.25, hidden = 2';
  const model = { features: 3, hidden: 2 };
  assert.equal(
    broken(() => undefined),
    { path: '', expected: 'an object', got: 'nothing where density = 1, hidden = 1' },
  );
  assert.match(broken(async (point) => good(point)).got, /^a promise where density = 1/);
  assert.match(
    broken(() => {
      throw new Error('no such file');
    }).got,
    /the error "Error: no such file" where density = 1/,
  );
  assert.equal(
    broken(at(later, { training: { steps: 5, batch: 4, learningRate: Number.NaN, weightDecay: 0 } })),
    {
      path: 'training.learningRate',
      expected: 'a finite number',
      got: `NaN${where}`,
    },
  );
  assert.equal(broken(at(later, { input: { density: 0.1, importance: [1, 2] } })), {
    path: 'input.importance.2',
    expected: 'a finite number',
    got: `nothing${where}`,
  });
  assert.equal(broken(at(later, { input: { density: 0.1 } })), {
    path: 'input.importance',
    expected: '[1,0.5,1] as in the first cell',
    got: `nothing${where}`,
  });
  assert.equal(broken(at(later, { model: { ...model, tied: false } })), {
    path: 'model.tied',
    expected: 'nothing, as in the first cell',
    got: `false${where}`,
  });
  assert.equal(broken(at(later, { name: 'other' })), {
    path: 'name',
    expected: '"function" as in the first cell',
    got: `"other"${where}`,
  });
  assert.equal(broken(at(later, { replicas: 9 })), {
    path: 'replicas',
    expected: '2 as in the first cell',
    got: `9${where}`,
  });
  assert.match(
    broken(() => ({ ...good({ density: 1, hidden: 1 }), sweep: [] })).expected,
    /the grid has the axes/,
  );
  assert.equal(
    broken((point) => ({
      ...good(point),
      model: { features: 3, hidden: 1 },
      input: { density: point.density },
    })),
    {
      path: 'grid.hidden',
      expected: 'an axis along which the spec changes',
      got: 'the same at each of its 2 points',
    },
  );
  assert.match(broken((point) => ({ ...good(point), model: { features: 3, hiden: 1 } })).path, /model\./);
  assert.match(issuesOf(() => overGrid(AXES, 5 as never))[0].expected, /a function/);
  assert.match(issuesOf(() => parseSpec(() => good(POINTS[0])))[0].expected, /overGrid/);
  const outside = overGrid(AXES, ({ density, hidden }) => ({
    ...good({ density, hidden }),
    training: { learningRate: density - 0.5 },
  }));
  assert.equal(issuesOf(() => expandGrid(parseSpec(outside)))[0], {
    path: 'training.learningRate',
    expected: 'at least 0',
    got: '-0.25',
  });
});

test('bad axes and grids that are too large are refused before the function is called', () => {
  let calls = 0;
  const count = (point: Record<string, number>) => {
    calls++;
    return cell(point as never);
  };
  const refused = (axes: unknown, field: RegExp, expected: RegExp) => {
    const [issue] = issuesOf(() => overGrid(axes as never, count));
    assert.match(issue.path, field);
    assert.match(issue.expected, expected);
    assert.is(calls, 0);
  };
  const million = { from: 0.1, to: 1, count: 1_000_000 };
  refused({ a: million, b: million, c: million }, /^grid$/, /at most 16777216 cells/);
  refused({ a: [1, Number.NaN] }, /^grid\.a\.1$/, /finite number/);
  refused({ a: [] }, /^grid\.a$/, /at least 1/);
  refused({ a: 5 }, /^grid\.a$/, /list/);
  refused({ a: { from: 0, to: 1, count: 3, scale: 'log' } }, /^grid\.a\.from$/, /logarithmic/);
  refused({ 'a.b': [1] }, /^grid/, /letters/);
  refused([[1]], /^grid/, /./);
  refused(undefined, /^grid/, /./);
  const replicas = issuesOf(() =>
    overGrid({ density: million }, (point) => ({ ...count({ ...point, hidden: 1 }), replicas: 17 })),
  );
  assert.equal(replicas[0], {
    path: 'grid',
    expected: 'at most 16777216 instances',
    got: '17000000 where density = 0.1',
  });
  assert.is(calls, 1);
});

test('linked fields written by hand: what does not fit is named', () => {
  const spec: SpecInput = {
    model: { features: 2, hidden: 1 },
    input: { density: 1 },
    sweep: [
      { path: 'input.density', values: [0.1, 0.2] },
      { name: 'rate', values: [1, 2, 3] },
    ],
    linked: [{ path: 'training.learningRate', along: [1], values: [1, 2, 3] }],
  };
  const rates = expandGrid(parseSpec(spec)).groups[0].problem.learningRate;
  allClose(
    rates.filter((_, at) => at % 2 === 0),
    [1, 2, 3, 1, 2, 3],
    {},
  ); // of W
  const refused = (linked: object, field: string, expected: RegExp) => {
    const [issue] = issuesOf(() =>
      expandGrid(parseSpec({ ...spec, linked: [{ ...spec.linked?.[0], ...linked }] })),
    );
    assert.is(issue.path, field);
    assert.match(issue.expected, expected);
  };
  refused({ values: [1, 2] }, 'linked.0.values', /^3 numbers/);
  refused({ along: [0, 1], values: [1, 2] }, 'linked.0.values', /^2 × 3 numbers/);
  refused({ along: [2] }, 'linked.0.along', /below 2/);
  refused({ along: [1, 0] }, 'linked.0.along', /ascending/);
  refused({ along: [1, 1] }, 'linked.0.along', /ascending/);
  refused({ along: [0], values: [1, 2] }, 'sweep.1.name', /a linked field follows/);
  refused({ path: 'input.density.0' }, 'linked.0.path', /"input\.density" does not set/);
  refused({ path: 'training.optimizer' }, 'sweep', /numeric fields/);
  refused({ path: 'replicas' }, 'sweep', /numeric fields/);
  refused({ values: [1, 2, -3] }, 'training.learningRate', /at least 0/);
  const [twice] = issuesOf(() =>
    parseSpec({
      ...spec,
      sweep: [spec.sweep?.[0], spec.sweep?.[0], spec.sweep?.[1]],
      linked: [{ ...spec.linked?.[0], along: [2] }],
    }),
  );
  assert.equal(twice, {
    path: 'sweep.1.path',
    expected: 'another one than the axes before',
    got: '"input.density"',
  });
});

test('fields that must agree in every cell may change together, in steps and in warm-up', () => {
  const together = overGrid({ steps: [10, 1000] }, ({ steps }) => ({
    ...cell({ density: 1, hidden: 1 }),
    training: { steps, warmup: steps / 2 },
  }));
  assert.equal(
    expandGrid(parseSpec(together)).groups.map(({ problem }) => problem.training.warmup),
    [5, 500],
  );
  const apart = {
    ...together,
    linked: together.linked?.map((field) =>
      field.path === 'training.warmup' ? { ...field, values: [500, 5] } : field,
    ),
  };
  assert.is(issuesOf(() => expandGrid(parseSpec(apart)))[0].path, 'training.warmup');
});

test('any table of numbers comes back from the spec, whatever axes it follows', () => {
  const counts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
  const property = fc.property(counts, fc.nat(15), fc.nat(), (sizes, uses, salt) => {
    const axes = sizes.map((size, a) => [`axis${a}`, Array.from({ length: size }, (_, k) => k)]);
    const place = (point: object, used: number) =>
      Object.values(point).reduce((at, k, a) => at * 4 + ((used >> a) & 1 ? k : 0), 1);
    const rate = (point: object) => (place(point, uses) * 7919 + salt) % 3;
    const spec = overGrid(Object.fromEntries(axes), (point) => ({
      model: { features: 2, hidden: 1 },
      input: { density: 0.5 },
      training: { learningRate: rate(point) },
      seed: place(point, 15), // different in every cell, so that no axis is idle
    }));
    const { rows, groups, axisValues } = expandGrid(parseSpec(JSON.parse(JSON.stringify(spec))));
    assert.is(groups.length, 1);
    for (let row = 0; row < rows; row++) {
      const point = Object.fromEntries(sizes.map((_, a) => [`axis${a}`, axisValues[a][row]]));
      assert.is(groups[0].problem.learningRate[2 * row], rate(point));
    }
  });
  fc.assert(property, { seed: 4, numRuns: 200 });
});

test.run();
