/**
 * Keeps the scoreboard of a gallery folder in plots/scoreboard: `npm run keep -- figures`. A folder that holds only some
 * figures renews those, and leaves the others as they were kept.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { experiments } from '../sim/experiments/index.ts';
import type { Scoreboard } from './scoreboard.ts';

/** `kept` with the figures of `fresh` in place of its own, in the order of the gallery. */
export function renewed(kept: Scoreboard | null, fresh: Scoreboard): Scoreboard {
  if (!kept || kept.scale !== fresh.scale) return fresh;
  const names = fresh.figures.map(({ name }) => name);
  const all = [...kept.figures.filter(({ name }) => !names.includes(name)), ...fresh.figures];
  const place = (name: string) => experiments.findIndex((experiment) => experiment.name === name);
  const figures = all.sort((a, b) => place(a.name) - place(b.name));
  return kept.figures.every(({ name }) => names.includes(name))
    ? { ...fresh, figures }
    : { ...kept, figures };
}

const read = (file: string): Scoreboard => JSON.parse(readFileSync(file, 'utf8'));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const fresh = read(join(process.argv[2] ?? 'figures', 'scoreboard.json'));
  const file = fileURLToPath(new URL(`./scoreboard/${fresh.scale}.json`, import.meta.url));
  const board = renewed(existsSync(file) ? read(file) : null, fresh);
  writeFileSync(file, `${JSON.stringify(board, null, 1)}\n`);
  console.log(`${file}: ${fresh.figures.length} figures renewed, ${board.figures.length} in all`);
}
