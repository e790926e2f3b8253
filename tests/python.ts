/** A Python with the packages of a list of bench/python: SUPERPOSE_PYTHON, or the one of .venv. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

export const PYTHON = process.env.SUPERPOSE_PYTHON ?? path.join(import.meta.dirname, '../.venv/bin/python');

/** Why these modules of a list of bench/python cannot be imported here, or null. */
export function pythonMissing(list: 'requirements' | 'dictionaries', ...modules: string[]): string | null {
  const tried = spawnSync(PYTHON, ['-c', `import ${modules.join(', ')}`], { encoding: 'utf8' });
  if (tried.status === 0) return null;
  const reason = tried.error?.message ?? tried.stderr.trim().split('\n').at(-1);
  return `${reason} (python3 -m venv .venv && .venv/bin/pip install -r bench/python/${list}.txt)`;
}
