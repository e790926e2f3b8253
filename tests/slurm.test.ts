import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { submitCommand } from '../sim/cli/submit.ts';
import { parseShard } from '../sim/cli/sweep.ts';
import { mergeSweeps } from '../sim/sweep/merge.ts';
import { plainName, shellQuote, slurmScript } from '../sim/sweep/slurm.ts';
import { sweep } from '../sim/sweep/sweep.ts';
import { builtProgram } from './built.ts';
import { testUnless } from './skip.ts';

let cli = '';
const SHARDS = 4;
const SPEC = {
  name: 'slurm; rm -rf "$HOME"', // a name is text, never a command
  model: { features: 2, hidden: 1 },
  input: { density: 0.5 },
  training: { batch: 8 },
  sweep: [{ path: 'training.steps', values: [2e3, 2e3, 2e3, 4e5, 2e3, 2e3, 2e3, 2e3] }], // blocks; task 1 has 2 and 3
};

let folder = '';
const daemons: ChildProcess[] = [];

/** Why a Slurm cluster of one node cannot be started here, or null. */
function slurmMissing(): string | null {
  if (process.getuid?.() !== 0) return 'starting slurmd needs root';
  const missing = ['munged', 'slurmctld', 'slurmd', 'sbatch'].filter(
    (program) => spawnSync('which', [program], { env: withSbin() }).status !== 0,
  );
  return missing.length > 0 ? `${missing.join(', ')} not installed (Debian: slurm-wlm, munge)` : null;
}

function withSbin(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: `${process.env.PATH}:/usr/sbin:/sbin`,
    SLURM_CONF: path.join(folder, 'slurm.conf'),
  };
}

/** A free port, below those that the system gives to whoever asks for any. */
async function freePort(): Promise<number> {
  const port = 20_000 + crypto.randomInt(12_000);
  const server = net.createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.on('error', () => resolve(false)).listen(port, () => resolve(true));
  });
  if (!free) return freePort();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function slurmConf(): Promise<string> {
  const host = os.hostname().split('.')[0];
  const at = (name: string) => path.join(folder, name);
  return `
ClusterName=superpose
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${await freePort()}
SlurmdPort=${await freePort()}
AuthType=auth/munge
AuthInfo=socket=${at('munge.socket')}
SlurmUser=root
SlurmdUser=root
StateSaveLocation=${at('state')}
SlurmdSpoolDir=${at('spool')}
SlurmctldPidFile=${at('slurmctld.pid')}
SlurmdPidFile=${at('slurmd.pid')}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
NodeName=${host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`;
}

function daemon(program: string, args: string[]): void {
  const log = fs.openSync(path.join(folder, `${program}.log`), 'w');
  daemons.push(spawn(program, args, { env: withSbin(), stdio: ['ignore', log, log] }));
}

const PATIENCE = 240_000; // ms

async function until(
  what: string,
  holds: () => boolean,
  every = 250,
  state: () => string = logs,
): Promise<void> {
  const limit = Date.now() + PATIENCE;
  while (!holds()) {
    if (Date.now() > limit) throw new Error(`waited ${PATIENCE} ms for ${what}:\n${state()}`);
    await sleep(every);
  }
}

/** The last lines of what the daemons say. */
function logs(): string {
  const files = fs.readdirSync(folder).filter((name) => name.endsWith('.log'));
  return files.map((name) => fs.readFileSync(path.join(folder, name), 'utf8').slice(-1500)).join('\n');
}

const ask = (...words: string[]) =>
  spawnSync(words[0], words.slice(1), { env: withSbin(), encoding: 'utf8' });

async function startCluster(): Promise<void> {
  const key = path.join(folder, 'munge.key');
  fs.writeFileSync(key, crypto.randomBytes(128), { mode: 0o600 });
  for (const name of ['state', 'spool']) fs.mkdirSync(path.join(folder, name));
  fs.writeFileSync(path.join(folder, 'slurm.conf'), await slurmConf());
  const socket = path.join(folder, 'munge.socket');
  const files = ['--pid-file', '--log-file', '--seed-file'].map(
    (f) => `${f}=${path.join(folder, `munge${f}`)}`,
  );
  daemon('munged', ['--foreground', '--force', `--socket=${socket}`, `--key-file=${key}`, ...files]);
  await until('munged', () => fs.existsSync(socket));
  daemon('slurmctld', ['-D']);
  daemon('slurmd', ['-D', '-N', os.hostname().split('.')[0]]);
  await until('an idle node', () => ask('sinfo', '-h', '-o', '%T').stdout.trim() === 'idle');
}

async function stopCluster(): Promise<void> {
  ask('scancel', '--full', '-u', 'root');
  for (const child of daemons.reverse()) {
    child.kill('SIGTERM');
    await Promise.race([new Promise((resolve) => child.on('exit', resolve)), sleep(5000)]);
    child.kill('SIGKILL');
  }
}

function contents(target: string): Record<string, string> {
  const names = fs.readdirSync(target, { recursive: true }) as string[];
  const files = names.filter((name) => fs.statSync(path.join(target, name)).isFile()).sort();
  return Object.fromEntries(files.map((name) => [name, fs.readFileSync(path.join(target, name), 'latin1')]));
}

test.before(async () => {
  cli = await builtProgram();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'superpose-slurm-'));
});
test.after(() => fs.rmSync(folder, { recursive: true, force: true }));

test('a shard is a part and a whole, or the task of a scheduler', () => {
  assert.equal(parseShard('3/16'), { index: 3, of: 16 });
  for (const [variable, value] of [
    ['SLURM_ARRAY_TASK_ID', '7'],
    ['JOB_COMPLETION_INDEX', '0'],
  ]) {
    process.env[variable] = value;
    assert.equal(parseShard('task/16'), { index: Number(value), of: 16 });
    delete process.env[variable];
  }
  for (const value of ['1.5', '-1', 'abc', '16', '']) {
    process.env.JOB_COMPLETION_INDEX = value;
    assert.throws(() => parseShard('task/16'), /Expected/, value);
    delete process.env.JOB_COMPLETION_INDEX;
  }
  for (const text of ['16/16', '-1/4', '1', '1/0', 'task/4', '1.5/4']) assert.throws(() => parseShard(text));
});

test('a quoted word reaches the shell unchanged', () => {
  for (const word of ['plain', 'two words', "it's", '$HOME `id` "x" \\ ;&|', 'a\nb', '']) {
    const printed = execFileSync('bash', ['-c', `printf %s ${shellQuote(word)}`], { encoding: 'utf8' });
    assert.is(printed, word);
  }
});

/** Runs the batch script with a stand-in for the work; what it asked of scontrol, and its exit code. */
async function runScript(work: string, signal?: NodeJS.Signals, restarts = 0, ending = 130) {
  const bin = path.join(folder, 'bin');
  const asked = path.join(folder, 'asked');
  fs.mkdirSync(bin, { recursive: true });
  fs.writeFileSync(path.join(bin, 'scontrol'), `#!/bin/sh\necho "$@" >> ${asked}\n`, { mode: 0o755 });
  fs.rmSync(asked, { force: true });
  const ready = path.join(folder, 'ready');
  fs.rmSync(ready, { force: true });
  const options = { name: 'n', arguments: [], folder, shards: 1, concurrent: 0, cpus: 1 };
  const script = slurmScript({
    ...options,
    command: ['bash', '-c', `trap "exit ${ending}" TERM; touch ${ready}; ${work}`],
  });
  const env = { PATH: `${bin}:${process.env.PATH}`, SLURM_JOB_ID: '7', SLURM_CPUS_PER_TASK: '1' };
  const child = spawn('bash', ['-c', script], {
    env: { ...env, SLURM_RESTART_COUNT: String(restarts) },
    stdio: 'ignore',
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  if (signal) {
    await until('the work', () => fs.existsSync(ready), 10);
    child.kill(signal);
  }
  const code = await ended;
  return { code, asked: fs.existsSync(asked) ? fs.readFileSync(asked, 'utf8').trim() : '' };
}

test('the batch script puts back what was killed or is out of time, and not what ended, failed or was cancelled', async () => {
  const long = 'for k in $(seq 200); do sleep 0.05; done';
  const back = 'requeue 7';
  assert.equal(await runScript('exit 0'), { code: 0, asked: '' });
  assert.equal(await runScript('exit 2'), { code: 2, asked: '' });
  assert.equal(await runScript('kill -9 $$'), { code: 137, asked: back });
  assert.equal(await runScript('kill -9 $$', undefined, 10), { code: 137, asked: '' });
  assert.equal(await runScript(long, 'SIGUSR1'), { code: 130, asked: back });
  assert.equal(await runScript(long, 'SIGUSR1', 10), { code: 130, asked: '' });
  assert.equal(await runScript(long, 'SIGTERM'), { code: 130, asked: '' });
  assert.equal(await runScript(long, 'SIGUSR1', 0, 0), { code: 0, asked: '' }); // done in time
});

/** Runs `superpose submit` here and returns what it prints. */
async function submit(...args: string[]): Promise<string> {
  const write = process.stdout.write;
  let output = '';
  process.stdout.write = (text) => {
    output += text;
    return true;
  };
  try {
    const command = submitCommand().exitOverride();
    for (const own of command.commands) own.exitOverride().configureOutput({ writeErr: () => {} });
    await command.parseAsync(args, { from: 'user' });
  } finally {
    process.stdout.write = write;
  }
  return output;
}

async function refusal(...args: string[]): Promise<string> {
  return submit(...args).then(
    () => 'accepted',
    (error) => error.message,
  );
}

test('submit hands on every choice, and refuses what would break the script or another sweep', async () => {
  const file = path.join(folder, 'small.json');
  fs.writeFileSync(file, JSON.stringify(SPEC));
  const out = path.join(folder, 'submitted');
  const slurm = ['slurm', file, '--shards', '2', '--block', '1', '--dry-run', '--out'];
  assert.match(
    await submit(...slurm, out, '--retry-diverged', '0.1', '--formats', 'csv,npz', '--time', '4:00:00'),
    /2 shards, not submitted/,
  );
  const script = fs.readFileSync(path.join(out, 'sweep.sbatch'), 'utf8');
  assert.match(script, /--engine simd --block 1 --retry-diverged 0\.1 --formats csv,npz --resume/); // auto, once
  assert.match(script, /^#SBATCH --signal=B:USR1@20$/m);
  assert.match(script, /^#SBATCH --time=4:00:00$/m);
  for (const option of ['--partition', '--time', '--memory']) {
    assert.match(await refusal(...slurm, out, option, 'x\nrm -rf .'), /one word/, option);
  }
  assert.match(await refusal(...slurm, path.join(folder, '100%')), /expected no ", %/);
  assert.match(await refusal(...slurm.slice(0, 3), '9', '--block', '1', '--dry-run'), /at most 8 shards/);
  fs.mkdirSync(path.join(out, 'shard-00000-of-2'));
  assert.match(await submit(...slurm, out), /not submitted/);
  assert.match(await refusal(...slurm, out, '--set', 'seed=7'), /holds shards of another spec/);
  const values = Array.from({ length: 60_000 }, (_, k) => (k + 1) / 60_001);
  fs.writeFileSync(file, JSON.stringify({ ...SPEC, sweep: [{ path: 'input.density', values }] }));
  const kubernetes = [
    'kubernetes',
    file,
    '--shards',
    '2',
    '--out',
    out,
    '--image',
    'registry.example/ours:1',
  ];
  assert.match(await refusal(...kubernetes), /ConfigMap holds/);
  assert.not.ok(fs.existsSync(path.join(out, 'job.json')));
});

test('names of jobs are plain', () => {
  assert.is(plainName(SPEC.name), 'slurm-rm-rf-home');
  assert.is(plainName('…'), 'sweep');
  assert.is(plainName('-'), 'sweep');
  for (const cut of [38, 39, 40, 41]) {
    assert.match(plainName(`--${'a'.repeat(cut)}-tail`), /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, String(cut));
  }
});

testUnless(
  slurmMissing(),
  'near its time limit a task goes back into the queue and resumes, cancelled it stays away; a job array with a task killed midway is requeued, resumes, and merges to the bytes of one machine',
  async () => {
    await startCluster();
    try {
      await runLimited();
      await runArray();
    } finally {
      await stopCluster();
    }
  },
);

/**
 * Starts a requeued task, with half an hour, before its two minutes are over, though not at once: a node does not
 * start a job in the second in which it was killed there, and Slurm takes that for a failure.
 */
async function startAgain(task: string, holds: () => boolean): Promise<void> {
  const state = () => ask('scontrol', 'show', 'job', task).stdout;
  await until(
    'the requeue',
    () => /JobState=PENDING/.test(state()) && /Restarts=[1-9]/.test(state()),
    250,
    state,
  );
  await sleep(5_000);
  ask('scontrol', 'update', `JobId=${task}`, 'StartTime=now', 'TimeLimit=30');
  await until(`the second start of ${task}`, holds, 250, () => `${state()}\n${logs()}`);
}

/** A task of a minute with more work than that: stops, is requeued, resumes with more time; then it is cancelled. */
async function runLimited(): Promise<void> {
  const spec = path.join(folder, 'limited.json');
  const out = path.join(folder, 'limited');
  const values = new Array(300).fill(1e5);
  fs.writeFileSync(spec, JSON.stringify({ ...SPEC, sweep: [{ path: 'training.steps', values }] }));
  const one = ['--shards', '1', '--block', '1', '--engine', 'reference', '--cpus', '1'];
  const words = ['submit', 'slurm', spec, ...one, '--time', '1', '--out', out];
  const sent = ask(process.execPath, cli, ...words);
  const task = `${sent.stdout.match(/submitted as job (\d+)/)?.[1]}_0`;
  const state = () => ask('scontrol', 'show', 'job', task).stdout;
  const log = () => fs.readFileSync(path.join(out, 'task-0.log'), 'utf8');
  await until('the requeue before the limit', () => /Restarts=1/.test(state()));
  assert.match(
    log(),
    /interrupted; the finished blocks are in .*\n.*near the time limit; back into the queue/,
  );
  await startAgain(task, () => /of 300 blocks were finished before/.test(log()));
  ask('scancel', task);
  await until('the cancelled task to end', () => !/JobState=(RUNNING|COMPLETING)/.test(state()));
  await sleep(2_000);
  assert.match(state(), /JobState=CANCELLED/);
  assert.match(state(), /Restarts=1/);
}

async function runArray(): Promise<void> {
  const spec = path.join(folder, 'spec.json');
  const out = path.join(folder, 'out');
  fs.writeFileSync(spec, JSON.stringify(SPEC));
  const options = [
    '--shards',
    String(SHARDS),
    '--block',
    '1',
    '--engine',
    'reference',
    '--cpus',
    '1',
    '--out',
    out,
  ];
  const sent = ask(process.execPath, cli, 'submit', 'slurm', spec, ...options);
  assert.is(sent.status, 0, sent.stderr);
  const job = sent.stdout.match(/submitted as job (\d+)/)?.[1];
  await killTask(out, `${job}_1`);
  await startAgain(`${job}_1`, () => ask('squeue', '-h', '-j', job!).stdout.trim() === '');
  const log = fs.readFileSync(path.join(out, 'task-1.log'), 'utf8');
  assert.match(log, /1 of 2 blocks were finished before/);
  await mergeSweeps([out], path.join(folder, 'merged'));
  const whole = path.join(folder, 'whole');
  for await (const _ of sweep(SPEC, whole, { engine: 'reference', blockInstances: 1 }));
  assert.equal(contents(path.join(folder, 'merged')), contents(whole));
}

/** Kills the process of task 1 with kill -9 once its first block is stored. */
async function killTask(out: string, task: string): Promise<void> {
  const shard = path.join(out, 'shard-00001-of-4');
  const first = path.join(shard, 'blocks/block-0000002.safetensors');
  await until('the first block of task 1', () => fs.existsSync(first), 10);
  const { pid } = JSON.parse(fs.readFileSync(path.join(shard, 'lock'), 'utf8'));
  process.kill(pid, 'SIGKILL');
  await until('the requeue', () => /Restarts=1/.test(ask('scontrol', 'show', 'job', task).stdout));
}

test.run();
