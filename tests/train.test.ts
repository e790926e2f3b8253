import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { blockSize, type TrainEvent } from '../sim/block.ts';
import { EngineLostError, type EngineName, EngineUnavailableError, type Session } from '../sim/engine.ts';
import type { Progress } from '../sim/progress.ts';
import { reference } from '../sim/reference.ts';
import { parseSpec, type SpecInput } from '../sim/spec.ts';
import { SpecError } from '../sim/specError.ts';
import { type TrainOptions, type TrainResult, train, trainAll } from '../sim/train.ts';
import { allClose } from './allClose.ts';

/** Two groups (m = 1, 2) of five densities, three seeds each: 2 × 15 instances. */
const SWEEP: SpecInput = {
  model: { features: 4, hidden: 2 },
  input: { density: 0.5 },
  training: { batch: 16, steps: 20, learningRate: 0.01 },
  sweep: [
    { path: 'model.hidden', values: [1, 2] },
    { path: 'input.density', from: 1, to: 0.1, count: 5 },
  ],
  replicas: 3,
  record: { lossEvery: 7, snapshots: [0, 5, 20] },
};
const SINGLE: SpecInput = { ...SWEEP, sweep: [], replicas: 2 };

async function eventsOf(
  spec: SpecInput,
  options: TrainOptions,
): Promise<{ events: TrainEvent[]; result: TrainResult }> {
  const events: TrainEvent[] = [];
  const result = await trainAll(spec, options, (event) => events.push(event));
  return { events, result };
}

/** The error that training must end in. */
async function failureOf(promise: Promise<unknown>): Promise<Error> {
  const outcome = await promise.then(
    () => null,
    (error) => error,
  );
  assert.ok(outcome, 'no error');
  return outcome as Error;
}

/** `reference`, but its sessions behave as `change` makes them, for as long as `body` runs. */
async function withSessions(change: (session: Session) => Session, body: () => Promise<void>): Promise<void> {
  const open = reference.open;
  reference.open = async (...args) => change(await open(...args));
  try {
    await body();
  } finally {
    reference.open = open;
  }
}

function sameBytes(a: TrainResult, b: TrainResult, what: string): void {
  a.groups.forEach((group, g) => {
    const other = b.groups[g];
    allClose(other.params.W, group.params.W, {}, `W, ${what}`);
    allClose(other.params.b, group.params.b, {}, `b, ${what}`);
    allClose(other.losses, group.losses, {}, `losses, ${what}`);
    assert.equal(other.lossSteps, group.lossSteps);
    group.snapshots.forEach((snapshot, k) => {
      assert.is(other.snapshots[k].step, snapshot.step);
      allClose(other.snapshots[k].params.W, snapshot.params.W, {}, `snapshot ${k}, ${what}`);
    });
  });
}

test('progress climbs to the end, blocks come whole, and the result counts every sample', async () => {
  const { events, result } = await eventsOf(SWEEP, { engine: 'reference', blockInstances: 4 });
  const progress = events.filter((event): event is Progress => event.kind === 'progress');
  progress.forEach((event, k) => {
    assert.ok(event.fraction > (progress[k - 1]?.fraction ?? 0) && event.fraction <= 1);
    assert.ok(event.samplesPerSecond > 0 && event.etaSeconds >= 0 && event.instances === 30);
  });
  assert.is(progress.at(-1)!.fraction, 1);
  assert.is(progress.at(-1)!.etaSeconds, 0);
  const blocks = events.flatMap((event) => (event.kind === 'block' ? [event.block] : []));
  assert.equal(
    blocks.map(({ group, from, rows }) => [group, from, rows.length]),
    [0, 1].flatMap((g) => [
      [g, 0, 4],
      [g, 4, 4],
      [g, 8, 4],
      [g, 12, 3],
    ]),
  );
  assert.is(result.samples, 30 * 16 * 20);
  assert.is(result.engine.engine, 'reference');
  assert.match(result.engine.why, 'asked for');
});

test('losses are recorded every k steps and at the last, snapshots where asked', async () => {
  const { groups } = await trainAll(SINGLE, { engine: 'reference' });
  assert.equal(groups[0].lossSteps, [0, 7, 14, 19]);
  assert.is(groups[0].losses.length, 4 * 2);
  assert.equal(
    groups[0].snapshots.map((s) => s.step),
    [0, 5, 20],
  );
  allClose(groups[0].snapshots[2].params.W, groups[0].params.W, {}, 'last snapshot');
});

test('a snapshot is what a shorter training ends with', async () => {
  const { groups } = await trainAll(SINGLE, { engine: 'reference' });
  const shorter = { ...SINGLE, training: { ...SINGLE.training, steps: 5 }, record: {} };
  const early = await trainAll(shorter, { engine: 'reference' });
  allClose(groups[0].snapshots[1].params.W, early.groups[0].params.W, {});
});

for (const engine of ['reference', 'simd', 'webasm'] as EngineName[]) {
  test(`${engine}: the bytes are the same for any block size and number of threads`, async () => {
    const whole = await trainAll(SWEEP, { engine, threads: 1 });
    for (const options of [
      { threads: 2 },
      { blockInstances: 1 },
      { blockInstances: 4, threads: 2 },
      { blockInstances: 7 },
    ])
      sameBytes(whole, await trainAll(SWEEP, { engine, ...options }), JSON.stringify(options));
  });
}

test('each row of a sweep is the model that its own settings and row number make', async () => {
  const { grid, groups } = await trainAll(SWEEP, { engine: 'reference' });
  const rows = groups.flatMap((group) => [...group.rows]);
  assert.equal(
    rows,
    Array.from({ length: 30 }, (_, r) => r),
  );
  const finals = groups.map((group) => group.losses.subarray(-15));
  assert.is(grid.axisValues[0][20], 2);
  assert.ok(new Set(finals.flatMap((f) => [...f])).size > 28, 'models repeat each other');
});

test('an abort between stretches or in the middle of one ends the training with its reason, and no step follows', async () => {
  const long: SpecInput = { ...SINGLE, model: { features: 200, hidden: 20 }, training: { steps: 1_000_000 } };
  for (const engine of ['simd', 'webasm'] as EngineName[]) {
    const control = new AbortController();
    let late = 0; // stretches that end after the abort
    setTimeout(() => control.abort(new Error('enough')), 1500);
    const count = () => control.signal.aborted && late++;
    const error = await failureOf(trainAll(long, { engine, signal: control.signal }, count));
    assert.is(error.message, 'enough');
    assert.ok(late <= 1, `${late} stretches`);
  }
});

test('a signal that is aborted already opens nothing', async () => {
  await withSessions(
    () => assert.unreachable('a session was opened') as never,
    async () => {
      const error = await failureOf(trainAll(SINGLE, { engine: 'reference', signal: AbortSignal.abort() }));
      assert.is(error.name, 'AbortError');
    },
  );
});

test('leaving the loop early closes the session', async () => {
  let closed = 0;
  const counted = (session: Session) => ({
    ...session,
    close: async () => {
      closed++;
    },
  });
  await withSessions(counted, async () => {
    for await (const event of train(SINGLE, { engine: 'reference' })) if (event.kind === 'progress') break;
  });
  assert.ok(closed > 0);
});

test('a device that is lost in the second block leaves the first block, and says at which step', async () => {
  let sessions = 0;
  const failing = (session: Session) => {
    sessions++;
    const lost = sessions === 2;
    return {
      ...session,
      run: (step: number) => {
        if (lost && step > 2) throw new EngineLostError('reference', 2, 'unplugged');
        return session.run(step);
      },
    };
  };
  const blocks: TrainEvent[] = [];
  await withSessions(failing, async () => {
    const events = trainAll(SINGLE, { engine: 'reference', blockInstances: 1 }, (event) => {
      if (event.kind === 'block') blocks.push(event);
    });
    const error = await failureOf(events);
    assert.instance(error, EngineLostError);
    assert.match(error.message, 'reference lost its device at step 2: unplugged');
  });
  assert.is(blocks.length, 1);
});

test('a model that diverges is stopped and named, its neighbours train on as if it were not there', async () => {
  const spec: SpecInput = {
    ...SINGLE,
    model: { features: 4, hidden: 2, outputActivation: 'identity' },
    training: { batch: 16, steps: 60, optimizer: 'sgd' },
    sweep: [{ path: 'training.learningRate', values: [0.01, 1e9, 0.02] }],
    replicas: 1,
    record: {},
  };
  for (const engine of ['reference', 'simd', 'webasm'] as EngineName[]) {
    const [group] = (await trainAll({ ...spec, record: { lossEvery: 1 } }, { engine })).groups;
    const [first, stopped, last] = group.divergedAt;
    assert.equal([first, last], [-1, -1], engine);
    assert.ok(stopped > 0 && stopped < 60, `${engine}: stopped at ${stopped}`);
    const loss = (step: number, row: number) => group.losses[step * 3 + row];
    assert.ok(
      Number.isFinite(loss(stopped - 1, 1)) && Number.isNaN(loss(stopped, 1)) && Number.isNaN(loss(59, 1)),
      engine,
    );
    assert.ok(loss(59, 0) < loss(0, 0), engine);
    assert.ok(group.params.W.subarray(16).every(Number.isFinite), engine);
  }
});

test('broken specs and options are SpecErrors that name the field', async () => {
  const path = async (options: object, spec: object = SINGLE) => {
    const error = await failureOf(trainAll(spec as SpecInput, options as TrainOptions));
    assert.instance(error, SpecError);
    return (error as SpecError).issues[0].path;
  };
  assert.is(await path({}, {}), 'model');
  assert.is(await path({ engine: 'cuda' }), 'options.engine');
  assert.is(await path({ threads: 1.5 }), 'options.threads');
  assert.is(await path({ threads: -1 }), 'options.threads');
  assert.is(await path({ blockInstances: 0 }), 'options.blockInstances');
});

test('an engine that cannot run here is an error, never another engine', async () => {
  const error = await failureOf(trainAll(SINGLE, { engine: 'webgl2' })); // no browser, no WebGL
  assert.instance(error, EngineUnavailableError);
  assert.match(error.message, 'webgl2');
});

test('blocks keep within the memory budget and the limits, and hold one instance at least', () => {
  const problem = { instances: 1_000_000 } as Parameters<typeof blockSize>[0];
  assert.is(blockSize(problem, 768 * 2 ** 10), 1024);
  assert.is(blockSize(problem, 1), 65_536);
  assert.is(blockSize(problem, 1e12), 1);
  assert.is(blockSize(problem, 1, 10), 10);
  assert.is(blockSize({ ...problem, instances: 3 }, 1), 3);
});

test('the reference trains: the loss of five features in two dimensions falls below that of two kept features', async () => {
  const spec = parseSpec({
    model: { features: 5, hidden: 2 },
    input: { density: 0.1 },
    training: { steps: 3000, learningRate: 0.01, batch: 64 },
    replicas: 4,
  });
  const { groups } = await trainAll(spec, { engine: 'reference' });
  const last = groups[0].losses.subarray(-4);
  const twoKept = (3 * (0.1 / 3 - 0.01 / 4)) / 5; // three features at their mean
  assert.ok(Math.min(...last) < 0.7 * twoKept, `${last} against ${twoKept}`);
});

test('a decay of 1e-6 a step takes from a weight without gradient what it should, to 6 %', async () => {
  const training = { batch: 1, steps: 10_000, learningRate: 1e-3, weightDecay: 1e-3 };
  const spec = { model: { features: 6, hidden: 2 }, input: { density: 1, importance: 0 }, training };
  for (const engine of ['simd', 'reference'] as const) {
    const { groups } = await trainAll({ ...spec, record: { snapshots: [0, 10_000] } }, { engine });
    const [before, after] = groups[0].snapshots.map(({ params }) => params.W);
    const kept = before.reduce((sum, w, k) => sum + after[k] / w, 0) / before.length;
    const lost = (1 - kept) / (1 - Math.exp(-0.01));
    assert.ok(Math.abs(lost - 1) < 0.06, `${engine}: ${lost} of the decay`);
  }
});

test.run();
