/** Runs the code of sim/HOWTO.md as it stands there, but that the package is this checkout. */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const SIM = path.join(import.meta.dirname, '../sim');
const PAGE = fs.readFileSync(path.join(SIM, 'HOWTO.md'), 'utf8');
const MODULES = { 'toy-superposition/models': 'models/index.ts', 'toy-superposition': 'index.ts' };
const folder = fs.mkdtempSync(path.join(import.meta.dirname, 'howto-'));
test.after(() => fs.rmSync(folder, { recursive: true }));

/** What block k of the page exports. */
async function runBlock(k: number): Promise<Record<string, unknown>> {
  let [, text] = [...PAGE.matchAll(/```ts\n([\s\S]*?)```/g)][k];
  for (const [name, file] of Object.entries(MODULES)) {
    text = text.replaceAll(`'${name}'`, `'${pathToFileURL(path.join(SIM, file)).href}'`);
  }
  const script = path.join(folder, `block${k}.ts`);
  fs.writeFileSync(script, text);
  return import(pathToFileURL(script).href);
}

test('the page is at most 60 lines', () => {
  assert.ok(PAGE.split('\n').length <= 61);
});

test('the model of the page trains', async () => {
  const { weights } = (await runBlock(0)) as { weights: Record<string, Float32Array> };
  assert.equal(
    Object.entries(weights).map(([name, values]) => [name, values.length]),
    [['W', 72], ['V', 72], ['b', 24]],
  ); // biome-ignore format: one line
  assert.ok(Object.values(weights).every((values) => values.every(Number.isFinite)));
});

test('the samples of the page are trained on', async () => {
  const { losses } = (await runBlock(1)) as { losses: Float32Array };
  assert.ok(losses[losses.length - 1] < losses[0]);
});

test('the claim of the page tells good data from bad, and its picture shows them', async () => {
  const { signature, figure } = (await runBlock(2)) as {
    signature(losses: number[]): { holds: boolean }[];
    figure(losses: number[]): { data: { y: number[] }[] };
  };
  assert.is(signature([0.2, 0.1])[0].holds, true);
  assert.is(signature([0.1, 0.2])[0].holds, false);
  assert.equal(figure([0.2, 0.1]).data[0].y, [0.2, 0.1]);
});

test('files that the page names are there', () => {
  const named = [
    ...PAGE.matchAll(/`((?:models|program|simd|experiments|plots|tests)\/[\w/.]+\.ts|\w+\.ts)`/g),
  ];
  assert.ok(named.length >= 8);
  for (const [, file] of named) {
    const there = [SIM, path.join(SIM, '..')].some((root) => fs.existsSync(path.join(root, file)));
    assert.ok(there, file);
  }
});

test.run();
