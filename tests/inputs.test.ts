/** Files that a spec names: samples in four formats, and weights to begin with; what was read is part of the spec's identity. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseSpec, type SpecInput } from '../sim/spec.ts';
import { provideWeights } from '../sim/start.ts';
import { loadInputs, readSamples } from '../sim/store/inputs.ts';
import { beginParquet } from '../sim/store/parquet.ts';
import { writeRun } from '../sim/store/run.ts';
import { encodeSafetensors } from '../sim/store/safetensors.ts';
import { mergeSweeps, sweep } from '../sim/sweep/index.ts';
import { tableOfRows } from '../sim/table.ts';
import { finish, type TrainResult, trainAll } from '../sim/train.ts';
import { allClose } from './allClose.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'inputs-'));
const at = (name: string) => path.join(folder, name);
const put = (name: string, bytes: Uint8Array | string) => {
  fs.writeFileSync(at(name), bytes);
  return at(name);
};

const ROWS = [[0, 1, 0.5], [2, 0, 0], [0, 0, 0], [-1, 0.25, 8]]; // biome-ignore format: a table
const FLAT = ROWS.flat();

/** An npy file by hand: magic, version 1.0, length of the header, header, numbers. */
function npy(descr: string, fortran: boolean, shape: string, numbers: ArrayBuffer): Uint8Array {
  const head = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${shape}), }`;
  const padded = `${head.padEnd(117, ' ')}\n`;
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, padded.length, 0];
  return Uint8Array.from([...magic, ...Buffer.from(padded), ...new Uint8Array(numbers)]);
}

const columnOf = (j: number) => Float64Array.from(ROWS, (row) => row[j]);

function parquet(name: string): string {
  const parts: Uint8Array[] = [];
  const columns = [0, 1, 2].map((j) => ({ name: `f${j}`, unit: '1', description: '', values: columnOf(j) }));
  const file = beginParquet({ write: (bytes: Uint8Array) => parts.push(bytes.slice()) } as never, columns);
  file.append(columns);
  file.end();
  return put(name, Buffer.concat(parts));
}

test('the same samples out of JSON, npy of three kinds, safetensors and Parquet', async () => {
  const turned = [0, 1, 2].flatMap((j) => [...columnOf(j)]);
  const files = [
    put('a.json', JSON.stringify(ROWS)),
    put('a.npy', npy('<f4', false, '4, 3', Float32Array.from(FLAT).buffer)),
    put('b.npy', npy('<f8', true, '4, 3', Float64Array.from(turned).buffer)),
    put('a.safetensors', Buffer.concat(encodeSafetensors({ x: { shape: [4, 3], data: Float64Array.from(FLAT) } }, {}))),
    parquet('a.parquet'),
  ]; // biome-ignore format: a list
  for (const file of files) assert.equal((await readSamples(file)).table, tableOfRows(ROWS), file);
  const bits = put('bits.npy', npy('|b1', false, '2, 2', Uint8Array.of(1, 0, 0, 1).buffer));
  assert.equal((await readSamples(bits)).table, tableOfRows([[1, 0], [0, 1]])); // biome-ignore format: a table
});

test('files that hold something else are refused by name', async () => {
  const pair = { shape: [1, 1], data: Float32Array.of(1) };
  const cases: [string, Uint8Array | string, RegExp][] = [
    ['x.txt', '1', /x\.txt: expected a file of samples, one of \.json, \.npy, \.safetensors, \.parquet/],
    ['ragged.json', '[[1, 2], [3]]', /ragged\.json: row 1: expected 2 numbers as in the first, got 1/],
    ['text.json', '[[1, "2"]]', /text\.json: sample 0, feature 1: expected a finite number/],
    ['large.json', '[[1e39]]', /sample 0, feature 0: expected a finite number of float32/],
    ['flat.json', '[1, 2]', /flat\.json: expected a list of lists/],
    ['empty.json', '[]', /empty\.json: expected 1 to 1048576 samples, got 0/],
    ['cube.npy', npy('<f4', false, '1, 1, 1', new ArrayBuffer(4)), /shape \(samples, features\), got \(1, 1, 1\)/],
    ['big.npy', npy('>f4', false, '1, 1', new ArrayBuffer(4)), /expected numbers of kind .*, got >f4/],
    ['cut.npy', npy('<f4', false, '2, 2', new ArrayBuffer(8)), /expected 16 bytes of numbers, got 8/],
    ['none.npy', 'hello', /expected an npy file/],
    ['two.safetensors', Buffer.concat(encodeSafetensors({ p: pair, q: pair }, {})), /one called samples, got p, q/],
    ['bad.parquet', 'hello, this is no parquet file', /bad\.parquet: /],
  ]; // biome-ignore format: a table
  for (const [name, bytes, message] of cases) {
    const error = await readSamples(put(name, bytes)).then(() => new Error('accepted'), (own) => own); // biome-ignore format: one line
    assert.match(error.message, message, name);
  }
  const missing = await readSamples(at('nowhere.npy')).then(() => '', (own) => own.message); // biome-ignore format: one line
  assert.match(missing, /nowhere\.npy: cannot be read/);
});

const SPEC: SpecInput = {
  model: { features: 3, hidden: 2 },
  input: { density: 1, samples: { file: at('a.json') } },
  training: { steps: 20, batch: 4, learningRate: 0.01 },
  replicas: 2,
};

test('a sweep speaks of the very bytes that it read, and goes on with no others', async () => {
  const spec = await loadInputs(parseSpec(SPEC));
  const { samples } = spec.input;
  assert.match((samples as { sha256: string }).sha256, /^[0-9a-f]{64}$/);
  await finish(sweep(SPEC, at('sweep'), { engine: 'simd' }));
  const manifest = JSON.parse(fs.readFileSync(at('sweep/sweep.json'), 'utf8'));
  assert.equal(manifest.spec.input.samples, samples);
  put('a.json', JSON.stringify([...ROWS].reverse()));
  const again = finish(sweep(SPEC, at('sweep'), { engine: 'simd', resume: true }));
  const message = await again.then(() => 'accepted', (error) => error.message); // biome-ignore format: one line
  assert.match(message, /specHash: expected "[0-9a-f]{64}", got .*the spec was changed/);
  const named = await loadInputs(spec).then((own) => trainAll(own)).then(() => 'accepted', (error) => error.message); // biome-ignore format: one line
  assert.match(named, /input\.samples\.file: expected bytes of SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}/);
  put('a.json', JSON.stringify(ROWS));
});

test('shards that read files merge to the bytes of the whole, and not with other bytes', async () => {
  const state = { W: { shape: [2, 3, 2], data: Float32Array.from({ length: 12 }, (_, k) => k / 12) }, b: { shape: [2, 3], data: new Float32Array(6) } }; // biome-ignore format: one line
  const from = put('begin.safetensors', Buffer.concat(encodeSafetensors(state, {})));
  const spec = { ...SPEC, training: { ...SPEC.training, init: { from } } };
  const options = { engine: 'simd', blockInstances: 1 } as const;
  await finish(sweep(spec, at('all'), options));
  const shards = [0, 1].map((index) => at(`shards/${index}`));
  for (const [index, place] of shards.entries())
    await finish(sweep(spec, place, { ...options, shard: { index, of: 2 } }));
  await mergeSweeps(shards, at('merged'));
  const files = (place: string) => fs.readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+$/.test(name)).sort(); // biome-ignore format: one line
  assert.ok(files(at('all')).length > 3);
  assert.equal(files(at('merged')), files(at('all')));
  for (const name of files(at('all')))
    assert.ok(fs.readFileSync(at(`merged/${name}`)).equals(fs.readFileSync(at(`all/${name}`))), name);
  put('begin.safetensors', Buffer.concat(encodeSafetensors({ ...state, b: { shape: [2, 3], data: Float32Array.of(1, 0, 0, 0, 0, 0) } }, {}))); // biome-ignore format: one line
  const again = await mergeSweeps(shards, at('again')).then(() => 'accepted', (error) => error.message); // biome-ignore format: one line
  assert.match(again, /training\.init\.from: expected bytes of SHA-256/);
});

/** Plain descent on fixed samples, where one training of 2 s steps is two of s steps, the second begun where the first ended. */
const descent = (steps: number, more: Partial<SpecInput> = {}): SpecInput => ({
  model: { features: 3, hidden: 2 },
  input: { density: 1, samples: { values: ROWS } },
  training: { steps, optimizer: 'sgd', learningRate: 0.02, weightDecay: 0 },
  ...more,
});

const weightsOf = ({ groups }: TrainResult) => groups[0].params;

test('twice as many steps are the same steps begun from where the first ended: start, run folder, safetensors', async () => {
  const options = { engine: 'simd' } as const;
  const rows = { replicas: 2, sweep: [{ path: 'training.learningRate', values: [0.01, 0.02] }] };
  const whole = weightsOf(await trainAll(descent(60, rows), options));
  const half = await trainAll(descent(30, rows), options);
  const rest = weightsOf(await trainAll(descent(30, rows), { ...options, start: weightsOf(half) }));
  assert.equal(rest, whole, 'start');
  const run = { ...half, heldOut: [new Float64Array(4)], started: new Date(0), complete: true };
  writeRun(at('run'), run);
  for (const from of [at('run'), at('run/weights.safetensors')]) {
    const spec = descent(30, rows);
    spec.training = { ...spec.training, init: { from } };
    const loaded = await loadInputs(parseSpec(spec));
    assert.equal(weightsOf(await trainAll(loaded, options)), whole, from);
  }
});

/** What a training that changes nothing begins with. */
async function begun(from: string, model: SpecInput['model'], more: Partial<SpecInput> = {}) {
  const spec: SpecInput = {
    model,
    input: { density: 0.5 },
    training: { steps: 1, batch: 1, learningRate: 0, init: { from } },
    ...more,
  };
  return weightsOf(await trainAll(await loadInputs(parseSpec(spec)), { engine: 'simd' }));
}

test('the state dict of two nn.Linear: weights are (out, in), and replicas begin each with its own', async () => {
  const model = { features: 3, hidden: 2, tied: false, hiddenBias: true };
  const state = {
    'encoder.weight': { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }, // h_k = Σ_i weight_ki x_i + bias_k
    'encoder.bias': { shape: [2], data: Float32Array.of(7, 8) },
    'decoder.weight': { shape: [3, 2], data: Float32Array.of(9, 10, 11, 12, 13, 14) },
    'decoder.bias': { shape: [3], data: Float64Array.of(15, 16, 17) },
  };
  const file = put('state.safetensors', Buffer.concat(encodeSafetensors(state, {})));
  const own = await begun(file, model);
  assert.equal([...own.W], [1, 4, 2, 5, 3, 6]); // W_ik is what feature i writes to hidden unit k
  assert.equal([[...own.V], [...own.b], [...own.c]], [[9, 10, 11, 12, 13, 14], [15, 16, 17], [7, 8]]); // biome-ignore format: one line
  const stack = {
    W: { shape: [2, 3, 1], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
    b: { shape: [2, 3], data: new Float32Array(6) },
  };
  const many = put('many.safetensors', Buffer.concat(encodeSafetensors(stack, {})));
  const sweep = [{ path: 'training.weightDecay', values: [0, 0] }];
  const { W } = await begun(many, { features: 3, hidden: 1 }, { replicas: 2, sweep });
  assert.equal([...W], [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]);
});

test('weights that do not fit are refused: tensor, expected and got shape', async () => {
  const model = { features: 3, hidden: 2 };
  const refused = (from: string, own: SpecInput['model'] = model, more: Partial<SpecInput> = {}) =>
    begun(from, own, more).then(() => 'accepted', (error) => error.message); // biome-ignore format: one line
  const file = at('state.safetensors');
  assert.match(
    await refused(file, { features: 4, hidden: 2 }),
    /training\.init\.from: expected tensor encoder\.weight of shape \(2, 4\), or of several models \(K, 2, 4\), got \(2, 3\)/,
  );
  assert.match(
    await refused(at('many.safetensors'), { features: 3, hidden: 1, tied: false }),
    /expected a tensor V of shape \(3, 1\), got W \(2, 3, 1\), b \(2, 3\)/,
  );
  assert.match(
    await refused(at('many.safetensors'), { features: 3, hidden: 1 }, { replicas: 3 }),
    /weights of 1 or 3 models .*, got 2 models/,
  );
  assert.match(await refused(at('nothing.safetensors')), /nothing\.safetensors: cannot be read/);
  provideWeights('page', { W: { shape: [3, 2], data: [1, 2, 3, 4, 5, Number.NaN] } });
  const page: SpecInput = { model, input: { density: 1 }, training: { init: { from: 'page' } } };
  const message = (spec: SpecInput) => trainAll(spec).then(() => 'accepted', (error) => error.message); // biome-ignore format: one line
  assert.match(await message(page), /finite numbers in tensor W, got NaN at 5/);
  const unread: SpecInput = { ...page, training: { init: { from: 'elsewhere' } } };
  assert.match(await message(unread), /weights that were read before \(provideWeights\), got none/);
  const start = { W: new Float32Array(5), b: new Float32Array(3) };
  const wrong = trainAll({ ...page, training: {} }, { start });
  assert.match(await wrong.then(() => 'accepted', (error) => error.message), /options\.start: expected tensor W of shape \(3, 2\).*got \(5\)/); // biome-ignore format: one line
});

test('a dictionary reads models that begin, and stay, as they were given', async () => {
  const W = { shape: [3, 2], data: Float32Array.of(1, 0, -0.5, 0.8, -0.5, -0.8) };
  provideWeights('triangle', { W, b: { shape: [3], data: [0, 0, 0] } });
  const training = { steps: 1, batch: 1, learningRate: 0, init: { from: 'triangle' } };
  const { groups } = await trainAll({
    model: { features: 3, hidden: 2 },
    input: { density: 0.3 },
    training,
    dictionary: { latents: 3, sparsity: 0.1, training: { steps: 5, batch: 8 } },
  } as SpecInput);
  allClose(groups[0].params.W, W.data, {}, 'W');
});

test.after(() => fs.rmSync(folder, { recursive: true }));
test.run();
