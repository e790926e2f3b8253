/** What many test files need built. The first of a run that asks builds it, the others wait: `tests/run.ts` names the run. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { finishPackage } from '../notebooks/package.ts';

const ROOT = join(import.meta.dirname, '..');
/** How long a build may take on a busy machine. */
const PATIENCE = 300_000; // ms

/** The folder of everything that the run of process `pid` has built. */
export const builtBy = (pid: number | string) => join(ROOT, 'dist/tests', String(pid));

/** The run that this file is part of, or a run of its own, which leaves nothing. */
function runFolder(): string {
  const { SUPERPOSE_TEST_RUN: run } = process.env;
  const folder = builtBy(run ?? process.pid);
  mkdirSync(folder, { recursive: true });
  if (!run) process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Whether this process is the one that builds. */
function claim(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}

/** Path of what `make` writes into the folder that it is given, made once in a run. A maker that fails leaves its turn. */
async function builtOnce(name: string, make: (folder: string) => void | Promise<void>): Promise<string> {
  const folder = join(runFolder(), name);
  const [part, lock] = [`${folder}.part`, `${folder}.lock`];
  const limit = Date.now() + PATIENCE;
  while (!claim(lock)) {
    if (existsSync(folder)) return folder;
    if (Date.now() > limit) throw new Error(`${folder}: another test file builds it and does not end`);
    await sleep(50);
  }
  try {
    if (existsSync(folder)) return folder;
    await make(part);
    renameSync(part, folder);
    return folder;
  } finally {
    rmSync(lock, { recursive: true });
  }
}

/** The workshop site, as `npm run site` builds it. Not to be changed: others visit it too. */
export const builtSite = () =>
  builtOnce('site', async (outDir) => {
    const { build } = await import('vite'); // slow to load, and most files want no site
    const configFile = join(ROOT, 'notebooks/site/vite.config.ts');
    await build({ configFile, logLevel: 'error', build: { outDir, reportCompressedSize: false } });
  });

/** The command line as the package has it, compiled: hundreds of starts need no tsx. */
export async function builtProgram(): Promise<string> {
  const folder = await builtOnce('package', (out) => {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [
      tsc,
      '-p',
      join(ROOT, 'tsconfig.build.json'),
      '--outDir',
      join(out, 'dist'),
    ]);
    finishPackage(join(out, 'dist'));
    cpSync(join(ROOT, 'package.json'), join(out, 'package.json'));
  });
  return join(folder, 'dist/sim/cli.js');
}
