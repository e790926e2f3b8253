import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { messageOf } from '../sim/cli/exit.ts';
import { expandGrid } from '../sim/grid.ts';
import { parseSpec, type SpecInput } from '../sim/spec.ts';
import { StoreError } from '../sim/store/files.ts';
import { parseMetrics } from '../sim/store/run.ts';
import { readBlock } from '../sim/sweep/blockFile.ts';
import { cutBlocks, shardBlocks } from '../sim/sweep/blocks.ts';
import { cellTable, createCellCollector } from '../sim/sweep/cells.ts';
import { layOut } from '../sim/sweep/layOut.ts';
import { lockFolder } from '../sim/sweep/lock.ts';
import { readManifest, writeManifest } from '../sim/sweep/manifest.ts';
import { mergeSweeps } from '../sim/sweep/merge.ts';
import { planSweep } from '../sim/sweep/plan.ts';
import { serveSweep } from '../sim/sweep/serve.ts';
import { type SweepOptions, type SweepSummary, sweep } from '../sim/sweep/sweep.ts';
import { finish, trainAll } from '../sim/train.ts';
import { testUnless } from './skip.ts';

const SPEC: SpecInput = {
  model: { features: 2, hidden: 1 },
  input: { density: 0.5 },
  training: { steps: 12, batch: 4, learningRate: 0.01 },
  sweep: [{ path: 'input.density', values: [0.1, 0.5, 0.9] }],
  replicas: 3,
  record: { lossEvery: 5, snapshots: [6] },
};
/** One of the two learning rates sends the weights to infinity; a tenth of it does not. */
const DIVERGING: SpecInput = {
  ...SPEC,
  training: { steps: 60, batch: 4, optimizer: 'sgd', learningRate: 0.1 },
  sweep: [{ path: 'training.learningRate', values: [0.1, 40] }],
};

let folder = '';
test.before.each(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'superpose-sweep-'));
});
test.after.each(() => fs.rmSync(folder, { recursive: true }));

interface Outcome {
  notes: string[];
  summary: SweepSummary;
}

/** Sweeps with the reference engine in blocks of two. */
async function run(target: string, options: SweepOptions = {}, spec: SpecInput = SPEC): Promise<Outcome> {
  const events = sweep(spec, target, { engine: 'reference', blockInstances: 2, ...options });
  const notes: string[] = [];
  for (;;) {
    const next = await events.next();
    if (next.done) return { notes, summary: next.value };
    if (next.value.kind === 'note') notes.push(next.value.text);
  }
}

async function refusal(what: Promise<unknown>): Promise<string> {
  try {
    await what;
  } catch (error) {
    assert.instance(error, StoreError);
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

const at = (...names: string[]) => path.join(folder, ...names);

/** Every file of a folder, by name, as text that keeps each byte. */
function contents(target: string): Record<string, string> {
  const names = fs.readdirSync(target, { recursive: true }) as string[];
  const files = names.filter((name) => fs.statSync(path.join(target, name)).isFile()).sort();
  return Object.fromEntries(files.map((name) => [name, fs.readFileSync(path.join(target, name), 'latin1')]));
}

function assertSameFolder(a: string, b: string): void {
  const [left, right] = [contents(a), contents(b)];
  assert.equal(Object.keys(left), Object.keys(right));
  for (const name of Object.keys(left)) assert.ok(left[name] === right[name], `${name} differs`);
}

const metricsOf = (target: string) => parseMetrics(fs.readFileSync(path.join(target, 'metrics.csv'), 'utf8'));

test('a sweep stores the very models that plain training gives', async () => {
  await run(at('a'));
  const result = await trainAll(SPEC, { engine: 'reference' });
  const grid = expandGrid(parseSpec(SPEC));
  const origin = readManifest(at('a'));
  for (const range of cutBlocks(grid, 2)) {
    const block = readBlock(at('a'), range, origin);
    const { W } = result.groups[0].params;
    assert.equal(block.params.W, W.slice(range.from * 2, range.to * 2));
    assert.equal(block.rows, result.groups[0].rows.slice(range.from, range.to));
    assert.equal(block.lossSteps, [0, 5, 10, 11]);
    assert.equal(block.snapshots[0].step, 6);
  }
});

test('the checksums are those that sha256sum computes', async () => {
  await run(at('a'), { formats: ['csv', 'parquet', 'npz'] });
  execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: at('a') });
});

test('the block size changes the blocks and no number', async () => {
  await run(at('a'));
  await run(at('b'), { blockInstances: 5 });
  for (const name of ['metrics.csv', 'cells.csv', 'losses.csv']) {
    assert.is(contents(at('a'))[name], contents(at('b'))[name]);
  }
});

test('an aborted sweep keeps its blocks and resumes to the same bytes', async () => {
  await run(at('whole'));
  const controller = new AbortController();
  const events = sweep(SPEC, at('a'), { engine: 'reference', blockInstances: 2, signal: controller.signal });
  try {
    for await (const event of events)
      if (event.kind === 'block' && event.range.index === 1) controller.abort();
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).name, 'AbortError');
  }
  assert.not.ok(fs.existsSync(at('a', 'lock')));
  const { notes, summary } = await run(at('a'), { resume: true });
  assert.equal(notes, ['2 of 5 blocks were finished before']);
  assert.is(summary.trained, 5);
  assertSameFolder(at('a'), at('whole'));
});

test('an aborted sweep of dictionaries resumes to the same bytes, with everything that happens between steps', async () => {
  const spec = {
    model: { features: 5, hidden: 2 },
    input: { density: 0.2 },
    training: { steps: 20, batch: 16 },
    dictionary: {
      kind: 'topk',
      latents: 6,
      active: 2,
      scaling: 'mean-square',
      resample: { every: 4, samples: 64 },
      auxiliary: { active: 2, every: 3, samples: 64 },
      drawnPrefixes: { count: 2 },
      training: { steps: 12, batch: 16 },
    },
    sweep: [
      { path: 'dictionary.auxiliary.active', values: [1, 2] },
      { path: 'dictionary.seed', values: [0, 1] },
    ],
    replicas: 2,
  } as SpecInput;
  assert.equal(await abortAndResume(spec), ['2 of 4 blocks were finished before']);
});

/** Notes of a sweep that is aborted behind its second block and resumed, whose folder must be that of one in one go. */
async function abortAndResume(spec: SpecInput, options: SweepOptions = {}): Promise<string[]> {
  await run(at('whole'), options, spec);
  const controller = new AbortController();
  const begun = { engine: 'reference', blockInstances: 2, ...options, signal: controller.signal } as const;
  try {
    for await (const event of sweep(spec, at('a'), begun))
      if (event.kind === 'block' && event.range.index === 1) controller.abort();
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).name, 'AbortError');
  }
  const { notes } = await run(at('a'), { ...options, resume: true }, spec);
  assertSameFolder(at('a'), at('whole'));
  return notes;
}

test('an aborted sweep of decompositions with an adversary resumes to the same bytes, on other threads', async () => {
  const spec: SpecInput = {
    model: { features: 5, hidden: 2 },
    input: { density: 0.2 },
    training: { steps: 20, batch: 16 },
    decomposition: { method: 'vpd', subcomponents: 6, units: 5, training: { steps: 12, batch: 18 } },
    sweep: [{ path: 'decomposition.frequency', values: [1e-4, 1e-3] }],
    replicas: 4,
  };
  assert.equal(await abortAndResume(spec, { engine: 'simd' }), ['2 of 4 blocks were finished before']);
});

test('every flipped bit and every truncation of a block is found, said, and repaired', async () => {
  await run(at('whole'));
  fs.cpSync(at('whole'), at('a'), { recursive: true });
  const file = at('a', 'blocks/block-0000002.safetensors');
  const intact = fs.readFileSync(file);
  const range = cutBlocks(expandGrid(parseSpec(SPEC)), 2)[2];
  const origin = readManifest(at('a'));
  for (let bit = 0; bit < 8 * intact.length; bit += 37) {
    const flipped = Buffer.from(intact);
    flipped[bit >> 3] ^= 1 << (bit & 7);
    fs.writeFileSync(file, flipped);
    assert.throws(() => readBlock(at('a'), range, origin), /block-0000002.safetensors/, `bit ${bit}`);
  }
  for (const length of [0, 7, 100, intact.length - 1]) {
    fs.writeFileSync(file, intact.subarray(0, length));
    const { notes } = await run(at('a'), { resume: true });
    assert.match(notes[0], /block-0000002.safetensors: expected .* it is trained again/);
    assertSameFolder(at('a'), at('whole'));
  }
});

test('a damaged table of a finished sweep is written again', async () => {
  await run(at('whole'));
  fs.cpSync(at('whole'), at('a'), { recursive: true });
  fs.appendFileSync(at('a', 'metrics.csv'), 'x');
  fs.rmSync(at('a', 'cells.parquet'));
  await run(at('a'), { resume: true });
  assertSameFolder(at('a'), at('whole'));
});

test('a folder of another spec, engine, block size, version or format is refused with the difference named', async () => {
  await run(at('a'));
  const changed = { ...SPEC, seed: 7 };
  assert.match(await refusal(run(at('a'))), /holds a sweep already; continue it with --resume/);
  assert.match(
    await refusal(run(at('a'), { resume: true }, changed)),
    /specHash: expected .*the spec was changed/,
  );
  assert.match(
    await refusal(run(at('a'), { resume: true, engine: 'cpu' })),
    /engine: expected "reference", got "cpu"/,
  );
  assert.match(
    await refusal(run(at('a'), { resume: true, blockInstances: 3 })),
    /blockInstances: expected 2, got 3/,
  );
  const manifest = readManifest(at('a'));
  writeManifest(at('a'), { ...manifest, superpose: '0.0.1' });
  assert.match(await refusal(run(at('a'), { resume: true })), /superpose: expected "0.0.1".*that version/);
  assert.match(
    await refusal(mergeSweeps([at('a')], at('m'))),
    /superpose: expected .*got "0\.0\.1".*with that version/,
  );
  writeManifest(at('a'), manifest);
  const file = at('a', 'sweep.json');
  const text = fs.readFileSync(file, 'utf8');
  const edited = async (from: RegExp, to: string) => {
    fs.writeFileSync(file, text.replace(from, to));
    return refusal(run(at('a'), { resume: true }));
  };
  assert.match(
    await edited(/"superpose": "[^"]*"/, '"superpose": "0.0.1"'),
    /sweep\.json: it is not as it was written; delete it/,
  );
  assert.match(
    await edited(/"formatVersion": 2/, '"formatVersion": 1'),
    /begun by superpose \S+ in format 1, which this version \(format 2\) does not go on with/,
  );
  assert.match(await edited(/"steps": 12/, '"steps": 13'), /sweep.json: expected spec hash/);
  assert.match(await edited(/\}\s*$/, ''), /sweep.json: .*JSON/);
});

test('a folder that holds other files is left alone', async () => {
  fs.mkdirSync(at('a'));
  fs.writeFileSync(at('a', 'thesis.tex'), '');
  assert.match(await refusal(run(at('a'))), /holds other files \(thesis.tex/);
  assert.equal(fs.readdirSync(at('a')), ['thesis.tex']);
});

test('a second process on the folder is refused, and the first is not disturbed', async () => {
  await run(at('whole'));
  const events = sweep(SPEC, at('a'), { engine: 'reference', blockInstances: 2 });
  await events.next();
  assert.match(await refusal(run(at('a'), { resume: true })), /in use by process \d+ on/);
  for await (const _ of events);
  assertSameFolder(at('a'), at('whole'));
});

test('the lock of a holder that no longer lives is taken over, that of a living one is not', () => {
  const dead = spawnSync(process.execPath, ['-p', 'process.pid']).stdout.toString().trim();
  const lock = lockFolder(folder);
  const own = JSON.parse(fs.readFileSync(at('lock'), 'utf8'));
  lock.release();
  const held = (holder: object, silence = 0) => {
    fs.writeFileSync(at('lock'), JSON.stringify({ ...own, ...holder }));
    fs.utimesSync(at('lock'), Date.now() / 1000 - silence, Date.now() / 1000 - silence);
    try {
      lockFolder(folder).release();
      return false;
    } catch (error) {
      assert.match((error as Error).message, /is in use by process \d+ on/);
      fs.rmSync(at('lock'));
      return true;
    }
  };
  assert.is(held({}), true, 'this process');
  assert.is(held({ pid: Number(dead) }), false, 'a process that ended');
  assert.is(held({ started: '1' }), false, 'an older process with the same id');
  for (const other of [{ boot: 'another' }, { namespace: '1' }]) {
    const what = `a machine of the same name, ${Object.keys(other)}`;
    assert.is(held(other), true, `${what}, with a heartbeat`);
    assert.is(held({ ...other, pid: Number(dead) }), true, `${what}, whose process ids mean nothing here`);
    assert.is(held(other, 600), false, `${what}, that fell silent`);
  }
  assert.is(held({ host: 'elsewhere' }), true, 'another machine with a heartbeat');
  assert.is(held({ host: 'elsewhere' }, 600), false, 'another machine that fell silent');
  assert.equal(fs.readdirSync(folder), []);
});

/** A lock of a process on another machine that was last heard of `silence` seconds ago. */
function lockElsewhere(target: string, silence: number): void {
  const heard = Date.now() / 1000 - silence;
  fs.writeFileSync(
    path.join(target, 'lock'),
    JSON.stringify({ host: 'elsewhere', boot: '', pid: 1, started: '' }),
  );
  fs.utimesSync(path.join(target, 'lock'), heard, heard);
}

test('a job that comes back on another node waits until its old lock is silent, and goes on', async () => {
  await run(at('whole'));
  const events = sweep(SPEC, at('a'), { engine: 'reference', blockInstances: 2 });
  await events.next();
  await events.return(undefined as never);
  lockElsewhere(at('a'), 117);
  assert.match(
    await refusal(run(at('a'))),
    /in use by process 1 on elsewhere/,
    'without resume it does not wait',
  );
  const { notes } = await run(at('a'), { resume: true });
  assert.match(
    notes[0],
    /was in use by process 1 on elsewhere, which cannot be seen from here: [1-3] s without a sign of it/,
  );
  assertSameFolder(at('a'), at('whole'));
});

test('a resumed sweep does not wait for a holder elsewhere that gives a sign, nor past an abort', async () => {
  fs.mkdirSync(at('a'));
  lockElsewhere(at('a'), 0);
  const beat = setInterval(() => lockElsewhere(at('a'), 0), 50);
  try {
    assert.match(await refusal(run(at('a'), { resume: true })), /in use by process 1 on elsewhere/);
  } finally {
    clearInterval(beat);
  }
  lockElsewhere(at('a'), 0);
  const signal = AbortSignal.timeout(100);
  const error = await run(at('a'), { resume: true, signal }).catch((reason) => reason);
  assert.is(error, signal.reason);
});

test('a lock that does not say who holds it is believed for two minutes, not for ever', () => {
  for (const text of ['', '\0\0\0', '{"host":', '5']) {
    fs.writeFileSync(at('lock'), text);
    assert.throws(() => lockFolder(folder), /does not say who holds it|is in use by/, JSON.stringify(text));
    fs.utimesSync(at('lock'), Date.now() / 1000 - 600, Date.now() / 1000 - 600);
    lockFolder(folder).release();
    assert.equal(fs.readdirSync(folder), []);
  }
});

test('a process that lost its lock to another one writes no more, and leaves the other its lock', async () => {
  const events = sweep(SPEC, at('a'), { engine: 'reference', blockInstances: 2 });
  await events.next();
  const other = JSON.stringify({ host: 'elsewhere', boot: '', pid: 1, started: '' });
  fs.writeFileSync(at('a', 'lock'), other);
  const before = fs.readdirSync(at('a', 'blocks'));
  const message = await refusal(
    (async () => {
      for await (const _ of events);
    })(),
  );
  assert.match(
    message,
    /the lock is no longer this process's, which last renewed it \d+ s ago: another process took over/,
  );
  assert.equal(fs.readdirSync(at('a', 'blocks')), before);
  assert.is(fs.readFileSync(at('a', 'lock'), 'utf8'), other);
});

test('the summary counts what this call trained: damaged blocks and retries included', async () => {
  assert.is((await run(at('a'))).summary.trained, 9);
  fs.truncateSync(at('a', 'blocks/block-0000002.safetensors'), 100);
  assert.is((await run(at('a'), { resume: true })).summary.trained, 2);
  const { summary } = await run(at('a'), { resume: true });
  assert.equal([summary.trained, summary.engine], [0, null]);
  await run(at('b'), {}, DIVERGING);
  assert.is((await run(at('b'), { resume: true, retryDiverged: 0.01 }, DIVERGING)).summary.trained, 3);
});

test('resuming where nothing is begins, and says so', async () => {
  const { notes } = await run(at('typo'), { resume: true });
  assert.match(notes[0], /typo held no sweep; it begins there/);
});

test('a list of checksums that is damaged itself is written again, and no merge believes it', async () => {
  await run(at('whole'));
  fs.cpSync(at('whole'), at('a'), { recursive: true });
  for (const text of ['', 'x\n', '\0\0']) {
    fs.writeFileSync(at('a', 'SHA256SUMS'), text);
    assert.match(await refusal(mergeSweeps([at('a')], at('out'))), /a: damaged: SHA256SUMS/);
    await run(at('a'), { resume: true });
    assertSameFolder(at('a'), at('whole'));
  }
});

test('what a killed merge left is no shard, and the next merge replaces it', async () => {
  await run(at('all/whole'));
  fs.cpSync(at('all/whole'), at('all/merged.unfinished'), { recursive: true });
  assert.is(await mergeSweeps([at('all')], at('all/merged')), 9);
  assertSameFolder(at('all/merged'), at('all/whole'));
  assert.equal(fs.readdirSync(at('all')).sort(), ['merged', 'whole']);
});

test('a merge to a name with a slash at its end, or through a link, and none beside another', async () => {
  await run(at('whole'));
  assert.is(await mergeSweeps([at('whole')], `${at('merged')}/`), 9);
  assertSameFolder(at('merged'), at('whole'));
  fs.symlinkSync('disk 2', at('link'));
  await mergeSweeps([at('whole')], at('link'));
  assertSameFolder(at('disk 2'), at('whole'));
  fs.mkdirSync(at('busy.unfinished'));
  const lock = lockFolder(at('busy.unfinished'));
  assert.match(
    await refusal(mergeSweeps([at('whole')], at('busy'))),
    /busy\.unfinished is in use by process/,
  );
  lock.release();
  await mergeSweeps([at('whole')], at('busy'));
  assertSameFolder(at('busy'), at('whole'));
});

test('a heartbeat carries the time of the disk, whatever the clock of this machine says', async () => {
  const lock = lockFolder(folder);
  const text = fs.readFileSync(at('lock'), 'utf8');
  const { Date: clock } = globalThis;
  fs.utimesSync(at('lock'), 1, 1);
  try {
    globalThis.Date = class extends clock {
      constructor() {
        super(0);
      }
    } as DateConstructor;
    lock.renew();
  } finally {
    globalThis.Date = clock;
  }
  fs.writeFileSync(at('now'), '');
  assert.ok(Math.abs(fs.statSync(at('now')).mtimeMs - fs.statSync(at('lock')).mtimeMs) < 60_000);
  assert.is(fs.readFileSync(at('lock'), 'utf8'), text);
  lock.release();
});

test('shards merged in any order are the folder of one machine, byte for byte', async () => {
  await run(at('whole'));
  for (const of of [2, 5]) {
    const shards = Array.from({ length: of }, (_, index) => at(`of${of}`, `shard-${index}`));
    for (const [index, target] of shards.entries()) await run(target, { shard: { index, of } });
    assert.is(await mergeSweeps([...shards].reverse(), at(`merged${of}`)), 9);
    assertSameFolder(at(`merged${of}`), at('whole'));
  }
  await mergeSweeps([at('of2')], at('by-parent'));
  assertSameFolder(at('by-parent'), at('whole'));
});

test('more shards than blocks are refused', () => {
  const blocks = cutBlocks(expandGrid(parseSpec(SPEC)), 2);
  assert.throws(() => shardBlocks(blocks, { index: 0, of: 6 }), /shard: expected at most 5 shards.*got 6/);
});

test('merge refuses gaps, duplicates, mixed specs, unfinished and damaged shards, and writes nothing', async () => {
  const [a, b, twin, other] = ['a', 'b', 'twin', 'other'].map((name) => at(name));
  await run(a, { shard: { index: 0, of: 2 } });
  await run(b, { shard: { index: 1, of: 2 } });
  await run(other, { shard: { index: 1, of: 2 } }, { ...SPEC, seed: 1 });
  fs.cpSync(a, twin, { recursive: true });
  const refused = async (places: string[], message: RegExp) => {
    assert.match(await refusal(mergeSweeps(places, at('out'))), message);
    assert.not.ok(fs.readdirSync(folder).some((name) => name.startsWith('out')));
  };
  await refused([a], /block 3 \(instances 6 to 7 of group 0\) is missing/);
  await refused([a, b, twin], /block 0 is in both .*a and .*twin/);
  await refused([a, other], /other: specHash: expected/);
  await refused([a, at('nowhere')], /nowhere: expected a sweep folder/);
  fs.appendFileSync(path.join(twin, 'blocks/block-0000000.safetensors'), 'x');
  await refused([twin, b], /twin: damaged: blocks\/block-0000000.safetensors/);
  fs.rmSync(path.join(twin, 'SHA256SUMS'));
  await refused([twin, b], /twin: expected a finished sweep/);
  fs.mkdirSync(at('taken'));
  assert.match(await refusal(mergeSweeps([a, b], at('taken'))), /taken exists already/);
});

test('diverged models are recorded with their step, and have no held-out loss', async () => {
  const { summary } = await run(at('a'), {}, DIVERGING);
  assert.is(summary.diverged, 3);
  const { diverged_at, held_out_loss } = metricsOf(at('a'));
  for (let row = 0; row < 6; row++) {
    assert.is(diverged_at[row] >= 0, row >= 3, `row ${row}`);
    assert.is(Number.isNaN(held_out_loss[row]), row >= 3);
  }
  const cells = parseMetrics(fs.readFileSync(at('a', 'cells.csv'), 'utf8'));
  assert.equal([...cells.diverged], [0, 3]);
  assert.is(cells.held_out_loss_median[1], Number.POSITIVE_INFINITY);
});

test('a retry trains what diverged at the stated rate, whether asked for before or after', async () => {
  await run(at('before'), { retryDiverged: 0.01 }, DIVERGING);
  await run(at('after'), {}, DIVERGING);
  const { summary } = await run(at('after'), { resume: true, retryDiverged: 0.01 }, DIVERGING);
  assertSameFolder(at('after'), at('before'));
  assert.is(summary.diverged, 0);
  const { diverged_at, first_diverged_at, retry_learning_rate, held_out_loss } = metricsOf(at('after'));
  assert.ok(first_diverged_at.every((step, row) => step >= 0 === row >= 3));
  assert.ok(diverged_at.every((step) => step === -1));
  assert.ok(held_out_loss.every(Number.isFinite));
  assert.equal([...retry_learning_rate], [Number.NaN, Number.NaN, Number.NaN, 0.4, 0.4, 0.4]);
  const direct = await trainAll(
    { ...DIVERGING, sweep: [{ path: 'training.learningRate', values: [0.1, 0.4] }] },
    { engine: 'reference' },
  );
  const grid = expandGrid(parseSpec(DIVERGING));
  const stored = cutBlocks(grid, 2).flatMap((range) => [
    ...readBlock(at('after'), range, readManifest(at('after'))).params.W,
  ]);
  assert.equal(stored, [...direct.groups[0].params.W]);
});

test('cells: quantiles over replicas by hand, a diverged one the worst', () => {
  const grid = expandGrid(parseSpec({ ...SPEC, replicas: 4, sweep: [{ path: 'seed', values: [8, 9] }] }));
  const heldOut = Float64Array.of(3, 1, Number.NaN, 2, 8, 6, 5, 7);
  const table = cellTable(grid, { rows: Int32Array.from(heldOut.keys()), heldOut });
  const cells = Object.fromEntries(table.map(({ name, values }) => [name, [...values]]));
  assert.equal(cells.seed, [8, 9]);
  assert.equal(cells.diverged, [1, 0]);
  assert.equal(cells.best_row, [1, 6]);
  assert.equal(cells.held_out_loss_min, [1, 5]);
  assert.equal(cells.held_out_loss_q25, [1.75, 5.75]);
  assert.equal(cells.held_out_loss_median, [2.5, 6.5]);
  assert.equal(cells.held_out_loss_max, [Number.POSITIVE_INFINITY, 8]);
});

test('cells: one that is cut by the border of blocks is put together', () => {
  const grid = expandGrid(parseSpec({ ...SPEC, replicas: 4 }));
  const collect = createCellCollector(grid);
  const sizes = [3, 3, 2].map((size, k) => {
    const rows = Int32Array.from({ length: size }, (_, i) => 3 * k + i);
    return collect({ rows, heldOut: Float64Array.from(rows) });
  });
  assert.equal(
    sizes.map((table) => table[0].values.length),
    [0, 1, 1],
  );
  assert.equal([...sizes[2].find(({ name }) => name === 'held_out_loss_max')!.values], [7]);
});

/** Why a small file system cannot be mounted here, or null. */
function mountMissing(): string | null {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), 'superpose-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=32k', 'tmpfs', place]);
  if (mounted.status === 0) execFileSync('umount', [place]);
  fs.rmdirSync(place);
  return mounted.status === 0 ? null : `mounting a tmpfs needs root: ${mounted.stderr}`.trim();
}

testUnless(
  mountMissing(),
  'a full disk ends in a clear message, and the sweep goes on when there is room',
  async () => {
    await run(at('whole'));
    fs.mkdirSync(at('disk'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=20k', 'tmpfs', at('disk')]);
    try {
      const target = at('disk', 'a');
      const full = await run(target).catch((error) => error);
      assert.is(full.code, 'ENOSPC');
      assert.match(messageOf(full), /the disk is full/);
      execFileSync('mount', ['-o', 'remount,size=1m', at('disk')]);
      const { notes } = await run(target, { resume: true });
      assert.match(notes[0], /^[1-4] of 5 blocks were finished before/);
      assertSameFolder(target, at('whole'));
    } finally {
      execFileSync('umount', [at('disk')]);
    }
  },
);

test('a plan counts what will run and measures how fast', async () => {
  const plan = await planSweep(
    { ...SPEC, training: { steps: 2000, batch: 64 } },
    { engine: 'reference', blockInstances: 2, shard: { index: 0, of: 2 } },
  );
  assert.is(plan.blocks, 3);
  assert.is(plan.models, 6);
  assert.is(plan.steps, 6 * 2000);
  assert.is(plan.samples, 6 * 2000 * 64);
  assert.ok(plan.samplesPerSecond > 1e4 && plan.samplesPerSecond < 1e9, `${plan.samplesPerSecond}`);
  assert.ok(Math.abs(plan.seconds * plan.samplesPerSecond - plan.samples) < 1);
});

test('the planned disk is what the sweep takes, within a third', async () => {
  const spec = { ...SPEC, replicas: 200 };
  const plan = await planSweep(spec, { engine: 'reference' });
  await run(at('a'), { blockInstances: null }, spec);
  const bytes = Object.values(contents(at('a'))).reduce((sum, text) => sum + text.length, 0);
  assert.ok(Math.abs(plan.diskBytes / bytes - 1) < 1 / 3, `planned ${plan.diskBytes}, took ${bytes}`);
});

test('the page of a running sweep shows its cells, to this machine alone', async () => {
  const spec = parseSpec(SPEC);
  const page = await serveSweep(spec, 0);
  try {
    const cells = async () => (await fetch(`${page.url}cells`)).json();
    assert.equal((await cells()).best, [null, null, null]);
    page.update({
      kind: 'block',
      range: { index: 0, group: 0, from: 0, to: 5 },
      rows: Int32Array.of(0, 1, 2, 3, 4),
      heldOut: Float64Array.of(3, 2, 4, Number.NaN, 5),
    });
    assert.equal((await cells()).best, [2, 5, null]);
    const diverged = { rows: Int32Array.of(5), heldOut: Float64Array.of(Number.NaN) };
    page.update({ kind: 'block', range: { index: 1, group: 0, from: 5, to: 6 }, ...diverged });
    assert.equal((await cells()).best, [2, 5, null], 'a diverged replica takes nothing away');
    assert.match(await (await fetch(page.url)).text(), /<canvas/);
    assert.match(page.url, /^http:\/\/127\.0\.0\.1:/);
    assert.is(await statusWithHost(page.url, 'evil.example'), 403);
  } finally {
    page.close();
  }
});

/** Status of a request that names another host, as a page that rebinds its name would send. */
function statusWithHost(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    http.get(url, { headers: { host } }, (response) => resolve(response.resume().statusCode));
  });
}

test('a sweep of many different cells says how far it is laid out, and stops when told to', async () => {
  const axis = (path: string) => ({ path, from: 1, to: 0.5, count: 200 });
  const spec = parseSpec({
    ...SPEC,
    replicas: 2,
    sweep: [axis('input.density'), axis('training.learningRate')],
  });
  const grid = expandGrid(spec);
  const done: number[] = [];
  const own = await finish(layOut(spec), (event) => {
    assert.is(event.of, 80_000);
    done.push(event.done);
  });
  assert.equal(done, [0, 32_768, 65_536]);
  assert.equal(own.groups[0].problem.keys, grid.groups[0].problem.keys);
  assert.equal(own.axisValues, grid.axisValues);
  const steps = { path: 'training.steps', from: 10, to: 1109, count: 1100 }; // a group for each
  const groups: number[] = [];
  await finish(layOut(parseSpec({ ...SPEC, replicas: 1, sweep: [steps] })), ({ done }) => {
    groups.push(done);
  });
  assert.equal(groups, [0, 512, 1024]);
  const control = new AbortController();
  const stopped = finish(layOut(spec, control.signal), () => control.abort(new Error('enough')));
  assert.match(await stopped.then(String, String), 'enough');
});

test.run();
