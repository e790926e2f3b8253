import path from 'node:path';
import { Command } from 'commander';
import type { FigureDone, GalleryEvent } from '../../plots/gallery.ts';
import type { Claim, Experiment } from '../experiments/experiment.ts';
import { FIRST_PAPER, type PaperName } from '../experiments/papers.ts';
import { counts, judged, tally } from '../experiments/verdict.ts';
import { InterruptedError, interruptSignal, OpenClaimError } from './exit.ts';
import {
  addEngineOptions,
  addOutputOptions,
  addScaleOption,
  type EngineOptions,
  folderName,
  type OutputOptions,
  paperOption,
  type ScaleOption,
} from './options.ts';
import { createReporter, duration, type Reporter } from './reporter.ts';
import { chosenExperiments, unknownExperiment } from './specs.ts';

interface FiguresOptions extends ScaleOption, EngineOptions, OutputOptions {
  out?: string;
  models?: string;
  paper: PaperName | 'all';
  force: boolean;
  strict: boolean;
}

async function experimentsNamed(names: string[], paper: PaperName | 'all'): Promise<readonly Experiment[]> {
  const { experiments, findExperiment } = await import('../experiments/index.ts');
  if (names.length === 0) return chosenExperiments(paper);
  return names.map((name) => {
    const found = findExperiment(name);
    if (found) return found;
    throw unknownExperiment(name, 'an experiment', experiments);
  });
}

function reportFigure({ experiment, claims, kept, seconds, files }: FigureDone, reporter: Reporter): void {
  reporter.done(
    `${experiment.name}: ${counts(claims).join('; ')} (${kept ? 'kept from before' : duration(seconds)})`,
    { name: experiment.name, claims: claims.map(judged), tally: tally(claims), kept, seconds, files },
  );
}

function report(event: GalleryEvent, reporter: Reporter): void {
  if (event.kind === 'training') reporter.progress(event.progress);
  if (event.kind === 'finishing') reporter.finishing(event);
  if (event.kind === 'note') reporter.note(event.text);
  if (event.kind === 'start') {
    reporter.note(`${event.index + 1}/${event.count} ${event.experiment.name}: ${event.experiment.title}`);
  }
  if (event.kind === 'done') reportFigure(event, reporter);
}

/** A folder for each scale, so that one never replaces the other's figures. */
const FOLDERS = { quick: 'figures', paper: 'figures/paper' };

async function figures(names: string[], options: FiguresOptions): Promise<void> {
  const { scale } = options;
  const out = options.out ?? FOLDERS[scale];
  const models = options.models ?? (scale === 'paper' ? path.join(out, 'models') : undefined);
  const chosen = await experimentsNamed(names, options.paper);
  const { makeGallery } = await import('../../plots/gallery.ts'); // only this command draws
  const signal = interruptSignal();
  const reporter = createReporter(options);
  let finished = 0;
  const claims: Claim[] = [];
  try {
    for await (const event of makeGallery(chosen, { ...options, out, models, signal })) {
      report(event, reporter);
      if (event.kind !== 'done') continue;
      finished++;
      claims.push(...event.claims);
    }
    for (const line of counts(claims)) reporter.note(line);
    reporter.note(`open ${out}/index.html`);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new InterruptedError(
      `interrupted; ${finished} of ${chosen.length} figures are in ${out}, the same command makes the rest${
        models ? ` with the models that are in ${models}` : ''
      }`,
    );
  } finally {
    reporter.close();
  }
  const { open } = tally(claims);
  if (options.strict && open > 0) throw new OpenClaimError(`open claims: ${open}`);
}

const EXAMPLES = `
Examples:
  superpose figures                         every figure of the first paper, and an index page
  superpose figures intro phase-diagram-2-1 two of them
  superpose figures --paper double-descent  those of another paper, on the same index page
  superpose figures --scale paper           with the paper's own settings; stopped, the same command goes on
  superpose figures intro --models runs     its models stay as sweeps, to be read by anything`;

/** `superpose figures`: train, check against the papers and draw. */
export function figuresCommand(): Command {
  const command = new Command('figures')
    .description('train experiments, check what the papers claim of them, and draw their figures')
    .argument('[names...]', 'experiments (see list); those of --paper when none is named')
    .option('--out <folder>', 'where the pages go (default: figures, or figures/paper)', folderName)
    .addOption(paperOption().default(FIRST_PAPER))
    .option(
      '--models <folder>',
      'keep models there, each spec a sweep folder, so that no figure trains them again and a stopped command goes on (default at paper scale: models in <out>)',
      folderName,
    )
    .option('--force', 'train again what is finished', false)
    .option('--strict', 'end with 3 if a claim that does not hold is open', false)
    .addHelpText('after', EXAMPLES);
  return addOutputOptions(addEngineOptions(addScaleOption(command))).action(figures);
}
