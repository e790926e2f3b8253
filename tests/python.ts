/** A Python with the packages of a list of bench/python: SUPERPOSE_PYTHON, or the one of .venv. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

export const PYTHON = process.env.SUPERPOSE_PYTHON ?? path.join(import.meta.dirname, '../.venv/bin/python');

/** Looks for modules without running them, which takes SAELens half a minute; ends with the name of one that is not there. */
const LOOK = `
import importlib.util, sys
missing = [name for name in sys.argv[1:] if importlib.util.find_spec(name) is None]
sys.exit(f'no module named {missing[0]}' if missing else 0)`;

/** Why these modules of a list of bench/python are not here, or null. */
export function pythonMissing(list: 'requirements' | 'dictionaries', ...modules: string[]): string | null {
  const looked = spawnSync(PYTHON, ['-c', LOOK, ...modules], { encoding: 'utf8' });
  if (looked.status === 0) return null;
  const reason = looked.error?.message ?? looked.stderr.trim().split('\n').at(-1);
  return `${reason} (python3 -m venv .venv && .venv/bin/pip install -r bench/python/${list}.txt)`;
}
