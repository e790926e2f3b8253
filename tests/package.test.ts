import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PAGES, readPage } from '../bench/pages.ts';
import { parseSpec } from '../sim/spec.ts';
import { kubernetesManifest } from '../sim/sweep/kubernetes.ts';
import { BUNDLERS, developing, openTitle, SCRIPT as PAGE, serving } from './bundlers.ts';
import { chromiumMissing } from './chromium.ts';
import { testUnless } from './skip.ts';

const ROOT = path.join(import.meta.dirname, '..');
let tarball = '';
let project = ''; // an empty project that has installed the packed package

const run = (program: string, args: string[], cwd = project) =>
  execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** Installs a package with what it depends on; a registry may fail once or twice. */
function install(tarball: string, tries = 3): void {
  try {
    run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--silent', tarball]);
  } catch (error) {
    if (tries === 1) throw error;
    install(tarball, tries - 1);
  }
}

test.before(() => {
  project = fs.mkdtempSync(path.join(os.tmpdir(), 'superpose-package-'));
  const [{ filename }] = JSON.parse(
    run('npm', ['pack', '--json', '--silent', '--pack-destination', project], ROOT),
  );
  tarball = filename;
  fs.writeFileSync(path.join(project, 'package.json'), '{"name":"empty","private":true,"type":"module"}');
  install(path.join(project, filename));
});
test.after(() => fs.rmSync(project, { recursive: true }));

/** The scripts of all pages: their TypeScript blocks that import the package. */
function pageScripts(): string[] {
  const blocks = Object.keys(PAGES).flatMap((name) => [...readPage(name).matchAll(/```ts\n([\s\S]*?)```/g)]);
  const scripts = blocks.map(([, text]) => text).filter((text) => text.includes("from 'toy-superposition'"));
  assert.ok(scripts.length >= 2, 'pages: expected scripts that import the package');
  return scripts;
}

/** A script of our own for the names that the pages do not use. */
const SCRIPT = `
import { bestSolution, expandGrid, parseSpec, sweepAdaptively, labelRegion, trainAll, type SpecInput } from 'toy-superposition';
import { defineModel, mat, matT, relu, squared, sub, type Tensor } from 'toy-superposition/models';
import { planSweep, readManifest, sweep, type SweepSummary } from 'toy-superposition/sweep';

const spec: SpecInput = {
  model: { features: 2, hidden: 1 },
  input: { density: 0.5 },
  training: { steps: 20, batch: 16 },
  replicas: 4,
};
const result = await trainAll(spec);
const W: Float32Array = result.groups[0].params.W;
const rows: number = expandGrid(parseSpec(spec)).rows;
const events = sweep(spec, 'swept');
let next = await events.next();
while (!next.done) next = await events.next();
const summary: SweepSummary = next.value;
const plan = await planSweep(spec);
const map = await sweepAdaptively(
  { ...spec, sweep: [{ path: 'input.density', values: [0.1, 1] }, { path: 'input.importance.1', values: [0.1, 1] }] },
  labelRegion(1, 1024),
);
const normal = (name: string, shape: number[]): Tensor => ({ name, shape, init: 'normal', trained: true });
defineModel({
  name: 'mine',
  tensors: ({ features, hidden }) => [normal('U', [features, hidden])],
  losses: (_, { U }, x) => [squared(sub(mat(U, relu(matT(U, x))), x))],
});
const own = await trainAll({ ...spec, model: { kind: 'mine', features: 4, hidden: 3 } });
console.log(JSON.stringify({
  W: W.length, own: own.groups[0].params.U.length, rows, models: summary.models, planned: plan.models, hash: readManifest('swept').specHash.length,
  labels: map.labels.length, solution: bestSolution(2, 0.1, 1).solution,
}));
`;

/** Title of a page on which four models were trained: engine, losses of them, and the last of these. */
const TRAINED = /^simd \d+ 0\.\d+$/;

/** Types stripped, as a user's own build would. */
async function compile(name: string, source: string): Promise<string> {
  const file = path.join(project, `${name}.ts`);
  fs.writeFileSync(file, source);
  const outfile = path.join(project, `${name}.js`);
  await build({ entryPoints: [file], outfile, format: 'esm', logLevel: 'error' });
  return outfile;
}

test('the scripts of the pages run in plain Node against the packed package', async () => {
  for (const [k, script] of pageScripts().entries()) {
    assert.match(run(process.execPath, [await compile(`readme${k}`, script)]), /trained \d+ models/);
  }
});

test('the library and its sweeps run in plain Node', async () => {
  const output = run(process.execPath, [await compile('script', SCRIPT)]);
  assert.equal(JSON.parse(output), {
    W: 8,
    own: 48,
    rows: 4,
    models: 4,
    planned: 4,
    hash: 64,
    labels: 4,
    solution: 'extra in a pair',
  });
});

test('the command line runs without tsx', () => {
  assert.match(run('npx', ['--no', 'superpose', 'devices']), /auto takes/);
  fs.writeFileSync(
    path.join(project, 'spec.json'),
    '{"model":{"features":2,"hidden":1},"input":{"density":1},"training":{"steps":5}}',
  );
  assert.match(
    run('npx', ['--no', 'superpose', 'train', 'spec.json', '--out', 'run']),
    /run: 1 models, 0 diverged, simd/,
  );
  const refused = spawnSync('npx', ['--no', 'superpose', 'train', 'spec.json', '--out', 'run'], {
    cwd: project,
    encoding: 'utf8',
  });
  assert.is(refused.status, 2);
});

test('a pod runs the program from the package file that it is given', () => {
  const empty = fs.mkdtempSync(path.join(os.tmpdir(), 'superpose-pod-'));
  const { items } = kubernetesManifest(
    parseSpec({ model: { features: 2, hidden: 1 }, input: { density: 1 } }),
    {
      ...{ name: 'pod', shards: 1, concurrent: 0, cpus: 1, memory: '1Gi', image: 'node:20', claim: 'c' },
      packageFile: path.join(project, tarball),
      arguments: [],
    },
  ) as { items: [unknown, { spec: { template: { spec: { containers: [{ command: string[] }] } } } }] };
  const [program, ...words] = items[1].spec.template.spec.containers[0].command;
  const start = words.slice(0, words.indexOf('superpose') + 1);
  try {
    assert.is(
      run(program, [...start, '--version'], empty).trim(),
      JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')).version,
    );
  } finally {
    fs.rmSync(empty, { recursive: true });
  }
});

test('a project under strict TypeScript accepts the types, and refuses a wrong spec', () => {
  const files = [...pageScripts().map((script) => `${script}\nexport {};`), SCRIPT].map((script, k) => {
    fs.writeFileSync(path.join(project, `typed${k}.ts`), script);
    return `typed${k}.ts`;
  });
  const options = {
    strict: true,
    noEmit: true,
    module: 'NodeNext',
    target: 'ES2022',
    types: [],
    lib: ['ES2023', 'DOM'],
  };
  fs.writeFileSync(path.join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files }));
  const tsc = path.join(ROOT, 'node_modules/.bin/tsc');
  const checked = spawnSync(tsc, ['-p', project], { encoding: 'utf8' });
  assert.is(checked.stdout, '');
  const refused = (wrong: string, message: RegExp) => {
    fs.writeFileSync(path.join(project, files.at(-1)!), wrong);
    assert.match(spawnSync(tsc, ['-p', project], { encoding: 'utf8' }).stdout, message);
  };
  refused(
    SCRIPT.replace('features: 2', 'features: "two"'),
    /Type 'string' is not assignable to type 'number'/,
  );
  const unnamed = 'overGrid({ density: [1] }, ({ sparsity }) => spec);';
  refused(
    `${SCRIPT.replace('expandGrid,', 'expandGrid, overGrid,')}\n${unnamed}`,
    /'sparsity' does not exist/,
  );
});

for (const [name, bundle] of Object.entries(BUNDLERS)) {
  testUnless(chromiumMissing, `a page that ${name} bundles as it comes trains in Chromium`, async () => {
    fs.writeFileSync(path.join(project, 'page.js'), PAGE);
    const out = path.join(project, `by-${name}`);
    fs.mkdirSync(out);
    await bundle(project, out);
    const { title, complaints } = await serving(out, openTitle);
    assert.match(title, TRAINED);
    assert.equal(complaints, []);
  });
}

testUnless(chromiumMissing, "a page trains behind vite's development server", async () => {
  fs.writeFileSync(path.join(project, 'page.js'), PAGE);
  const { title, complaints } = await developing(project, openTitle);
  assert.match(title, TRAINED);
  assert.equal(complaints, []);
});

test.run();
