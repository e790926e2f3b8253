/** An error, a short write or a kill at the k-th call to the disk, on the default engine, for the k's of every kind. */

import fs from 'node:fs';
import os, { constants } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readRun } from '../sim/store/run.ts';
import { mergeSweeps } from '../sim/sweep/merge.ts';
import { sweep } from '../sim/sweep/sweep.ts';
import { finish } from '../sim/train.ts';
import {
  buildFaults,
  contents,
  differences,
  type Ended,
  type Fault,
  runJob,
  SPEC,
  shimMissing,
} from './faults.ts';
import { testUnless } from './skip.ts';
import { ALL_TRIALS } from './trials.ts';

const TRIALS = ALL_TRIALS ? Number.POSITIVE_INFINITY : 3; // of a kind of fault in a job: every k, else the first, one in the middle and the last
const { EIO, ENOSPC, EMFILE, EACCES, ESTALE } = constants.errno;

const missing = shimMissing();
let folder = '';
let whole: Record<string, string> = {};
const at = (...names: string[]) => path.join(folder, ...names);

interface Case {
  name: string;
  calls: string;
  deed: Fault['deed'];
  error?: number;
}

const CASES: Case[] = [
  { name: 'a write fails', calls: 'write', deed: 'fail', error: EIO },
  { name: 'a write is short', calls: 'write', deed: 'half' },
  { name: 'the disk is full for one call', calls: 'write', deed: 'full', error: ENOSPC },
  { name: 'a sync fails', calls: 'sync', deed: 'fail', error: EIO },
  { name: 'a rename fails', calls: 'rename', deed: 'fail', error: EIO },
  { name: 'a file cannot be made', calls: 'open', deed: 'fail', error: EMFILE },
  { name: 'a file cannot be opened', calls: 'openr', deed: 'fail', error: EMFILE },
  { name: 'a file may not be opened', calls: 'openr', deed: 'fail', error: EACCES },
  { name: 'a read fails', calls: 'read', deed: 'fail', error: EIO },
  { name: 'a read is stale', calls: 'read', deed: 'fail', error: ESTALE },
  { name: 'a read is short', calls: 'read', deed: 'half' },
  { name: 'a close fails', calls: 'close', deed: 'fail', error: EIO },
  { name: 'a removal fails', calls: 'unlink', deed: 'fail', error: EIO },
  { name: 'a folder cannot be made', calls: 'mkdir', deed: 'fail', error: EIO },
  { name: 'a folder cannot be listed', calls: 'readdir', deed: 'fail', error: EIO },
  { name: 'a link fails', calls: 'link', deed: 'fail', error: EIO },
  { name: 'killed', calls: 'any', deed: 'kill' },
  { name: 'killed in half a write', calls: 'write', deed: 'killhalf' },
];

/** Sweeps on in this process, where no fault is. Returns what was said. */
async function resume(target: string): Promise<string> {
  const notes: string[] = [];
  const options = { engine: 'simd', threads: 1, blockInstances: 5, resume: true } as const;
  const { trained } = await finish(
    sweep(SPEC, target, { ...options, formats: ['csv', 'parquet', 'npz'] }),
    (event) => {
      if (event.kind === 'note') notes.push(event.text);
    },
  );
  return `${notes.join('\n')}\ntrained ${trained}`;
}

/** Half a sweep: its middle block and some tables are not there. */
function half(target: string): void {
  fs.cpSync(at('whole'), target, { recursive: true });
  for (const name of ['SHA256SUMS', 'metrics.csv', 'cells.parquet', 'blocks/block-0000001.safetensors']) {
    fs.rmSync(path.join(target, name));
  }
}

interface Job {
  name: string;
  job: string;
  prepare(place: string): void;
  /** What must hold after the fault, and once the work was done again. */
  judge(place: string, ended: Ended): Promise<void>;
}

async function judgeSweep(place: string, { code }: Ended): Promise<void> {
  const said = await resume(path.join(place, 'out'));
  assert.not.match(said, /trained again/, 'a good block was given up');
  if (code === 0) assert.match(said, /trained 0/, 'success was said, and there was work left');
  assert.equal(differences(contents(path.join(place, 'out')), whole), []);
}

const JOBS: Job[] = [
  { name: 'a sweep', job: 'sweep', prepare: () => {}, judge: judgeSweep },
  {
    name: 'a resumed sweep',
    job: 'sweep',
    prepare: (place) => half(path.join(place, 'out')),
    judge: judgeSweep,
  },
  {
    name: 'a merge',
    job: 'merge',
    prepare: (place) => fs.cpSync(at('parts'), path.join(place, 'parts'), { recursive: true }),
    async judge(place, { code }) {
      const out = path.join(place, 'out');
      if (code !== 0 && !fs.existsSync(out)) await mergeSweeps([path.join(place, 'parts')], out);
      if (code === null) assert.match(await resume(out), /trained 0$/); // killed after its last step, the lock of the dead lies there
      assert.equal(differences(contents(out), whole), []);
    },
  },
  {
    name: 'train --force over an old run',
    job: 'train',
    prepare: (place) => fs.cpSync(at('run'), path.join(place, 'out'), { recursive: true }),
    async judge(place, { code }) {
      readRun(path.join(place, 'out')); // the old or the new one, whole; they hold the same models
      if (code === 0) assert.equal(fs.readdirSync(place), ['out']);
      const again = await runJob('train', path.join(place, 'out'), place);
      assert.is(again.code, 0, again.output);
      assert.equal(differences(contents(path.join(place, 'out')), contents(at('run'))), []);
      assert.equal(fs.readdirSync(place), ['out']);
    },
  },
];

test.before(async () => {
  if (missing) return;
  await buildFaults('faultChild');
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'superpose-faults-')));
  await resume(at('whole'));
  whole = contents(at('whole'));
  for (const index of [0, 1, 2]) {
    const options = { engine: 'simd', threads: 1, blockInstances: 5, shard: { index, of: 3 } } as const;
    await finish(
      sweep(SPEC, at('parts', `shard-${index}`), { ...options, formats: ['csv', 'parquet', 'npz'] }),
    );
  }
  const ended = await runJob('train', at('run'), folder);
  assert.is(ended.code, 0, ended.output);
});
test.after(() => {
  if (folder) fs.rmSync(folder, { recursive: true });
});

/** A place of its own for one trial. */
function placeFor(job: Job, name: string): string {
  const place = at(name);
  fs.mkdirSync(place);
  job.prepare(place);
  return place;
}

/** How many calls of each kind a job makes. */
async function countCalls(job: Job): Promise<Record<string, number>> {
  const kinds = [...new Set(CASES.map(({ calls }) => calls))];
  const place = placeFor(job, 'count');
  const count = at('count.txt');
  const ended = await runJob(job.job, path.join(place, 'out'), place, {
    at: kinds.map((kind) => `${kind}:0`).join(),
    count,
  });
  assert.is(ended.code, 0, ended.output);
  fs.rmSync(place, { recursive: true });
  const counts = fs.readFileSync(count, 'utf8').trim().split('\n').map(Number);
  return Object.fromEntries(kinds.map((kind, k) => [kind, counts[k]]));
}

/** k's spread over 1 … count, both ends among them. */
function chosen(count: number): number[] {
  if (count <= TRIALS) return Array.from({ length: count }, (_, k) => k + 1);
  return Array.from({ length: TRIALS }, (_, k) => 1 + Math.round((k * (count - 1)) / (TRIALS - 1)));
}

async function tryOne(job: Job, { name, calls, deed, error }: Case, k: number): Promise<void> {
  const what = `${job.name}, ${name}, ${calls} ${k}`;
  const place = placeFor(job, `${job.job}-${calls}-${deed}-${error}-${k}`);
  const ended = await runJob(job.job, path.join(place, 'out'), place, { at: `${calls}:${k}`, deed, error });
  assert.not.ok(ended.hung, `${what}: hung: ${ended.output}`);
  if (deed?.startsWith('kill')) assert.is(ended.code, null, `${what}: lived: ${ended.output}`);
  else if (ended.code !== 0) {
    assert.ok(ended.code === 1 || ended.code === 2, `${what}: exit code ${ended.code}`);
    assert.match(ended.output, /error: ./, `${what}: no message`);
  }
  assert.not.match(ended.output, /\n {4}at /, `${what}: a stack`);
  await job.judge(place, ended).catch((reason) => {
    throw new Error(`${what}, ${ended.output.trim()}: ${reason.message}`);
  });
  fs.rmSync(place, { recursive: true });
}

for (const job of JOBS) {
  testUnless(
    missing,
    `${job.name}: at the k-th call of every kind, an end, a message, and nothing lost`,
    async () => {
      const queue: (() => Promise<void>)[] = [];
      const counts = await countCalls(job);
      for (const kind of CASES) {
        for (const k of chosen(counts[kind.calls])) queue.push(() => tryOne(job, kind, k));
      }
      const trials = queue.length;
      const lane = async () => {
        for (let next = queue.shift(); next; next = queue.shift()) await next();
      };
      for (const ended of await Promise.allSettled([lane(), lane()])) {
        if (ended.status === 'rejected') throw ended.reason;
      }
      console.log(`${job.name}: ${trials} trials`);
    },
  );
}

test.run();
