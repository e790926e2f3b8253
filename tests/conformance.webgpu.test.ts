import { test } from 'uvu';
import { testInChromium } from './conformanceChromium.ts';

await testInChromium('webgpu', /gpu\.js webgpu, fused-encoder, \w+ kernels/);

test.run();
