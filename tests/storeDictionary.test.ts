import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { scoresOf, specimenAt } from '../sim/metrics/dictionaryScores.ts';
import { encodeAll, type Firing } from '../sim/metrics/encode.ts';
import { shapeOf } from '../sim/models/sae.ts';
import { type Params, type Problem, takeParams, takeRows } from '../sim/problem.ts';
import {
  DICTIONARY_LAYOUTS,
  type DictionaryLayout,
  encodePortable,
  portable,
  readDictionary,
  scorePortable,
  writeDictionary,
} from '../sim/store/dictionary.ts';
import { decodeSafetensors } from '../sim/store/safetensors.ts';
import { trainAll } from '../sim/train.ts';
import { allClose } from './allClose.ts';
import { PYTHON, pythonMissing } from './python.ts';
import { testUnless } from './skip.ts';

const KINDS = ['relu', 'topk', 'batch-topk', 'jump-relu', 'gated'] as const;

let folder: string;
test.before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dictionary-'));
});
test.after(() => fs.rmSync(folder, { recursive: true }));

/** A dictionary of a kind, a little trained, of one instance. */
async function dictionary(kind: (typeof KINDS)[number]): Promise<{ problem: Problem; params: Params }> {
  const { groups } = await trainAll({
    model: { features: 8, hidden: 4 },
    input: { density: 0.3 },
    dictionary: {
      kind,
      reads: 'random',
      latents: 7,
      active: 2,
      penalty: 'unit-norm',
      training: { steps: 200, batch: 64, learningRate: 1e-2 },
    },
    replicas: 2,
  });
  const [{ problem, params }] = groups;
  return { problem: takeRows(problem, [1]), params: takeParams(params, problem.family, [1]) };
}

const shapesOf = (file: string) => {
  const { tensors } = decodeSafetensors(fs.readFileSync(file));
  return Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape.join()]));
};

test('names and shapes are those that SAELens and dictionary_learning write', async () => {
  const own = await dictionary('relu');
  const to = (layout: DictionaryLayout) => {
    const at = path.join(folder, `layout-${layout}`);
    writeDictionary(at, portable(own.problem, own.params), layout);
    return at;
  };
  const saelens = to('saelens');
  assert.equal(shapesOf(path.join(saelens, 'sae_weights.safetensors')), {
    W_enc: '4,7',
    W_dec: '7,4',
    b_dec: '4',
    b_enc: '7',
  });
  const config = JSON.parse(fs.readFileSync(path.join(saelens, 'cfg.json'), 'utf8'));
  assert.is(config.architecture, 'standard');
  assert.equal([config.d_in, config.d_sae, config.apply_b_dec_to_input], [4, 7, true]);
  const other = to('dictionary-learning');
  assert.equal(shapesOf(path.join(other, 'ae.safetensors')), {
    'encoder.weight': '7,4',
    'decoder.weight': '4,7',
    'encoder.bias': '7',
    bias: '4',
  });
  const { trainer } = JSON.parse(fs.readFileSync(path.join(other, 'config.json'), 'utf8'));
  assert.equal(trainer, { dict_class: 'AutoEncoder', activation_dim: 4, dict_size: 7 });
});

for (const kind of KINDS) {
  test(`what leaves comes back with the same codes: ${kind}`, async () => {
    const { problem, params } = await dictionary(kind);
    const { coded, weights, decoder } = specimenAt(problem, params, 0);
    const out = portable(problem, params);
    for (const layout of DICTIONARY_LAYOUTS) {
      const at = path.join(folder, `${kind}-${layout}`);
      writeDictionary(at, out, layout);
      const back = readDictionary(at);
      allClose(back.weights.decoder, decoder, { absolute: 1e-6 }, `${layout} decoder`);
      allClose(encodePortable(back, coded.h), coded.z, { absolute: 1e-5 }, `${layout} codes`);
    }
    const firing: Firing = { ...shapeOf(problem.family), active: 2 };
    assert.ok(encodeAll(weights, firing, coded.h).some((code) => code > 0));
  });
}

test('a dictionary that came back scores as it did, and one of another size is refused', async () => {
  const { problem, params } = await dictionary('topk');
  const own = portable(problem, params);
  assert.equal(scorePortable(own, problem, params), scoresOf(specimenAt(problem, params, 0)));
  const short = { ...own, weights: { ...own.weights, decoderBias: [0, 0] } };
  assert.throws(() => scorePortable(short, problem, params), /expected directions of 4 numbers, got 2/);
});

test('what is not a dictionary is refused by what was expected and got', async () => {
  assert.throws(() => readDictionary(folder), /expected cfg.json \(SAELens\) or config.json/);
  const at = path.join(folder, 'odd');
  fs.mkdirSync(at);
  fs.writeFileSync(path.join(at, 'cfg.json'), '{"architecture": "temporal"}');
  fs.copyFileSync(
    path.join(folder, 'relu-saelens/sae_weights.safetensors'),
    path.join(at, 'sae_weights.safetensors'),
  );
  assert.throws(() => readDictionary(at), /cfg.json: expected one of standard, .*, got temporal/);
  fs.writeFileSync(path.join(at, 'cfg.json'), '{"architecture": "jumprelu"}');
  assert.throws(() => readDictionary(at), /expected the tensor threshold, got W_enc/);
});

const missing = pythonMissing('dictionaries', 'sae_lens');

/** Codes and reconstructions of the dictionaries in argv[1], as a list of JSON: one start of SAELens for all. */
const CODES = `
import json, sys, torch
from sae_lens import SAE
told = []
for job in json.load(open(sys.argv[1])):
    sae = SAE.load_from_disk(job["at"])
    z = sae.encode(torch.tensor(job["h"]))
    told.append({"z": z.tolist(), "output": sae.decode(z).tolist()})
print(json.dumps(told))
`;

/** A dictionary written for SAELens, 64 hidden vectors (64, 4), and what ours makes of them. */
async function exported(kind: (typeof KINDS)[number]) {
  const { problem, params } = await dictionary(kind);
  const { coded } = specimenAt(problem, params, 0, 64);
  const at = path.join(folder, `theirs-${kind}`);
  writeDictionary(at, portable(problem, params), 'saelens');
  const h = Array.from({ length: 64 }, (_, s) => [0, 1, 2, 3].map((k) => coded.h[4 * s + k]));
  return { kind, at, h, coded };
}

testUnless(missing, 'SAELens itself loads them and finds the same codes and reconstructions', async () => {
  const all = [];
  for (const kind of KINDS) all.push(await exported(kind));
  const jobs = path.join(folder, 'jobs.json');
  fs.writeFileSync(jobs, JSON.stringify(all.map(({ at, h }) => ({ at, h }))));
  const run = spawnSync(PYTHON, ['-c', CODES, jobs], { encoding: 'utf8' });
  assert.is(run.status, 0, run.stderr);
  const told = JSON.parse(run.stdout.trim().split('\n').at(-1)!);
  for (const [k, { kind, at, coded }] of all.entries()) {
    const wanted = kind === 'batch-topk' ? encodePortable(readDictionary(at), coded.h) : coded.z;
    allClose(told[k].z.flat(), wanted, { absolute: 1e-5 }, `${kind} codes`);
    if (kind !== 'batch-topk')
      allClose(told[k].output.flat(), coded.output, { absolute: 1e-5 }, `${kind} output`);
  }
});

test.run();
