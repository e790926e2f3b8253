/**
 * How the cost of a sweep grows: with the number of models, with their size, with threads. Writes scale.svg and
 * a part of results.md. Run it on a quiet machine, two to three minutes: npx tsx bench/scale.ts. A try that
 * writes nothing, with a hundredth of the work: npx tsx bench/scale.ts 0.01
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type EngineName, expandGrid, parseSpec, type SpecInput, trainBlocks } from '../sim/index.ts';
import { storedBytes } from '../sim/sweep/blocks.ts';
import { cutBlocks, mergeSweeps, sweep } from '../sim/sweep/index.ts';
import { drawPanels, type Panel } from './panels.ts';
import { table, writeSection } from './section.ts';

const PICTURE = path.join(import.meta.dirname, 'scale.svg');
const BATCH = 64;
const [SHARE = 1] = process.argv.slice(2).map(Number); // of the work of the real run
const SECONDS = SHARE; // of measuring each size
const [SHARDS, THREADS] = [16, 16]; // of the cluster that is planned for
const MERGED = Math.round(20_000 * SHARE); // models

const SHAPES: [n: number, m: number][] = [
  [2, 1],
  [5, 2],
  [10, 4],
  [20, 5],
  [40, 10],
  [80, 20],
  [200, 20],
  [400, 30],
];

function specOf(n: number, m: number, models: number, batch: number, steps: number): SpecInput {
  return {
    model: { features: n, hidden: m },
    input: { density: 0.1 },
    training: { batch, steps },
    replicas: models,
    record: { lossEvery: steps },
  };
}

/** Seconds for a whole training, expansion of the grid and first weights included. */
async function timeTraining(input: SpecInput): Promise<number> {
  const started = performance.now();
  for await (const _ of trainBlocks(expandGrid(parseSpec(input)), { engine: 'simd' }));
  return (performance.now() - started) / 1000;
}

/** Samples/s once training is under way, measured for about SECONDS. */
async function rateOf(input: SpecInput, threads: number): Promise<number> {
  let first: { done: number; at: number } | undefined;
  const engine: EngineName = 'simd';
  const total = (input.replicas ?? 1) * input.training!.batch! * input.training!.steps!;
  for await (const event of trainBlocks(expandGrid(parseSpec(input)), { engine, threads })) {
    if (event.kind !== 'progress' || event.step < 2) continue;
    const done = event.fraction * total;
    first ??= { done, at: event.seconds }; // what came before is compilation
    if (event.seconds - first.at > SECONDS) return (done - first.done) / (event.seconds - first.at);
  }
  throw new Error('the training ended before it was measured');
}

/** Microseconds per model and step, for 10² … 10⁶ models (2,1) with the same number of samples in all. */
async function costByModels(): Promise<[models: number, microseconds: number][]> {
  const out: [number, number][] = [];
  for (const models of [1e2, 1e3, 1e4, 1e5, 1e6].map((count) => count * SHARE)) {
    const steps = Math.max(2, Math.round((4e8 * SHARE) / (models * BATCH)));
    const seconds = await timeTraining(specOf(2, 1, models, BATCH, steps));
    out.push([models, (1e6 * seconds) / (models * steps)]);
    console.log(`${models} models, ${steps} steps: ${seconds.toFixed(2)} s`);
  }
  return out;
}

/** Nanoseconds per sample and weight, by n·m and threads. */
async function costBySize(threads: number): Promise<[weights: number, nanoseconds: number][]> {
  const out: [number, number][] = [];
  for (const [n, m] of SHAPES) {
    const rate = await rateOf(specOf(n, m, n * m > 500 ? 8 : 512, 1024, 1e6), threads);
    out.push([n * m, 1e9 / rate]);
    console.log(`(${n},${m}), ${threads} threads: ${(rate / 1e6).toFixed(3)} M samples/s`);
  }
  return out;
}

/** Seconds that merging takes for each stored model. */
async function mergeCost(): Promise<number> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'superpose-scale-'));
  const spec = specOf(5, 2, MERGED, 16, 2);
  for (const index of [0, 1]) {
    const events = sweep(spec, path.join(folder, `shard-${index}`), {
      blockInstances: Math.ceil(MERGED / 4),
      shard: { index, of: 2 },
    });
    for await (const _ of events);
  }
  const started = performance.now();
  await mergeSweeps([folder], path.join(folder, 'merged'));
  const seconds = (performance.now() - started) / 1000;
  fs.rmSync(folder, { recursive: true });
  return seconds / MERGED;
}

/** A million cells (5,2) by the paper's own training on a cluster, in numbers of this run. */
function arithmetic(nanoseconds: number, mergeSeconds: number): string {
  const models = 1e6;
  const grid = expandGrid(parseSpec({ ...specOf(5, 2, 1, 1024, 10_000), record: { lossEvery: 100 } }));
  const threadHours = (models * 1024 * 10_000 * nanoseconds * 1e-9) / 3600;
  const bytes = storedBytes(grid, grid.groups[0]);
  const blocks = cutBlocks(
    { ...grid, groups: [{ ...grid.groups[0], rows: new Int32Array(models) }] },
    null,
  ).length;
  const nodeMinutes = (threadHours * 60) / THREADS; // of one node
  return `A million cells of (5,2) with the paper's training (batch 1024, 10,000 steps) are ${(models * 1024 * 1e4).toExponential(2)} samples: ${threadHours.toFixed(0)} thread hours at ${nanoseconds.toFixed(1)} ns a sample, in ${blocks} blocks. As ${SHARDS} shards, each on a node of ${THREADS} such threads, that takes ${(nodeMinutes / SHARDS).toFixed(1)} minutes; a killed task loses at most the block in flight, ${((nodeMinutes * 60) / blocks).toFixed(0)} s of its node. Each model stores ${bytes} bytes (weights, biases, 101 losses), ${((models * bytes) / 1e9).toFixed(2)} GB in all, before tables. \`merge\` reads, checks, copies and tabulates ${(1 / mergeSeconds / 1e3).toFixed(1)} thousand models a second here: ${(models * mergeSeconds).toFixed(0)} s for the million, one block in memory at a time.`;
}

const cores = os.availableParallelism();
const byModels = await costByModels();
const bySize = [await costBySize(1), ...(cores > 1 ? [await costBySize(cores)] : [])];
const mergeSeconds = await mergeCost();

const panels: Panel[] = [
  {
    title: 'models (2,1), same samples in all',
    x: 'models',
    y: 'µs per model and step of 64',
    lines: [{ name: `${cores} threads`, points: byModels }],
  },
  {
    title: 'size of a model, density 0.1',
    x: 'n · m',
    y: 'ns per sample',
    lines: bySize.map((points, k) => ({
      name: `${k === 0 ? 1 : cores} thread${k === 0 ? '' : 's'}`,
      points,
    })),
  },
];
const text = `## Cost of a sweep

${os.cpus()[0].model.trim()}, ${cores} threads, Node ${process.versions.node}, engine simd.

![Cost against models and against size](scale.svg)

Left, the samples are the same in all: with a million models six steps are left, and they pay for a million rows
and first weights.

${table(
  ['models (2,1)', 'µs per model and step of 64'],
  byModels.map(([models, cost]) => [models.toExponential(0), cost.toFixed(3)]),
)}

${table(
  ['(n,m)', 'ns per sample, 1 thread', `${cores} threads`, 'speed-up'],
  SHAPES.map(([n, m], k) => {
    const [one, all] = [bySize[0][k][1], (bySize[1] ?? bySize[0])[k][1]];
    return [`(${n},${m})`, one.toFixed(1), all.toFixed(1), (one / all).toFixed(2)];
  }),
)}

${arithmetic(bySize[0][1][1], mergeSeconds)}`;
const picture = drawPanels(panels);
if (SHARE < 1) {
  console.log(text);
} else {
  fs.writeFileSync(PICTURE, picture);
  writeSection('scale', text);
}
