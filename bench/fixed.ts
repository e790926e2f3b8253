/**
 * Speed on a training set, in pairs of a sample and a feature: `npx tsx bench/fixed.ts [python]`. The kernel of the simd
 * engine, a plain C loop (cc -O3 -march=native -ffast-math) and PyTorch on dense full batches, in turns, all on the
 * same sizes. Counted per second of CPU time, which other work on the machine does not change much; two threads of the
 * engine train two models, each on one.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { trainAll } from '../sim/train.ts';

const ROUNDS = 3;
const SIZES = [200, 1000, 2000]; // T at n = 1,000
const FEATURES = 1000;

const peer = (name: string) => fileURLToPath(new URL(`./peers/${name}`, import.meta.url));

/** Pairs per CPU second of the engine. */
async function engine(samples: number, steps: number): Promise<number> {
  const spec = {
    model: { features: FEATURES, hidden: 2 },
    input: { density: 10 / FEATURES, samples: { count: samples, unitLength: true } },
    training: { steps, reduction: 'sum' as const },
    replicas: 2,
  };
  const before = process.cpuUsage();
  await trainAll(spec, { engine: 'simd', threads: 2 });
  const { user, system } = process.cpuUsage(before);
  return (2 * FEATURES * samples * steps) / ((user + system) / 1e6);
}

function compileC(): string {
  const out = join(mkdtempSync(join(tmpdir(), 'fixed-')), 'fixed');
  execFileSync('cc', ['-O3', '-march=native', '-ffast-math', peer('fixed.c'), '-lm', '-o', out]);
  return out;
}

const pairsOf = (program: string, args: (string | number)[]): number =>
  JSON.parse(execFileSync(program, args.map(String), { encoding: 'utf8' })).pairs;

const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];

const python = process.argv[2] ?? 'python3';
const native = compileC();
for (const samples of SIZES) {
  const [own, c, torch]: number[][] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    const steps = Math.round(4e5 / samples);
    own.push(await engine(samples, steps));
    c.push(pairsOf(native, [FEATURES, samples, steps]));
    torch.push(pairsOf(python, [peer('fixed_torch.py'), FEATURES, samples, Math.ceil(steps / 20), 1]));
  }
  const [a, b, p] = [own, c, torch].map(median);
  const ratio = (other: number[]) => median(own.map((value, k) => value / other[k])).toFixed(1);
  console.log(
    `n = ${FEATURES}, T = ${samples}: simd ${(a / 1e9).toFixed(2)}, C ${(b / 1e9).toFixed(2)}, PyTorch ` +
      `${(p / 1e9).toFixed(3)} G pairs per CPU second; simd is ${ratio(torch)} × PyTorch and ${ratio(c)} × C`,
  );
}
