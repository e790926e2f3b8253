/**
 * What wide models leave to multiply, and how much of a thread's peak that is: `npx tsx bench/wide.ts`. Writes the part
 * "wide" of results.md. A minute where nothing else runs.
 */
import { cpus, loadavg } from 'node:os';
import { drawBatch } from '../sim/features.ts';
import { expandGrid, type Params, parseSpec } from '../sim/index.ts';
import { forward } from '../sim/model.ts';
import { initParams } from '../sim/params.ts';
import { type Problem, takeFrom } from '../sim/problem.ts';
import { simd } from '../sim/simd/engine.ts';
import { isSparse } from '../sim/simd/gram.ts';
import { clockOf } from './clock.ts';
import { peakOf } from './peak.ts';
import { BATCH } from './row.ts';
import { table, writeSection } from './section.ts';

/** Features, hidden, models. */
const SIZES = [
  [80, 20, 8],
  [200, 20, 4],
  [400, 30, 2],
] as const;
const DENSITIES = [1, 0.1];
/** Steps after which is measured: how many outputs are on moves as a model learns. */
const MOMENTS = [50, 1000];
const STRETCH = 100; // ms
const STRETCHES = 8;

const peak = await peakOf();

function problemOf(features: number, hidden: number, models: number, density: number) {
  const [group] = expandGrid(
    parseSpec({
      model: { features, hidden },
      input: { density, importance: { base: 0.9 } },
      training: { steps: 1e6, batch: BATCH },
      replicas: models,
    }),
  ).groups;
  return { problem: group.problem, params: initParams(group.problem, group.initStd) };
}

/** Means over a batch of the first model: features that are not 0, and outputs that the ReLU leaves on. */
function counts(problem: Problem, { W, b }: Params, step: number): { active: number; on: number } {
  const { family } = problem;
  const { features: n, hidden: m } = family;
  const model = { W: Float64Array.from(takeFrom(W, [0], n * m)), b: Float64Array.from(takeFrom(b, [0], n)) };
  const batch = drawBatch(problem, 0, step);
  let on = 0;
  for (let s = 0; s < BATCH; s++) {
    on += forward(family, model, batch.subarray(s * n, (s + 1) * n)).yPre.filter((y) => y > 0).length;
  }
  return { active: batch.filter((x) => x !== 0).length / BATCH, on: on / BATCH };
}

/** Multiply-adds that the kernel does of a sample, and its way. */
function leftOf({ family }: Problem, active: number, on: number): { way: string; left: number } {
  const { features: n, hidden: m } = family;
  if (isSparse(family, active, BATCH)) return { way: 'gram', left: 2 * active * n + (3 * n * n * m) / BATCH };
  return { way: 'rows', left: 2 * active * m + n * m + 2 * on * m };
}

/** Speed at a moment of the training on one thread, the best of some stretches, and the peak beside it. */
async function* moments(problem: Problem, params: Params) {
  const session = await simd.open(problem, params, { lossEvery: 1e6, threads: 1 });
  const run = clockOf(session);
  let step = 0;
  for (const moment of MOMENTS) {
    await run(Math.max(1, moment - step));
    const steps = Math.max(1, Math.round(STRETCH / ((await run(4)) / 4)));
    step = Math.max(step + 1, moment) + 4;
    const weights = await session.read();
    let [best, most] = [Number.POSITIVE_INFINITY, 0];
    for (let k = 0; k < STRETCHES; k++) {
      best = Math.min(best, await run(steps));
      most = Math.max(most, peak(), peak(), peak());
    }
    yield { step, weights, rate: (steps * problem.instances * BATCH) / best / 1e3, most };
    step += STRETCHES * steps;
  }
  await session.close();
}

/** One line for each size, density and moment. */
async function* lines(): AsyncGenerator<string[]> {
  for (const [n, m, models] of SIZES) {
    for (const density of DENSITIES) {
      const { problem, params } = problemOf(n, m, models, density);
      for await (const { step, weights, rate, most } of moments(problem, params)) {
        const { active, on } = counts(problem, weights, step);
        const { way, left } = leftOf(problem, active, on);
        const done = (rate * left) / 1e3;
        const numbers = [step, active.toFixed(0), on.toFixed(0), 5 * n * m, left.toFixed(0)];
        const shares = [rate.toPrecision(3), done.toPrecision(3), `${Math.round((100 * done) / most)} %`];
        yield [`(${n},${m})`, `${density}`, way, ...numbers.map(String), ...shares];
      }
    }
  }
}

const HEAD = [
  'model',
  'density',
  'way',
  'step',
  'active',
  'on',
  'dense',
  'left',
  'M samples/s',
  'G/s',
  'of peak',
];

const load = loadavg()[0].toFixed(1);
const rows: string[][] = [];
for await (const line of lines()) {
  rows.push(line);
  console.log(line.join(' | '));
}
writeSection(
  'wide',
  `## What wide models leave to multiply

One thread, batch ${BATCH}. *active*: features of a sample that are not 0; *on*: outputs that the ReLU leaves on, which alone
have a gradient; *dense*: multiply-adds of a sample in full matrices, 5 n m (one product each for h, x′, dL/dh and the two
slopes of W); *left*: those that the kernel does, 2 active m + n m + 2 on m by rows, 2 active n + 3 n² m / batch by the Gram trick;
*G/s*: of those that are left; *of peak*: beside what the thread does in the same minute with all numbers in registers. Drawing,
the error of each output, the lists of what is on and AdamW are no multiply-adds and take their time. Written by
\`npx tsx bench/wide.ts\` on ${new Date().toISOString().slice(0, 10)}, ${cpus()[0].model.trim()}, load average ${load} before it.

${table(HEAD, rows)}`,
);
process.exit(0);
