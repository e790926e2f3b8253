/**
 * Speed of the simd engine alone: `npx tsx bench/simd.ts [threads …]`. Prints M samples/s, a sample being one
 * model, one input, forward and backward, of the best of several stretches, at batch 1024 and densities 1, 0.1
 * and 0.01.
 */
import { expandGrid, parseSpec } from '../sim/index.ts';
import { initParams } from '../sim/params.ts';
import { simd } from '../sim/simd/engine.ts';
import { clockOf } from './clock.ts';

const DENSITIES = [1, 0.1, 0.01];
/** Features, hidden, models. */
const SIZES = [
  [2, 1, 64],
  [5, 2, 32],
  [20, 5, 16],
  [80, 20, 8],
  [200, 20, 4],
  [400, 30, 2],
] as const;
const STRETCH = 100; // ms
const STRETCHES = 8;

/** M samples/s of the best stretch after a warm-up that lets the kernels be optimised. */
async function measure(features: number, hidden: number, models: number, density: number, threads: number) {
  const spec = parseSpec({
    name: 'bench',
    model: { features, hidden },
    input: { density, importance: { base: 0.9 } },
    training: { steps: 1e6 },
    replicas: models,
  });
  const [{ problem, initStd }] = expandGrid(spec).groups;
  const session = await simd.open(problem, initParams(problem, initStd), { lossEvery: 100, threads });
  const run = clockOf(session);
  let steps = 1;
  let best = 0;
  for (let stretch = -4; stretch < STRETCHES; stretch++) {
    const milliseconds = await run(steps);
    if (stretch >= 0) best = Math.max(best, (steps * models * problem.training.batch) / milliseconds / 1e3);
    steps = Math.max(1, Math.round((steps * STRETCH) / milliseconds));
  }
  await session.close();
  return { best, kernel: session.report.device };
}

for (const threads of process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1, 2]) {
  console.log(`${threads} threads: M samples/s at density ${DENSITIES.join(', ')}`);
  for (const [features, hidden, models] of SIZES) {
    const rates: string[] = [];
    let kernel = '';
    for (const density of DENSITIES) {
      const measured = await measure(features, hidden, models, density, threads);
      rates.push(measured.best.toPrecision(3).padStart(6));
      kernel = measured.kernel;
    }
    console.log(`(${features},${hidden})`.padEnd(9), rates.join(' '), ' ', kernel);
  }
}
