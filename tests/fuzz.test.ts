/**
 * Thousands of broken specs: each must end in a SpecError that says where, what was expected and what came,
 * quickly, before any engine is opened or anything is written. Seeded, so a failure repeats.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fusedKernel } from '../sim/gpu/kernels/fused.ts';
import { parametersKernel } from '../sim/gpu/kernels/optimizer.ts';
import { sampleKernel } from '../sim/gpu/kernels/sample.ts';
import { shapeOf } from '../sim/gpu/shape.ts';
import { expandGrid } from '../sim/grid.ts';
import { overGrid } from '../sim/overGrid.ts';
import type { Problem } from '../sim/problem.ts';
import { reference } from '../sim/reference.ts';
import { kernelText, layoutFor } from '../sim/simd/kernel.ts';
import { parseSpec, type SpecInput } from '../sim/spec.ts';
import { SpecError } from '../sim/specError.ts';
import { trainAll } from '../sim/train.ts';

// biome-ignore lint/suspicious/noExplicitAny: broken on purpose
type Broken = any;
const SEED = 20_220_914;

/** A valid spec that fills in every field, so that every field can be broken. */
const full = (): Broken => ({
  $schema: 'spec.schema.json',
  name: 'fuzz',
  description: 'all fields',
  model: {
    features: 4,
    hidden: 2,
    hiddenActivation: 'identity',
    outputActivation: 'relu',
    tied: true,
    bias: true,
  },
  input: {
    density: 0.5,
    importance: { base: 0.9, scale: 1 },
    magnitude: 'unit',
    target: 'x',
    sets: [{ kind: 'correlated', size: 2 }],
  },
  training: {
    batch: 8,
    steps: 4,
    optimizer: 'adamw',
    learningRate: 1e-3,
    weightDecay: 0.01,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    momentum: 0,
    schedule: 'constant',
    warmup: 0,
    hiddenPenalty: 0,
    init: { std: 0.5 },
  },
  sweep: [
    { path: 'input.density', from: 1, to: 0.1, count: 2, scale: 'log' },
    { path: 'input.importance.1', values: [1, 2] },
    { name: 'rate', values: [1, 2] },
  ],
  linked: [
    { path: 'training.learningRate', along: [2], values: [0.001, 0.002] },
    { path: 'seed', along: [0, 2], values: [1, 2, 3, 4] },
  ],
  replicas: 2,
  seed: 1,
  record: { lossEvery: 2, snapshots: [1, 2] },
});

/** Paths of all fields of a document, lists and objects included. */
function paths(node: unknown, own: string[] = []): string[][] {
  if (typeof node !== 'object' || node === null) return [own];
  const below = Object.entries(node).flatMap(([key, value]) => paths(value, [...own, key]));
  return own.length > 0 ? [own, ...below] : below;
}

function put(root: Broken, path: string[], value: unknown): Broken {
  const parent = path.slice(0, -1).reduce((node, key) => node[key], root);
  Object.defineProperty(parent, path.at(-1)!, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
  return root;
}

const PATHS = paths(full());
const NUMBERS = PATHS.filter((path) => typeof path.reduce((node, key) => node[key], full()) === 'number');
const TEXTS = PATHS.filter((path) => typeof path.reduce((node, key) => node[key], full()) === 'string');
const FREE_TEXT = ['$schema', 'name', 'description'];

const MARK = 'HOSTILE';
const HOSTILE = [
  `${MARK}); process.exit(1); (`,
  `${MARK}\` + require('fs') + \``,
  `../../${MARK}`,
  `<script>${MARK}</script>`,
  `(module (func $${MARK}))`,
  `${MARK}\u0000\n\r\u2028`,
  `__proto__.${MARK}`,
  `constructor.prototype.${MARK}`,
  `\${${MARK}}`,
  `'; DROP TABLE ${MARK}; --`,
];

const throwing = () =>
  Object.defineProperty({}, 'x', {
    enumerable: true,
    get() {
      throw new RangeError('no');
    },
  });
const cyclic = () => {
  const list: Broken[] = [{}];
  list[0].list = list;
  return list;
};
const deep = () => {
  let node: Broken = {};
  for (let i = 0; i < 20_000; i++) node = i % 2 ? [node] : { node };
  return node;
};
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const vast = () => {
  const list: number[] = [];
  list.length = 4e9;
  return list;
};

/** Values that no field takes. */
const NEVER: (() => unknown)[] = [
  () => null,
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => -1e300,
  () => 10n,
  () => Symbol('s'),
  () => () => 1,
  () => ['a'],
  () => [null],
  () => [[1]],
  () => new Array(3),
  () => new Float32Array(4),
  () => new Map([['a', 1]]),
  () => new Date(0),
  () => ({ constructor: 1 }),
  () => JSON.parse('{"__proto__": {"tied": true}}'),
  throwing,
  cyclic,
  deep,
  revoked,
  vast,
];

/** Every field with every value that it does not take; a named axis takes any finite number. */
const BAD: [path: string[], value: () => unknown][] = PATHS.flatMap((path) =>
  NEVER.filter((value) => !(path.join('.').startsWith('sweep.2.values.') && Number.isFinite(value()))).map(
    (value): [string[], () => unknown] => [path, value],
  ),
);

let opened = 0;
const open = reference.open;
reference.open = (...args) => {
  opened++;
  return open(...args);
};

/** The SpecError that parsing and expanding must end in, or null where the spec is valid after all. */
function complaintOf(spec: unknown): SpecError | null {
  try {
    expandGrid(parseSpec(spec));
    return null;
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return error;
  }
}

function checkComplaint({ issues, message }: SpecError): void {
  assert.ok(issues.length > 0);
  for (const { path, expected, got } of issues.slice(0, 50)) {
    assert.type(path, 'string');
    assert.ok(expected.length > 0 && got.length > 0, `${path}: ${expected}, ${got}`);
    assert.ok(path.length < 200 && got.length < 200, `${path}: ${got}`);
  }
  assert.ok(message.length < 10_000, `a message of ${message.length} characters`);
  assert.match(message, /^[\x20-\x7e\n−–×√λΣᵢ…]*$/, 'control characters reach a terminal');
}

/** Asserts that a spec is refused, and that the complaint names `path` or something in it. */
function refused(spec: unknown, path?: string): void {
  const complaint = complaintOf(spec);
  assert.ok(complaint, `accepted ${String(path)}`);
  checkComplaint(complaint!);
  if (path === undefined) return;
  const named = complaint!.issues.map((issue) => issue.path);
  if (/^(sweep|linked)\./.test(path)) return; // a bad point is told of by the field that it is meant for
  const close = named.some((own) => own === path || own.startsWith(`${path}.`) || path.startsWith(own));
  assert.ok(close, `${path} is broken, but ${named} is named`);
}

test('the spec that all others are broken from is sound', () => assert.is(complaintOf(full()), null));

test('a value that no field takes is refused in every field, by name', () => {
  for (const [path, value] of BAD) refused(put(full(), path, value()), path.join('.'));
});

test('a number is refused where it is too small, too large or not whole', () => {
  const whole = /features|hidden$|size|batch|steps|warmup|count|replicas|seed|lossEvery|snapshots/;
  for (const path of NUMBERS) {
    const name = path.join('.');
    const signed = /^sweep\.\d\.(values|from|to)|weightDecay$/.test(name); // AdamW's decay may be growth
    if (!signed) refused(put(full(), path, -1), name);
    if (!/^sweep\.\d\.(values|from|to)/.test(name)) refused(put(full(), path, 1e31), name);
    if (whole.test(name)) refused(put(full(), path, 1.5), name);
    refused(put(full(), path, '1'), name);
  }
});

test('unknown keys are refused at every level, also those that objects inherit', () => {
  const parents = ['', 'model', 'input', 'training', 'record', 'sweep.0', 'input.sets.0', 'input.importance'];
  for (const parent of parents)
    for (const key of [
      'x',
      'constructor',
      '__proto__',
      'toString',
      'hasOwnProperty',
      MARK,
      '\u001b[31m',
      '',
    ]) {
      const at = [...parent.split('.').filter(Boolean), key];
      refused(put(full(), at, 1));
    }
});

test('a hostile string is refused wherever text is not free, axis paths included', () => {
  for (const path of TEXTS) {
    if (FREE_TEXT.includes(path.join('.'))) continue;
    for (const text of HOSTILE) refused(put(full(), path, text), path.join('.'));
  }
});

test('sweeps of 10^18 and 10^50 instances, and lists of millions, are refused without being built', () => {
  const axis = (path: string) => ({ path, from: 0.1, to: 1, count: 1_000_000 });
  refused({
    ...full(),
    sweep: [axis('input.density'), axis('training.learningRate'), axis('training.beta1')],
  });
  refused({ ...full(), sweep: new Array(8).fill(axis('input.density')), replicas: 1e6 });
  refused({ ...full(), sweep: new Array(1e5).fill(axis('input.density')) }, 'sweep');
  refused({ ...full(), sweep: [{ path: 'input.density', values: new Array(1e6).fill('x') }] });
  refused(put(full(), ['input', 'density'], new Array(65_536).fill(2)));
  refused({ ...put(full(), ['model', 'features'], 65_536), replicas: 2 ** 20 }, 'sweep');
  refused({ ...full(), ...Object.fromEntries(Array.from({ length: 1e4 }, (_, k) => [`k${k}`, k])) });
  refused(put(full(), ['name'], 'x'.repeat(1e7)), 'name');
});

test('documents that are no objects at all are refused', () => {
  for (const value of [
    undefined,
    null,
    1,
    'spec',
    true,
    [],
    [full()],
    () => full(),
    revoked(),
    throwing(),
    cyclic(),
  ])
    refused(value);
  refused(Object.create(full()));
});

test('two thousand specs with anything anywhere are trained or refused with a SpecError', () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withTypedArray: true,
    withSparseArray: true,
    withNullPrototype: true,
    withObjectString: true,
  });
  const edits = fc.array(fc.tuple(fc.constantFrom(...PATHS), anything), { minLength: 1, maxLength: 4 });
  const property = fc.property(edits, (list) => {
    const spec = full();
    for (const [path, value] of list) {
      try {
        put(spec, path, value);
      } catch {} // an earlier edit took the parent away
    }
    const complaint = complaintOf(spec);
    if (complaint) checkComplaint(complaint);
  });
  fc.assert(property, { seed: SEED, numRuns: 2000 });
});

test('a thousand functions of the grid that give anything end in a SpecError or in a spec', () => {
  const edit = fc.tuple(fc.constantFrom(...PATHS), fc.anything({ withBigInt: true, withSparseArray: true }));
  const property = fc.property(edit, fc.nat(5), fc.boolean(), ([path, value], when, whole) => {
    let calls = 0;
    const cell = (): Broken => {
      const { sweep: _sweep, linked: _linked, ...spec } = { ...full(), seed: calls };
      if (calls++ !== when) return spec;
      try {
        return whole ? value : put(spec, path, value);
      } catch {
        return spec; // the axes are not in the function's spec
      }
    };
    try {
      expandGrid(parseSpec(overGrid({ a: [1, 2], b: [1, 2, 3] }, cell)));
    } catch (error) {
      if (!(error instanceof SpecError)) throw error;
      checkComplaint(error);
    }
  });
  fc.assert(property, { seed: SEED, numRuns: 1000 });
});

test('a thousand arbitrary documents are refused', () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withTypedArray: true, withNullPrototype: true }), (value) =>
      refused(value),
    ),
    { seed: SEED, numRuns: 1000 },
  );
});

test('no broken spec opens an engine or writes a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'superpose-fuzz-'));
  const home = process.cwd();
  process.chdir(folder);
  try {
    for (const [path, value] of BAD) {
      const spec = put(full(), path, value()) as SpecInput;
      const outcome = await trainAll(spec, { engine: 'reference' }).catch((error) => error);
      assert.instance(outcome, SpecError, path.join('.'));
    }
    assert.is(opened, 0);
    assert.equal(readdirSync(folder), []);
    await trainAll(full(), { engine: 'reference' });
    assert.is(opened, 1, 'the spy sees no engine at all');
  } finally {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  }
});

/** Every string in a value. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  return Object.values(value).flatMap(stringsIn);
}

/** Texts that the CPU and GPU compilers get for a problem. */
function kernelSources(problem: Problem): string[] {
  const shape = shapeOf('cpu', problem.family, problem.training, problem.instances);
  const kernels = [fusedKernel(shape), sampleKernel(shape), parametersKernel(shape)];
  return [kernelText(problem, layoutFor(problem)), ...kernels.map((kernel) => kernel.source)];
}

test('of a spec full of hostile text, an engine gets words of closed sets and numbers, and no kernel names it', async () => {
  const words = [
    'identity',
    'relu',
    'unit',
    'signed',
    'toy',
    'mean',
    'independent',
    'x',
    'abs',
    'correlated',
    'anticorrelated',
    'adamw',
    'adam',
    'sgd',
    'constant',
    'linear',
    'cosine',
    'quarter-cosine',
  ];
  for (const text of HOSTILE) {
    const { groups } = expandGrid(parseSpec({ ...full(), $schema: text, name: text, description: text }));
    for (const { problem } of groups) {
      for (const word of stringsIn(problem)) assert.ok(words.includes(word), `an engine gets "${word}"`);
      for (const source of kernelSources(problem)) assert.not.match(source, MARK);
    }
  }
});

test.run();
