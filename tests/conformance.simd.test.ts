/**
 * The simd engine in a page, and the claim that a model is one short file: `double` of tests/zoo.ts, which the library
 * does not know, trains through `train` on the reference and on simd, in Node and in Chromium.
 */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { SpecInput } from '../sim/spec.ts';
import { trainAll } from '../sim/train.ts';
import { allClose } from './allClose.ts';
import { testInChromium } from './conformanceChromium.ts';
import { testUnless } from './skip.ts';
import './zoo.ts';

const SPEC: SpecInput = {
  model: { kind: 'double', features: 6, hidden: 3 },
  input: { density: 0.3 },
  training: { batch: 32, steps: 200, learningRate: 1e-2 },
  record: { lossEvery: 1 },
  replicas: 3,
};

/** Losses (S, I) and weights by name. */
async function trainHere(engine: 'simd' | 'reference') {
  const [{ losses, params }] = (await trainAll(SPEC, { engine })).groups;
  return { losses, params };
}

const { missing, inPage } = await testInChromium('simd', /WebAssembly SIMD/);

test('a model of a test file trains through train on the reference and on simd', async () => {
  const [own, wanted] = [await trainHere('simd'), await trainHere('reference')];
  assert.deepEqual(Object.keys(own.params), ['W', 'V', 'b']);
  allClose(own.losses, wanted.losses, { relative: 1e-3 }, 'losses');
  const count = own.losses.length;
  for (let i = 0; i < 3; i++) assert.ok(own.losses[count - 3 + i] < own.losses[i] / 2, 'the loss halves');
});

testUnless(missing, 'and in Chromium: simd to the byte, the reference to rounding', async () => {
  const spec = JSON.stringify(SPEC);
  for (const engine of ['simd', 'reference'] as const) {
    const here = await trainHere(engine);
    const there = await inPage<Awaited<ReturnType<typeof import('./conformancePage.ts')['trained']>>>(
      `trained(${spec}, '${engine}')`,
    );
    const relative = engine === 'simd' ? 0 : 1e-6;
    allClose(there.losses, here.losses, { relative }, `${engine} losses`);
    for (const [name, values] of Object.entries(here.params))
      allClose(there.weights[name], values, { relative }, `${engine} ${name}`);
  }
});

test.run();
