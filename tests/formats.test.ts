import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseSpec } from '../sim/spec.ts';
import { kubernetesManifest } from '../sim/sweep/kubernetes.ts';
import { sweep } from '../sim/sweep/sweep.ts';
import { trainAll } from '../sim/train.ts';
import { PYTHON, pythonMissing } from './python.ts';
import { testUnless } from './skip.ts';

const SCRIPTS = path.join(import.meta.dirname, '../bench/python');
const SPEC = {
  model: { features: 3, hidden: 2 },
  input: { density: 0.5 },
  training: { steps: 12, batch: 4 },
  sweep: [
    { path: 'input.density', values: [0.1, 0.9] },
    { path: 'input.importance.2', values: [0.5, 2] },
  ],
  replicas: 3,
  record: { lossEvery: 5, snapshots: [6] },
};

interface ConfigMap {
  data: Record<string, string>;
}

interface Job {
  metadata: { name: string };
  spec: {
    completionMode: string;
    completions: number;
    parallelism: number;
    template: { spec: { containers: { command: string[] }[] } };
  };
}

let folder = '';
let trained: Awaited<ReturnType<typeof trainAll>>['groups'][number];
test.before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'superpose-formats-'));
  const options = { engine: 'reference', blockInstances: 5, formats: ['csv', 'parquet', 'npz'] } as const;
  for await (const _ of sweep(SPEC, path.join(folder, 'sweep'), {
    ...options,
    formats: [...options.formats],
  }));
  trained = (await trainAll(SPEC, { engine: 'reference' })).groups[0];
});
test.after(() => fs.rmSync(folder, { recursive: true }));

const python = (script: string, ...args: string[]) =>
  execFileSync(PYTHON, [path.join(SCRIPTS, script), ...args], { encoding: 'utf8' });

/** Largest ‖W_i‖ of each model, from the weights alone. */
function largestNorms(): number[] {
  const { params, rows } = trained;
  return [...rows.keys()].map((i) =>
    Math.max(...[0, 1, 2].map((j) => Math.hypot(...params.W.subarray(i * 6 + j * 2, i * 6 + j * 2 + 2)))),
  );
}

/** Recorded losses, instance by instance. */
function lossesByInstance(): number[] {
  const { losses, lossSteps, rows } = trained;
  return [...rows.keys()].flatMap((i) => lossSteps.map((_, s) => losses[s * rows.length + i]));
}

function assertClose(got: number[], expected: number[]): void {
  assert.is(got.length, expected.length);
  got.forEach((value, k) => {
    assert.ok(Math.abs(value - expected[k]) < 1e-12, `${k}: expected ${expected[k]}, got ${value}`);
  });
}

testUnless(
  pythonMissing('requirements', 'numpy', 'safetensors', 'pandas', 'pyarrow'),
  'numpy, safetensors, pandas and pyarrow read what was trained, CSV and Parquet alike',
  () => {
    const read = JSON.parse(python('read_sweep.py', path.join(folder, 'sweep')));
    assert.equal(read.shape, [12, 3, 2]);
    assert.equal(read.snapshot, [12, 3, 2]);
    assert.equal(read.W, [...trained.params.W]);
    assert.equal(read.rows, [...trained.rows]);
    assert.is(read.format, 'superpose-block');
    assert.equal(read.metrics.slice(0, 4), ['input.density', 'input.importance.2', 'row', 'replica']);
    assert.equal(read.density, [...new Array(6).fill(0.1), ...new Array(6).fill(0.9)]);
    assertClose(read.norm_max, largestNorms());
    assert.equal(read.losses, lossesByInstance());
    assert.equal(read.steps, [0, 5, 10, 11]);
    assert.is(read.best.length, 4);
    assert.match(read.units, /^\[hidden dimensions\]/);
  },
);

test('an independent JavaScript reader reads the Parquet tables', async () => {
  const read = async (name: string) =>
    parquetReadObjects({ file: await asyncBufferFromFile(path.join(folder, 'sweep', `${name}.parquet`)) });
  const metrics = await read('metrics');
  assert.equal(
    metrics.map(({ row }) => row),
    [...trained.rows],
  );
  assertClose(
    metrics.map(({ norm_max }) => norm_max),
    largestNorms(),
  );
  assert.equal(
    (await read('losses')).map(({ loss }) => loss),
    lossesByInstance(),
  );
  assert.equal(
    (await read('cells')).map(({ replicas }) => replicas),
    [3, 3, 3, 3],
  );
});

testUnless(
  pythonMissing('requirements', 'matplotlib', 'safetensors', 'pandas', 'pyarrow'),
  'the Python of the page on sweeps turns a sweep into a phase diagram',
  () => {
    const picture = path.join(folder, 'phase.png');
    python('phase_diagram.py', path.join(folder, 'sweep'), picture);
    const png = fs.readFileSync(picture);
    assert.equal([...png.subarray(1, 4)], [...Buffer.from('PNG')]);
    assert.ok(png.length > 5000);
  },
);

testUnless(
  pythonMissing('requirements', 'kubernetes_validate'),
  'the Kubernetes manifest is valid by the official schema, strictly, and a wrong field is not',
  () => {
    const options = {
      name: 'Ünsafe "name": {{}}',
      shards: 8,
      concurrent: 3,
      cpus: 2,
      memory: '4Gi',
      image: 'node:20',
      claim: 'c',
      arguments: [],
    };
    const manifest = kubernetesManifest(parseSpec({ ...SPEC, name: options.name }), options);
    const check =
      'import json, sys, kubernetes_validate as k\nfor o in json.load(sys.stdin)["items"]: k.validate(o, sys.argv[1], strict=True)';
    const validate = (value: object, version: string) =>
      execFileSync(PYTHON, ['-c', check, version], {
        input: JSON.stringify(value),
        stdio: ['pipe', 'pipe', 'pipe'],
      });
    for (const version of ['1.29', '1.33', '1.36']) validate(manifest, version);
    const wrong = JSON.parse(JSON.stringify(manifest).replace('"completions"', '"completion"'));
    assert.throws(() => validate(wrong, '1.33'));
  },
);

test('a Kubernetes job runs one index a shard, each with its own part', () => {
  const options = {
    name: 'Any Name!',
    shards: 8,
    concurrent: 3,
    cpus: 2,
    memory: '4Gi',
    image: 'node:20',
    claim: 'c',
    arguments: ['--block', '4'],
  };
  const { items } = kubernetesManifest(parseSpec(SPEC), options) as {
    items: [ConfigMap, Job];
  };
  const [map, job] = items;
  assert.equal(parseSpec(JSON.parse(map.data['spec.json'])), parseSpec(SPEC));
  assert.is(job.metadata.name, 'superpose-any-name');
  assert.is(job.spec.completionMode, 'Indexed');
  assert.is(job.spec.completions, 8);
  assert.is(job.spec.parallelism, 3);
  const { command } = job.spec.template.spec.containers[0];
  assert.is(
    command.join(' '),
    'superpose sweep /spec/spec.json --shard task/8 --resume --out /results/superpose-any-name --threads 2 --block 4',
  );
});

test.run();
