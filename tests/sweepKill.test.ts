import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SpecInput } from '../sim/spec.ts';
import { ALL_TRIALS } from './trials.ts';

const ROOT = path.join(import.meta.dirname, '..');
const CHILD = path.join(ROOT, 'dist/tests/sweepChild.mjs'); // bundled, so that hundreds of starts are cheap
const STRIDE = ALL_TRIALS ? 2 : 8; // about two hundred kills, else about fifty
const RANDOM_KILLS = ALL_TRIALS ? 110 : 25;

const SPEC: SpecInput = {
  model: { features: 2, hidden: 1 },
  input: { density: 0.5 },
  training: { steps: 30, batch: 4, learningRate: 0.01 },
  sweep: [{ path: 'input.density', values: [0.1, 0.5, 0.9] }],
  replicas: 4,
  record: { lossEvery: 10, snapshots: [15] },
};

let folder = '';
let whole: Record<string, string> = {}; // the folder of a sweep that was never interrupted
let calls = 0; // what it changed in the file system
let seconds = 0; // how long it took

interface Ended {
  signal: NodeJS.Signals | null;
  output: string;
}

/** Sweeps into `target` in a child; kills it at its `killAt`-th change to the disk, or after some time. */
function sweepIn(target: string, killAt = 0, killAfter = Number.POSITIVE_INFINITY): Promise<Ended> {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(SPEC), target, String(killAt)]);
  const timer = Number.isFinite(killAfter)
    ? setTimeout(() => child.kill('SIGKILL'), killAfter * 1000)
    : undefined;
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  return new Promise((resolve) =>
    child.on('close', (_code, signal) => {
      clearTimeout(timer);
      resolve({ signal, output });
    }),
  );
}

/** Every file of a folder, by name, as text that keeps each byte. */
function contents(target: string): Record<string, string> {
  const files = fs
    .readdirSync(target, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [path.relative(target, file), fs.readFileSync(file, 'latin1')]),
  );
}

function assertWhole(target: string, what: string): void {
  const got = contents(target);
  assert.equal(Object.keys(got), Object.keys(whole), what);
  for (const name of Object.keys(whole)) assert.ok(got[name] === whole[name], `${what}: ${name} differs`);
}

/** Runs two lanes of work to their ends, then fails if one of them did. */
async function twice(lane: () => Promise<void>): Promise<void> {
  for (const ended of await Promise.allSettled([lane(), lane()])) {
    if (ended.status === 'rejected') throw ended.reason;
  }
}

test.before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'superpose-kill-'));
  await build({
    entryPoints: [path.join(import.meta.dirname, 'sweepChild.ts')],
    outfile: CHILD,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['gpu.js', 'webgpu', 'watr'],
    banner: { js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);" },
    logLevel: 'error',
  });
  const started = performance.now();
  const ended = await sweepIn(path.join(folder, 'whole'));
  seconds = (performance.now() - started) / 1000;
  assert.is(ended.signal, null, ended.output);
  calls = Number(ended.output.match(/calls (\d+)/)?.[1]);
  whole = contents(path.join(folder, 'whole'));
});
test.after(() => fs.rmSync(folder, { recursive: true }));

test('killed at any change it makes to the disk, a sweep resumes to the same bytes', async () => {
  assert.ok(calls > 100, `only ${calls} calls`);
  const places = Array.from({ length: calls }, (_, k) => k + 1).filter((k) => k % STRIDE === 0);
  const queue = [...places];
  await twice(async () => {
    for (let k = queue.shift(); k !== undefined; k = queue.shift()) await killAtCall(k);
  });
  console.log(`${places.length} processes killed, at every ${STRIDE} of ${calls} changes`);
});

async function killAtCall(k: number): Promise<void> {
  const target = path.join(folder, `call-${k}`);
  const killed = await sweepIn(target, k);
  assert.is(killed.signal, 'SIGKILL', `call ${k}: ${killed.output}`);
  const resumed = await sweepIn(target);
  assert.is(resumed.signal, null, resumed.output);
  assertWhole(target, `killed at call ${k}: ${resumed.output}`);
  fs.rmSync(target, { recursive: true });
}

test('killed at random moments, again and again, a sweep resumes to the same bytes', async () => {
  let kills = 0;
  let sweeps = 0;
  await twice(async () => {
    while (kills < RANDOM_KILLS) {
      const target = path.join(folder, `random-${sweeps++}`);
      let ended: Ended = { signal: 'SIGKILL', output: '' };
      for (let longest = 1.2 * seconds; ended.signal === 'SIGKILL'; longest *= 1.05) {
        ended = await sweepIn(target, 0, Math.random() * longest); // a busy machine may need ever longer to start
        if (ended.signal === 'SIGKILL') kills++;
        else assert.match(ended.output, /calls/);
      }
      assertWhole(target, `random kill, sweep ${sweeps}`);
    }
  });
  console.log(`${kills} processes killed in ${sweeps} sweeps`);
});

test.run();
