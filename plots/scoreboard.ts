/** Which claims of the papers our models bear out, as data and as tables. */
import type { Claim, Scale } from '../sim/experiments/experiment.ts';
import { byPaper } from '../sim/experiments/index.ts';
import type { PaperName } from '../sim/experiments/papers.ts';
import {
  CLAIM_KINDS,
  type ClaimKind,
  counts,
  type Evidence,
  judged,
  kindOf,
  ofKind,
  tally,
  VERDICTS,
  verdictOf,
} from '../sim/experiments/verdict.ts';
import type { Finished } from './entry.ts';

/** One figure on the scoreboard. */
export interface ScoredFigure {
  name: string;
  id: string;
  paper: PaperName;
  title: string;
  models: number;
  date: string; // of the run that made it, YYYY-MM-DD
  claims: Claim[];
}

export interface Scoreboard {
  scale: Scale;
  date: string; // of the newest figure
  command: string;
  seconds: number; // training and data of all figures
  figures: ScoredFigure[];
}

/** The command that makes a figure, or all figures. */
export function commandOf(scale: Scale, name = ''): string {
  return ['superpose figures', name, scale === 'paper' ? '--scale paper' : ''].filter(Boolean).join(' ');
}

/** Scoreboard of finished figures. */
export function scoreboard(finished: readonly Finished[], scale: Scale): Scoreboard {
  return {
    scale,
    date: finished
      .map((entry) => entry.date)
      .sort()
      .at(-1)!,
    command: commandOf(scale),
    seconds: Math.round(finished.reduce((sum, entry) => sum + entry.seconds, 0)),
    figures: finished.map(({ name, models, date, claims, experiment: { id, paper, title } }) => ({
      name,
      id,
      paper,
      title,
      models,
      date,
      claims: claims.map(judged),
    })),
  };
}

/** A number for a sentence. */
const number = (value: number) => String(Number(value.toPrecision(4)));

/** What one piece of evidence says, in a line. */
export function evidenceText(evidence: Evidence): string {
  if (evidence.kind === 'trial') return `${evidence.what}: ${evidence.count} of ${evidence.of}`;
  if (evidence.kind === 'shortfall') {
    const { what, reached, best } = evidence;
    return `${what}: loss ${number(reached)} reached, ${number(best)} best known`;
  }
  const { what, value, error, least, most } = evidence;
  const range = [least === undefined ? '' : `at least ${number(least)}`, most === undefined ? '' : `at most ${number(most)}`]; // biome-ignore format: one line
  const claimed = range.filter(Boolean).join(' and ');
  return `${what}: ${number(value)}${error ? ` ± ${number(error)}` : ''}${claimed && `, claimed ${claimed}`}`;
}

/** The command that tries harder, of a claim that was not reached. */
export function harderCommand({ evidence = [] }: Claim): string | null {
  return evidence.flatMap((one) => (one.kind === 'shortfall' ? one.harder : [])).at(0) ?? null;
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** Everything a claim carries beside its text: remark, evidence, the command that tries harder. */
function remarks(claim: Claim): string {
  const harder = verdictOf(claim) === 'not reached' ? harderCommand(claim) : null;
  const parts = [claim.note, ...(claim.evidence ?? []).map(evidenceText), harder && `\`${harder}\``];
  const all = parts.filter(Boolean);
  return all.length > 0 ? ` (${all.join('; ')})` : '';
}

function claimLine(id: string, claim: Claim): string {
  const { text, expected, source, measured } = claim;
  return `| ${id} | ${cell(text + remarks(claim))} | ${cell(`${expected} [${source}]`)} | ${cell(measured)} | **${verdictOf(claim)}** |`;
}

/** Claims by kind and verdict. */
function tallyTable(claims: readonly Claim[]): string[] {
  const row = (kind: ClaimKind) => {
    const found = tally(ofKind(claims, kind));
    return `| ${kind} | ${found.of} | ${VERDICTS.map((verdict) => found[verdict]).join(' | ')} |`;
  };
  return [
    `| whose | claims | ${VERDICTS.join(' | ')} |`,
    `|---|---|${VERDICTS.map(() => '---').join('|')}|`,
    ...CLAIM_KINDS.filter((kind) => ofKind(claims, kind).length > 0).map(row),
  ];
}

/** Figures, with how many claims of each kind hold. */
function figureTable(figures: readonly ScoredFigure[]): string[] {
  const held = (claims: Claim[]) =>
    claims.length === 0 ? '' : `${claims.filter((claim) => claim.holds).length} of ${claims.length}`;
  return [
    '| | figure | name | models | statements that hold | other claims that hold |',
    '|---|---|---|---|---|---|',
    ...figures.map(({ name, id, title, models, claims }) => {
      const statements = ofKind(claims, 'statement');
      const others = claims.filter((claim) => kindOf(claim) !== 'statement');
      return `| ${id} | ${cell(title)} | \`${name}\` | ${models.toLocaleString('en')} | ${held(statements)} | ${held(others)} |`;
    }),
  ];
}

/** Every claim that does not hold. */
function failingTable(figures: readonly ScoredFigure[]): string[] {
  const failing = figures.flatMap(({ id, claims }) =>
    claims.filter((claim) => !claim.holds).map((claim) => claimLine(id, claim)),
  );
  if (failing.length === 0) return [];
  return ['What does not hold:', '', '| | claim | expected | measured | |', '|---|---|---|---|---|', ...failing, '']; // biome-ignore format: one line
}

/** Most figures that a heading names. */
const NAMED = 15;

const namesOf = (figures: readonly ScoredFigure[]): string =>
  figures.length > NAMED ? `${figures.length} figures` : figures.map(({ id }) => id).join(', ');

/** Figures of a board that were made after the run that it names, for its heading. */
function laterFigures({ date, figures }: Scoreboard): string {
  const later = figures.filter((figure) => figure.date !== date);
  if (later.length === 0) return '';
  const days = [...new Set(later.map((figure) => figure.date))];
  if (later.length === figures.length && days.length === 1)
    return ` Every figure was made anew since (${days}).`;
  const made = days.map((day) => `${namesOf(later.filter((figure) => figure.date === day))} (${day})`);
  return ` Made anew since: ${made.join(', ')}.`;
}

/** The scoreboard as Markdown: counts, the table of figures, and every claim that fails, paper by paper. */
export function scoreboardMarkdown(board: Scoreboard): string {
  const { scale, date, command, seconds, figures } = board;
  const parts = byPaper(figures).flatMap(({ paper, of }) => {
    const claims = of.flatMap((figure) => figure.claims);
    const [first, ...rest] = counts(claims);
    return [
      `#### ${paper.title} (${paper.by})`,
      '',
      `**${first}.**${rest.map((text) => ` ${text}.`).join('')}`,
      '',
      ...tallyTable(claims),
      '',
      ...figureTable(of),
      '',
      ...failingTable(of),
    ];
  });
  const made = `${date}, \`${command}\`, ${Math.round(seconds / 60)} min`;
  return [`At ${scale} scale (${made}).${laterFigures(board)}`, '', ...parts].join('\n');
}
