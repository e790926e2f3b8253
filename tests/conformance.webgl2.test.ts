import assert from 'node:assert/strict';
import { test } from 'uvu';
import { testInChromium } from './conformanceChromium.ts';
import { testUnless } from './skip.ts';

const { missing, inPage } = await testInChromium('webgl2', /gpu\.js webgl2, generic, \w+ kernels/);

testUnless(missing, 'more sessions than a page has WebGL contexts, one after the other', () =>
  inPage<void>(`soak('webgl2', 17)`),
);

testUnless(missing, 'a lost WebGL context is an error that names the step', async () => {
  assert.match(await inPage<string>('loseContext()'), /EngineLostError: webgl2 lost its device at step 3/);
});

test.run();
