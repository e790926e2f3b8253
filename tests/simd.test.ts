import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import { emptyColumns } from '../sim/columns.ts';
import { EngineLostError, type Session } from '../sim/engine.ts';
import { type Family, type FeatureSet, reluOutputFamily, type Training } from '../sim/family.ts';
import { drawBatch } from '../sim/features.ts';
import { initParams } from '../sim/params.ts';
import type { Params, Problem } from '../sim/problem.ts';
import { draw, instanceKey, sampleStream, sampleWord, stepKey, WORDS } from '../sim/random.ts';
import { reference } from '../sim/reference.ts';
import { dealRows, simd } from '../sim/simd/engine.ts';
import { assemble, chooseKernel, kernelText, layoutFor } from '../sim/simd/kernel.ts';
import { type KernelKind, STEPS_PER_CALL } from '../sim/simd/layout.ts';
import { recordBytes, scratchBytes, stepTable, unpackWeights } from '../sim/simd/records.ts';
import { ADAMW } from './adamw.ts';
import { drawSurvivors } from './draws.ts';
import { perTensor } from './perTensor.ts';

let alive: ReturnType<typeof setInterval>; // threads that wait for a session do not keep this process alive
test.before(() => {
  alive = setInterval(() => {}, 1_000);
});
test.after(() => clearInterval(alive));

const FAMILY = reluOutputFamily(5, 2);

const TRAINING: Training = { ...ADAMW, batch: 64, steps: 1000 };

/** Densities of five instances: none, tiny, mixed over the features, half, all. */
const DENSITIES = [() => 0, () => 1e-3, (j: number) => [0.02, 0.3, 1, 0.1, 0.6][j % 5], () => 0.5, () => 1];

function problemOf(family: Partial<Family>, training: Partial<Training>, instances = 5): [Problem, Params] {
  const full = { ...FAMILY, ...family };
  const n = full.features;
  const gate = unitStarts(full.sets, n);
  const cells = Array.from({ length: instances * n }, (_, c) => [Math.floor(c / n), c % n]);
  const problem: Problem = {
    family: full,
    training: { ...TRAINING, ...training },
    firstStep: 0,
    ...emptyColumns(full, instances),
    instances,
    keys: Int32Array.from(Array.from({ length: instances }, (_, i) => instanceKey(12345, i)).flat()),
    ...emptyColumns(full, instances),
    density: Float64Array.from(cells, ([i, j]) => DENSITIES[i % 5](gate[j])),
    importance: Float64Array.from(cells, ([i, j]) => (0.9 - 0.02 * i) ** j),
    learningRate: perTensor(
      full,
      Array.from({ length: instances }, (_, i) => 1e-3 * (1 + (i % 3))),
    ),
    weightDecay: perTensor(
      full,
      Array.from({ length: instances }, (_, i) => 0.01 * (i % 2)),
    ),
  };
  const params = initParams(problem, new Float64Array(instances).fill(1 / Math.sqrt(full.hidden)));
  if (full.bias) params.b = params.b.map((_, c) => 0.1 * Math.cos(c));
  return [problem, params];
}

/** First feature of the set that each feature belongs to, itself if none: one density a set. */
function unitStarts(sets: FeatureSet[], n: number): number[] {
  const starts = sets.flatMap((set, k) => {
    const start = sets.slice(0, k).reduce((sum, { size }) => sum + size, 0);
    return Array(set.size).fill(start);
  });
  return Array.from({ length: n }, (_, j) => starts[j] ?? j);
}

/** Trains in this thread, with a kernel of the given shape. losses (steps, instances). */
async function trainHere(problem: Problem, params: Params, steps: number, shape: KernelKind) {
  const layout = layoutFor(problem, shape);
  const rows = Int32Array.from({ length: problem.instances }, (_, i) => i);
  const scratch = new Uint8Array(scratchBytes(problem, layout));
  const records = new Uint8Array(recordBytes(problem, params, layout, rows));
  const lossesAt = scratch.length + records.length;
  const memory = new WebAssembly.Memory({
    initial: Math.ceil((lossesAt + 4 * steps * problem.instances) / 65536),
  });
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(scratch);
  bytes.set(records, scratch.length);
  const { exports } = await WebAssembly.instantiate(await assemble(kernelText(problem, layout)), {
    env: { memory },
  });
  const train = exports.train as (...args: number[]) => void;
  for (let done = 0; done < steps; done += STEPS_PER_CALL) {
    const slots = Array.from({ length: Math.min(STEPS_PER_CALL, steps - done) }, (_, s) => s);
    bytes.set(new Uint8Array(stepTable(problem, layout, done, slots)), layout.table);
    const at = lossesAt + 4 * done * problem.instances;
    train(problem.instances, slots.length, done, problem.firstStep + done, at);
  }
  const weights = new Float32Array(problem.instances * layout.weights);
  rows.forEach((i) => {
    const from = scratch.length + i * layout.record.size + layout.record.weights;
    weights.set(new Float32Array(memory.buffer, from, layout.weights), i * layout.weights);
  });
  const out: Params = { W: params.W.slice(), V: params.V?.slice() ?? null, b: params.b.slice() };
  unpackWeights(layout, weights, rows, out);
  return {
    losses: new Float32Array(memory.buffer, lossesAt, steps * problem.instances).slice(),
    params: out,
  };
}

async function trainReference(problem: Problem, params: Params, steps: number) {
  const session = await reference.open(problem, params, { lossEvery: 1, threads: 1 });
  const { losses } = await session.run(steps);
  return { losses, params: await session.read() };
}

/** Largest |got − want| of an instance's numbers over its largest |want − start|. */
function relativeError(got: Float32Array, want: Float32Array, start: Float32Array): number {
  let error = 0;
  let size = 0;
  for (let c = 0; c < want.length; c++) {
    error = Math.max(error, Math.abs(got[c] - want[c]));
    size = Math.max(size, Math.abs(want[c] - start[c]));
  }
  return size > 0 ? error / size : error;
}

/**
 * One SGD step whose learning rate is so large that the step swamps the weights: the difference to the start is
 * the gradient, unharmed by the rounding of the weights.
 */
async function checkGradient(family: Partial<Family>, training: Partial<Training>, shape: KernelKind) {
  const [problem, params] = problemOf(family, { batch: 65, optimizer: 'sgd', ...training });
  problem.learningRate.fill(1e4);
  problem.weightDecay.fill(0);
  const got = await trainHere(problem, params, 1, shape);
  const want = await trainReference(problem, params, 1);
  const { features: n, hidden: m } = problem.family;
  const name = `${shape} ${JSON.stringify({ ...family, ...training })}`;
  for (let i = 0; i < problem.instances; i++) {
    const loss = want.losses[i];
    assert.ok(Math.abs(got.losses[i] - loss) <= 1e-5 * loss, `${name} instance ${i}: loss`);
    for (const [part, size] of [
      ['W', n * m],
      ['V', n * m],
      ['b', n],
    ] as const) {
      const own = (p: Params) => p[part]?.subarray(i * size, (i + 1) * size) ?? new Float32Array();
      const error = relativeError(own(got.params), own(want.params), own(params));
      assert.ok(error < 1e-5, `${name} instance ${i}: d${part} is ${error} off`);
    }
  }
}

const SHAPES: KernelKind[] = ['program', 'rows'];
const SETS: FeatureSet[] = [
  { kind: 'correlated', size: 2 },
  { kind: 'anticorrelated', size: 3 },
];

test('samples are those of features.ts, bit for bit', async () => {
  const families: Partial<Family>[] = [
    {},
    { magnitude: 'signed' },
    { features: 9, sets: SETS },
    { features: 5, sets: SETS, magnitude: 'signed' },
    { features: 1 },
    { features: 9, magnitude: 'signed' },
    { features: 14, sets: SETS, magnitude: 'signed' },
    { features: 33, hidden: 6 },
  ];
  for (const family of families) {
    for (const shape of SHAPES) {
      if (shape === 'program' && (family.features ?? 5) <= 8) continue; // it has its samples in locals
      const [problem] = problemOf(family, { batch: 1023 });
      problem.firstStep = 0x800000;
      const n = problem.family.features;
      for (let row = 0; row < problem.instances; row++) {
        const batch = drawBatch(problem, row, 7);
        const active = Array.from({ length: 1023 }, (_, s) => batch.subarray(s * n, (s + 1) * n)).filter(
          (x) => x.some((value) => value !== 0),
        );
        const got = await drawSurvivors(problem, row, 7, shape);
        assert.deepEqual(
          [...got],
          active.flatMap((x) => [...x]),
          `${shape} ${JSON.stringify(family)} ${row}`,
        );
      }
    }
  }
});

test('a first draw exactly on a gate threshold opens that gate', async () => {
  const [problem] = problemOf({ features: 9 }, { batch: 64 }, 1);
  const key = stepKey([problem.keys[0], problem.keys[1]], 0);
  const onThreshold = draw(sampleStream(key, sampleWord(5)));
  problem.density.set([0, 1 - onThreshold / WORDS, ...new Array(7).fill(0)]); // first[2] = the draw of sample 5
  const active = [...drawBatch(problem, 0, 0)].filter((value) => value > 0);
  for (const shape of SHAPES) {
    const got = [...(await drawSurvivors(problem, 0, 0, shape))].filter((value) => value > 0);
    assert.deepEqual(got, active, shape);
  }
});

test('one-step gradients are those of the reference for every member of the family', async () => {
  for (const hiddenActivation of ['identity', 'relu'] as const)
    for (const outputActivation of ['identity', 'relu'] as const)
      for (const tied of [true, false])
        for (const bias of [true, false])
          for (const target of ['x', 'abs'] as const)
            for (const shape of SHAPES)
              await checkGradient(
                { hiddenActivation, outputActivation, tied, bias, target, magnitude: 'signed' },
                {},
                shape,
              );
});

test('one-step gradients hold for sets and for a penalty on the hidden layer', async () => {
  for (const shape of SHAPES) {
    for (const magnitude of ['unit', 'signed'] as const) {
      await checkGradient({ features: 7, hidden: 3, sets: SETS, magnitude }, {}, shape);
      await checkGradient({ features: 5, sets: SETS, magnitude, tied: false }, {}, shape);
    }
    for (const hiddenActivation of ['identity', 'relu'] as const) {
      await checkGradient({ hiddenActivation }, { hiddenPenalty: 0.3 }, shape);
      await checkGradient({ hiddenActivation, tied: false }, { hiddenPenalty: 0.3 }, shape);
    }
  }
});

test('one-step gradients hold for every shape of model and batch', async () => {
  const sizes = [
    [1, 1],
    [2, 1],
    [3, 2],
    [7, 3],
    [20, 5],
    [33, 6],
    [80, 20],
    [100, 40],
    [3, 70],
  ];
  for (const [features, hidden] of sizes) {
    for (const shape of ['program', chooseKernel({ family: { ...FAMILY, features, hidden } })] as const) {
      for (const batch of [1, 3, features < 50 ? 1000 : 100]) {
        await checkGradient({ features, hidden }, { batch }, shape);
      }
    }
  }
  for (const shape of SHAPES) await checkGradient({}, { batch: 1024 }, shape);
});

// A float32 sum over all samples is off by 2e-5 and more here.
test('the loss of a batch of 131,072 is summed to 2e-6 of the reference', async () => {
  for (const [features, hidden, shape] of [
    [2, 1, 'program'],
    [20, 5, 'program'],
    [8, 6, 'rows'],
  ] as const) {
    const [problem, params] = problemOf({ features, hidden }, { batch: 131_072, optimizer: 'sgd' });
    const got = await trainHere(problem, params, 1, shape);
    const want = await trainReference(problem, params, 1);
    want.losses.forEach((loss, i) => {
      const error = Math.abs(got.losses[i] / loss - 1);
      assert.ok(error <= 2e-6, `${shape} instance ${i}: off by ${error}`);
    });
  }
});

test('losses of 300 steps stay within 1e-3 of the reference under each optimiser', async () => {
  const optimizers: Partial<Training>[] = [
    { optimizer: 'adamw' },
    { optimizer: 'adam', schedule: 'cosine', warmup: 20 },
    { optimizer: 'sgd', momentum: 0.9 },
  ];
  for (const training of optimizers) {
    for (const shape of SHAPES) {
      const [problem, params] = problemOf({ tied: shape === 'program' }, { ...training, steps: 300 });
      const want = await trainReference(problem, params, 300);
      const got = await trainHere(problem, params, 300, shape);
      want.losses.forEach((loss, at) => {
        const error = Math.abs(got.losses[at] - loss);
        assert.ok(
          error <= 1e-3 * loss + 1e-9,
          `${shape} ${training.optimizer} ${at}: ${got.losses[at]} ${loss}`,
        );
      });
    }
  }
});

/** Trains in a session, calling run with the given stops. */
async function trainSession(
  problem: Problem,
  params: Params,
  threads: number,
  stops: number[],
  lossEvery = 7,
) {
  const session = await simd.open(problem, params, { lossEvery, threads });
  const lossSteps: number[] = [];
  const losses: number[] = [];
  for (const stop of stops) {
    const stretch = await session.run(stop);
    lossSteps.push(...stretch.lossSteps);
    losses.push(...stretch.losses);
  }
  const result = { lossSteps, losses, params: await session.read(), diverged: await session.diverged() };
  await session.close();
  return result;
}

test('the bytes are the same for any number of threads and any stretches', async () => {
  for (const family of [
    {},
    { features: 7, hidden: 3, tied: false },
    { features: 30, hidden: 9 },
    { features: 20, hidden: 12, hiddenBias: true, hiddenActivation: 'gelu' as const },
  ]) {
    const [problem, params] = problemOf(family, { batch: 33, steps: 600 }, 7);
    const whole = await trainSession(problem, params, 1, [600]);
    assert.equal(whole.lossSteps.at(-1), 599);
    assert.deepEqual(await trainSession(problem, params, 2, [1, 2, 300, 600]), whole);
    assert.deepEqual(await trainSession(problem, params, 4, [599, 600]), whole);
  }
});

test('an instance trains the same alone and among others', async () => {
  const [all, start] = problemOf({}, {}, 7);
  const together = await trainSession(all, start, 2, [40]);
  for (const instances of [1, 2, 3, 5]) {
    const [problem, params] = problemOf({}, {}, instances);
    const alone = await trainSession(problem, params, 2, [40]);
    assert.deepEqual(alone.params.W, together.params.W.slice(0, alone.params.W.length));
    assert.deepEqual(alone.losses.slice(0, instances), together.losses.slice(0, instances));
  }
});

test('a loss that is not finite stops its instance before the update, and no other', async () => {
  const [problem, params] = problemOf({}, { optimizer: 'sgd', steps: 40 });
  problem.learningRate.fill(1e12, 6, 8); // both tensors of instance 3
  const sane = await trainSession(problem, params, 1, [40], 1);
  const at = sane.diverged[3];
  assert.ok(at > 0 && at < 39);
  assert.deepEqual(
    [...sane.diverged].filter((step) => step >= 0),
    [at],
  );
  const lossesOf3 = sane.losses.filter((_, k) => k % 5 === 3);
  assert.deepEqual(
    lossesOf3.map(Number.isFinite),
    lossesOf3.map((_, step) => step < at),
  );
  const before = await trainSession(problem, params, 1, [at], 1);
  assert.deepEqual(sane.params.W.subarray(30, 40), before.params.W.subarray(30, 40));
  assert.deepEqual(await trainSession(problem, params, 2, [at, at + 1, 40], 1), sane);
});

/** The next worker of the engine that is posted a message; a loader of modules may have workers too. */
function nextWorker(): Promise<Worker> {
  const post = Worker.prototype.postMessage;
  return new Promise((resolve) => {
    Worker.prototype.postMessage = function (...message) {
      if (message[0].type === 'open' || message[0].type === 'run') {
        Worker.prototype.postMessage = post;
        resolve(this);
      }
      return post.apply(this, message);
    };
  });
}

test('a killed worker is an error that names the step', async () => {
  const [problem, params] = problemOf({ features: 30, hidden: 9 }, { batch: 5000, steps: 1e6 });
  const session = await simd.open(problem, params, { lossEvery: 1, threads: 2 });
  await session.run(3);
  const found = nextWorker();
  const running = session.run(1e6);
  await (await found).terminate();
  await assert.rejects(running, (error) => error instanceof EngineLostError && error.step >= 3);
  await session.close();
});

test('closing during a run rejects it, and closing twice is fine', async () => {
  const [problem, params] = problemOf({}, { steps: 1e6 });
  const session = await simd.open(problem, params, { lossEvery: 1000, threads: 2 });
  const rejected = assert.rejects(session.run(1e6), /closed/);
  await session.close();
  await session.close();
  await rejected;
});

test('a closed session refuses to go on', async () => {
  const [problem, params] = problemOf({}, {});
  const session = await simd.open(problem, params, { lossEvery: 1, threads: 1 });
  await session.close();
  await assert.rejects(session.run(1), /closed/);
  await assert.rejects(session.read(), /closed/);
});

/** Opens a session of one thread; its worker comes along. */
async function openOne(family: Partial<Family>): Promise<[Session, Worker]> {
  const [problem, params] = problemOf(family, { batch: 33 });
  const worker = nextWorker();
  return [await simd.open(problem, params, { lossEvery: 1, threads: 1 }), await worker];
}

/** Holds the ends of waiting back while `act` runs, and returns them. */
async function holdingTimers(act: () => Promise<void>): Promise<(() => void)[]> {
  const { setTimeout } = globalThis;
  const held: (() => void)[] = [];
  globalThis.setTimeout = ((end: () => void) => {
    held.push(end);
    return { unref() {} };
  }) as never;
  await act().finally(() => {
    globalThis.setTimeout = setTimeout;
  });
  return held;
}

test('a thread serves one session after another, each as if the thread were new', async () => {
  const [before, first] = await openOne({ features: 30, hidden: 9 });
  await before.run(20);
  await holdingTimers(() => before.close());
  const [after, second] = await openOne({});
  assert.equal(second, first);
  const { losses } = await after.run(20);
  const [end] = await holdingTimers(() => after.close());
  end(); // nobody takes it now
  await once(first, 'exit');
  const [fresh, third] = await openOne({});
  assert.notEqual(third, first);
  assert.deepEqual((await fresh.run(20)).losses, losses);
  await fresh.close();
});

test('two sessions never share a thread, and a thread that died waiting serves none', async () => {
  const [a, first] = await openOne({});
  const [b, second] = await openOne({});
  assert.notEqual(first, second);
  await Promise.all([a.close(), a.close(), b.close()]);
  await Promise.all([first.terminate(), second.terminate()]);
  const [c] = await openOne({});
  await c.run(3);
  await c.close();
});

test('a thread with much memory does not wait with it', async () => {
  const [problem, params] = problemOf({ features: 300, hidden: 70 }, { batch: 1 }, 80);
  const found = nextWorker();
  const session = await simd.open(problem, params, { lossEvery: 1, threads: 1 });
  const worker = await found;
  await session.close();
  assert.equal(worker.threadId, -1); // terminated
});

test('waiting threads do not keep a process alive', async () => {
  const script = `
    import { Worker } from 'node:worker_threads';
    import { train } from ${JSON.stringify(new URL('../sim/train.ts', import.meta.url).href)};
    const sweep = train({ model: { features: 5, hidden: 2 }, input: { density: 0.1 }, training: { steps: 10 } }, { engine: 'simd' });
    while (!(await sweep.next()).done);
    let ended = 0;
    const { terminate } = Worker.prototype;
    Worker.prototype.terminate = function () { ended++; return terminate.call(this); };
    process.on('exit', () => console.log('ended', ended));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]); // biome-ignore format: one command
  assert.equal(stdout, 'ended 0\n'); // they were still waiting
});

test('a kernel is assembled once, and the last few are kept', async () => {
  const text = (k: number) => `(module (func (export "f${k}")))`;
  const module = await assemble(text(0));
  assert.equal(await assemble(text(0)), module);
  for (let k = 1; k <= 8; k++) await assemble(text(k));
  assert.notEqual(await assemble(text(0)), module);
});

test('each worker gets its share of the dense instances', () => {
  const [problem] = problemOf({}, {}, 10);
  const active = (row: number) => problem.density.subarray(row * 5, row * 5 + 5).reduce((a, b) => a + b);
  const [first, second] = dealRows(problem, 2).map((rows) =>
    [...rows].reduce((sum, row) => sum + active(row), 0),
  );
  assert.ok(Math.abs(first - second) < 0.1 * (first + second), `${first} ${second}`);
  assert.deepEqual(
    [...dealRows(problem, 3)].flatMap((rows) => [...rows]).sort((a, b) => a - b),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
});

test('a block too large for a worker is refused in bytes and instances', async () => {
  const [problem, params] = problemOf({ features: 3000, hidden: 3000 }, {}, 1);
  const huge = { ...problem, instances: 40, density: new Float64Array(40 * 3000) };
  await assert.rejects(
    simd.open(huge, params, { lossEvery: 1, threads: 1 }),
    /instances: expected .* got 40 /,
  );
});

test.run();
