import { Command } from 'commander';
import { expandGrid } from '../grid.ts';
import { parseSpec } from '../spec.ts';
import { addScaleOption, type ScaleOption } from './options.ts';
import { duration } from './reporter.ts';

/** `superpose list`: the experiments of the papers. */
export function listCommand(): Command {
  const command = new Command('list')
    .description('the experiments of the papers, with their models and time on two idle cores')
    .option('--json', 'one JSON object a line', false);
  return addScaleOption(command).action(async ({ json, scale }: ScaleOption & { json: boolean }) => {
    const { experiments } = await import('../experiments/index.ts'); // with mathjs, which other commands need not load
    for (const experiment of experiments) {
      const models = experiment.specs(scale).reduce((sum, spec) => sum + expandGrid(parseSpec(spec)).rows, 0);
      const { name, paper, section, title, seconds } = experiment;
      const line = json
        ? JSON.stringify({ name, paper, section, title, models, seconds })
        : `${name.padEnd(28)} ${paper.padEnd(5)} ${String(models).padStart(7)} models ${duration(seconds[scale]).padStart(6)}  ${title}`;
      process.stdout.write(`${line}\n`);
    }
  });
}
