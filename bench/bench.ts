/**
 * Samples/s of every engine beside its peers on the same work, in one run:
 *
 *     npm run bench                            all that is installed here, about ten minutes
 *     npm run bench -- --only simd,torch       some contenders; rows of others are kept
 *     npm run bench -- --resume                only rows that bench/results.json lacks
 *
 * Each contender measures each row in a process of its own, one after the other, so that what is compared ran
 * close together. Results are written after every row to bench/results.json and, as tables, bench/results.md.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Contender, contenders } from './contenders.ts';
import { execute } from './execute.ts';
import { reportOf } from './report.ts';
import type { Measurement, Result, Results, Row } from './row.ts';
import { writeSection } from './section.ts';

/** Features, hidden, models: so many that a step fills both cores. */
const SHAPES = [
  [2, 1, 1024],
  [5, 2, 1024],
  [20, 5, 256],
  [80, 20, 8],
  [200, 20, 8],
  [400, 30, 4],
];
const THREADS = [1, 2];

const FOLDER = import.meta.dirname;
const FILE = join(FOLDER, 'results.json');

function machine(): string {
  const [{ model }] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} cores of ${model.trim()}, ${memory} GiB, ${type()} ${release()}`;
}

function save(results: Results): void {
  writeFileSync(FILE, `${JSON.stringify(results, null, 2)}\n`);
  writeSection('speed', reportOf(results));
}

const keyOf = ({ contender, features, hidden, threads, density }: Omit<Result, 'instances'>): string =>
  [contender, features, hidden, threads, density].join(' ');

function resultOf(contender: string, row: Row, own: Measurement, load: number, run: string): Result {
  const { densities: _, ...shape } = row;
  const sorted = [...own.samplesPerSecond].sort((a, b) => b - a);
  const median = sorted[Math.floor(sorted.length / 2)];
  return { contender, ...shape, density: own.density, best: sorted[0], median, note: own.note, load, run };
}

/** Measures a contender on a row of the table and puts its results in the place of earlier ones. */
async function measureRow(contender: Contender, row: Row, results: Results, run: string): Promise<void> {
  const [load] = loadavg();
  const shape = `(${row.features},${row.hidden}) × ${row.instances}, ${row.threads} threads`;
  const failure = await execute(contender, row, (own) => {
    const result = resultOf(contender.name, row, own, load, run);
    results.rows = [...results.rows.filter((r) => keyOf(r) !== keyOf(result)), result];
    const speed = (result.best / 1e6).toPrecision(3);
    console.log(`${contender.name.padEnd(15)} ${shape}, density ${own.density}: ${speed} M samples/s`);
  });
  if (failure) console.log(`${contender.name.padEnd(15)} ${shape}: ${failure.trim()}`);
  save(results);
}

async function takePart(names: string[], missing: Record<string, string>): Promise<Contender[]> {
  const chosen = contenders.filter(({ name }) => names.length === 0 || names.includes(name));
  const present: Contender[] = [];
  for (const contender of chosen) {
    const reason = await contender.missing();
    if (reason === null) present.push(contender);
    else missing[contender.name] = reason;
  }
  return present;
}

const { values } = parseArgs({ options: { only: { type: 'string' }, resume: { type: 'boolean' } } });
const names = values.only?.split(',') ?? [];
const unknown = names.filter((name) => !contenders.some((contender) => contender.name === name));
if (unknown.length > 0) {
  console.error(
    `--only: expected some of ${contenders.map((c) => c.name).join(', ')}, got ${unknown.join(', ')}`,
  );
  process.exit(2);
}
const keeps = (values.resume || names.length > 0) && existsSync(FILE);
const results: Results = {
  machine: machine(),
  node: process.version,
  missing: {},
  rows: keeps ? JSON.parse(readFileSync(FILE, 'utf8')).rows : [],
};
const run = new Date().toISOString();
const present = await takePart(names, results.missing);
for (const [features, hidden, instances] of SHAPES) {
  for (const threads of THREADS) {
    for (const contender of present.filter((own) => own.threads.includes(threads))) {
      const cell = { contender: contender.name, features, hidden, threads };
      const isDone = (density: number) =>
        results.rows.some((r) => keyOf(r) === keyOf({ ...r, ...cell, density }));
      const densities = values.resume ? contender.densities.filter((d) => !isDone(d)) : contender.densities;
      if (densities.length === 0) continue;
      await measureRow(contender, { features, hidden, instances, threads, densities }, results, run);
    }
  }
}
save(results);
process.exit(0);
