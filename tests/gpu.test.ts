import assert from 'node:assert/strict';
import { test } from 'uvu';
import { emptyColumns } from '../sim/columns.ts';
import { EngineLostError, type Session } from '../sim/engine.ts';
import { type Family, reluOutputFamily, type Training } from '../sim/family.ts';
import { adapterInfo, type Device, deviceUnavailable, openDevice } from '../sim/gpu/device.ts';
import { gpuEngine, openOn } from '../sim/gpu/engine.ts';
import { blockInstances, stepsPerCall } from '../sim/gpu/limits.ts';
import { type GpuMode, shapeOf } from '../sim/gpu/shape.ts';
import type { Params, Problem } from '../sim/problem.ts';
import { instanceKey, normals } from '../sim/random.ts';
import { ADAMW } from './adamw.ts';
import { perTensor } from './perTensor.ts';
import { testUnless } from './skip.ts';
import { useSoftwareVulkan } from './softwareVulkan.ts';

useSoftwareVulkan();
const noWebGPU = await deviceUnavailable('webgpu');
const OPTIONS = { lossEvery: 1, threads: 1 };

const FAMILY = reluOutputFamily(3, 2);

const TRAINING: Training = { ...ADAMW, batch: 16, steps: 1000 };

/** `instances` models with random weights. */
function problemOf(instances: number, family: Partial<Family> = {}, training: Partial<Training> = {}) {
  const own = { ...FAMILY, ...family };
  const [n, m] = [own.features, own.hidden];
  const keys = Array.from({ length: instances }, (_, i) => instanceKey(1, i));
  const problem: Problem = {
    family: own,
    training: { ...TRAINING, ...training },
    firstStep: 0,
    ...emptyColumns(own, instances),
    instances,
    keys: Int32Array.from(keys.flat()),
    ...emptyColumns(own, instances),
    density: new Float64Array(instances * n).fill(0.3),
    importance: new Float64Array(instances * n).fill(1),
    learningRate: perTensor(own, new Float64Array(instances).fill(0.01)),
    weightDecay: perTensor(own, new Float64Array(instances).fill(0.01)),
  };
  const W = Float32Array.from(keys.flatMap((key) => [...normals(key, 0, n * m)]));
  const params: Params = { W, b: new Float32Array(instances * n) };
  return { problem, params };
}

const BIG = { features: 6, hidden: 5 }; // staged in every mode

async function bytesAfter(session: Session, stops: number[]) {
  const losses: number[] = [];
  for (const step of stops) losses.push(...(await session.run(step)).losses);
  const { W, b } = await session.read();
  await session.close();
  return [...W, ...b, ...losses];
}

/** Makes every kernel of a device whose text contains `part` return 0, as a kernel does that never ran. */
function silence(device: Device, part: string): Device {
  const gpu = new Proxy(device.gpu, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name !== 'createKernel') return value.bind(target);
      return (source: string, settings: object) => {
        const head = source.slice(0, source.indexOf('{') + 1);
        return target.createKernel(source.includes(part) ? `${head} return 0; }` : source, settings);
      };
    },
  });
  return { ...device, gpu };
}

test('only integers and known names become kernel text', () => {
  const shape = (family: object, training = {}) =>
    shapeOf('cpu', { ...FAMILY, ...family } as Family, { ...TRAINING, ...training } as Training, 1);
  assert.throws(() => shape({ features: '3; throw 1' }), /features: expected an integer/);
  assert.throws(() => shape({ hidden: 1.5 }), /hidden: expected an integer/);
  assert.throws(() => shape({ hiddenActivation: 'relu; }' }), /hiddenActivation: expected one of/);
  assert.throws(() => shape({ tied: 'true' }), /tied: expected one of/);
  assert.throws(() => shape({ sets: [{ kind: 'correlated', size: Number.NaN }] }), /sets.size/);
  assert.throws(() => shape({}, { batch: 0 }), /batch: expected an integer/);
  assert.throws(() => shape({}, { optimizer: 'rmsprop' }), /optimizer: expected one of/);
});

test('what the kernels do not know is refused with its name', () => {
  const { problem } = problemOf(2);
  const { refuses } = gpuEngine('webasm');
  assert.equal(refuses(problem), null);
  assert.equal(refuses({ ...problem, unitPull: Float64Array.of(0, 1) }), 'rows pulled to length 1');
  const clipped = { ...problem, training: { ...problem.training, clip: 1 } };
  assert.equal(refuses(clipped), 'clipping of the gradient');
});

test('a batch has the same slices in any block, and small models a fused kernel', () => {
  const family = reluOutputFamily(20, 5);
  const slices = (mode: GpuMode, batch: number, instances: number) =>
    shapeOf(mode, family, { ...TRAINING, batch }, instances).slices;
  for (const instances of [1, 7, 5000]) {
    const own = (['webgpu', 'webgl2', 'webasm', 'cpu'] as const).map((mode) => slices(mode, 1024, instances));
    assert.deepEqual(own, [32, 32, 4, 4]); // other numbers are other sums: other bytes of stored runs
    assert.equal(slices('webgpu', 5, instances), 8);
  }
  const kind = (mode: GpuMode, n: number, m: number) =>
    shapeOf(mode, reluOutputFamily(n, m), TRAINING, 10).kind;
  assert.deepEqual(
    [kind('webasm', 2, 1), kind('webasm', 3, 2), kind('webasm', 20, 5)],
    ['fused', 'fused', 'staged'],
  );
  assert.deepEqual([kind('webgpu', 5, 2), kind('cpu', 3, 2)], ['fused', 'staged']); // 15 and 9 parameters
});

test('a model too large for the device is refused with its size and the limit', async () => {
  const device = await openDevice('cpu');
  const limits = { bufferBytes: 400, totalBytes: 4000, rows: 10 };
  const shape = shapeOf('cpu', { ...FAMILY, ...BIG }, TRAINING, 1);
  assert.throws(
    () => blockInstances({ ...device, limits }, shape),
    /batch: one model needs arrays of \d+ bytes.*allows 400/,
  );
  await device.close();
});

test('blocks hold what the buffers, the texture height and the work of one call allow', async () => {
  const device = await openDevice('cpu');
  const shape = shapeOf('cpu', FAMILY, TRAINING, 1000);
  const within = (limits: Partial<Device['limits']>) =>
    blockInstances({ ...device, limits: { ...device.limits, ...limits } }, shape);
  assert.equal(within({}), 1000);
  assert.equal(within({ rows: 64 }), 64);
  assert.ok(within({ totalBytes: 100_000 }) < 100);
  const heavy = shapeOf('cpu', { ...FAMILY, features: 400, hidden: 30 }, { ...TRAINING, batch: 8192 }, 1000);
  assert.equal(blockInstances(device, heavy), 1);
  assert.equal(stepsPerCall(device, { ...heavy, instances: 1 }), 1);
  await device.close();
});

for (const mode of ['cpu', 'webasm'] satisfies GpuMode[]) {
  test(`${mode}: blocks, calls and threads leave no trace in the bytes`, async () => {
    for (const family of [FAMILY, { ...FAMILY, ...BIG }]) {
      const { problem, params } = problemOf(7, family);
      const whole = await bytesAfter(openOn(await openDevice(mode), problem, params, OPTIONS), [40]);
      const device = await openDevice(mode);
      const small = { ...device, limits: { ...device.limits, rows: 3 } };
      const parts = await bytesAfter(
        openOn(small, problem, params, { lossEvery: 1, threads: 0 }),
        [1, 5, 40],
      );
      assert.deepEqual(parts, whole);
    }
  });
}

test('webasm uses its workers on a large problem and says so', async () => {
  const { problem, params } = problemOf(40, BIG, { batch: 64 });
  const session = openOn(await openDevice('webasm'), problem, params, { lossEvery: 1, threads: 0 });
  await session.run(2);
  assert.match(session.report.device, /fused-threaded/);
  assert.ok(session.report.threads >= 2);
  await session.close();
});

/** A piece of text that only one kernel has, for every kernel of a step. */
const STAGED = {
  key: 'this.thread.x === 2',
  sample: 'function (key, gates)',
  hidden: 'function (params, x)',
  reconstruction: 'function (params, h)',
  outputGradient: 'function (x, y, lossWeight)',
  hiddenGradient: 'function (params, dy, h, lossWeight)',
  weightGradient: 'function (x, dy, h, dh)',
  batchLoss: 'function (x, y, h, lossWeight)',
  gradient: 'function (partial)',
  loss: 'function (partial, before',
  losses: 'function (losses',
  first: 'function (first',
  second: 'function (second',
  params: 'function (params, first',
  clock: 'function (clock)',
};

test('a kernel that writes nothing is noticed, whichever it is', async () => {
  const { problem, params } = problemOf(2, BIG);
  for (const [name, text] of Object.entries(STAGED)) {
    const session = openOn(silence(await openDevice('cpu'), text), problem, params, OPTIONS);
    await assert.rejects(session.run(3), /a kernel wrote no output/, name);
    await session.close();
  }
  const wide = problemOf(2, { features: 80 });
  for (const text of ['function (key) {\n    if (this.thread.y ===', 'function (states) {']) {
    const session = openOn(silence(await openDevice('cpu'), text), wide.problem, wide.params, OPTIONS);
    await assert.rejects(session.run(3), /a kernel wrote no output/, text);
    await session.close();
  }
  const tiny = problemOf(2, { features: 2, hidden: 1 });
  const session = openOn(silence(await openDevice('cpu'), 'const zero0'), tiny.problem, tiny.params, OPTIONS);
  await assert.rejects(session.run(3), /a kernel wrote no output/, 'fused');
  await session.close();
});

test('a backend other than the one asked for is an error', async () => {
  const { problem, params } = problemOf(2);
  const impostor: Device = { ...(await openDevice('cpu')), mode: 'webasm' };
  const session = openOn(impostor, problem, params, OPTIONS);
  await assert.rejects(session.run(1), /webasm was asked for, gpu\.js ran cpu \(generic\)/);
  await session.close();
});

test('an instance whose loss stops being finite stays as it was, and the others go on', async () => {
  for (const mode of ['cpu', 'webasm'] satisfies GpuMode[]) {
    const { problem, params } = problemOf(3, { outputActivation: 'identity' }, { optimizer: 'sgd' });
    problem.weightDecay.fill(0);
    const calm = await bytesAfter(openOn(await openDevice(mode), problem, params, OPTIONS), [60]);
    problem.learningRate.fill(100, 2, 4); // both tensors of instance 1
    const session = openOn(await openDevice(mode), problem, params, OPTIONS);
    const { losses } = await session.run(60);
    const { W } = await session.read();
    const [first, step, third] = await session.diverged();
    assert.deepEqual([first, third], [-1, -1]);
    assert.ok(step > 2 && step < 40, `diverged at ${step}`);
    assert.ok(Number.isFinite(losses[(step - 1) * 3 + 1]));
    for (let s = step; s < 60; s++) assert.ok(Number.isNaN(losses[s * 3 + 1]));
    assert.ok(W.every(Number.isFinite), 'the update of the bad step was not done');
    assert.deepEqual([...W.subarray(0, 6), ...W.subarray(12)], [...calm.slice(0, 6), ...calm.slice(12, 18)]);
    const { learningRate } = problem;
    const again = openOn(await openDevice(mode), { ...problem, learningRate }, params, OPTIONS);
    for (let s = 0; s < 60; s += 7) await again.run(s);
    assert.equal((await again.diverged())[1], step);
    await Promise.all([session.close(), again.close()]);
  }
});

test('close may come twice and during a run, which then rejects', async () => {
  const { problem, params } = problemOf(2, {}, { steps: 1e6 });
  const session = openOn(await openDevice('cpu'), problem, params, OPTIONS);
  const running = session.run(1e6);
  await new Promise((resolve) => setTimeout(resolve, 60));
  await Promise.all([assert.rejects(running, /closed|destroyed/), session.close(), session.close()]);
  await assert.rejects(session.run(1e6), /closed/);
});

test('a mode that cannot run here says why', async () => {
  assert.match(String(await deviceUnavailable('webgl2')), /needs a browser/);
  assert.equal(await deviceUnavailable('webasm'), null);
  assert.equal(await deviceUnavailable('cpu'), null);
});

testUnless(noWebGPU, 'SwiftShader is recognised as a software adapter', async () => {
  const info = await adapterInfo();
  if (process.env.VK_DRIVER_FILES?.includes('swiftshader')) assert.equal(info?.software, true);
  assert.ok(info?.description);
});

/** Live GPU buffers, counted at the calls that make and free them. */
function countBuffers(): () => number {
  const { GPUDevice, GPUBuffer } = globalThis;
  const [create, destroy] = [GPUDevice.prototype.createBuffer, GPUBuffer.prototype.destroy];
  const live = new Set<GPUBuffer>();
  GPUDevice.prototype.createBuffer = function (descriptor) {
    const buffer = create.call(this, descriptor);
    live.add(buffer);
    return buffer;
  };
  GPUBuffer.prototype.destroy = function () {
    live.delete(this);
    return destroy.call(this);
  };
  return () => live.size;
}

testUnless(noWebGPU, 'sessions opened and closed again and again leave no buffer behind', async () => {
  const { problem, params } = problemOf(2);
  const live = countBuffers();
  for (let round = 0; round < 6; round++) {
    const session = openOn(await openDevice('webgpu'), problem, params, OPTIONS);
    await session.run(2);
    assert.ok(live() > 0);
    await session.close();
    assert.equal(live(), 0, `round ${round}`);
  }
});

testUnless(
  noWebGPU,
  'a device lost during a run is an error that names the step, and another one opens',
  async () => {
    const { problem, params } = problemOf(2, {}, { steps: 1e6 });
    const device = await openDevice('webgpu');
    const { kernels } = device.gpu as unknown as { kernels: { context: { device: GPUDevice } }[] };
    const session = openOn(device, problem, params, OPTIONS);
    await session.run(32);
    const running = session.run(1e6);
    setTimeout(() => kernels[0].context.device.destroy(), 50);
    const error = await running.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof EngineLostError, String(error));
    assert.ok(error.step >= 32 && error.step < 1e6, `step ${error.step}`);
    assert.match(error.message, /webgpu lost its device at step \d+/);
    await session.close();
    const next = openOn(await openDevice('webgpu'), problem, params, OPTIONS);
    await next.run(1);
    await next.close();
  },
);

test.run();
