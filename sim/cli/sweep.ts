import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { layoutNote } from '../axes.ts';
import type { Spec } from '../spec.ts';
import type { Shard } from '../sweep/blocks.ts';
import { FORMATS, type Format } from '../sweep/manifest.ts';
import { type Plan, planSweep } from '../sweep/plan.ts';
import { type SweepServer, serveSweep } from '../sweep/serve.ts';
import { type SweepSummary, sweep } from '../sweep/sweep.ts';
import { finish } from '../train.ts';
import { InterruptedError, interruptSignal } from './exit.ts';
import {
  addEngineOptions,
  addOutputOptions,
  addSpecOptions,
  type EngineOptions,
  folderName,
  integer,
  type OutputOptions,
  type SpecOptions,
} from './options.ts';
import { createReporter, duration, type Reporter, short } from './reporter.ts';
import { loadSpec } from './specs.ts';

interface SweepCommandOptions extends SpecOptions, EngineOptions, OutputOptions {
  out?: string;
  plan: boolean;
  resume: boolean;
  shard?: Shard;
  block?: number;
  retryDiverged?: number;
  formats?: Format[];
  serve?: number | true;
}

/** The task number that a scheduler gave this process. */
function taskIndex(): number {
  const text = process.env.SLURM_ARRAY_TASK_ID ?? process.env.JOB_COMPLETION_INDEX;
  if (text !== undefined && /^\d+$/.test(text)) return Number(text);
  if (text !== undefined) throw new InvalidArgumentError(`Expected the number of a task, got ${text}.`);
  throw new InvalidArgumentError('Neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set.');
}

/** "2/16" or "task/16". */
export function parseShard(text: string): Shard {
  const [, part, of] = text.match(/^(\d+|task)\/(\d+)$/) ?? [];
  const shard = { index: part === 'task' ? taskIndex() : Number(part), of: Number(of) };
  if (shard.index < shard.of) return shard;
  const task = part === 'task' ? `; this is task ${shard.index}` : '';
  throw new InvalidArgumentError(`Expected i/n with 0 ≤ i < n, or task/n${task}.`);
}

export function parseFormats(text: string): Format[] {
  const names = text.split(',') as Format[];
  if (names.every((name) => FORMATS.includes(name))) return names;
  throw new InvalidArgumentError(`Expected some of ${FORMATS.join(', ')}, separated by commas.`);
}

export function parseFactor(text: string): number {
  const factor = Number(text);
  if (factor > 0 && factor < 1) return factor;
  throw new InvalidArgumentError('Expected a factor on the learning rate, above 0 and below 1.');
}

function bytes(count: number): string {
  return `${short(count)}B`;
}

function describePlan(plan: Plan): string {
  return [
    `models    ${plan.models} in ${plan.groups} groups, ${plan.blocks} blocks`,
    `steps     ${short(plan.steps)} updates, ${short(plan.samples)} samples`,
    `memory    ${bytes(plan.memoryBytes)}`,
    `disk      ${bytes(plan.diskBytes)}`,
    `time      ${duration(plan.seconds)} at ${short(plan.samplesPerSecond)} samples/s, measured on ${plan.measuredSeconds} s of training`,
    `engine    ${plan.engine} (${plan.why})`,
  ].join('\n');
}

function describeSummary({
  folder,
  models,
  diverged,
  trained,
  engine,
  seconds,
  samplesPerSecond,
}: SweepSummary): string {
  const ran = engine
    ? `${trained} trained now by ${engine.engine} (${engine.device}) in ${duration(seconds)}, ${short(samplesPerSecond)} samples/s`
    : trained > 0
      ? `${trained} trained again in ${duration(seconds)}`
      : 'nothing was left to train';
  return `${folder}: ${models} models, ${diverged} diverged; ${ran}`;
}

/** Shards go into folders of their own, side by side. */
export function sweepFolder(name: string, out: string | undefined, shard: Shard | undefined): string {
  const base = out ?? path.join('runs', path.basename(name, '.json'));
  return shard ? path.join(base, `shard-${String(shard.index).padStart(5, '0')}-of-${shard.of}`) : base;
}

/** The page of --serve, if it was asked for. */
async function openPage(
  spec: Spec,
  { serve }: SweepCommandOptions,
  reporter: Reporter,
): Promise<SweepServer | null> {
  if (serve === undefined) return null;
  const page = await serveSweep(spec, serve === true ? 0 : serve);
  reporter.note(`the grid as it fills in: ${page.url}`);
  return page;
}

async function runSweep(
  spec: Spec,
  folder: string,
  options: SweepCommandOptions,
  reporter: Reporter,
): Promise<void> {
  const signal = interruptSignal();
  const { engine, threads, resume, shard, block, retryDiverged, formats } = options;
  const page = await openPage(spec, options, reporter);
  const events = sweep(spec, folder, {
    engine,
    threads,
    signal,
    resume,
    shard,
    blockInstances: block,
    retryDiverged,
    formats,
  });
  try {
    const summary = await finish(events, (event) => {
      if (event.kind === 'progress') reporter.progress(event);
      if (event.kind === 'finishing') reporter.finishing(event);
      if (event.kind === 'note') reporter.note(event.text);
      if (event.kind === 'block') page?.update(event);
    });
    reporter.done(describeSummary(summary), summary);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new InterruptedError(`interrupted; the finished blocks are in ${folder}, --resume continues`);
  } finally {
    page?.close();
  }
}

async function sweepAction(name: string, options: SweepCommandOptions): Promise<void> {
  const spec = await loadSpec(name, options.scale, options.set);
  const reporter = createReporter(options);
  try {
    if (options.plan) {
      const note = layoutNote(spec);
      if (note) reporter.note(note);
      const { engine, threads, shard, block: blockInstances, formats } = options;
      const onEvent = reporter.finishing;
      const plan = await planSweep(spec, { engine, threads, shard, blockInstances, formats, onEvent });
      return reporter.done(describePlan(plan), plan);
    }
    await runSweep(spec, sweepFolder(name, options.out, options.shard), options, reporter);
  } finally {
    reporter.close();
  }
}

const EXAMPLES = `
Examples:
  superpose sweep big.json --plan                  what it will take
  superpose sweep big.json --out runs/big          run it; Ctrl-C or a crash loses at most a block
  superpose sweep big.json --out runs/big --resume go on
  superpose sweep big.json --out runs/big --shard 3/16
  superpose merge runs/big --out runs/big-whole    join the shards
  superpose sweep big.json --resume --retry-diverged 0.1`;

/** `superpose sweep`: any number of models into a folder that survives crashes. */
export function sweepCommand(): Command {
  const command = new Command('sweep')
    .description('train any number of models, block by block, into a folder that survives crashes')
    .argument('<name>', 'an experiment (see list) or the JSON file of a spec')
    .option('--out <folder>', 'sweep folder (default: runs/<name>)', folderName)
    .option('--plan', 'say what it takes and run nothing', false)
    .option('--resume', 'continue what is in the folder', false)
    .option(
      '--shard <i/n>',
      'only part i of n, i from 0; task/n takes i from Slurm or Kubernetes',
      parseShard,
    )
    .option('--block <models>', 'models in a block (default: by their cost)', integer(1, 2 ** 24))
    .option('--retry-diverged <factor>', 'train diverged models again at learning rate × factor', parseFactor)
    .option('--serve [port]', 'show the grid filling in on a page, on 127.0.0.1 only', integer(0, 65_535))
    .option('--formats <list>', `tables to write: ${FORMATS.join(', ')} (default: parquet,csv)`, parseFormats)
    .addHelpText('after', EXAMPLES);
  return addOutputOptions(addEngineOptions(addSpecOptions(command))).action(sweepAction);
}
