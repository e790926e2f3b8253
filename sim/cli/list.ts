import { Command } from 'commander';
import type { Experiment, Scale } from '../experiments/experiment.ts';
import type { PaperName } from '../experiments/papers.ts';
import { expandGrid } from '../grid.ts';
import { parseSpec } from '../spec.ts';
import { addScaleOption, paperOption, type ScaleOption } from './options.ts';
import { duration } from './reporter.ts';
import { chosenExperiments } from './specs.ts';

interface ListOptions extends ScaleOption {
  json: boolean;
  paper: PaperName | 'all';
}

/** An experiment in one line: JSON, or a row of a table. */
function line(experiment: Experiment, scale: Scale, json: boolean): string {
  const models = experiment.specs(scale).reduce((sum, spec) => sum + expandGrid(parseSpec(spec)).rows, 0);
  const { name, id, paper, section, title, seconds } = experiment;
  if (json) return JSON.stringify({ name, id, paper, section, title, models, seconds });
  const time = duration(seconds[scale]).padStart(6);
  return `  ${name.padEnd(28)} ${id.padEnd(5)} ${String(models).padStart(7)} models ${time}  ${title}`;
}

/** `superpose list`: the experiments of the papers. */
export function listCommand(): Command {
  const command = new Command('list')
    .description('the experiments of each paper, with their models and time on two idle cores')
    .addOption(paperOption().default('all'))
    .option('--json', 'one JSON object a line', false);
  return addScaleOption(command).action(async ({ json, scale, paper: named }: ListOptions) => {
    const { byPaper } = await import('../experiments/index.ts'); // with mathjs, which other commands need not load
    for (const { paper, of } of byPaper(await chosenExperiments(named))) {
      if (!json) process.stdout.write(`${paper.name}: ${paper.title} (${paper.by})\n`);
      for (const experiment of of) process.stdout.write(`${line(experiment, scale, json)}\n`);
    }
  });
}
