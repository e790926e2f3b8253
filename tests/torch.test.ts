/**
 * The outside oracle without the outsider: losses that PyTorch computed in float64 from our weights and samples
 * (bench/peers/torch_oracle.py) must come out of the reference and of every CPU engine, to 1e-5.
 */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import { oracleSpecs } from '../bench/peers/oracleSpecs.ts';
import type { EngineName } from '../sim/engine.ts';
import { trainAll } from '../sim/train.ts';
import { allClose } from './allClose.ts';

interface Peer {
  float32Apart: number; // what float32 costs PyTorch itself
  losses: number[][]; // (steps, instances)
}
const { peers } = JSON.parse(readFileSync(new URL('fixtures/torch.json', import.meta.url), 'utf8'));

/**
 * The absolute part matters to losses below 1e-7 alone, squares of biases that float32 holds to a few digits:
 * there PyTorch's own float32 strays from its float64 by up to 4e-5.
 */
const FLOAT32 = { relative: 1e-5, absolute: 1e-12 };
const FLOAT64 = { relative: 1e-7, absolute: 0 }; // losses are stored as float32

/** gpu.js's cpu mode is a plain interpreter of kernels, too slow for all fifty steps. */
const engines: { engine: EngineName; tolerance: typeof FLOAT32; steps: number }[] = [
  { engine: 'reference', tolerance: FLOAT64, steps: 50 },
  { engine: 'simd', tolerance: FLOAT32, steps: 50 },
  { engine: 'webasm', tolerance: FLOAT32, steps: 50 },
  { engine: 'cpu', tolerance: FLOAT32, steps: 5 },
];

for (const { engine, tolerance, steps } of engines) {
  for (const [name, spec] of Object.entries(oracleSpecs)) {
    test(`${engine} repeats PyTorch's first ${steps} losses of ${name}`, async () => {
      const { losses } = (peers as Record<string, Peer>)[name];
      const shortened = { ...spec, training: { ...spec.training, steps }, record: { lossEvery: 1 } };
      const result = await trainAll(shortened, { engine });
      if (result.engine.engine !== engine) throw new Error(`${result.engine.engine} ran, not ${engine}`);
      allClose(result.groups[0].losses, losses.slice(0, steps).flat(), tolerance, name);
    });
  }
}

test.run();
