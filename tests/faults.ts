/** Processes that are failed, cut, stopped and killed at one of their calls to the disk: see faultShim.c. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import type { SpecInput } from '../sim/spec.ts';

const ROOT = path.join(import.meta.dirname, '..');
const BUILT = path.join(ROOT, `dist/tests/faults-${process.pid}`); // test files run side by side
const PATIENCE = 240_000; // ms, for a process that hangs

/** Twelve models in three blocks, with a snapshot and recorded losses. */
export const SPEC: SpecInput = {
  model: { features: 2, hidden: 1 },
  input: { density: 0.5 },
  training: { steps: 30, batch: 4, learningRate: 0.01 },
  sweep: [{ path: 'input.density', values: [0.1, 0.5, 0.9] }],
  replicas: 4,
  record: { lossEvery: 10, snapshots: [15] },
};

/** Why no shim can be built here, or null. */
export function shimMissing(): string | null {
  if (process.platform !== 'linux') return 'LD_PRELOAD is of Linux';
  return spawnSync('gcc', ['--version']).status === 0 ? null : 'gcc is not installed';
}

/** Builds the shim and a child bundled from tests/<entry>.ts, so that hundreds of starts are cheap. */
export async function buildFaults(entry: string): Promise<void> {
  fs.mkdirSync(BUILT, { recursive: true });
  process.on('exit', () => fs.rmSync(BUILT, { recursive: true, force: true }));
  const shim = path.join(BUILT, 'faultShim.so');
  execFileSync('gcc', [
    '-shared',
    '-fPIC',
    '-O2',
    '-o',
    shim,
    path.join(import.meta.dirname, 'faultShim.c'),
    '-ldl',
  ]);
  await build({
    entryPoints: [path.join(import.meta.dirname, `${entry}.ts`)],
    outfile: path.join(BUILT, `${entry}.mjs`),
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['gpu.js', 'webgpu', 'watr'],
    banner: { js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);" },
    logLevel: 'error',
  });
  fs.mkdirSync(path.join(BUILT, 'simd'), { recursive: true });
  fs.copyFileSync(path.join(ROOT, 'sim/simd/worker.js'), path.join(BUILT, 'simd/worker.js'));
}

/** What is done to a process, in the words of the shim. */
export interface Fault {
  at: string; // which call
  deed?: 'fail' | 'half' | 'full' | 'kill' | 'killhalf' | 'stop';
  error?: number; // errno
  count?: string; // a file for the number of calls
  trace?: string; // a file for all changes
}

/** The environment of a process that is watched below `folder`. */
export function faultyEnv(
  folder: string,
  { at, deed = 'fail', error = 5, count, trace }: Fault,
): NodeJS.ProcessEnv {
  return {
    ...process.env,
    LD_PRELOAD: path.join(BUILT, 'faultShim.so'),
    FAULT_FOLDER: folder,
    FAULT_AT: at,
    FAULT_DO: deed,
    FAULT_ERROR: String(error),
    ...(count && { FAULT_COUNT: count }),
    ...(trace && { FAULT_TRACE: trace }),
  };
}

export interface Ended {
  code: number | null; // null: killed, by the shim or because it hung
  hung: boolean;
  output: string;
}

/** The file of a bundled child. */
export const childFile = (entry: string): string => path.join(BUILT, `${entry}.mjs`);

/** Runs the child of faultChild.ts to its end. */
export function runJob(job: string, folder: string, watched: string, fault?: Fault): Promise<Ended> {
  const env = fault ? faultyEnv(watched, fault) : process.env;
  const child = spawn(process.execPath, [childFile('faultChild'), job, JSON.stringify(SPEC), folder], {
    env,
  });
  let output = '';
  let hung = false;
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const timer = setTimeout(() => {
    hung = true;
    child.kill('SIGKILL');
  }, PATIENCE);
  return new Promise((resolve) =>
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, hung, output });
    }),
  );
}

/** SHA-256 of every file of a folder, by name; nothing if it is not there. */
export function contents(folder: string): Record<string, string> {
  if (!fs.existsSync(folder)) return {};
  const files = fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile());
  const names = files.map((entry) => path.join(entry.parentPath, entry.name)).sort();
  const hash = (file: string) => crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex');
  return Object.fromEntries(names.map((file) => [path.relative(folder, file), hash(file)]));
}

/** Names of the files in which two folders differ. */
export function differences(a: Record<string, string>, b: Record<string, string>): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name]).sort();
}
