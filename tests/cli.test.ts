import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { duration, short, timeLeft } from '../sim/cli/reporter.ts';
import { assign, chosenExperiments } from '../sim/cli/specs.ts';
import type { PaperName } from '../sim/experiments/papers.ts';
import { readRun } from '../sim/store/run.ts';
import { builtProgram } from './built.ts';
import { testUnless } from './skip.ts';

const TINY = {
  model: { features: 2, hidden: 1 },
  input: { density: 0.5 },
  training: { steps: 40, batch: 8 },
  replicas: 3,
};

let folder = '';
let specFile = '';
let cli = '';
test.before(async () => {
  cli = await builtProgram();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'superpose-cli-'));
  specFile = path.join(folder, 'tiny.json');
  fs.writeFileSync(specFile, JSON.stringify(TINY));
});
test.after(() => fs.rmSync(folder, { recursive: true }));

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the command line to its end, with Ctrl-C `times` as soon as `due` is true of what it has printed. */
function superpose(args: string[], due = (_printed: string) => false, times = 1): Promise<Ended> {
  const child = spawn(process.execPath, [cli, ...args]);
  const ended = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      ended[name] += text;
    });
  }
  const timer = setInterval(() => {
    if (!due(ended.stdout + ended.stderr)) return;
    clearInterval(timer);
    for (let k = 0; k < times; k++) setTimeout(() => child.kill('SIGINT'), 20 * k);
  }, 10);
  return new Promise((resolve) =>
    child.on('close', (code) => {
      clearInterval(timer);
      resolve({ code, ...ended });
    }),
  );
}

test('the checkout runs it through tsx, as the package does without', () => {
  const args = ['--import', 'tsx', path.join(import.meta.dirname, '../sim/cli.ts'), '--version'];
  const run = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.is(run.stdout, spawnSync(process.execPath, [cli, '--version'], { encoding: 'utf8' }).stdout);
  assert.match(run.stdout, /^\d+\.\d+\.\d+\n$/);
});

test('a path is set wherever it leads, and only there', () => {
  const spec = { ...TINY, sweep: [{ path: 'seed', values: [1, 2] }] };
  const changed = assign(spec, ['training.steps=7', 'sweep.0.values=[5]', 'training.optimizer=sgd', 'a.b=1']);
  assert.equal(changed, {
    ...spec,
    training: { steps: 7, batch: 8, optimizer: 'sgd' },
    sweep: [{ path: 'seed', values: [5] }],
    a: { b: 1 },
  });
  assert.equal(spec.training, TINY.training);
});

test('a number may be written as people type it', () => {
  const value = (text: string) => (assign(TINY, [`training.x=${text}`]).training as { x: unknown }).x;
  assert.equal(['.5', '-.5', '5.', '+2', '.5e-3', '[.1, 1., +3]'].map(value), [
    0.5,
    -0.5,
    5,
    2,
    0.5e-3,
    [0.1, 1, 3],
  ]);
  assert.equal(['sgd', '"a .5"', '1.2.3', '007', '{"base": .9}'].map(value), [
    'sgd',
    'a .5',
    '1.2.3',
    '007',
    { base: 0.9 },
  ]);
});

test('a path through a number, past the end of a list, or without a value is named', () => {
  assert.throws(() => assign(TINY, ['replicas.x=1']), /replicas\.x=1: replicas is 3, it has no fields/);
  assert.throws(() => assign({ ...TINY, sweep: [] }, ['sweep.0.path=1']), /sweep has no entry 0/);
  assert.throws(() => assign(TINY, ['training.steps']), /expected path=value/);
});

test('a path into the prototype changes no prototype', () => {
  assign(TINY, ['__proto__.polluted=1', 'constructor.prototype.polluted=1']);
  assert.not.ok('polluted' in {});
});

/** Runs the command line with nobody reading one of its streams; `reads` lines of it are read first. */
async function superposeUnread(stream: 'stdout' | 'stderr', args: string[], reads = 0): Promise<Ended> {
  const child = spawn(process.execPath, [cli, ...args]);
  const ended = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      ended[name] += text;
      if (name === stream && ended[name].split('\n').length > reads) child[name].destroy();
    });
  }
  if (reads === 0) child[stream].destroy();
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...ended })));
}

test('the work goes on when nobody reads what it prints', async () => {
  const args = ['train', specFile, '--engine', 'reference', '--set', 'training.steps=15000'];
  const whole = path.join(folder, 'read');
  assert.is((await superpose([...args, '--out', whole, '--quiet'])).code, 0);
  const ways = [
    ['stdout', 1, '--json'],
    ['stdout', 0, '--quiet'],
    ['stderr', 0, '--quiet'],
  ] as const;
  for (const [stream, lines, option] of ways) {
    const out = path.join(folder, `unread-${stream}-${lines}`);
    const { code, stderr } = await superposeUnread(stream, [...args, option, '--out', out], lines);
    assert.is(code, 0, stderr);
    assert.is(stderr, '');
    for (const name of ['weights.safetensors', 'metrics.csv']) {
      assert.ok(fs.readFileSync(path.join(out, name)).equals(fs.readFileSync(path.join(whole, name))), name);
    }
  }
  const failed = await superposeUnread('stderr', ['train', 'no-such']);
  assert.is(failed.code, 2);
});

testUnless(
  fs.existsSync('/dev/full') ? null : 'no /dev/full',
  'an output that cannot be written is said, and ends non-zero',
  () => {
    const full = fs.openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [cli, 'schema'], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    fs.closeSync(full);
    assert.is(status, 1);
    assert.is(stderr, 'error: the disk is full (ENOSPC); standard output is not complete\n');
  },
);

test('durations and counts are short', () => {
  assert.equal([0.2, 75, 3_700, 200_000].map(duration), ['1s', '1m15s', '1h01m', '2d7h']);
  const left = (seconds: number) => timeLeft({ seconds, etaSeconds: 75 } as never);
  assert.equal([0.5, 1].map(left), ['?', '1m15s']);
  assert.equal([12, 1_234, 5e6, 2.5e9].map(short), ['12', '1.23k', '5M', '2.5G']);
});

test('train writes a run that can be read, and refuses to write over it', async () => {
  const out = path.join(folder, 'run');
  const args = ['train', specFile, '--engine', 'reference', '--out', out, '--set', 'training.steps=5'];
  const first = await superpose(args);
  assert.is(first.code, 0, first.stderr);
  assert.match(first.stdout, /run: 3 models, 0 diverged, reference/);
  const run = readRun(out);
  assert.is(run.spec.training.steps, 5);
  assert.is(run.metrics.row.length, 3);
  const second = await superpose(args);
  assert.is(second.code, 2);
  assert.match(second.stderr, /^error: .*run exists already; pass --force/);
  assert.is((await superpose([...args, '--force', '--quiet'])).code, 0);
});

test('with --json every line of standard output is an object, the last one says where the run is', async () => {
  const out = path.join(folder, 'json');
  const ended = await superpose(['train', specFile, '--engine', 'reference', '--out', out, '--json']);
  const lines = ended.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.is(ended.stderr, '');
  assert.is(lines[0].event, 'progress');
  assert.is(lines.at(-1).event, 'done');
  assert.is(lines.at(-1).out, out);
  assert.is(lines.at(-1).models, 3);
});

for (const [what, args, message] of [
  ['an unknown command', ['fly'], /unknown command 'fly'/],
  ['an unknown option', ['train', 'x', '--fast'], /unknown option '--fast'/],
  ['an unknown engine', ['train', 'x', '--engine', 'abacus'], /Allowed choices are auto, simd/],
  ['a thread count that is none', ['train', 'x', '--threads', '1.5'], /Expected an integer in \[0, 1024\]/],
  [
    'an unknown experiment',
    ['train', 'no-such'],
    /no-such: expected an experiment or the file of a spec; superpose list names/,
  ],
  ['an unknown figure', ['figures', 'no-such'], /no-such: expected an experiment; superpose list names/],
  [
    'settings at another scale',
    ['settle', 'intro', '--settings', '--scale', 'paper'],
    /option '--settings' cannot be used with option '--scale/,
  ],
  [
    'a figure whose settings are not tried',
    ['settle', 'intro', 'tegum-products', '--settings'],
    /tegum-products: expected one of intro, .* with --settings/,
  ],
  ['a misspelt experiment', ['train', 'intor'], /intor: .* \(did you mean intro\?\); superpose list/],
  [
    'the beginning of a name',
    ['figures', 'abs'],
    /did you mean abs-small or abs-sparsity or abs-coexistence/,
  ],
  ['a spec file that is missing', ['sweep', 'x/big.json', '--plan'], /^error: x\/big\.json: no such file\n$/],
  ['an empty folder name', ['train', 'intro', '--out', ''], /Expected a folder, got nothing/],
  [
    'an experiment of several specs',
    ['sweep', 'intro', '--plan'],
    /intro: expected one spec, got \d+; superpose train/,
  ],
  [
    'a merge of a file',
    ['merge', 'package.json', '--out', 'x'],
    /package\.json: expected a sweep folder or a folder of them/,
  ],
  ['a spec file that is a folder', ['train', os.tmpdir()], /expected a file, got a folder/],
] as const) {
  test(`${what} ends with exit code 2 and one message`, async () => {
    const ended = await superpose([...args]);
    assert.is(ended.code, 2, ended.stderr);
    assert.match(ended.stderr, message);
    assert.not.match(ended.stderr, /\n {4}at /); // no stack
  });
}

test('a wrong field is named with what was expected and what came', async () => {
  const ended = await superpose([
    'train',
    specFile,
    '--set',
    'training.stepz=5',
    '--set',
    'model.hidden="two"',
  ]);
  assert.is(ended.code, 2);
  assert.match(ended.stderr, /training\.stepz: expected no such key, got 5/);
  assert.match(ended.stderr, /model\.hidden: expected a finite number, got "two"/);
});

test('Ctrl-C before a block is finished ends with 130, says so, and writes nothing', async () => {
  const out = path.join(folder, 'stopped');
  const args = ['train', specFile, '--engine', 'reference', '--out', out, '--set', 'training.steps=8e6'];
  const ended = await superpose(args, (text) => text.includes('%'));
  assert.is(ended.code, 130, ended.stderr);
  assert.match(ended.stderr, /interrupted before any block was finished; nothing was written/);
  assert.not.ok(fs.existsSync(out));
});

test('a Ctrl-C that comes twice, from the terminal and from tsx or npm, is one', async () => {
  const out = path.join(folder, 'echo');
  const hard = { path: 'training.steps', values: [2, 8_000_000] };
  const args = ['train', specFile, '--engine', 'reference', '--out', out, '--json'];
  const until = (text: string) => text.includes('"instancesDone":3');
  const ended = await superpose([...args, '--set', `sweep=${JSON.stringify([hard])}`], until, 2);
  assert.is(ended.code, 130, ended.stderr);
  assert.match(ended.stderr, /the 3 finished models of 6 are in .*echo/);
  assert.is(readRun(out).metrics.row.length, 3);
});

test('a place that cannot be written is refused before the training, and --force spares what is no run', async () => {
  const args = ['train', specFile, '--engine', 'reference', '--quiet', '--force', '--out'];
  const inFile = await superpose([...args, path.join(specFile, 'run')]);
  assert.is(inFile.code, 2, inFile.stderr);
  assert.match(inFile.stderr, /^error: .*tiny\.json.*: part of the path is a file/);
  const sweepOut = path.join(folder, 'precious');
  await superpose(['sweep', specFile, '--engine', 'reference', '--quiet', '--out', sweepOut]);
  for (const place of [specFile, folder, sweepOut]) {
    const before = fs.readdirSync(folder, { recursive: true });
    const ended = await superpose([...args, place]);
    assert.is(ended.code, 2);
    assert.match(ended.stderr, /holds other files .*--force does not replace|expected a folder, got a file/);
    assert.equal(fs.readdirSync(folder, { recursive: true }), before);
  }
});

test('a spec file may begin with the mark that some editors write', async () => {
  const file = path.join(folder, 'marked.json');
  fs.writeFileSync(file, `\uFEFF${JSON.stringify(TINY)}`);
  assert.is((await superpose(['sweep', file, '--plan', '--engine', 'reference'])).code, 0);
});

test('Ctrl-C later keeps the finished models and says where', async () => {
  const out = path.join(folder, 'kept');
  const hard = { path: 'training.steps', values: [2, 8e6] }; // two groups: the first ends at once
  const args = ['train', specFile, '--engine', 'reference', '--out', out, '--json'];
  const ended = await superpose([...args, '--set', `sweep=${JSON.stringify([hard])}`], (text) =>
    text.includes('"instancesDone":3'),
  );
  assert.is(ended.code, 130, ended.stderr);
  assert.match(ended.stderr, /the 3 finished models of 6 are in .*kept/);
  const run = readRun(out);
  assert.is(run.complete, false);
  assert.equal([...run.metrics.row], [0, 1, 2]);
});

test('a sweep is planned, interrupted, resumed, sharded and merged from the command line', async () => {
  const out = path.join(folder, 'sweep');
  const steps = { path: 'training.steps', values: [20, 20, 100_000] }; // only the third takes its time
  const set = ['--set', 'replicas=1', '--set', `sweep=${JSON.stringify([steps])}`];
  const args = ['sweep', specFile, '--engine', 'reference', '--block', '1', ...set];
  const plan = await superpose([...args, '--plan', '--json']);
  assert.is(JSON.parse(plan.stdout).models, 3);
  const second = path.join(out, 'blocks/block-0000001.safetensors');
  const stopped = await superpose([...args, '--out', out], () => fs.existsSync(second));
  assert.is(stopped.code, 130, stopped.stderr);
  assert.match(stopped.stderr, /the finished blocks are in .*sweep, --resume continues/);
  const resumed = await superpose([...args, '--out', out, '--resume']);
  assert.is(resumed.code, 0, resumed.stderr);
  assert.match(resumed.stderr, /2 of 3 blocks were finished before/);
  assert.match(resumed.stdout, /sweep: 3 models, 0 diverged; 1 trained now by reference/);
  const shards = path.join(folder, 'shards');
  for (const shard of ['1/2', '0/2']) {
    assert.is((await superpose([...args, '--shard', shard, '--out', shards])).code, 0);
  }
  const merged = await superpose(['merge', shards, '--out', path.join(folder, 'merged')]);
  assert.match(merged.stdout, /merged: 3 models/);
  const sums = (name: string) => fs.readFileSync(path.join(folder, name, 'SHA256SUMS'), 'utf8');
  assert.is(sums('merged'), sums('sweep'));
});

test('verify says of every folder whether it is as it was written, by its words and its exit code', async () => {
  const out = (name: string) => path.join(folder, 'verify', name);
  await superpose(['train', specFile, '--engine', 'reference', '--quiet', '--out', out('run')]);
  await superpose(['sweep', specFile, '--engine', 'reference', '--quiet', '--out', out('sweep')]);
  const whole = await superpose(['verify', out('run'), out('sweep'), '--quiet']);
  assert.is(whole.code, 0, whole.stdout + whole.stderr);
  assert.match(
    whole.stdout,
    /run: run, 3 files as written, 0 damaged\n.*sweep: sweep, 8 files as written, 0 damaged\n$/,
  );
  fs.appendFileSync(path.join(out('run'), 'metrics.csv'), '0');
  fs.rmSync(path.join(out('sweep'), 'SHA256SUMS'));
  const wrong = await superpose(['verify', out('run'), out('sweep'), '--json']);
  assert.is(wrong.code, 1);
  const [run, sweep] = wrong.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal([run.damaged, run.files], [{ 'metrics.csv': 'not as it was written' }, 2]);
  assert.equal([sweep.damaged, sweep.finished], [{}, false]);
  const nowhere = await superpose(['verify', out('nowhere')]);
  assert.is(nowhere.code, 2);
  assert.match(nowhere.stderr, /nowhere: expected a sweep, a run, or a folder with SHA256SUMS/);
});

test('schema prints a JSON Schema; list names experiments as JSON', async () => {
  assert.is(JSON.parse((await superpose(['schema'])).stdout).type, 'object');
  const lines = (await superpose(['list', '--json'])).stdout.trim().split('\n');
  const all = lines.map((line) => JSON.parse(line));
  assert.ok(all.some(({ name, id, paper }) => name === 'intro' && id === 'T1' && paper === 'toy-models'));
  assert.ok(all.some(({ name, models }) => name === 'dd-night' && models === 12));
  const first = await superpose(['list', '--paper', 'toy-models']);
  assert.match(first.stdout, /^toy-models: Toy Models of Superposition/);
  const named = first.stdout.split('\n').filter((line) => / \d+ models /.test(line)).length;
  assert.is(named, all.filter(({ paper }) => paper === 'toy-models').length);
});

test('an overnight spec trains by its name, and a slice of it with fewer steps', async () => {
  const small = [
    'training.steps=2',
    'training.warmup=1',
    'replicas=1',
    'sweep.0.values=[3]',
    'model.features=50',
  ];
  const sets = small.flatMap((assignment) => ['--set', assignment]);
  const { code, stderr } = await superpose([
    'train',
    'dd-night',
    ...sets,
    '--out',
    path.join(folder, 'night'),
    '--quiet',
  ]);
  assert.is(code, 0, stderr);
  const { spec } = JSON.parse(fs.readFileSync(path.join(folder, 'night', 'run.json'), 'utf8'));
  assert.equal([spec.name, spec.training.steps, spec.input.density], ['dd-night', 2, 0.001]);
  assert.match((await superpose(['train', 'dd-nigth'])).stderr, /did you mean dd-night\?/);
});

test('a paper of which nothing is drawn is named, and so is one that is none', async () => {
  const nothing = await chosenExperiments('nowhere' as PaperName).catch((error) => error);
  assert.match(String(nothing), 'nowhere: no figure of this paper is drawn yet');
  const { code, stderr } = await superpose(['figures', '--paper', 'nowhere']);
  assert.is(code, 2);
  assert.match(stderr, /Allowed choices are toy-models/);
});

test('devices lists every engine, with a reason where one cannot run', async () => {
  const { engines, auto } = JSON.parse((await superpose(['devices', '--json'])).stdout);
  const webgl2 = engines.find(({ engine }: { engine: string }) => engine === 'webgl2');
  assert.is(webgl2.available, false);
  assert.match(webgl2.reason, /needs a browser/);
  assert.ok(['simd', 'webgpu'].includes(auto.engine));
});

test('devices says who refuses the models of a spec, and who asks for such an engine gets the reason', async () => {
  const file = path.join(folder, 'rates.json');
  fs.writeFileSync(
    file,
    JSON.stringify({
      model: { features: 2, hidden: 1 },
      input: { density: 1 },
      training: { steps: 2, clip: 1 },
    }),
  );
  const { engines } = JSON.parse((await superpose(['devices', file, '--json'])).stdout);
  const refuses = Object.fromEntries(
    engines.map(({ engine, refuses }: { engine: string; refuses: string | null }) => [engine, refuses]),
  );
  assert.equal([refuses.simd, refuses.webasm], [null, 'clipping of the gradient']);
  const asked = await superpose(['train', file, '--engine', 'cpu', '--out', path.join(folder, 'refused')]);
  assert.is(asked.code, 2);
  assert.match(asked.stderr, /engine "cpu" cannot train this: clipping of the gradient/);
});

test('help has examples and the exit codes', async () => {
  const ended = await superpose(['--help']);
  assert.is(ended.code, 0);
  assert.match(ended.stdout, /superpose train intro/);
  assert.match(ended.stdout, /130 interrupted/);
});

test.run();
