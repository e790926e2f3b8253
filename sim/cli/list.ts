import { Command } from 'commander';
import { countRows } from '../axes.ts';
import type { Claim, Experiment, Scale } from '../experiments/experiment.ts';
import type { PaperName } from '../experiments/papers.ts';
import { counts, tally } from '../experiments/verdict.ts';
import { parseSpec } from '../spec.ts';
import { addScaleOption, paperOption, type ScaleOption } from './options.ts';
import { duration } from './reporter.ts';
import { chosenExperiments } from './specs.ts';

interface ListOptions extends ScaleOption {
  json: boolean;
  paper: PaperName | 'all';
}

/** The claims of a figure on the scoreboard that is kept of a scale; [] if none is kept of it. */
async function keptClaims(name: string, scale: Scale): Promise<readonly Claim[]> {
  const kept = await import('../../plots/scoreboard/kept.ts');
  return kept.boards[scale].figures.find((figure) => figure.name === name)?.claims ?? [];
}

/** An experiment in one line: JSON, or a row of a table. */
async function line(experiment: Experiment, scale: Scale, json: boolean): Promise<string> {
  const models = experiment.specs(scale).reduce((sum, spec) => sum + countRows(parseSpec(spec)), 0);
  const { name, id, paper, section, title, seconds } = experiment;
  const claims = await keptClaims(name, scale);
  const found = tally(claims);
  if (json) return JSON.stringify({ name, id, paper, section, title, models, seconds, claims: found });
  const time = duration(seconds[scale]).padStart(6);
  const held = claims.length > 0 ? `${found.holds} of ${found.of}` : '';
  return `  ${name.padEnd(28)} ${id.padEnd(9)} ${String(models).padStart(7)} models ${time} ${held.padStart(8)}  ${title}`;
}

/** The overnight specs, in lines like those of experiments. */
async function overnightLines(json: boolean): Promise<string[]> {
  const { overnight } = await import('../experiments/overnight.ts');
  return overnight.map(({ name, title, hours, spec }) => {
    const models = countRows(parseSpec(spec()));
    if (json) return JSON.stringify({ name, title, models, hours });
    const time = duration(3600 * hours).padStart(6);
    return `  ${name.padEnd(28)} ${''.padEnd(9)} ${String(models).padStart(7)} models ${time} ${''.padEnd(8)}  ${title}`;
  });
}

/** `superpose list`: the experiments of the papers. */
export function listCommand(): Command {
  const command = new Command('list')
    .description(
      'the experiments of each paper: models, time on two idle cores, and claims that hold on the kept scoreboard',
    )
    .addOption(paperOption().default('all'))
    .option('--json', 'one JSON object a line', false);
  return addScaleOption(command).action(async ({ json, scale, paper: named }: ListOptions) => {
    const { byPaper } = await import('../experiments/index.ts'); // with mathjs, which other commands need not load
    for (const { paper, of } of byPaper(await chosenExperiments(named))) {
      if (!json) process.stdout.write(`${paper.name}: ${paper.title} (${paper.by})\n`);
      for (const experiment of of) process.stdout.write(`${await line(experiment, scale, json)}\n`);
      const claims = await Promise.all(of.map(({ name }) => keptClaims(name, scale)));
      if (!json) for (const text of counts(claims.flat())) process.stdout.write(`  ${text}\n`);
    }
    if (named !== 'all') return;
    if (!json) process.stdout.write('overnight: no figures; superpose sweep NAME, which resumes\n');
    for (const text of await overnightLines(json)) process.stdout.write(`${text}\n`);
  });
}
