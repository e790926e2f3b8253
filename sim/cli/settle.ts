import fs from 'node:fs';
import { Command, Option } from 'commander';
import { chooseEngine } from '../engines.ts';
import type { Context } from '../experiments/experiment.ts';
import type { KeptTried } from '../settle/settings.ts';
import type { KeptEvidence, Settled, Watch } from '../settle/settled.ts';
import { InputError, interruptSignal } from './exit.ts';
import {
  addEngineOptions,
  addOutputOptions,
  addScaleOption,
  type EngineOptions,
  integer,
  type OutputOptions,
  type ScaleOption,
} from './options.ts';
import { createReporter, type Reporter } from './reporter.ts';
import { unknownExperiment } from './specs.ts';

interface SettleOptions extends ScaleOption, EngineOptions, OutputOptions {
  times: number;
  settings: boolean;
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

const readList = <Entry>(file: string): Entry[] =>
  fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : [];
const writeList = (file: string, list: readonly unknown[]) =>
  fs.writeFileSync(file, `${JSON.stringify(list, null, 1)}\n`);

/** Puts evidence into a file in place of what it had on the same figures. */
async function keepIn(file: string, fresh: KeptEvidence[]): Promise<void> {
  const { replaced } = await import('../settle/settled.ts');
  writeList(file, replaced(readList(file), fresh));
}

/** Puts trials into a file in place of what it had on the same figures. */
function keepTrials(file: string, fresh: KeptTried[]): void {
  const names = fresh.map(({ figure }) => figure);
  writeList(file, [...readList<KeptTried>(file).filter(({ figure }) => !names.includes(figure)), ...fresh]);
}

/** What a command is given beside the names. */
interface Work {
  context: Context;
  reporter: Reporter;
  watch: Watch;
}

/** Day of a finding, YYYY-MM-DD. */
const today = () => new Date().toISOString().slice(0, 10);

/** Evidence on the claims of some experiments, told as it comes. */
async function evidenceOn(names: string[], times: number, { context, reporter, watch }: Work) {
  const { scale } = context;
  const fresh: KeptEvidence[] = [];
  for (const name of names) {
    reporter.note(name);
    const found = await settleOne(name, times, context, watch);
    const command = `superpose settle ${name}${scale === 'paper' ? ' --scale paper' : ''} --times ${times}`;
    for (const one of found) {
      fresh.push({ ...one, scale, date: today(), command });
      reporter.done(`${name}: ${one.text}: ${JSON.stringify(one.evidence)}`, { name, ...one });
    }
    if (found.length === 0) reporter.note(`${name}: nothing that settles a claim`);
  }
  return fresh;
}

/** Trials of one experiment under other settings, told when they are there. */
async function trialsOf(name: string, { context, reporter, watch }: Work): Promise<KeptTried[]> {
  const { trySettings } = await import('../settle/settings.ts');
  reporter.note(name);
  const command = `superpose settle ${name} --settings`;
  const fresh = (await trySettings({ name }, context, watch)).map((one) => ({ ...one, date: today(), command })); // biome-ignore format: one line
  for (const one of fresh) {
    reporter.done(`${name}: ${one.statement}: ${one.setting}: ${one.count} of ${one.of}`, { name, ...one });
  }
  return fresh;
}

/** Refuses, before anything is trained, what no settings are known of. @throws InputError */
async function checkTriable(names: string[]): Promise<void> {
  const { triable } = await import('../settle/settings.ts');
  const unknown = names.find((name) => !triable.includes(name));
  if (unknown) throw new InputError(`${unknown}: expected one of ${triable.join(', ')} with --settings`);
}

async function settle(names: string[], options: SettleOptions): Promise<void> {
  const { scale, threads, times, keep } = options;
  const reporter = createReporter(options);
  const engine = await chooseEngine(options.engine);
  const context: Context = { scale, engine, threads, signal: interruptSignal() };
  const watch: Watch = (event) => {
    if (event.kind === 'progress') reporter.progress(event);
  };
  const work = { context, reporter, watch };
  try {
    if (options.settings) {
      await checkTriable(names);
      for (const name of names) {
        const trials = await trialsOf(name, work);
        if (keep) keepTrials(keep, trials); // each as it comes: the next may take long
      }
    } else {
      const evidence = await evidenceOn(names, times, work);
      if (keep) await keepIn(keep, evidence);
    }
  } finally {
    reporter.close();
  }
}

const EXAMPLES = `
Examples:
  superpose settle hidden-relu               the paper's arrangements against the best known
  superpose settle abs-sparsity --times 8    the figure's models with eight times the steps
  superpose settle intro --settings          one setting changed at a time: how many of how many models show it
  superpose settle abs-sparsity --keep plots/scoreboard/settled.json`;

/** `superpose settle`: evidence on claims that do not hold. */
export function settleCommand(): Command {
  const command = new Command('settle')
    .description(
      'look harder at the claims of experiments that do not hold: train longer, or from known solutions',
    )
    .argument('<names...>', 'experiments (see list)')
    .option('--times <count>', 'so many times the steps', integer(2, 1000), 4)
    .addOption(
      new Option(
        '--settings',
        'train at quick scale with other settings instead, and count the models that show the statement',
      )
        .default(false)
        .conflicts(['times', 'scale']),
    )
    .option('--keep <file>', 'put the evidence into this file, where the gallery of a checkout reads it');
  return addOutputOptions(addEngineOptions(addScaleOption(command)))
    .addHelpText('after', EXAMPLES)
    .action(settle);
}
