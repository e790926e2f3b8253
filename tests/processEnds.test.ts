/** Whatever goes wrong, or wherever a user stops, on the default engine: the process says so and ends. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sweep } from '../sim/sweep/sweep.ts';
import { verifyFolder } from '../sim/sweep/verify.ts';
import { finish } from '../sim/train.ts';
import { builtProgram } from './built.ts';
import { testUnless } from './skip.ts';

const ROOT = path.join(import.meta.dirname, '..');
let cli = '';
const PATIENCE = 240_000; // ms, for a process that hangs, not for one that is slow
const SPEC = {
  model: { features: 20, hidden: 5 },
  input: { density: 0.1 },
  training: { steps: 40, batch: 64 },
  replicas: 400,
};

let folder = '';
test.before(async () => {
  cli = await builtProgram();
});
test.before.each(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'superpose-ends-'));
});
test.after.each(() => fs.rmSync(folder, { recursive: true, force: true }));
const at = (...names: string[]) => path.join(folder, ...names);

interface Ended {
  code: number | null; // null: it hung and was killed
  output: string;
}

function ending(child: ChildProcess): Promise<Ended> {
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (text) => (output += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  return new Promise((resolve) =>
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    }),
  );
}

/** Runs a script that may use train, trainAll, sweep, finish, planSweep, sweepAdaptively, SPEC and OUT. */
function script(body: string): Promise<Ended> {
  const module = (name: string) => JSON.stringify(path.join(ROOT, 'sim', name));
  const text = `
    import fs from 'node:fs';
    import { finish, sweepAdaptively, train, trainAll } from ${module('index.ts')};
    import { sweep, planSweep } from ${module('sweep/index.ts')};
    const SPEC = ${JSON.stringify(SPEC)};
    const OUT = ${JSON.stringify(at('out'))};
    try {
      ${body}
      console.log('came to the end');
    } catch (error) {
      console.error(error); // node ends by itself at an error that nobody caught
      process.exitCode = 1;
    }`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', text];
  return ending(spawn(process.execPath, args, { cwd: ROOT }));
}

function superpose(...args: string[]): Promise<Ended> {
  return ending(spawn(process.execPath, [cli, ...args]));
}

/** Blocks of a hundred models: four of them, and several events in each. */
const SWEEP = 'sweep({ ...SPEC, training: { ...SPEC.training, steps: 1000 } }, OUT, { blockInstances: 100 })';

for (const [what, body, code, message] of [
  ['a break out of train', 'for await (const _ of train(SPEC)) break;', 0, /came to the end/],
  ['a break out of sweep', `for await (const _ of ${SWEEP}) break;`, 0, /came to the end/],
  [
    'a break out of sweep after a block',
    `for await (const { kind } of ${SWEEP}) if (kind === 'block') break;`,
    0,
    /came to the end/,
  ],
  [
    'an error in the body of a loop over sweep',
    `for await (const _ of ${SWEEP}) throw new Error('mine');`,
    1,
    /Error: mine/,
  ],
  [
    'an error in onEvent of trainAll',
    `await trainAll(SPEC, {}, () => { throw new Error('mine'); });`,
    1,
    /Error: mine/,
  ],
  [
    'an error in onEvent of finish',
    `await finish(${SWEEP}, async () => { throw new Error('mine'); });`,
    1,
    /Error: mine/,
  ],
  [
    'an iterator that is returned by hand',
    'const events = train(SPEC); await events.next(); await events.return();',
    0,
    /came to the end/,
  ],
  [
    'a lock that is removed under a running sweep',
    `for await (const { kind } of ${SWEEP}) if (kind === 'block') fs.rmSync(OUT + '/lock');`,
    1,
    /StoreError: /,
  ],
  [
    'a block folder that is removed under a running sweep',
    `for await (const { kind } of ${SWEEP}) if (kind === 'block') fs.rmSync(OUT + '/blocks', { recursive: true });`,
    1,
    /ENOENT/,
  ],
  [
    'a label that throws in sweepAdaptively',
    `const sweepAxes = ['input.density', 'input.importance.0'].map((path) => ({ path, values: [0.1, 1] }));
     await sweepAdaptively({ ...SPEC, replicas: 4, sweep: sweepAxes }, async () => { throw new Error('mine'); });`,
    1,
    /Error: mine/,
  ],
  [
    'an abort in the middle of trainAll',
    `const stop = new AbortController();
     await trainAll({ ...SPEC, training: { steps: 1e6 } }, { signal: stop.signal }, () => stop.abort(new Error('mine')));`,
    1,
    /Error: mine/,
  ],
  [
    'a plan, which stops in the middle',
    'await planSweep({ ...SPEC, training: { steps: 1e6 } });',
    0,
    /came to the end/,
  ],
] as const) {
  test(`${what}: the process ends`, async () => {
    const ended = await script(body);
    assert.is(ended.code, code, `${ended.code === null ? 'hung: ' : ''}${ended.output}`);
    assert.match(ended.output, message);
    if (fs.existsSync(at('out')) && !what.includes('lock')) assert.not.ok(fs.existsSync(at('out/lock')));
  });
}

/** Sweeps at the command line and sends a signal as soon as `due`. */
async function interrupted(signal: NodeJS.Signals, due: () => boolean): Promise<Ended> {
  const spec = at('spec.json');
  fs.writeFileSync(spec, JSON.stringify(LOSSES));
  const args = ['sweep', spec, '--quiet', '--out', at('out'), '--block', '500', '--engine', 'simd'];
  const child = spawn(process.execPath, [cli, ...args]);
  const ended = ending(child);
  const timer = setInterval(() => {
    if (!due()) return;
    clearInterval(timer);
    child.kill(signal);
  }, 2);
  return ended.finally(() => clearInterval(timer));
}

/** 2,000 models with so many recorded losses that their table takes a second. */
const LOSSES = {
  model: { features: 2, hidden: 1 },
  input: { density: 0.5 },
  training: { steps: 400, batch: 8 },
  replicas: 2000,
  record: { lossEvery: 1 },
};
const inFolder = (pattern: RegExp) =>
  fs.existsSync(at('out')) &&
  fs.readdirSync(at('out'), { recursive: true }).some((name) => pattern.test(String(name)));

for (const [what, signal, due] of [
  [
    'a closed terminal (SIGHUP) after the first block',
    'SIGHUP',
    () => inFolder(/block-0000000\.safetensors$/),
  ],
  ['Ctrl-C while the tables are written', 'SIGINT', () => inFolder(/losses\.csv\..*unfinished$/)],
] as const) {
  test(`${what}: what is finished is kept, nothing half written stays, and the process ends`, async () => {
    const ended = await interrupted(signal, due);
    assert.is(ended.code, 130, ended.output);
    assert.match(ended.output, /^interrupted; the finished blocks are in .*, --resume continues/);
    assert.ok(inFolder(/block-0000000\.safetensors$/));
    assert.not.ok(inFolder(/^lock|unfinished|SHA256SUMS/), String(fs.readdirSync(at('out'))));
    const events = sweep(LOSSES, at('out'), { blockInstances: 500, engine: 'simd', resume: true });
    const { models } = await finish(events);
    assert.is(models, 2000);
    assert.equal((await verifyFolder(at('out'))).damaged, {});
  });
}

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
  'a disk that is full in mid-sweep: message, exit code, end, and room mends it',
  async () => {
    const spec = at('spec.json');
    fs.writeFileSync(spec, JSON.stringify({ ...SPEC, training: { steps: 400, batch: 64 } }));
    fs.mkdirSync(at('disk'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200k', 'tmpfs', at('disk')]);
    try {
      const args = ['sweep', spec, '--block', '100', '--quiet', '--out', at('disk/out')];
      const full = await superpose(...args);
      assert.is(full.code, 1, full.output);
      assert.match(full.output, /^error: .*the disk is full \(ENOSPC\)/);
      execFileSync('mount', ['-o', 'remount,size=1m', at('disk')]);
      const again = await superpose(...args, '--resume');
      assert.is(again.code, 0, again.output);
      const train = await superpose(
        'train',
        spec,
        '--quiet',
        '--out',
        at('disk/run'),
        '--set',
        'replicas=4000',
      );
      assert.is(train.code, 1, train.output);
      assert.match(train.output, /^error: .*the disk is full \(ENOSPC\)/);
    } finally {
      execFileSync('umount', [at('disk')]);
    }
  },
);

test.run();
