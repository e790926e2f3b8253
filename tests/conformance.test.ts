import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { Engine } from '../sim/engine.ts';
import { gpuEngine } from '../sim/gpu/engine.ts';
import { simd } from '../sim/simd/engine.ts';
import { CASES, deviceThatRan, differences } from './conformance.ts';
import { testUnless } from './skip.ts';
import { useSoftwareVulkan } from './softwareVulkan.ts';

useSoftwareVulkan();

/** What the report of each engine must name. */
const ENGINES: [Engine, RegExp][] = [
  [simd, /SIMD/i],
  [gpuEngine('webasm'), /gpu\.js webasm, fused-(sync|threaded), \w+ kernels/],
  [gpuEngine('cpu'), /gpu\.js cpu, generic, \w+ kernels/],
  [gpuEngine('webgpu'), /gpu\.js webgpu, fused-encoder, \w+ kernels/],
];

for (const [engine, ran] of ENGINES) {
  const missing = await engine.unavailable();
  testUnless(missing, `${engine.name} reports what ran`, async () => {
    assert.match(await deviceThatRan(engine), ran);
  });
  testUnless(missing, `${engine.name} agrees with the reference on every model that it takes`, async () => {
    const found: string[] = [];
    for (const own of CASES) found.push(...(await differences(engine, own)));
    assert.deepEqual(found, []);
  });
}

test.run();
