/** Compiles native.c for a row's shape and measures it: `tsx native.ts <row>`. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measurement, Row } from '../row.ts';

const row = JSON.parse(process.argv[2]) as Row;
const folder = mkdtempSync(join(tmpdir(), 'superpose-native-'));
try {
  const program = join(folder, 'native');
  const source = join(import.meta.dirname, 'native.c');
  const shape = [`-DN=${row.features}`, `-DM=${row.hidden}`];
  execFileSync('gcc', [
    '-O3',
    '-march=native',
    '-ffast-math',
    ...shape,
    source,
    '-o',
    program,
    '-lm',
    '-lpthread',
  ]);
  const [version] = execFileSync('gcc', ['--version'], { encoding: 'utf8' }).split('\n');
  for (const density of row.densities) {
    const args = [row.instances, row.threads, density].map(String);
    const lines = execFileSync(program, args, { encoding: 'utf8' }).trim().split('\n');
    const measurement: Measurement = { density, samplesPerSecond: lines.map(Number), note: version };
    console.log(JSON.stringify(measurement));
  }
} finally {
  rmSync(folder, { recursive: true });
}
