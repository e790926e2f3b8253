/**
 * Checks the types of the notebooks' cells: each page becomes a TypeScript file, with its cells on the lines where
 * they stand in the page, and the compiler reads them all.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = import.meta.dirname;
const OPEN = /^ {2}<script id="\d+" type="text\/x-typescript"( pinned)?>$/;
const CLOSE = '  </script>';

/** The TypeScript cells of a page as one module; every other line is empty. */
export function moduleOf(html: string): string {
  let inside = false;
  const lines = html.split('\n').map((line) => {
    if (line === CLOSE) inside = false;
    const kept = inside ? line : '';
    if (OPEN.test(line)) inside = true;
    return kept;
  });
  return `${lines.join('\n')}\nexport {};\n`;
}

/** Types of all notebooks as the compiler sees them: its exit code, 0 if it has nothing to say. */
function check(): number {
  const pages = readdirSync(FOLDER).filter((file) => /^(\d+-.*|guide|answers)\.html$/.test(file));
  const files = pages.map((page) => join(FOLDER, `${page}.ts`));
  pages.forEach((page, k) => {
    writeFileSync(files[k], moduleOf(readFileSync(join(FOLDER, page), 'utf8')));
  });
  try {
    return spawnSync('npx', ['--no', 'tsc'], { stdio: 'inherit' }).status ?? 1;
  } finally {
    for (const file of files) rmSync(file);
  }
}

if (process.argv[1] === import.meta.filename) process.exitCode = check();
