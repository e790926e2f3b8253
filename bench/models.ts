/**
 * Speed of models beyond the paper's: `npx tsx bench/models.ts [word]`. Writes the part "models" of results.md; with a
 * word only prints the models whose name has it.
 *
 * On one thread the kernel made from a model's program runs in turns with the one made by hand for large models,
 * where that knows the model: the median of the ratios of slices. Its share of the processor's peak is counted from the
 * multiply-adds of its products. Then the simd engine runs in turns with PyTorch and JAX, which draw, differentiate and
 * update the same models in batches. Three to four minutes where nothing else runs.
 */
import { loadavg } from 'node:os';
import { emptyColumns } from '../sim/columns.ts';
import { type Family, reluOutputFamily } from '../sim/family.ts';
import { programFor, tensorsOf } from '../sim/models/models.ts';
import { initParams } from '../sim/params.ts';
import type { Problem } from '../sim/problem.ts';
import { moving } from '../sim/program/ops.ts';
import { instanceKey } from '../sim/random.ts';
import { simd } from '../sim/simd/engine.ts';
import { assemble, chooseKernel, kernelText, layoutFor } from '../sim/simd/kernel.ts';
import type { KernelKind } from '../sim/simd/layout.ts';
import { recordBytes, scratchBytes, stepTable } from '../sim/simd/records.ts';
import { clockOf } from './clock.ts';
import { contenders } from './contenders.ts';
import { execute } from './execute.ts';
import { peakOf } from './peak.ts';
import { BATCH, type Row } from './row.ts';
import { table, writeSection } from './section.ts';

interface Bench {
  name: string;
  model: NonNullable<Row['model']>; // what the Python peers call it
  family: Family;
  models: number;
}

const family = (n: number, m: number, more: Partial<Family> = {}): Family => ({
  ...reluOutputFamily(n, m),
  ...more,
});

const dictionary: NonNullable<Family['dictionary']> = {
  kind: 'relu',
  reads: 'random',
  latents: 40,
  penalty: 'plain',
  threshold: 0,
  bandwidth: 0.1,
  prefixes: [],
  start: 'tied',
  startNorm: 1,
  decoderBias: true,
};
const absolute = { hiddenActivation: 'relu', tied: false, magnitude: 'signed', target: 'abs' } as const;

/** A ReLU dictionary of plain L1 on the hidden layer of an n → m model. */
function saeBench(n: number, m: number, latents: number, models: number): Bench {
  const own = family(n, m, { kind: 'sae', dictionary: { ...dictionary, latents } });
  return { name: `sparse autoencoder ${n}→${m}→${latents}`, model: 'sae', family: own, models };
}

const BENCHES: Bench[] = [
  { name: "the paper's (2,1)", model: 'paper', family: family(2, 1), models: 256 },
  { name: "the paper's (5,2)", model: 'paper', family: family(5, 2), models: 256 },
  { name: "the paper's (20,5)", model: 'paper', family: family(20, 5), models: 64 },
  { name: "the paper's (80,20)", model: 'paper', family: family(80, 20), models: 8 },
  {
    name: 'hidden bias (20,5)',
    model: 'hidden-bias',
    family: family(20, 5, { hiddenActivation: 'relu', hiddenBias: true }),
    models: 64,
  },
  saeBench(5, 2, 6, 256),
  saeBench(20, 5, 40, 64),
  saeBench(96, 48, 256, 4),
  {
    name: 'untied, of the absolute value (100,40)',
    model: 'untied-abs',
    family: family(100, 40, absolute),
    models: 4,
  },
];
const DENSITIES = [1, 0.1, 0.01];
const SLICE = 60; // ms
const SLICES = 11;
const ROUNDS = 2; // of the engine and its peers
const THREADS = 2;

function problemOf({ family, models }: Bench, density: number): Problem {
  const columns = emptyColumns(family, models);
  columns.density.fill(density);
  columns.importance.fill(1);
  columns.learningRate.fill(1e-3);
  columns.weightDecay.fill(0.01);
  columns.sparsity.fill(0.05);
  const keys = Array.from({ length: models }, (_, i) => instanceKey(7, i)).flat();
  const training = {
    batch: BATCH,
    steps: 1e6,
    optimizer: 'adamw',
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    momentum: 0,
    schedule: 'constant',
    warmup: 0,
    hiddenPenalty: 0,
    reduction: 'mean',
    clip: 0,
  } as const;
  return { ...columns, family, training, firstStep: 0, instances: models, keys: Int32Array.from(keys) };
}

/** Weights that are not 0 anywhere: a frozen tensor of zeros would spare work. */
function paramsOf(problem: Problem) {
  const params = initParams(problem, new Float64Array(problem.instances).fill(0.4));
  const normal = params[tensorsOf(problem.family).find(({ init }) => init === 'normal')!.name];
  for (const { name, trained } of tensorsOf(problem.family)) {
    if (!trained) params[name] = params[name].map((_, k) => normal[k % normal.length]);
  }
  return params;
}

/** A kernel in this thread: does so many steps and returns the milliseconds. */
async function kernelOf(problem: Problem, shape: KernelKind): Promise<(steps: number) => number> {
  const layout = layoutFor(problem, shape);
  const rows = Int32Array.from({ length: problem.instances }, (_, i) => i);
  const scratch = new Uint8Array(scratchBytes(problem, layout));
  const records = new Uint8Array(recordBytes(problem, paramsOf(problem), layout, rows));
  const pages = Math.ceil((scratch.length + records.length) / 65536);
  const memory = new WebAssembly.Memory({ initial: pages });
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(scratch);
  bytes.set(records, scratch.length);
  const module = await assemble(kernelText(problem, layout));
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const train = exports.train as (...args: number[]) => void;
  return (steps) => {
    const started = performance.now();
    for (let done = 0; done < steps; done++) {
      bytes.set(new Uint8Array(stepTable(problem, layout, done, [-1])), layout.table);
      train(problem.instances, 1, done, done, 0);
    }
    return performance.now() - started;
  };
}

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];

/**
 * Multiply-adds of a dense sample, forward and backward, in the products of a program: as many as a matrix has entries for
 * the product itself, for the slopes of a trained matrix, and for those of what it multiplies, where they are asked for.
 */
function multiplyAdds({ family, training }: Problem): number {
  const program = programFor(family, training);
  const asked = moving(program);
  const products = program.nodes.filter(({ op }) => op === 'mat' || op === 'matT');
  return products.reduce((sum, { args: [matrix, x] }) => {
    return sum + matrix.size * (1 + Number(matrix.trained) + Number(asked.has(x)));
  }, 0);
}

const peak = await peakOf();
let most = 0; // of peak, so far

/** M samples/s of the program's kernel on one thread, and its speed over that of the kernel made by hand, or NaN. */
async function kernels(bench: Bench, density: number): Promise<{ rate: number; ratio: number }> {
  const problem = problemOf(bench, density);
  const known = bench.model === 'paper' || bench.model === 'untied-abs';
  const own = await kernelOf(problem, 'program');
  const byHand = known ? await kernelOf(problem, 'rows') : null;
  own(2);
  const steps = Math.max(1, Math.round(SLICE / Math.max(own(4) / 4, 0.01)));
  const slices = Array.from({ length: SLICES }, () => {
    const ours = own(steps);
    most = Math.max(most, peak(), peak(), peak());
    return { ours, theirs: byHand ? byHand(steps) : Number.NaN };
  });
  const best = Math.min(...slices.map(({ ours }) => ours));
  const rate = (steps * bench.models * BATCH) / best / 1e3;
  return { rate, ratio: median(slices.map(({ ours, theirs }) => theirs / ours)) };
}

/** M samples/s of the simd engine: the best of some slices. */
async function engine(bench: Bench, density: number): Promise<number> {
  const problem = problemOf(bench, density);
  const session = await simd.open(problem, paramsOf(problem), { lossEvery: 1e6, threads: THREADS });
  const run = clockOf(session);
  await run(4);
  const steps = Math.max(1, Math.round(SLICE / ((await run(4)) / 4)));
  let best = Number.POSITIVE_INFINITY;
  for (let k = 0; k < 5; k++) best = Math.min(best, await run(steps));
  await session.close();
  return (steps * bench.models * BATCH) / best / 1e3;
}

const peers = contenders.filter(({ name }) => name === 'torch' || name === 'jax');
const missing = new Map<string, boolean>();
for (const { name, missing: isMissing } of peers) missing.set(name, (await isMissing()) !== null);

/** Best M samples/s of a peer, NaN if it is not here. Dense arrays: one density tells all. */
async function peer(name: 'torch' | 'jax', bench: Bench): Promise<number> {
  const contender = peers.find((one) => one.name === name)!;
  if (missing.get(name)) return Number.NaN;
  const { features, hidden, dictionary } = bench.family;
  const row: Row = {
    features,
    hidden,
    instances: bench.models,
    threads: THREADS,
    densities: [0.1],
    model: bench.model,
    ...(dictionary && { latents: dictionary.latents }),
  };
  let best = 0;
  const failure = await execute(contender, row, ({ samplesPerSecond }) => {
    best = Math.max(best, ...samplesPerSecond);
  });
  if (failure) throw new Error(`${name} on ${bench.name}: ${failure}`);
  return best / 1e6;
}

const digits = (value: number): string =>
  Number.isNaN(value) ? '' : Number(value.toPrecision(3)).toString();

/** Best M samples/s: the engine's at each density, and its peers', which took turns with it. */
async function inTurns(bench: Bench) {
  const ours = DENSITIES.map(() => 0);
  let [torch, jax] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [k, density] of DENSITIES.entries()) {
      ours[k] = Math.max(ours[k], await engine(bench, density));
    }
    torch = Math.max(torch, await peer('torch', bench));
    jax = Math.max(jax, await peer('jax', bench));
  }
  return { ours, torch, jax };
}

const bounds: string[] = [];

/** Cells of the table at each density. */
async function rowsOf(bench: Bench): Promise<string[][]> {
  const { ours, torch, jax } = await inTurns(bench);
  const out: string[][] = [];
  for (const [k, density] of DENSITIES.entries()) {
    const { rate, ratio } = await kernels(bench, density);
    const share = (rate * multiplyAdds(problemOf(bench, density))) / 1e3 / most;
    const beside = [torch, jax].map((other) =>
      other > 0 ? `${digits(other)}, ${Number((ours[k] / other).toPrecision(2))}×` : '',
    );
    const counted = density === 1 ? `${Math.round(100 * share)} %` : '';
    out.push([
      bench.name,
      `${density}`,
      digits(rate),
      counted,
      digits(ratio),
      chooseKernel(bench),
      digits(ours[k]),
      ...beside,
    ]);
    console.log(out.at(-1)!.join(' | '));
  }
  if (torch > 0 && bench.name in GOALS) bounds.push(boundOf(bench, problemOf(bench, 1), torch));
  return out;
}

const HEAD = ['model', 'density', 'program', 'of peak', 'over rows', 'simd takes', 'simd', 'PyTorch', 'JAX'];

/** Goals of dictionaries, as multiples of PyTorch. */
const GOALS: Record<string, number> = { 'sparse autoencoder 20→5→40': 15, 'sparse autoencoder 96→48→256': 5 };

/**
 * What keeps a dictionary's kernel from its goal, counted; `torch` is PyTorch's M samples/s. What makes h and the codes is
 * done whatever is silent.
 */
function boundOf({ name, family }: Bench, problem: Problem, torch: number): string {
  const { features: n, hidden: m } = family;
  const { latents } = family.dictionary!;
  const goal = GOALS[name];
  const rate = (count: number) => digits((goal * torch * count) / THREADS / 1e3);
  const [all, least] = [multiplyAdds(problem), n * m + m * latents];
  return `A sample of the ${name} has ${all} multiply-adds: ${n * m} that make h, and ${m * latents} each for the codes, the
reconstruction, the slopes of both matrices, of the codes and of h − b. All but the ${least} of h and the codes are left out for
latents that are silent in all four samples of a vector. ${goal} times PyTorch would be ${rate(all)} G multiply-adds/s a thread, ${rate(least)} if every
latent were silent, beside ${digits(most)} with nothing but registers.`;
}

const word = process.argv[2] ?? '';
const load = loadavg()[0].toFixed(1);
const rows: string[][] = [];
for (const bench of BENCHES.filter(({ name }) => name.includes(word))) rows.push(...(await rowsOf(bench)));
const text = `# Other models

M samples/s at batch 1024, AdamW, every input drawn anew. *program*: the kernel made from a model's program, one
thread; *of peak*: the multiply-adds that its products have in a dense sample, as a share of the ${digits(most)} G/s that a
thread does with all numbers in registers (rows that are silent are left out, so it can be more than 100 %); *over rows*:
its speed over that of the kernel made by hand for large models, median of ${SLICES} turns. Then the simd engine with the kernel
that it takes, PyTorch and JAX on ${THREADS} threads, in turns, the best of ${ROUNDS} rounds each; × is the engine's multiple. Frameworks
work on dense arrays, so they are measured at one density.
Written by \`npx tsx bench/models.ts\` on ${new Date().toISOString().slice(0, 10)}, load average ${load} before it.

${bounds.join('\n\n')}

The slopes of both matrices of a dictionary stand in memory: two loads and a store for each of their vectors.

${table(HEAD, rows)}`;
if (word) console.log(text);
else writeSection('models', text);
process.exit(0);
