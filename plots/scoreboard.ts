/** Which claims of the papers our models bear out, as data and as a table for the README. */
import type { Claim, Scale } from '../sim/experiments/experiment.ts';
import type { Finished } from './entry.ts';

export interface Scoreboard {
  scale: Scale;
  date: string; // of the newest figure
  command: string;
  seconds: number; // training and data of all figures
  figures: { name: string; paper: string; title: string; models: number; claims: Claim[] }[];
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
    figures: finished.map(({ name, models, claims, experiment: { paper, title } }) => ({
      name,
      paper,
      title,
      models,
      claims,
    })),
  };
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function claimLine(paper: string, { text, expected, source, measured, holds, note }: Claim): string {
  const remark = note ? ` (${note})` : '';
  return `| ${paper} | ${cell(text + remark)} | ${cell(`${expected} [${source}]`)} | ${cell(measured)} | ${holds ? 'holds' : '**does not hold**'} |`;
}

/** The scoreboard as Markdown: a count, the table of figures, and every claim that fails. */
export function scoreboardMarkdown({ scale, date, command, seconds, figures }: Scoreboard): string {
  const claims = figures.flatMap((figure) =>
    figure.claims.map((claim) => ({ ...claim, paper: figure.paper })),
  );
  const held = claims.filter((claim) => claim.holds).length;
  const failing = claims.filter((claim) => !claim.holds);
  const rows = figures.map(({ name, paper, title, models, claims: own }) => {
    const holding = own.filter((claim) => claim.holds).length;
    return `| ${paper} | ${cell(title)} | \`${name}\` | ${models.toLocaleString('en')} | ${holding} of ${own.length} |`;
  });
  return [
    `**${held} of ${claims.length} claims hold** at ${scale} scale (${date}, \`${command}\`, ${Math.round(seconds / 60)} min).`,
    '',
    '| | figure | name | models | claims that hold |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    ...(failing.length > 0
      ? [
          'What does not hold:',
          '',
          '| | claim | expected | measured | |',
          '|---|---|---|---|---|',
          ...failing.map((claim) => claimLine(claim.paper, claim)),
          '',
        ]
      : []),
  ].join('\n');
}
