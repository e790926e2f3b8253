/**
 * Writes the API reference to dist/api. Fields say their meaning, shape and unit in a comment behind them; a
 * copy of the sources turns each into the docstring that the generator reads.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..');
const COPY = path.join(ROOT, 'dist/reference');
const FIELD = /^( +)((?:readonly )?\w+\??: .*[;,]) \/\/ (.+)$/gm;

/** A source file with the comment behind each field in front of it. */
function docstrings(source: string): string {
  return source.replace(FIELD, '$1/** $3 */\n$1$2');
}

function copySources(): void {
  fs.rmSync(COPY, { recursive: true, force: true });
  for (const name of fs.readdirSync(path.join(ROOT, 'sim'), { recursive: true }) as string[]) {
    if (!name.endsWith('.ts')) continue;
    const target = path.join(COPY, 'sim', name);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, docstrings(fs.readFileSync(path.join(ROOT, 'sim', name), 'utf8')));
  }
  fs.copyFileSync(path.join(ROOT, 'tsconfig.json'), path.join(COPY, 'tsconfig.json'));
  const { name, version } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  fs.writeFileSync(path.join(COPY, 'package.json'), JSON.stringify({ name, version, type: 'module' }));
}

/** TypeDoc reads TypeScript 5 and 6; the project itself is built with 7, so both are fetched for the occasion. */
const GENERATOR = ['--yes', '-p', 'typedoc@0.28.20', '-p', 'typescript@5.9.3', 'typedoc'];
const OPTIONS = [
  '--out',
  '../api',
  '--name',
  'superpose',
  '--readme',
  'none',
  '--disableSources',
  '--skipErrorChecking',
  '--excludeExternals',
];

copySources();
execFileSync('npx', [...GENERATOR, ...OPTIONS, 'sim/index.ts', 'sim/sweep/index.ts'], {
  cwd: COPY,
  stdio: 'inherit',
});
