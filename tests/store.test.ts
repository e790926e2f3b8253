import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expandGrid } from '../sim/grid.ts';
import { parseSpec, type SpecInput } from '../sim/spec.ts';
import {
  checkFree,
  placeOf,
  replaceFile,
  StoreError,
  UNFINISHED,
  utf8,
  writeFolder,
} from '../sim/store/files.ts';
import { lossTables, metricsTable } from '../sim/store/metrics.ts';
import { specHash } from '../sim/store/provenance.ts';
import { type FinishedRun, readRun, writeRun } from '../sim/store/run.ts';
import { decodeSafetensors, encodeSafetensors, SafetensorsError } from '../sim/store/safetensors.ts';
import { CHECKSUMS, hashFile, parseSums, sumsBytes } from '../sim/store/sums.ts';
import { csvHeader, csvRows } from '../sim/store/table.ts';
import { trainAll } from '../sim/train.ts';

const SPEC: SpecInput = {
  model: { features: 2, hidden: 1, tied: false },
  input: { density: 0.5 },
  training: { steps: 6, batch: 4 },
  sweep: [
    { path: 'input.density', values: [0.1, 0.5] },
    { path: 'model.hidden', values: [1, 2] },
  ],
  replicas: 2,
  record: { lossEvery: 2, snapshots: [0, 3] },
};

let folder = '';
test.before.each(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'superpose-store-'));
});
test.after.each(() => fs.rmSync(folder, { recursive: true }));

async function finishedRun(): Promise<FinishedRun> {
  const result = await trainAll(SPEC, { engine: 'reference' });
  const heldOut = result.groups.map(({ rows }) => Float64Array.from(rows, (row) => row / 8));
  return { ...result, heldOut, started: new Date(0), complete: true };
}

const whole = (parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

test('safetensors: the bytes are those of the format, written out by hand', () => {
  const bytes = whole(encodeSafetensors({ a: { shape: [2], data: Int32Array.of(1, -1) } }, { k: 'v' }));
  const header = '{"__metadata__":{"k":"v"},"a":{"dtype":"I32","shape":[2],"data_offsets":[0,8]}}';
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
  const expected = [
    padded.length,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    ...Buffer.from(padded),
    1,
    0,
    0,
    0,
    255,
    255,
    255,
    255,
  ];
  assert.equal([...bytes], expected);
});

test('safetensors: what is written is read back, eight-byte tensors aligned', () => {
  const tensors = {
    odd: { shape: [3], data: Float32Array.of(1.5, Number.NaN, -0) },
    wide: { shape: [1, 2], data: Float64Array.of(1e300, Number.POSITIVE_INFINITY) },
    none: { shape: [0, 2], data: new Int32Array() },
  };
  const bytes = whole(encodeSafetensors(tensors, {}));
  const { tensors: read } = decodeSafetensors(Buffer.from(bytes));
  assert.equal(Object.keys(read), ['wide', 'odd', 'none']);
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    assert.equal(read[name].shape, shape);
    assert.equal([...read[name].data], [...data]);
  }
});

test('safetensors: every truncation is refused', () => {
  const bytes = whole(encodeSafetensors({ a: { shape: [2], data: Float32Array.of(1, 2) } }, {}));
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(
      () => decodeSafetensors(bytes.slice(0, length)),
      (error: Error) => error instanceof SafetensorsError,
    );
  }
});

test('CSV: shortest decimals that give the number back, and nothing for NaN', () => {
  const column = (name: string, values: Float64Array) => ({ name, unit: '1', description: '', values });
  const table = [
    column('a.b', Float64Array.of(0.1, Number.NaN)),
    column('x,y', Float64Array.of(Number.NEGATIVE_INFINITY, 1e-7)),
  ];
  assert.is(csvHeader(table) + csvRows(table), 'a.b,"x,y"\n0.1,-inf\n,1e-7\n');
});

test('a file is replaced whole, and no temporary name stays', () => {
  const file = path.join(folder, 'x');
  replaceFile(file, [utf8('old')]);
  replaceFile(file, [utf8('n'), utf8('ew')]);
  assert.is(fs.readFileSync(file, 'utf8'), 'new');
  assert.equal(fs.readdirSync(folder), ['x']);
});

test('a folder that cannot be finished leaves nothing behind', () => {
  const target = path.join(folder, 'run');
  assert.throws(() => writeFolder(target, { good: [utf8('1')], 'no/such/place': [utf8('2')] }), /ENOENT/);
  assert.equal(fs.readdirSync(folder), []);
});

test('a failed replacement leaves the old folder as it was', () => {
  const target = path.join(folder, 'run');
  writeFolder(target, { a: [utf8('old')] });
  assert.throws(
    () => writeFolder(target, { a: [utf8('new')], 'no/such/place': [utf8('2')] }, true),
    /ENOENT/,
  );
  assert.is(fs.readFileSync(path.join(target, 'a'), 'utf8'), 'old');
  assert.equal(fs.readdirSync(folder), ['run']);
});

test('an existing folder is refused, and replaced when forced', () => {
  const target = path.join(folder, 'run');
  writeFolder(target, { a: [utf8('1')] });
  assert.throws(() => writeFolder(target, { b: [utf8('2')] }), /exists already; pass --force/);
  writeFolder(target, { a: [utf8('2')] }, true);
  assert.is(fs.readFileSync(path.join(target, 'a'), 'utf8'), '2');
  assert.not.ok(fs.readdirSync(folder).some((name) => name.endsWith(UNFINISHED)));
});

test('force replaces files of the same names and nothing else', () => {
  const target = path.join(folder, 'thesis');
  fs.mkdirSync(target);
  fs.writeFileSync(path.join(target, 'chapter.tex'), 'years of work');
  const forced = (place: string) => () => writeFolder(place, { a: [utf8('new')] }, true);
  assert.throws(
    forced(target),
    /thesis holds other files \(chapter\.tex …\), which --force does not replace/,
  );
  assert.equal(fs.readdirSync(target), ['chapter.tex']);
  const file = path.join(target, 'chapter.tex');
  assert.throws(forced(file), /chapter\.tex: expected a folder, got a file/);
  assert.is(fs.readFileSync(file, 'utf8'), 'years of work');
  assert.equal(fs.readdirSync(folder), ['thesis']);
});

test('a slash at the end, spaces, other letters and links lead to the place that is meant', () => {
  const target = path.join(folder, 'ein Ordner');
  writeFolder(`${target}/`, { a: [utf8('1')] });
  writeFolder(`${target}/`, { a: [utf8('2')] }, true);
  fs.symlinkSync('ein Ordner', path.join(folder, 'link'));
  fs.symlinkSync('später', path.join(folder, 'nowhere'));
  assert.throws(() => writeFolder(path.join(folder, 'link'), { a: [utf8('3')] }), /exists already/);
  writeFolder(path.join(folder, 'link/'), { a: [utf8('3')] }, true);
  writeFolder(path.join(folder, 'nowhere'), { a: [utf8('4')] });
  const text = (name: string) => fs.readFileSync(path.join(folder, name, 'a'), 'utf8');
  assert.equal(['ein Ordner', 'link', 'später', 'nowhere'].map(text), ['3', '3', '4', '4']);
  assert.equal(fs.readdirSync(folder).sort(), ['ein Ordner', 'link', 'nowhere', 'später']);
  assert.ok(fs.lstatSync(path.join(folder, 'link')).isSymbolicLink());
});

test('a place that cannot be written is found before the work, not after it', () => {
  fs.writeFileSync(path.join(folder, 'file'), '');
  const check = (...names: string[]) => checkFree(path.join(folder, ...names), ['a'], false);
  assert.throws(() => check('file', 'run'), /EEXIST|ENOTDIR/);
  assert.throws(() => check('x'.repeat(300)), /ENAMETOOLONG/);
  check('new', 'run');
  assert.equal(fs.readdirSync(path.join(folder, 'new')), []);
});

test('a replacement killed between its two renames is found by readers and undone by the next writer', () => {
  const target = path.join(folder, 'run');
  writeFolder(target, { a: [utf8('old')] });
  const rename = fs.renameSync;
  let killed = false;
  fs.renameSync = (...args) => {
    killed ||= String(args[1]) === path.join(fs.realpathSync(folder), 'run'); // the old folder is aside, the new one not yet in place
    if (killed) throw new Error('killed');
    return rename(...args);
  };
  try {
    assert.throws(() => writeFolder(target, { a: [utf8('new')] }, true), /killed/);
  } finally {
    fs.renameSync = rename;
  }
  assert.not.ok(fs.existsSync(target));
  assert.is(fs.readFileSync(path.join(placeOf(target), 'a'), 'utf8'), 'old');
  assert.throws(() => checkFree(target, ['a'], false), /exists already; pass --force/);
  assert.is(fs.readFileSync(path.join(target, 'a'), 'utf8'), 'old');
  assert.is(placeOf(target), fs.realpathSync(target));
});

test('the hash of a spec ignores the order of its keys and nothing else', () => {
  const spec = parseSpec(SPEC);
  const reordered = Object.fromEntries(Object.entries(spec).reverse()) as typeof spec;
  assert.is(specHash(reordered), specHash(spec));
  assert.is.not(specHash({ ...spec, seed: 1 }), specHash(spec));
  assert.match(specHash(spec), /^[0-9a-f]{64}$/);
});

test('metrics: axis values first, by row, with hand-computed norms', () => {
  const grid = expandGrid(
    parseSpec({ ...SPEC, sweep: [{ path: 'input.density', values: [0.1, 0.5] }], replicas: 1 }),
  );
  const [{ rows, problem }] = grid.groups;
  const params = { W: Float32Array.of(3, -4, 1, 0), b: new Float32Array(4) };
  const trained = {
    rows,
    problem,
    params,
    divergedAt: Int32Array.of(-1, 7),
    lossSteps: [0, 4],
    losses: Float32Array.of(8, 9, 0.5, 0.25),
  };
  const table = metricsTable(grid, trained, Float64Array.of(0.75, Number.NaN));
  const value = Object.fromEntries(table.map(({ name, values }) => [name, [...values]]));
  assert.is(table[0].name, 'input.density');
  assert.equal(value['input.density'], [0.1, 0.5]);
  assert.equal(value.row, [0, 1]);
  assert.equal(value.loss, [0.5, 0.25]);
  assert.equal(value.held_out_loss, [0.75, Number.NaN]);
  assert.equal(value.diverged_at, [-1, 7]);
  assert.equal(value.norm_mean, [3.5, 0.5]);
  assert.equal(value.norm_max, [4, 1]);
  assert.equal(value.fraction_represented, [1, 0.5]);
  assert.equal(value.interference_max, [16, 0]); // (Ŵ_0·W_1)² = 4², and 0 beside an absent feature
  assert.equal(value.dimensions_per_feature, [1 / 25, 1]);
  const [losses] = lossTables(trained);
  assert.equal(
    losses.map(({ values }) => [...values]),
    [
      [0, 0, 1, 1],
      [0, 4, 0, 4],
      [8, 0.5, 9, 0.25],
    ],
  );
});

test('a run is read back as it was trained', async () => {
  const run = await finishedRun();
  const target = path.join(folder, 'run');
  writeRun(target, run);
  const stored = readRun(target);
  assert.equal(stored.spec, parseSpec(SPEC));
  assert.is(stored.complete, true);
  assert.is(stored.engine.engine, 'reference');
  assert.equal(stored.tensors['W.group1'].shape, [4, 2, 2]);
  assert.equal(stored.tensors['V.group1.step3'].data, run.groups[1].snapshots[1].params.V);
  assert.equal(stored.tensors['losses.group0'], { shape: [4, 4], data: run.groups[0].losses });
  assert.equal([...stored.metrics.row], [0, 1, 4, 5, 2, 3, 6, 7]);
  assert.equal(
    [...stored.metrics.held_out_loss],
    [0, 1, 4, 5, 2, 3, 6, 7].map((row) => row / 8),
  );
  assert.equal([...stored.metrics['model.hidden']], [1, 1, 1, 1, 2, 2, 2, 2]);
});

test('a run that was tampered with is refused with the file named', async () => {
  const target = path.join(folder, 'run');
  writeRun(target, await finishedRun());
  const list = path.join(target, CHECKSUMS);
  const sums = parseSums(fs.readFileSync(list, 'utf8'))!;
  const asserts = (name: string, message: RegExp) =>
    assert.throws(
      () => readRun(target),
      (error: Error) =>
        error instanceof StoreError && error.message.includes(name) && message.test(error.message),
    );
  /** Changes a file: its checksum tells; and with a list made anew for it, the file itself does. */
  const refuses = (name: string, change: (text: string) => string, message: RegExp) => {
    const file = path.join(target, name);
    const before = fs.readFileSync(file, 'latin1');
    fs.writeFileSync(file, change(before), 'latin1');
    asserts(name, /expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}: the file is damaged/);
    fs.writeFileSync(list, sumsBytes({ ...sums, [name]: hashFile(file)! }));
    asserts(name, message);
    fs.writeFileSync(list, sumsBytes(sums));
    fs.writeFileSync(file, before, 'latin1');
  };
  refuses('run.json', (text) => text.slice(0, -9), /JSON/);
  refuses('run.json', (text) => text.replace('"formatVersion": 2', '"formatVersion": 3'), /formatVersion/);
  refuses('run.json', (text) => text.replace('"batch": 4', '"batch": 5'), /expected the spec with hash/);
  refuses('run.json', (text) => text.replace('"batch": 4', '"batch": -4'), /training.batch/);
  refuses('weights.safetensors', (text) => text.slice(0, -4), /expected \d+ bytes, got/);
  refuses('metrics.csv', (text) => text.split('\n').slice(0, -2).join('\n'), /expected 8 rows, got 7 rows/);
  readRun(target);
  fs.rmSync(path.join(target, 'metrics.csv'));
  assert.throws(() => readRun(target), /metrics.csv: cannot be read/);
});

test('a run folder of version 0.1 is read, whatever fields specs have got since', () => {
  const run = readRun(path.join(import.meta.dirname, 'fixtures/run-0.1'));
  assert.equal(run.tensors.W.shape, [40, 5, 2]);
  assert.is(run.spec.model.kind, 'toy');
  assert.is(run.metrics.row.length, 40);
});

test.run();
