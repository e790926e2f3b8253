/** Locks that are taken over: forced orders, races, processes that stop and wake, namespaces, disks without links. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os, { constants } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ownProcess } from '../sim/store/process.ts';
import { lockFolder } from '../sim/sweep/lock.ts';
import { sweep } from '../sim/sweep/sweep.ts';
import { finish } from '../sim/train.ts';
import {
  buildFaults,
  childFile,
  contents,
  differences,
  type Fault,
  faultyEnv,
  runJob,
  SPEC,
  shimMissing,
} from './faults.ts';
import { testUnless } from './skip.ts';
import { ALL_TRIALS } from './trials.ts';

const HISTORIES = ALL_TRIALS ? 40 : 8; // of stopping and waking
const RACES = ALL_TRIALS ? 100 : 12;
const PATIENCE = 120_000; // ms

const missing = shimMissing();
let root = '';
let folder = '';
const started: ChildProcess[] = []; // none of them may outlive this file
let whole: Record<string, string> = {};

const OPTIONS = { engine: 'simd', threads: 1, blockInstances: 5, resume: true } as const;
const resume = (target: string) =>
  finish(sweep(SPEC, target, { ...OPTIONS, formats: ['csv', 'parquet', 'npz'] }));

test.before(async () => {
  root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'superpose-takeover-')));
  await resume(path.join(root, 'whole'));
  whole = contents(path.join(root, 'whole'));
  if (missing) return;
  await buildFaults('faultChild');
  await buildFaults('lockChild');
});
test.before.each(() => {
  folder = fs.mkdtempSync(path.join(root, 'folder-'));
});
test.after(() => {
  for (const child of started) child.kill('SIGKILL');
  fs.rmSync(root, { recursive: true });
});
const at = (...names: string[]) => path.join(folder, ...names);

/** A child of lockChild.ts. */
interface Locker {
  process: ChildProcess;
  /** The next line that it says. */
  heard(): Promise<string>;
  tell(order: string): Promise<string>;
  end(): Promise<void>;
}

function startLocker(fault?: Fault, before: string[] = []): Locker {
  const [program, ...args] = [...before, process.execPath, childFile('lockChild'), folder];
  const env = fault ? faultyEnv(folder, fault) : process.env;
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  started.push(child);
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const heard = async () =>
    (await Promise.race([lines.next(), sleep(PATIENCE, undefined, { ref: false })]))?.value ?? 'silence';
  return {
    process: child,
    heard,
    tell(order) {
      child.stdin.write(`${order}\n`);
      return heard();
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = new Promise((resolve) => child.on('exit', resolve));
      child.kill('SIGKILL');
      await closed;
    },
  };
}

/** Waits until a process is stopped. */
async function stopped({ pid }: ChildProcess, what = ''): Promise<void> {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(5)) {
    const stat = fs.existsSync(`/proc/${pid}/stat`) ? fs.readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
    if (stat.split(') ').at(-1)?.startsWith('T')) return;
  }
  throw new Error(`it did not stop ${what}`);
}

/** A lock of a process that no longer lives. */
function leaveStale(): void {
  const dead = spawnSync('true').pid;
  fs.writeFileSync(at('lock'), JSON.stringify({ ...ownProcess(), pid: dead, started: '1' }));
}

/** Makes the last lock of a folder look as if its holder had been silent for long. */
function silence(target: string): void {
  for (const name of fs.readdirSync(target).filter((entry) => /^lock(\.\w{16})?$/.test(entry))) {
    fs.utimesSync(path.join(target, name), Date.now() / 1000 - 600, Date.now() / 1000 - 600);
  }
}

/** Calls on the way to a stale lock: up to the one that takes it, and behind it. */
const BEFORE = ['openr:2', 'open:1', 'link:1'];
const BEHIND = ['unlink:1', 'openr:4'];

testUnless(
  missing,
  'of three processes at a stale lock, stopped at every call on the way, one holds the folder',
  async () => {
    let orders = 0;
    for (const point of BEFORE) {
      for (const other of [...BEFORE, ...BEHIND]) {
        for (const name of fs.readdirSync(folder)) fs.rmSync(at(name));
        leaveStale();
        const lockers: Locker[] = [];
        for (const call of [point, other]) {
          lockers.push(startLocker({ at: call, deed: 'stop' }));
          await stopped(lockers.at(-1)!.process, `at ${call} of ${point} ${other}`);
        }
        lockers.push(startLocker()); // while both stand still, a third comes and holds or is refused
        const said = [await lockers[2].heard()];
        for (const locker of lockers.slice(0, 2)) {
          locker.process.kill('SIGCONT');
          said.push(await locker.heard());
        }
        const renewed = await Promise.all(lockers.map((locker) => locker.tell('renew')));
        const held = said.filter((line) => line === 'held').length;
        assert.is(held, 1, `${point} ${other}: ${said}`);
        assert.is(renewed.filter((line) => line === 'renewed').length >= 1, true, String(renewed));
        for (const locker of lockers) await locker.end();
        orders++;
      }
    }
    console.log(`${orders} orders of three processes`);
  },
);

testUnless(
  missing,
  'processes that come to a stale lock at once: one holds it, also if the disk makes no links',
  async () => {
    const { EPERM } = constants.errno;
    for (let race = 0; race < RACES; race++) {
      for (const name of fs.readdirSync(folder)) fs.rmSync(at(name));
      leaveStale();
      const fault = race % 2 ? ({ at: 'link:1', deed: 'fail', error: EPERM } as const) : undefined;
      const lockers = [0, 1, 2, 3].map(() => startLocker(fault));
      const said = await Promise.all(lockers.map((locker) => locker.heard()));
      assert.is(said.filter((line) => line === 'held').length, 1, said.join('\n'));
      for (const line of said)
        assert.match(line, /^held$|is in use by process|does not say who holds it|others take and leave it/);
      const holder = lockers[said.indexOf('held')];
      assert.is(await holder.tell('renew'), 'renewed');
      assert.is(await holder.tell('release'), 'released');
      for (const locker of lockers) await locker.end();
      assert.equal(
        fs.readdirSync(folder).filter((name) => name === 'lock'),
        [],
      );
    }
    console.log(`${RACES} races of four processes`);
  },
);

testUnless(
  missing,
  'on a disk that makes no hard links a sweep runs, and a second process is refused',
  async () => {
    const { EPERM } = constants.errno;
    const ended = await runJob('sweep', at('out'), folder, { at: 'link:1', deed: 'fail', error: EPERM });
    assert.is(ended.code, 0, ended.output);
    assert.equal(differences(contents(at('out')), whole), []);
    const locker = startLocker({ at: 'link:1', deed: 'fail', error: EPERM });
    assert.is(await locker.heard(), 'held');
    assert.throws(() => lockFolder(folder), /is in use by process/);
    await locker.end();
  },
);

test('planted links are not followed, and what they lead to stays', () => {
  const victim = path.join(root, 'victim');
  fs.writeFileSync(victim, 'years of work');
  for (const name of [`lock.${process.pid}`, `lock.${process.pid}.now`, `lock.${process.pid}.stale`]) {
    fs.symlinkSync(victim, at(name));
  }
  const lock = lockFolder(folder);
  lock.renew();
  lock.clean();
  lock.release();
  assert.is(fs.readFileSync(victim, 'utf8'), 'years of work');
  fs.symlinkSync(victim, at('lock'));
  assert.throws(() => lockFolder(folder), /does not say who holds it/);
  assert.is(fs.readFileSync(victim, 'utf8'), 'years of work');
});

/** Why processes cannot be started in namespaces of their own here, or null. */
function namespaceMissing(...flags: string[]): string | null {
  if (missing) return missing;
  const { status, stderr } = spawnSync('unshare', [...flags, 'true'], { encoding: 'utf8' });
  return status === 0 ? null : `unshare ${flags.join(' ')}: ${stderr?.trim() ?? 'not installed'}`;
}

const PID_NAMESPACE = ['--fork', '--pid', '--mount-proc', '--kill-child'];

testUnless(
  namespaceMissing(...PID_NAMESPACE),
  'a container and its host, or two containers, of one host name do not take the lock of each other',
  async () => {
    const container = ['unshare', ...PID_NAMESPACE];
    const inside = startLocker(undefined, container);
    assert.is(await inside.heard(), 'held');
    assert.throws(() => lockFolder(folder), /is in use by process \d+ on/, 'the host');
    const beside = startLocker(undefined, container);
    assert.match(await beside.heard(), /is in use by process \d+ on/, 'another container');
    await beside.end();
    assert.is(await inside.tell('renew'), 'renewed');
    silence(folder);
    const lock = lockFolder(folder);
    assert.match(await inside.tell('renew'), /the lock is no longer this process's/);
    lock.renew();
    lock.release();
    await inside.end();
    assert.equal(fs.readdirSync(folder), []);
  },
);

/** A child of faultChild.ts that sweeps on what looks like a machine named `host`. */
function startElsewhere(
  host: string,
  target: string,
  fault: Fault,
): { process: ChildProcess; ended: Promise<string> } {
  const command = [process.execPath, childFile('faultChild'), 'sweep', JSON.stringify(SPEC), target];
  const child = spawn('unshare', ['--uts', 'sh', '-c', 'hostname "$0"; exec "$@"', host, ...command], {
    env: faultyEnv(target, fault),
  });
  started.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const ended = new Promise<string>((resolve) => child.on('close', (code) => resolve(`${code}: ${output}`)));
  return { process: child, ended };
}

testUnless(
  namespaceMissing('--uts'),
  'a holder that was stopped anywhere and wakes while, or after, another one goes on changes nothing',
  async () => {
    const count = path.join(root, 'count');
    await runJob('sweep', at('count'), at('count'), { at: 'rename:0', count });
    const renames = Number(fs.readFileSync(count, 'utf8'));
    for (let history = 0; history < HISTORIES; history++) {
      const target = at(`history-${history}`);
      const where = 2 + Math.floor((history * (renames - 2)) / HISTORIES); // the first is of sweep.json
      const first = startElsewhere('first', target, { at: `rename:${where}`, deed: 'stop' });
      await stopped(first.process);
      silence(target);
      const wakesWhile = history % 2 === 0;
      const second = startElsewhere('second', target, { at: `rename:${wakesWhile ? 2 : 0}`, deed: 'stop' });
      if (wakesWhile) await stopped(second.process);
      else assert.match(await second.ended, /^0: /);
      first.process.kill('SIGCONT');
      assert.match(await first.ended, /^[12]: .*error: /s, `stopped at rename ${where}`);
      second.process.kill('SIGCONT');
      assert.match(await second.ended, /^0: /, `stopped at rename ${where}`);
      assert.equal(differences(contents(target), whole), [], `stopped at rename ${where}`);
    }
    console.log(`${HISTORIES} histories, stopped at ${HISTORIES} of ${renames} renames`);
  },
);

test.run();
