import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expandGrid } from '../sim/grid.ts';
import { parseSpec, specJsonSchema } from '../sim/spec.ts';
import { SpecError, type SpecIssue, show, valueAt } from '../sim/specError.ts';

const SMALLEST = { model: { features: 5, hidden: 2 }, input: { density: 0.1 } };

function issuesOf(value: unknown): SpecIssue[] {
  try {
    parseSpec(value);
  } catch (error) {
    if (error instanceof SpecError) return error.issues;
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(value)}`);
}

test('the smallest spec gets the defaults of the released notebook', () => {
  const spec = parseSpec(SMALLEST);
  assert.equal(spec.model, {
    kind: 'toy',
    hiddenBias: false,
    features: 5,
    hidden: 2,
    hiddenActivation: 'identity',
    outputActivation: 'relu',
    tied: true,
    bias: true,
  });
  assert.equal(spec.input, { density: 0.1, importance: 1, magnitude: 'unit', target: 'x', sets: [] });
  const { batch, steps, optimizer, learningRate, weightDecay, beta1, beta2, epsilon } = spec.training;
  assert.equal([batch, steps, optimizer, learningRate], [1024, 10_000, 'adamw', 1e-3]);
  assert.equal([weightDecay, beta1, beta2, epsilon], [0.01, 0.9, 0.999, 1e-8]);
  assert.equal([spec.training.schedule, spec.training.init], ['constant', 'per-model']);
  assert.equal([spec.sweep, spec.replicas, spec.seed], [[], 1, 0]);
  assert.equal(spec.record, { lossEvery: 100, snapshots: [] });
});

test('a parsed spec parses to itself', () => {
  const spec = parseSpec({ ...SMALLEST, sweep: [{ path: 'seed', values: [1, 2] }] });
  assert.equal(parseSpec(JSON.parse(JSON.stringify(spec))), spec);
});

test('the spec that was given stays as it was, and is not shared with the parsed one', () => {
  const given = { ...SMALLEST, input: { density: [0.1, 0.2, 0.3, 0.4, 0.5] } };
  const copy = structuredClone(given);
  const spec = parseSpec(given);
  assert.equal(given, copy);
  given.input.density[0] = 9;
  assert.is((spec.input.density as number[])[0], 0.1);
});

const wrong: [what: string, spec: unknown, path: string, expected: string, got: string][] = [
  ['a missing model', { input: SMALLEST.input }, 'model', 'an object', 'nothing'],
  ['a text for a number', { ...SMALLEST, replicas: 'ten' }, 'replicas', 'a finite number', '"ten"'],
  ['a fraction for a count', { ...SMALLEST, replicas: 1.5 }, 'replicas', 'an integer', '1.5'],
  ['zero features', { ...SMALLEST, model: { features: 0, hidden: 2 } }, 'model.features', 'at least 1', '0'],
  ['a misspelt key', { ...SMALLEST, replica: 3 }, 'replica', 'no such key', '3'],
  ['a misspelt inner key', { ...SMALLEST, training: { step: 3 } }, 'training.step', 'no such key', '3'],
  [
    'an unknown optimiser',
    { ...SMALLEST, training: { optimizer: 'lamb' } },
    'training.optimizer',
    'one of "adamw", "adam", "sgd", "sgld"',
    '"lamb"',
  ],
  [
    'a list of the wrong length',
    { ...SMALLEST, input: { density: [0.1, 0.2] } },
    'input.density',
    'a list of model.features = 5 numbers',
    '"2 numbers"',
  ],
  [
    'a density above 1 within a list',
    { ...SMALLEST, input: { density: [0.1, 0.2, 1.3, 0.4, 0.5] } },
    'input.density.2',
    'at most 1',
    '1.3',
  ],
  [
    'sets larger than the model',
    { ...SMALLEST, input: { density: 0.1, sets: [{ kind: 'correlated', size: 6 }] } },
    'input.sets',
    'sizes that sum to at most model.features = 5',
    '6',
  ],
  [
    'a warm-up as long as the training',
    { ...SMALLEST, training: { steps: 10, warmup: 10 } },
    'training.warmup',
    'fewer than training.steps = 10',
    '10',
  ],
  [
    'a snapshot behind the end',
    { ...SMALLEST, training: { steps: 10 }, record: { snapshots: [11] } },
    'record.snapshots.0',
    'at most training.steps = 10',
    '11',
  ],
  [
    'a logarithmic axis through 0',
    { ...SMALLEST, sweep: [{ path: 'input.density', from: 0, to: 1, count: 3, scale: 'log' }] },
    'sweep.0.from',
    'more than 0 on a logarithmic axis',
    '0',
  ],
  [
    'a seed beyond 48 bits',
    { ...SMALLEST, seed: 2 ** 48 },
    'seed',
    'at most 281474976710655',
    '281474976710656',
  ],
];
for (const [what, spec, path, expected, got] of wrong) {
  test(`${what} is named: ${path}: expected ${expected}, got ${got}`, () =>
    assert.equal(issuesOf(spec)[0], { path, expected, got }));
}

test('an axis that is neither list nor range is held against the form it comes closest to', () => {
  const [issue] = issuesOf({ ...SMALLEST, sweep: [{ path: 'seed', from: 1, to: 2 }] });
  assert.equal(issue, { path: 'sweep.0.count', expected: 'a finite number', got: 'nothing' });
});

test('all that is wrong is told at once, a line for each', () => {
  const spec = { model: { features: 0, hidden: -1 }, input: { density: 2 }, seed: 0.5 };
  assert.equal(
    issuesOf(spec).map((issue) => issue.path),
    ['model.features', 'model.hidden', 'input.density', 'seed'],
  );
  assert.throws(
    () => parseSpec(spec),
    /^model\.features: expected at least 1, got 0\nmodel\.hidden: [^\n]+\ninput/,
  );
});

test('a message of a thousand errors stops after twenty', () => {
  const error = new SpecError(
    Array.from({ length: 1000 }, (_, k) => ({ path: `a${k}`, expected: 'b', got: 'c' })),
  );
  assert.is(error.message.split('\n').length, 21);
  assert.match(error.message, /and 980 more$/);
  assert.is(error.issues.length, 1000);
});

test('show prints any value on one short line of plain characters', () => {
  assert.equal([undefined, null, 1n, Symbol('s'), () => 1, Number.NaN].map(show), [
    'nothing',
    'null',
    '1',
    'Symbol(s)',
    'a function',
    'NaN',
  ]);
  assert.is(show('\u001b[31mred\n'), '"\\u001b[31mred\\n"');
  for (const long of ['x'.repeat(1e6), new Array(1e6).fill(1), { a: 'y'.repeat(1e6) }])
    assert.is(show(long).length, 60);
});

test('valueAt follows own keys alone', () => {
  assert.is(valueAt({ a: [{ b: 3 }] }, ['a', '0', 'b']), 3);
  assert.is(valueAt({}, ['constructor']), undefined);
  assert.is(valueAt({ a: 'text' }, ['a', 'length']), undefined);
});

test('rates of single tensors name tensors of the model, and only AdamW grows weights', () => {
  const issuesWith = (training: object) => {
    try {
      parseSpec({ ...SMALLEST, training });
    } catch (error) {
      return (error as SpecError).issues;
    }
    return [];
  };
  assert.equal(issuesWith({ perTensor: { b: { weightDecay: -1 } }, weightDecay: -0.5 }), []);
  const [unknown] = issuesWith({ perTensor: { V: { learningRate: 1 } } });
  assert.equal(unknown, {
    path: 'training.perTensor.V',
    expected: 'a tensor of the model: W, b',
    got: '"V"',
  });
  const [negative] = issuesWith({ optimizer: 'sgd', perTensor: { b: { weightDecay: -1 } } });
  assert.equal(negative, {
    path: 'training.perTensor.b.weightDecay',
    expected: 'at least 0 for sgd',
    got: '-1',
  });
  assert.is(issuesWith({ perTensor: { b: { learningRate: -1 } } }).length, 1);
  assert.equal(issuesWith({ unitPull: 2 }), []);
  const [pull] = issuesWith({ optimizer: 'adam', unitPull: 2 });
  assert.is(pull.path, 'training.unitPull');
  assert.match(pull.expected, 'none for adam');
  assert.is(pull.got, '2');
  assert.equal(issuesWith({ unitPull: -1 })[0].expected, 'at least 0');
});

test('who writes sparsity is told of density', () => {
  const base = { model: { features: 2, hidden: 1 }, input: { density: 0.5 } };
  const told = (spec: object) => {
    try {
      expandGrid(parseSpec(spec));
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.match(
    told({ ...base, input: { density: 0.5, sparsity: 0.9 } }),
    'no such key; density = 1 − sparsity',
  );
  assert.match(told({ ...base, sparsity: 0.9 }), 'density = 1 − sparsity');
  const sweep = [{ path: 'input.sparsity', values: [0.1] }];
  assert.match(told({ ...base, sweep }), '(density = 1 − sparsity)');
  assert.not.match(told({ ...base, input: { density: 0.5, density2: 1 } }), 'sparsity');
});

test('what cannot be carried out as it is written is refused', () => {
  const told = (input: object, training: object = {}, more: object = {}) => {
    try {
      expandGrid(
        parseSpec({
          model: { features: 2, hidden: 1 },
          input: { density: 0.5, ...input },
          training,
          ...more,
        }),
      );
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  const within = 'within 5 % of a multiple of 2^-24';
  for (const density of [1e-7, 1e-9, 1 - 1e-7, [0.5, 3e-8], { from: 1, to: 1e-8 }]) {
    assert.match(told({ density }), within, String(density));
  }
  assert.match(told({ density: 1e-7 }), '(it would be 1.19e-7), got 1e-7');
  assert.match(
    told({}, {}, { sweep: [{ path: 'input.density', from: 1, to: 1e-8, count: 9, scale: 'log' }] }),
    within,
  );
  for (const density of [0, 1, 2 ** -24, 1e-6, 6e-7, 1 - 1e-6, 2 ** -23])
    assert.is(told({ density }), '', String(density));
  for (const field of ['learningRate', 'hiddenPenalty', 'epsilon', 'clip']) {
    assert.match(told({}, { [field]: 1e-40 }), 'at least 1e-30', field);
    assert.is(told({}, { [field]: 1e-30, weightDecay: 0 }), '', field);
  }
  const rates = { path: 'training.learningRate', values: [0, 1e-40, 1] };
  assert.match(told({}, {}, { sweep: [rates] }), 'at least 1e-30');
  for (const field of ['beta1', 'beta2', 'momentum']) {
    assert.match(told({}, { [field]: 0.9999999 }), 'at most 0.999999', field);
  }
});

test('the JSON Schema knows every field, requires model and input, and lets no other key in', () => {
  // biome-ignore lint/suspicious/noExplicitAny: a schema is plain data
  const schema = specJsonSchema() as any;
  assert.match(schema.$schema, '2020-12');
  assert.equal(schema.required, ['model', 'input']);
  assert.equal(
    Object.keys(schema.properties).sort(),
    Object.keys({ $schema: 1, linked: 1, dictionary: 1, decomposition: 1, ...parseSpec(SMALLEST) }).sort(),
  );
  for (const part of [schema, schema.properties.model, schema.properties.input, schema.properties.training])
    assert.is(part.additionalProperties, false);
  assert.equal(schema.properties.training.properties.optimizer.enum, ['adamw', 'adam', 'sgd', 'sgld']);
  assert.is(schema.properties.model.properties.features.maximum, 65_536);
});

test('no schema is made before zod is told that pages forbid eval', () => {
  const script = `
    globalThis.Function = new Proxy(Function, { construct() { console.log('eval'); throw new Error('forbidden'); } });
    import('${new URL('../sim/spec.ts', import.meta.url)}').then(({ parseSpec }) => parseSpec({ model: { features: 2, hidden: 1 }, input: { density: 1 } }));`;
  const { stdout, status } = spawnSync('node', ['--import', 'tsx', '-e', script], { encoding: 'utf8' });
  assert.equal([stdout, status], ['', 0]);
});

test.run();
