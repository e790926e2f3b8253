/** Who takes part in the benchmark: our engines and their peers, each a command that measures one row. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineName } from '../sim/engine.ts';
import { chooseEngine } from '../sim/engines.ts';
import type { Row } from './row.ts';

export interface Contender {
  name: string;
  densities: number[];
  threads: number[];
  /** Why it cannot take part here, or null. */
  missing(): Promise<string | null>;
  /** The command that measures a row: it prints a Measurement a line. */
  command(row: Row): [program: string, ...args: string[]];
}

const ALL = [1, 0.1, 0.01];
const ONE = [0.1]; // frameworks work on dense arrays: their speed is the same at every density
const PEERS = join(import.meta.dirname, 'peers');

const node = (file: string, row: Row, ...args: string[]): [string, ...string[]] => [
  process.execPath,
  '--import',
  'tsx',
  file,
  JSON.stringify(row),
  ...args,
];

function ours(name: EngineName, densities: number[], threads: number[]): Contender {
  return {
    name,
    densities,
    threads,
    missing: () =>
      chooseEngine(name).then(
        () => null,
        (error: Error) => error.message,
      ),
    command: (row) => node(join(import.meta.dirname, 'engines.ts'), row, name),
  };
}

/** A Python that has `module`: the environment's choice, the system's, or the one that the peers' notes make. */
export function pythonWith(module: string): string | null {
  const candidates = [process.env.SUPERPOSE_PYTHON, 'python3', join(tmpdir(), `venv-${module}/bin/python`)];
  const has = (python: string) => spawnSync(python, ['-c', `import ${module}`]).status === 0;
  return candidates.find((python) => python && has(python)) ?? null;
}

function python(name: string, module: 'torch' | 'jax', threads: number[], ...args: string[]): Contender {
  const file = join(PEERS, `${module}_bench.py`);
  let found: string | null = null;
  return {
    name,
    densities: ONE,
    threads,
    async missing() {
      found = pythonWith(module);
      return found ? null : `no Python with ${module}; see ${module}_bench.py`;
    },
    command: (row) => [found!, file, JSON.stringify(row), ...args],
  };
}

function javascript(name: string, module: string): Contender {
  const installed = existsSync(join(PEERS, 'node_modules', module));
  return {
    name,
    densities: ONE,
    threads: [1],
    missing: async () => (installed ? null : 'run npm install --prefix bench/peers --no-package-lock'),
    command: (row) => node(join(PEERS, `${name}.mjs`), row),
  };
}

const native: Contender = {
  name: 'native',
  densities: ALL,
  threads: [1, 2],
  missing: async () => (spawnSync('gcc', ['--version']).status === 0 ? null : 'no gcc'),
  command: (row) => node(join(PEERS, 'native.ts'), row),
};

export const contenders: Contender[] = [
  ours('simd', ALL, [1, 2]),
  ours('webasm', ALL, [1, 2]),
  ours('webgpu', ONE, [2]),
  ours('cpu', ONE, [1]),
  ours('reference', ONE, [1]),
  python('torch', 'torch', [1, 2]),
  python('torch-compiled', 'torch', [2], 'compiled'),
  python('jax', 'jax', [1, 2]),
  javascript('tfjs', '@tensorflow/tfjs'),
  javascript('jaxjs', '@jax-js/jax'),
  native,
];
