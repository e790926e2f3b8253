import { test } from 'uvu';
import { testInChromium } from './conformanceChromium.ts';

await testInChromium('webgpu', /gpu\.js 2\.24\.1 webgpu, fused-encoder, \w+ kernels/);

test.run();
