/**
 * Fills the marked parts of the pages from measured files: scoreboards and counts from plots/scoreboard/*.json, the
 * statements of the first paper from sim/experiments/statements.ts. `npm run pages`.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { boards, keptTrials } from '../plots/scoreboard/kept.ts';
import { commandOf, type Scoreboard, type ScoredFigure, scoreboardMarkdown } from '../plots/scoreboard.ts';
import type { Claim, Scale } from '../sim/experiments/experiment.ts';
import { byPaper, experiments } from '../sim/experiments/index.ts';
import { type Statement, statements } from '../sim/experiments/statements.ts';
import { counts } from '../sim/experiments/verdict.ts';
import { shareOf } from '../sim/metrics/share.ts';
import type { KeptTried } from '../sim/settle/settings.ts';

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** A row a figure: number, title, command, picture; paper by paper. */
function figureTable(): string {
  return byPaper(experiments)
    .map(({ paper, of }) => {
      const rows = of.map(({ name, id, title }) => {
        const shown = existsSync(path(`plots/pictures/${name}.png`)) ? `[picture](pictures/${name}.png)` : 'in `figures/`'; // biome-ignore format: one line
        return `| ${id} | ${title} | \`${commandOf('quick', name)}\` | ${shown} |`;
      });
      return [`### ${paper.title} (${paper.by})`, '', '| | figure | command | |', '|---|---|---|---|', ...rows].join('\n'); // biome-ignore format: one line
    })
    .join('\n\n');
}

/** A claim with the exact numbers that the same claim carries at the other scale: they are of the claim, not of the run. */
function withExact(claim: Claim, same: Claim | undefined): Claim {
  const numbers = (same?.evidence ?? []).filter(({ kind }) => kind === 'exact');
  return claim.evidence || numbers.length === 0 ? claim : { ...claim, evidence: numbers };
}

/** A figure with the exact numbers that its claims have on the other board. */
function informed(figure: ScoredFigure, other: Scoreboard): ScoredFigure {
  const twin = other.figures.find(({ name }) => name === figure.name);
  const same = (claim: Claim) => twin?.claims.find(({ text }) => text === claim.text);
  return { ...figure, claims: figure.claims.map((claim) => withExact(claim, same(claim))) };
}

/** A text with every number made one: claims of both scales then have one text. */
const unnumbered = (text: string) => text.replace(/\d+([.,]\d+)*/g, '#');

/** Claims of a kept figure that fail and that the other, newer board makes in other words, or not at all. */
function reworded(figure: ScoredFigure, other: Scoreboard): Claim[] {
  const twin = other.figures.find(({ name }) => name === figure.name);
  if (!twin || twin.date <= figure.date) return [];
  const texts = twin.claims.map(({ text }) => unnumbered(text));
  return figure.claims.filter(({ text, holds }) => !holds && !texts.includes(unnumbered(text)));
}

function scoreboardPart(scale: Scale): string {
  const board = boards[scale];
  const other = boards[scale === 'quick' ? 'paper' : 'quick'];
  const old = board.figures.map((figure) => reworded(figure, other));
  const figures = board.figures
    .map((figure, k) => ({ ...figure, claims: figure.claims.filter((claim) => !old[k].includes(claim)) }))
    .map((figure) => informed(figure, other));
  const lines = old.flatMap((claims, k) => claims.map(({ text, expected, measured }) => `- ${board.figures[k].id}: ${text}: expected ${expected}, measured ${measured}`)); // biome-ignore format: one line
  const since = lines.length > 0 ? ['', 'Claims of that run that failed and are made in other words since, not counted:', '', ...lines] : []; // biome-ignore format: one line
  return [scoreboardMarkdown({ ...board, figures }).trim(), ...since].join('\n');
}

/** 63 of 100 (53 to 72 %). */
function shareText({ count, of }: KeptTried): string {
  const { low, high } = shareOf(count, of);
  return `${count} of ${of} (${Math.round(100 * low)} to ${Math.round(100 * high)} %)`;
}

/** A table a figure: a row a setting, a column a statement. */
function settingsOf(figure: string): string {
  const own = keptTrials.filter((one) => one.figure === figure);
  const statements = [...new Set(own.map(({ statement }) => statement))];
  const rows = [...new Set(own.map(({ setting }) => setting))].map((setting) => {
    const cells = own.filter((one) => one.setting === setting).map(shareText);
    return `| ${setting} | ${cells.join(' | ')} |`;
  });
  const id = experiments.find(({ name }) => name === figure)?.id;
  return [
    `${id}, by \`${own[0].command}\` (${own[0].date}):`,
    '',
    `| setting | ${statements.join(' | ')} |`,
    `|---${'|---'.repeat(statements.length)}|`,
    ...rows,
  ].join('\n');
}

/** Every figure whose settings were tried, in the order of the gallery. */
function settingsPart(): string {
  const tried = experiments.filter(({ name }) => keptTrials.some(({ figure }) => figure === name));
  return tried.map(({ name }) => settingsOf(name)).join('\n\n');
}

/** The counts of each paper at quick scale. */
function countTable(): string {
  const rows = byPaper(boards.quick.figures).map(({ paper, of }) => {
    const claims = of.flatMap((figure) => figure.claims);
    return `| [${paper.title}](${paper.url}) | ${of.length} | ${counts(claims).join('; ')} |`;
  });
  return ['| paper | figures | claims |', '|---|---|---|', ...rows].join('\n');
}

/** The claims of a figure whose text holds one of the words. */
export function claimsNamed(figure: ScoredFigure, words: readonly string[]): string[] {
  const texts = figure.claims.map(({ text }) => text);
  return texts.filter((text) => words.some((word) => text.includes(word)));
}

/** One statement: what became of it. */
function statementRow({ where, says, claim, why }: Statement): string {
  const became = claim ? `${claim.figure}: ${claim.words.join('; ')}` : `none: ${why}`;
  return `| ${where} | ${says} | ${became} |`;
}

function statementTable(): string {
  const claimed = statements.filter(({ claim }) => claim).length;
  return [
    `${claimed} of ${statements.length} are claims.`,
    '',
    '| where | what it says | claim (figure: words of it), or why none |',
    '|---|---|---|',
    ...statements.map(statementRow),
  ].join('\n');
}

/** `text` with what stands between the markers of `part` replaced. @throws if the markers are missing. */
export function fill(text: string, part: string, content: string): string {
  const [open, close] = [`<!-- ${part} -->`, `<!-- /${part} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`page: expected the markers ${open} … ${close}`);
  return `${text.slice(0, from + open.length)}\n${content}\n${text.slice(to)}`;
}

/** Every page, with the parts of it that are filled. */
export const PAGES: Readonly<Record<string, readonly [part: string, content: () => string][]>> = {
  'README.md': [['counts', countTable]],
  'plots/SCOREBOARD.md': [
    ['figures', figureTable],
    ['scoreboard quick', () => scoreboardPart('quick')],
    ['scoreboard paper', () => scoreboardPart('paper')],
    ['settings', settingsPart],
  ],
  'plots/STATEMENTS.md': [['statements', statementTable]],
  'sim/README.md': [],
  'sim/sweep/README.md': [],
  'bench/results.md': [],
};

export const readPage = (name: string): string => readFileSync(path(name), 'utf8');

/** A page with every marked part filled. */
export function filledPage(name: string): string {
  return PAGES[name].reduce((text, [part, content]) => fill(text, part, content()), readPage(name));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of Object.keys(PAGES)) writeFileSync(path(name), filledPage(name));
}
