/**
 * Speed on a training set, in pairs of a sample and a feature: `npx tsx bench/fixed.ts [python]`. The kernel of the simd
 * engine, a plain C loop (cc -O3 -march=native -ffast-math) and PyTorch on dense full batches, in turns, all on the
 * same sizes. Counted per second of CPU time, which other work on the machine does not change much; two threads of the
 * engine train two models, each on one. Then one big model on one thread and on all. Of the engine two runs are taken
 * that differ in their steps alone, so that, as in the peers' loops, starting up and drawing the samples do not count.
 * Writes a part of results.md.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { trainAll } from '../sim/train.ts';
import { table, writeSection } from './section.ts';

const ROUNDS = 3;
const SIZES = [200, 1000, 2000]; // T at n = 1,000
const FEATURES = 1000;
const FIRST = 500; // steps of the shorter run
const LAST = 2500; // and of the longer one

const peer = (name: string) => fileURLToPath(new URL(`./peers/${name}`, import.meta.url));

const specOf = (samples: number, features: number, steps: number, replicas: number) => ({
  model: { features, hidden: 2 },
  input: { density: 10 / features, samples: { count: samples, unitLength: true } },
  training: { steps, reduction: 'sum' as const },
  replicas,
  record: { lossEvery: steps },
});

/** CPU seconds of a training of two models on two threads. */
async function cpuOf(samples: number, steps: number): Promise<number> {
  const before = process.cpuUsage();
  await trainAll(specOf(samples, FEATURES, steps, 2), { engine: 'simd', threads: 2 });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Pairs per CPU second of the engine, over steps FIRST to LAST of a training. */
async function engine(samples: number): Promise<number> {
  const start = await cpuOf(samples, FIRST);
  const whole = await cpuOf(samples, LAST);
  return (2 * FEATURES * samples * (LAST - FIRST)) / (whole - start);
}

function compileC(): string {
  const out = join(mkdtempSync(join(tmpdir(), 'fixed-')), 'fixed');
  execFileSync('cc', ['-O3', '-march=native', '-ffast-math', peer('fixed.c'), '-lm', '-o', out]);
  return out;
}

const pairsOf = (program: string, args: (string | number)[]): number =>
  JSON.parse(execFileSync(program, args.map(String), { encoding: 'utf8' })).pairs;

const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** Wall clock in ms of a step of one model, and the threads it ran on. */
async function stepOf(samples: number, features: number, threads?: number) {
  const first = Math.max(100, Math.ceil(1e9 / (samples * features))); // drawing a large set takes seconds, more or less
  const run = (steps: number) => trainAll(specOf(samples, features, steps, 1), { engine: 'simd', threads });
  const start = await run(first);
  const whole = await run(5 * first);
  return { ms: (1e3 * (whole.seconds - start.seconds)) / (4 * first), threads: whole.engine.threads };
}

/** One model on one thread and on all, in turns: medians of `ROUNDS`. */
async function alone(samples: number, features: number) {
  const [one, all]: number[][] = [[], []];
  let threads = 0;
  for (let round = 0; round < ROUNDS; round++) {
    one.push((await stepOf(samples, features, 1)).ms);
    const shared = await stepOf(samples, features);
    all.push(shared.ms);
    threads = shared.threads;
  }
  return { one: median(one), all: median(all), threads };
}

/** Sizes of one big model: T and n, a tenth of the published size, half of it, and T = n = 10,000. */
const BIG: readonly [samples: number, features: number][] = [
  [5_000, 1_000],
  [10_000, 1_000],
  [10_000, 10_000],
];

const load = loadavg()[0].toFixed(1);
const python = process.argv[2] ?? 'python3';
const native = compileC();
const speeds: (string | number)[][] = [];
for (const samples of SIZES) {
  const [own, c, torch]: number[][] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    own.push(await engine(samples));
    c.push(pairsOf(native, [FEATURES, samples, Math.round(4e5 / samples)]));
    torch.push(pairsOf(python, [peer('fixed_torch.py'), FEATURES, samples, Math.ceil(2e4 / samples), 1]));
  }
  const ratio = (other: number[]) => `${median(own.map((value, k) => value / other[k])).toFixed(1)}×`;
  const billions = (values: number[]) => (median(values) / 1e9).toPrecision(3);
  speeds.push([samples, billions(own), billions(c), ratio(c), billions(torch), ratio(torch)]);
  console.log(speeds.at(-1)!.join('\t'));
}
const bigs: (string | number)[][] = [];
for (const [samples, features] of BIG) {
  const { one, all, threads } = await alone(samples, features);
  bigs.push([samples, features, one.toFixed(2), all.toFixed(2), threads, `${(one / all).toFixed(2)}×`]);
  console.log(bigs.at(-1)!.join('\t'));
}
writeSection(
  'fixed',
  `## Training sets

G pairs of a sample and a feature a second of CPU time, forward and backward with AdamW, n = ${FEATURES}, m = 2, all samples
at every step, steps ${FIRST} to ${LAST} of a training, without starting up: the simd engine, a plain loop in C (cc -O3 -march=native -ffast-math) and PyTorch on dense
full batches on one thread, in turns, medians of ${ROUNDS}. Written by \`npx tsx bench/fixed.ts\` on ${new Date().toISOString().slice(0, 10)},
${cpus()[0].model}, load average ${load} before it.

${table(['T', 'simd', 'C', 'simd over C', 'PyTorch', 'simd over PyTorch'], speeds)}

One model on one thread and on all of them: milliseconds of a step without starting up, medians of ${ROUNDS} in turns. The samples are summed
in ranges that T alone decides, so the bytes are the same on any number of threads (\`sim/simd/fixed/team.ts\`).

${table(['T', 'n', 'one thread', 'all threads', 'threads', ''], bigs)}`,
);
