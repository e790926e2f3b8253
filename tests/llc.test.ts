/** `superpose llc`: chains around the models of a run folder. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { builtProgram } from './built.ts';

let cli = '';
let folder = '';
let run = '';

const superpose = (...args: string[]) => spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8' });

test.before(async () => {
  cli = await builtProgram();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'superpose-llc-'));
  run = path.join(folder, 'run');
  const spec = {
    model: { features: 3, hidden: 3, outputActivation: 'identity' },
    input: { density: 0.9, magnitude: 'signed' },
    training: {
      steps: 1500,
      batch: 64,
      learningRate: 0.01,
      weightDecay: 0,
      schedule: 'cosine',
      reduction: 'sum',
    },
    sweep: [{ path: 'input.density', values: [0.9, 0.5] }],
    replicas: 2,
  };
  fs.writeFileSync(path.join(folder, 'spec.json'), JSON.stringify(spec));
  const trained = superpose('train', path.join(folder, 'spec.json'), '--out', run, '--quiet');
  assert.is(trained.status, 0, trained.stderr);
});
test.after(() => fs.rmSync(folder, { recursive: true }));

/** W Wᵀ = 1 in three dimensions: b and the six symmetric moves of W are regular, the three rotations are flat. */
const LAMBDA = (3 + 6) / 2;

test('a linear model that stores all three features has λ̂ near (9 of 12) / 2, on a plateau', () => {
  const options = [
    '--row',
    '1',
    '--row',
    '3',
    '--step-size',
    '3e-4,1e-3,3e-3',
    '--steps',
    '2000',
    '--localization',
    '0.1',
  ];
  const { status, stdout, stderr } = superpose('llc', run, ...options, '--samples', '300', '--json');
  assert.is(status, 0, stderr);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const done = lines.filter(({ event }) => event === 'done');
  assert.equal(
    done.map(({ row }) => row),
    [1, 3],
  );
  for (const { parameters, samples, inverseTemperature, settings, plateau } of done) {
    assert.equal([parameters, samples], [12, 300]);
    assert.ok(Math.abs(inverseTemperature - 300 / Math.log(300)) < 1e-9);
    assert.equal(
      settings.map(({ stepSize }: { stepSize: number }) => stepSize),
      [3e-4, 1e-3, 3e-3],
    );
    assert.ok(
      settings.every(({ stayed, left, diverged }: Record<string, number>) => stayed + left + diverged === 10),
    );
    assert.ok(Math.abs(plateau - LAMBDA) < 0.6, `plateau ${plateau}`);
  }
});

test('people get a line for each step size and the plateau', () => {
  const { status, stdout } = superpose('llc', run, '--steps', '100', '--samples', '100', '--quiet');
  assert.is(status, 0);
  assert.match(stdout, /model 0: 12 parameters \(d\/2 = 6\), n = 100, nβ = 21\.7, γ = 1/);
  assert.is(stdout.match(/ε \d/g)?.length, 5);
  assert.match(stdout, /plateau/);
});

test('what cannot be is said with exit code 2', () => {
  const refused: [string[], RegExp][] = [
    [[run, '--row', '4'], /row: expected one of the run's 4 instances, got 4/],
    [[run, '--step-size', '1e-3,-1'], /numbers above 0/],
    [[run, '--localization', '-1'], /at least 0/],
    [[path.join(folder, 'none')], /none/],
  ];
  for (const [args, words] of refused) {
    const { status, stderr } = superpose('llc', ...args);
    assert.is(status, 2, stderr);
    assert.match(stderr, words);
  }
});

test.run();
