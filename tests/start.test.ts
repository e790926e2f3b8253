/** Weights that a spec gives, and the noise on them. */
import jstat from 'jstat';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expandGrid } from '../sim/grid.ts';
import { draw, INIT_STEP, instanceKey, sampleStream, sampleWord, stepKey } from '../sim/random.ts';
import { parseSpec, type SpecInput } from '../sim/spec.ts';
import { provideWeights } from '../sim/start.ts';
import { specHash } from '../sim/store/provenance.ts';
import { trainAll } from '../sim/train.ts';
import { allClose } from './allClose.ts';
import { checkMean } from './statistics.ts';

const VALUES = { W: [[1, 0], [0, 1], [-1, 0.5]], b: [0.25, -1, 0] }; // biome-ignore format: a table

/** Models that a training changes nothing of: what they begin with. */
const still = (init: object, more: object = {}): SpecInput => ({
  model: { features: 3, hidden: 2 },
  input: { density: 0.5 },
  training: { steps: 1, batch: 1, learningRate: 0, init } as never,
  ...more,
});

const begun = async (spec: SpecInput, engine: 'simd' | 'reference' = 'simd') =>
  (await trainAll(spec, { engine, threads: 1 })).groups[0].params;

const message = (spec: SpecInput) =>
  trainAll(spec, { engine: 'reference' }).then(
    () => 'accepted',
    (error) => error.message,
  );

test('values of a spec are the weights that training begins with, of one model or of as many as replicas', async () => {
  const one = await begun(still({ values: VALUES }, { replicas: 2 }));
  assert.equal([...one.W], [1, 0, 0, 1, -1, 0.5, 1, 0, 0, 1, -1, 0.5]);
  assert.equal([...one.b], [0.25, -1, 0, 0.25, -1, 0]);
  const two = { W: [VALUES.W, [[2, 2], [3, 3], [4, 4]]], b: [VALUES.b, [5, 6, 7]] }; // biome-ignore format: a table
  const both = await begun(still({ values: two }, { replicas: 2 }));
  assert.equal([...both.W], [1, 0, 0, 1, -1, 0.5, 2, 2, 3, 3, 4, 4]);
  assert.equal([...both.b], [0.25, -1, 0, 5, 6, 7]);
});

test('noise is the normal quantile of words of the instance, one a number, each tensor from its own stream', async () => {
  const sd = 0.5;
  const { W, b } = await begun(still({ values: VALUES, noise: sd }, { replicas: 3, seed: 11 }));
  for (let row = 0; row < 3; row++) {
    for (const [part, given, own] of [
      [0, VALUES.W.flat(), W.subarray(6 * row, 6 * row + 6)],
      [1, VALUES.b, b.subarray(3 * row, 3 * row + 3)],
    ] as const) {
      const stream = sampleStream(stepKey(instanceKey(11, row), INIT_STEP), sampleWord(part));
      given.forEach((value, k) => {
        const z = jstat.jStat.normal.inv((draw(stream) + 0.5) / 2 ** 24, 0, 1);
        const off = Math.abs(own[k] - (value + sd * z)); // the table of normals is off by 0.005 at most
        assert.ok(off <= sd * 0.005 + 1e-6, `row ${row}, tensor ${part}, ${k}: off by ${off}`);
      });
    }
  }
});

test('thousands of weights have the mean that was given and the standard deviation of the noise', async () => {
  const count = 4000;
  const { W } = await begun(still({ values: VALUES, noise: 0.01 }, { replicas: count }));
  const z = Float64Array.from(W, (w, k) => (w - VALUES.W.flat()[k % 6]) / 0.01);
  const mean = z.reduce((sum, value) => sum + value, 0) / z.length;
  const variance = z.reduce((sum, value) => sum + value * value, 0) / z.length;
  checkMean(mean, 0, 1, z.length, 0.06, 'mean');
  checkMean(variance, 1, Math.sqrt(2), z.length, 0.08, 'variance');
});

test('simd and the reference begin with the same bytes, in blocks of any size', async () => {
  const spec = still({ values: VALUES, noise: 0.3 }, { replicas: 5 });
  const whole = await begun(spec);
  assert.equal(await begun(spec, 'reference'), whole);
  const { groups } = await trainAll(spec, { engine: 'simd', threads: 2, blockInstances: 2 });
  assert.equal(groups[0].params, whole);
});

test('noise on weights of a file, no noise, and weights that a script hands over', async () => {
  provideWeights('three', {
    W: { shape: [3, 2], data: VALUES.W.flat() },
    b: { shape: [3], data: VALUES.b },
  });
  const noisy = await begun(still({ values: VALUES, noise: 0.1 }));
  assert.equal(await begun(still({ from: 'three', noise: 0.1 })), noisy);
  assert.equal(await begun(still({ from: 'three', noise: 0 })), await begun(still({ values: VALUES })));
  const start = { W: Float32Array.from(VALUES.W.flat()), b: Float32Array.from(VALUES.b) };
  for (const init of [{ from: 'three', noise: 0.1 }, 'per-model'] as never[]) {
    const { groups } = await trainAll(still(init), { engine: 'simd', start });
    assert.equal(groups[0].params, start, 'as they were handed over');
  }
});

test('noise is an axis within a group, also where the spec does not write it', async () => {
  for (const init of [{ values: VALUES }, { values: VALUES, noise: 7 }]) {
    const spec = still(init, { sweep: [{ path: 'training.init.noise', values: [0, 0.5] }] });
    const { groups } = expandGrid(parseSpec(spec));
    assert.is(groups.length, 1);
    assert.equal([...groups[0].initStd], [0, 0.5]);
    const { W } = await begun(spec);
    allClose(W.subarray(0, 6), VALUES.W.flat(), {});
    assert.ok(W.subarray(6).every((w, k) => w !== VALUES.W.flat()[k]));
  }
});

test('a number of the values is an axis too', async () => {
  const sweep = [{ path: 'training.init.values.b.1', values: [3, 4] }];
  const { groups } = await trainAll(still({ values: VALUES }, { sweep }), { engine: 'simd' });
  assert.equal(
    groups.map(({ params }) => [...params.b]),
    [
      [0.25, 3, 0],
      [0.25, 4, 0],
    ],
  );
});

test('what does not fit is refused: field, expected and got', async () => {
  assert.match(
    await message(still({ values: { ...VALUES, W: [[1, 2], [3]] } })),
    /training\.init\.values\.W: expected lists of one length, got lists of several/,
  );
  assert.match(
    await message(still({ values: { ...VALUES, b: [1, 2] } })),
    /training\.init\.values: expected tensor b of shape \(3\), or of several models \(K, 3\), got \(2\)/,
  );
  assert.match(
    await message(still({ values: { W: VALUES.W } })),
    /training\.init\.values: expected a tensor b of shape \(3\), got W \(3, 2\)/,
  );
  assert.match(
    await message(still({ values: VALUES, noise: -1 })),
    /training\.init\.noise: expected at least 0, got -1/,
  );
  assert.match(await message(still({ std: 1, noise: 1 })), /training\.init\.noise: expected no such key/);
  const sweep = [{ path: 'training.init.noise', values: [1] }];
  assert.match(await message(still({ std: 1 }, { sweep })), /training\.init\.noise.*training\.init is/);
});

test('a dictionary reads noisy models that are trained, and refuses noise on models that it reads as they are', async () => {
  const dictionary = { latents: 3, training: { steps: 1, batch: 2, learningRate: 0 } };
  const read = async (noise: number) => begun(still({ values: VALUES, noise }, { dictionary }));
  allClose((await read(0)).W, VALUES.W.flat(), {});
  assert.equal((await read(0.2)).W, (await begun(still({ values: VALUES, noise: 0.2 }))).W);
  const stored = still({ values: VALUES, noise: 0.2 }, { dictionary: { ...dictionary, reads: 'stored' } });
  assert.match(await message(stored), /training\.init\.noise: expected none on models .* got 0\.2/);
});

test('a spec that says nothing of noise keeps its hash', () => {
  const spec = parseSpec(still({ from: 'somewhere' }));
  assert.not.ok('noise' in (spec.training.init as object));
  assert.is(specHash(spec), specHash(parseSpec(JSON.parse(JSON.stringify(spec)))));
});

test.run();
