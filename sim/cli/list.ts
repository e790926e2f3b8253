import { Command } from 'commander';
import { experiments } from '../experiments/index.ts';
import { expandGrid } from '../grid.ts';
import { parseSpec } from '../spec.ts';
import { duration } from './reporter.ts';

/** `superpose list`: the experiments of the papers. */
export function listCommand(): Command {
  return new Command('list')
    .description('the experiments of the papers, with their models and time on two cores')
    .option('--json', 'one JSON object a line', false)
    .action(({ json }: { json: boolean }) => {
      for (const experiment of experiments) {
        const models = experiment
          .specs('quick')
          .reduce((sum, spec) => sum + expandGrid(parseSpec(spec)).rows, 0);
        const { name, paper, section, title, seconds } = experiment;
        const line = json
          ? JSON.stringify({ name, paper, section, title, models, seconds })
          : `${name.padEnd(28)} ${paper.padEnd(5)} ${String(models).padStart(7)} models ${duration(seconds.quick).padStart(6)}  ${title}`;
        process.stdout.write(`${line}\n`);
      }
    });
}
