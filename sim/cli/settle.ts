import fs from 'node:fs';
import { Command } from 'commander';
import { chooseEngine } from '../engines.ts';
import type { Context } from '../experiments/experiment.ts';
import type { KeptEvidence, Settled, Watch } from '../settle/settled.ts';
import { interruptSignal } from './exit.ts';
import {
  addEngineOptions,
  addOutputOptions,
  addScaleOption,
  type EngineOptions,
  integer,
  type OutputOptions,
  type ScaleOption,
} from './options.ts';
import { createReporter } from './reporter.ts';
import { unknownExperiment } from './specs.ts';

interface SettleOptions extends ScaleOption, EngineOptions, OutputOptions {
  times: number;
  keep?: string;
}

/** Evidence on the claims of one experiment. */
async function settleOne(name: string, times: number, context: Context, watch: Watch): Promise<Settled[]> {
  const { experiments, findExperiment } = await import('../experiments/index.ts');
  const experiment = findExperiment(name);
  if (!experiment) throw unknownExperiment(name, 'an experiment', experiments);
  if (name === 'hidden-relu')
    return (await import('../settle/hiddenRelu.ts')).settleHiddenRelu(context, watch);
  if (name === 'asymmetric-motif') {
    return (await import('../settle/asymmetric.ts')).settleAsymmetric(context, watch);
  }
  return (await import('../settle/longer.ts')).settleLonger(experiment, times, context, watch);
}

/** Puts evidence into a file in place of what it had on the same figures. */
async function keepIn(file: string, fresh: KeptEvidence[]): Promise<void> {
  const { replaced } = await import('../settle/settled.ts');
  const old: KeptEvidence[] = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : [];
  fs.writeFileSync(file, `${JSON.stringify(replaced(old, fresh), null, 1)}\n`);
}

async function settle(names: string[], options: SettleOptions): Promise<void> {
  const { scale, threads, times } = options;
  const reporter = createReporter(options);
  const engine = await chooseEngine(options.engine);
  const context: Context = { scale, engine, threads, signal: interruptSignal() };
  const fresh: KeptEvidence[] = [];
  try {
    for (const name of names) {
      reporter.note(name);
      const found = await settleOne(name, times, context, (event) => {
        if (event.kind === 'progress') reporter.progress(event);
      });
      const date = new Date().toISOString().slice(0, 10);
      const command = `superpose settle ${name}${scale === 'paper' ? ' --scale paper' : ''} --times ${times}`;
      for (const one of found) {
        fresh.push({ ...one, scale, date, command });
        reporter.done(`${name}: ${one.text}: ${JSON.stringify(one.evidence)}`, { name, ...one });
      }
      if (found.length === 0) reporter.note(`${name}: nothing that settles a claim`);
    }
  } finally {
    reporter.close();
  }
  if (options.keep) await keepIn(options.keep, fresh);
}

const EXAMPLES = `
Examples:
  superpose settle hidden-relu               the paper's arrangements against the best known
  superpose settle abs-sparsity --times 8    the figure's models with eight times the steps
  superpose settle abs-sparsity --keep plots/scoreboard/settled.json`;

/** `superpose settle`: evidence on claims that do not hold. */
export function settleCommand(): Command {
  const command = new Command('settle')
    .description(
      'look harder at the claims of experiments that do not hold: train longer, or from known solutions',
    )
    .argument('<names...>', 'experiments (see list)')
    .option('--times <count>', 'so many times the steps', integer(2, 1000), 4)
    .option('--keep <file>', 'put the evidence into this file, where the gallery of a checkout reads it');
  return addOutputOptions(addEngineOptions(addScaleOption(command)))
    .addHelpText('after', EXAMPLES)
    .action(settle);
}
