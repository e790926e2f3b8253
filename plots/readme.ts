/**
 * Fills the marked parts of README.md from measured files: the figure table and the scoreboards from
 * plots/scoreboard/*.json, the speed table from bench/results.json. `npm run readme`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { goals } from '../bench/report.ts';
import { experiments } from '../sim/experiments/index.ts';
import { commandOf, type Scoreboard, scoreboardMarkdown } from './scoreboard.ts';

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** A row a figure: paper, title, command, picture. */
export function figureTable(): string {
  const rows = experiments.map(({ name, id, title }) => {
    const picture = `plots/pictures/${name}.png`;
    const shown = existsSync(path(picture)) ? `[picture](${picture})` : 'in `figures/`';
    return `| ${id} | ${title} | \`${commandOf('quick', name)}\` | ${shown} |`;
  });
  return ['| | figure | command | |', '|---|---|---|---|', ...rows].join('\n');
}

/** The scoreboard that is kept of a scale, as Markdown, or a line that says there is none. */
function scoreboardPart(scale: 'quick' | 'paper'): string {
  const file = path(`plots/scoreboard/${scale}.json`);
  if (!existsSync(file)) return `No scoreboard is kept at ${scale} scale yet.`;
  return scoreboardMarkdown(JSON.parse(readFileSync(file, 'utf8')) as Scoreboard).trim();
}

/** The goals of the bench beside what it last measured. */
function speedPart(): string {
  const file = path('bench/results.json');
  if (!existsSync(file)) return 'No bench results are kept yet.';
  const { machine, rows } = JSON.parse(readFileSync(file, 'utf8'));
  return `M samples/s on two threads at density 0.1, ${machine}:\n\n${goals(rows)}`;
}

/** `text` with what stands between the markers of `part` replaced. @throws if the markers are missing. */
export function fill(text: string, part: string, content: string): string {
  const [open, close] = [`<!-- ${part} -->`, `<!-- /${part} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`README.md: expected the markers ${open} … ${close}`);
  return `${text.slice(0, from + open.length)}\n${content}\n${text.slice(to)}`;
}

/** README.md with every marked part filled. */
export function filledReadme(text: string): string {
  const parts: [string, string][] = [
    ['figures', figureTable()],
    ['speed', speedPart()],
    ['scoreboard quick', scoreboardPart('quick')],
    ['scoreboard paper', scoreboardPart('paper')],
  ];
  return parts.reduce((filled, [part, content]) => fill(filled, part, content), text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(path('README.md'), filledReadme(readFileSync(path('README.md'), 'utf8')));
}
