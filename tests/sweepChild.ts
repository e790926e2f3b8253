/**
 * Sweeps a folder in a process of its own. With a third argument k it kills itself, as kill -9 does, at its
 * k-th call into the file system that changes something; a write in progress is then half done.
 */
import fs from 'node:fs';
import type { SpecInput } from '../sim/spec.ts';
import { sweep } from '../sim/sweep/sweep.ts';

const [spec, folder, killAt] = process.argv.slice(2);

const CHANGING = [
  'mkdirSync',
  'writeFileSync',
  'linkSync',
  'renameSync',
  'fsyncSync',
  'rmSync',
  'openSync',
] as const;
let calls = 0;

function countCalls(): void {
  const table = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of [...CHANGING, 'writeSync']) {
    const original = table[name];
    table[name] = (...args) => {
      if (++calls === Number(killAt)) {
        const [file, bytes] = args;
        if (name === 'writeSync' && bytes instanceof Uint8Array) original(file, bytes, 0, bytes.length >> 1);
        process.kill(process.pid, 'SIGKILL');
      }
      return original(...args);
    };
  }
}

countCalls();
const input: SpecInput = JSON.parse(spec);
for await (const event of sweep(input, folder, {
  engine: 'reference',
  resume: true,
  blockInstances: 5,
  formats: ['csv', 'parquet', 'npz'],
})) {
  if (event.kind === 'note') process.stdout.write(`${event.text}\n`);
}
process.stdout.write(`calls ${calls}\n`);
