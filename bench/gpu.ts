/**
 * The webgpu engine on whatever adapter there is: `npx tsx bench/gpu.ts [most models]`. Over three small shapes and
 * 10² … 10⁶ models (or as many as named), beside PyTorch (compiled) and JAX where a Python finds the same card. Two
 * lengths of a call tell what bounds a row: what a call costs whatever its steps (launches, transfers), and what a step
 * costs; and steps of one model alone what of that is launches rather than arithmetic. Writes a part of results.md.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Session } from '../sim/engine.ts';
import { chooseEngine } from '../sim/engines.ts';
import { expandGrid } from '../sim/grid.ts';
import { initParams } from '../sim/params.ts';
import { parseSpec } from '../sim/spec.ts';
import { pythonWith } from './contenders.ts';
import { BATCH } from './row.ts';
import { table, writeSection } from './section.ts';

const SHAPES: readonly [features: number, hidden: number][] = [
  [2, 1],
  [3, 2],
  [5, 2],
];
const DENSITY = 0.1;
const SHORT = 1; // steps of the two calls that are compared
const LONG = 32;
const ROUNDS = 5;
/** A call that takes longer than this ends the row's shape: more models would only take longer. */
const PATIENCE = 5; // s

interface Speed {
  models: number;
  call: number; // ms of a call beside its steps
  step: number; // ms of a step
  rate: number; // samples/s of long calls
  device: string;
}

async function openSession(features: number, hidden: number, models: number): Promise<Session> {
  const spec = parseSpec({
    model: { features, hidden },
    input: { density: DENSITY },
    training: { batch: BATCH, steps: 1e6 },
    replicas: models,
  });
  const [{ problem, initStd }] = expandGrid(spec).groups;
  const { engine } = await chooseEngine('webgpu');
  return engine.open(problem, initParams(problem, initStd), { lossEvery: 1e6, threads: 0 });
}

/** Least milliseconds of a call of so many steps. */
async function timeCall(session: Session, from: { step: number }, steps: number): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round <= ROUNDS; round++) {
    const started = performance.now();
    from.step += steps;
    await session.run(from.step);
    const took = performance.now() - started;
    if (round > 0) best = Math.min(best, took); // the first compiles
    if (took > 1e3 * PATIENCE) return took;
  }
  return best;
}

async function measureModels(features: number, hidden: number, models: number): Promise<Speed> {
  const session = await openSession(features, hidden, models);
  const from = { step: 0 };
  const [short, long] = [await timeCall(session, from, SHORT), await timeCall(session, from, LONG)];
  const step = Math.max(0, (long - short) / (LONG - SHORT));
  const { device } = session.report;
  await session.close();
  return { models, call: Math.max(0, short - step), step, rate: (models * BATCH * LONG) / (long / 1e3), device }; // biome-ignore format: one line
}

/** What a row spends its time on, against the steps of the same shape with one model. */
function boundOf({ call, step }: Speed, alone: Speed): string {
  const parts: [string, number][] = [
    ['transfers and calls', call / LONG],
    ['launches', Math.min(step, alone.step)],
    ['arithmetic', Math.max(0, step - alone.step)],
  ];
  const total = parts.reduce((sum, [, ms]) => sum + ms, 0);
  const [name, most] = parts.reduce((a, b) => (b[1] > a[1] ? b : a));
  return `${name}, ${Math.round((100 * most) / total)} %`;
}

/** Samples/s of a peer on the card, or why it does not take part. */
function peer(module: 'torch' | 'jax', features: number, hidden: number, instances: number): number | string {
  const python = pythonWith(module);
  if (!python) return `no Python with ${module}`;
  const row = JSON.stringify({ features, hidden, instances, threads: 1, densities: [DENSITY] });
  const args = [join(import.meta.dirname, 'peers', `${module}_bench.py`), row, ...(module === 'torch' ? ['compiled'] : []), 'gpu']; // biome-ignore format: one line
  const { status, stdout, stderr } = spawnSync(python, args, { encoding: 'utf8', timeout: 300_000 });
  if (status !== 0) return stderr.trim().split('\n').at(-1) ?? `exit ${status}`;
  const { samplesPerSecond } = JSON.parse(stdout.trim().split('\n').at(-1)!);
  return Math.max(...samplesPerSecond);
}

const millions = (rate: number) => (rate / 1e6).toPrecision(3);
const against = (own: number, other: number | string) =>
  typeof other === 'number' ? `${millions(other)}, ${(own / other).toPrecision(2)}×` : '–';

const most = Number(process.argv[2] ?? 1e6);
if (!(most >= 1)) {
  console.error(`most models: expected a number from 1 on, got ${process.argv[2]}`);
  process.exit(2);
}
const counts = [1e2, 1e3, 1e4, 1e5, 1e6].filter((count) => count <= most);
const missing = await chooseEngine('webgpu').then(() => null, (error: Error) => error.message); // biome-ignore format: one line
if (missing) {
  console.error(missing);
  process.exit(1);
}
const rows: (string | number)[][] = [];
const absent = new Set<string>();
let device = '';
for (const [features, hidden] of SHAPES) {
  const alone = await measureModels(features, hidden, 1);
  device = alone.device;
  for (const count of counts) {
    const own = await measureModels(features, hidden, count);
    const peers = (['torch', 'jax'] as const).map((module) => {
      const rate = peer(module, features, hidden, count);
      if (typeof rate === 'string') absent.add(`${module}: ${rate}`);
      return against(own.rate, rate);
    });
    rows.push([`(${features},${hidden})`, `1e${Math.log10(count)}`, millions(own.rate), own.step.toPrecision(3), own.call.toPrecision(3), boundOf(own, alone), ...peers]); // biome-ignore format: one line
    console.log(rows.at(-1)!.join('\t'));
    if (own.step * LONG > 1e3 * PATIENCE) break;
  }
}
const isSoftware = /software/.test(device);
const sentence = isSoftware
  ? 'This adapter is software: the numbers prove that the kernels run, not how fast a GPU is.'
  : 'A GPU in hardware.';
writeSection(
  'gpu',
  `## gpu.js kernels on WebGPU

Adapter: ${device}. ${sentence} Batch ${BATCH}, density ${DENSITY}; M samples/s of calls of ${LONG} steps, milliseconds of a step and of what
a call costs beside its steps, and what takes most of the time (a step of one model alone counts as launches). Written by
\`npx tsx bench/gpu.ts\` on ${new Date().toISOString().slice(0, 10)}.

${table(['model', 'models', 'M samples/s', 'ms a step', 'ms a call', 'bound by', 'PyTorch compiled', 'JAX'], rows)}

${[...absent].map((why) => `- ${why}`).join('\n')}`,
);
process.exit(0);
