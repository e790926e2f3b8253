import path from 'node:path';
import { Command } from 'commander';
import { layoutNote } from '../axes.ts';
import type { Block } from '../block.ts';
import { type Choice, chooseEngine } from '../engines.ts';
import { evaluate } from '../evaluate.ts';
import { type Grid, type Group, takeGroup } from '../grid.ts';
import { joinBlocks } from '../join.ts';
import { rowRange, takeRows } from '../problem.ts';
import type { Progress } from '../progress.ts';
import type { Spec } from '../spec.ts';
import { checkRunPlace, type FinishedRun, writeRun } from '../store/run.ts';
import { layOut } from '../sweep/layOut.ts';
import { finish, type TrainSummary, trainBlocks } from '../train.ts';
import { InterruptedError, interruptSignal } from './exit.ts';
import {
  addEngineOptions,
  addOutputOptions,
  addSpecOptions,
  type EngineOptions,
  folderName,
  type OutputOptions,
  type SpecOptions,
} from './options.ts';
import { createReporter, duration, type Reporter, short } from './reporter.ts';
import { loadSpecs } from './specs.ts';

interface TrainOptions extends SpecOptions, EngineOptions, OutputOptions {
  out?: string;
  force: boolean;
}

/** A block and its held-out losses (I). */
interface Evaluated {
  block: Block;
  heldOut: Float64Array;
}

/** The instances of a group that finished blocks cover: a prefix, for blocks come in order. */
function finishedPart(group: Group, blocks: Block[]): Group {
  const done = blocks.reduce((sum, block) => sum + block.rows.length, 0);
  return takeGroup(group, rowRange(0, done));
}

function joinHeldOut(parts: Evaluated[]): Float64Array {
  const out = new Float64Array(parts.reduce((sum, { heldOut }) => sum + heldOut.length, 0));
  for (const { block, heldOut } of parts) out.set(heldOut, block.from);
  return out;
}

function collect(grid: Grid, evaluated: Evaluated[], summary: TrainSummary, started: Date): FinishedRun {
  const own = (g: number) => evaluated.filter(({ block }) => block.group === g);
  const kept = grid.groups.flatMap((group, g) => (own(g).length > 0 ? [{ group, parts: own(g) }] : []));
  const groups = kept.map(({ group, parts }) => {
    const blocks = parts.map(({ block }) => block);
    return joinBlocks(finishedPart(group, blocks), blocks);
  });
  return {
    ...summary,
    spec: grid.spec,
    grid,
    groups,
    heldOut: kept.map(({ parts }) => joinHeldOut(parts)),
    started,
    complete: groups.reduce((sum, { rows }) => sum + rows.length, 0) === grid.rows,
  };
}

/** What can be said of a training that was stopped. */
function summaryUntil(last: Progress | undefined, choice: Choice, threads: number): TrainSummary {
  const { samplesPerSecond = 0, seconds = 0 } = last ?? {};
  return {
    engine: {
      engine: choice.engine.name,
      why: choice.why,
      device: 'interrupted before it reported',
      threads,
    },
    samples: samplesPerSecond * seconds,
    seconds,
    samplesPerSecond,
  };
}

async function evaluateBlock(grid: Grid, block: Block, engine: Choice, threads: number): Promise<Evaluated> {
  const to = block.from + block.rows.length;
  const problem = takeRows(grid.groups[block.group].problem, rowRange(block.from, to));
  return { block, heldOut: await evaluate(engine, problem, block.params, block.divergedAt, threads) };
}

const NOTHING = 'interrupted before any block was finished; nothing was written';

async function layOutOrStop(spec: Spec, signal: AbortSignal, reporter: Reporter): Promise<Grid> {
  try {
    return await finish(layOut(spec, signal), reporter.finishing);
  } catch (error) {
    throw signal.aborted ? new InterruptedError(NOTHING) : error;
  }
}

/** Trains a spec; when interrupted, returns the blocks that were finished. */
async function trainSpec(
  spec: Spec,
  choice: Choice,
  { threads }: TrainOptions,
  signal: AbortSignal,
  reporter: Reporter,
): Promise<FinishedRun> {
  const started = new Date();
  const grid = await layOutOrStop(spec, signal, reporter);
  const evaluated: Evaluated[] = [];
  let last: Progress | undefined;
  try {
    const summary = await finish(trainBlocks(grid, { engine: choice, threads, signal }), async (event) => {
      if (event.kind === 'block') {
        evaluated.push(await evaluateBlock(grid, event.block, choice, threads));
        return;
      }
      last = event;
      reporter.progress(event);
    });
    return collect(grid, evaluated, summary, started);
  } catch (error) {
    if (!signal.aborted) throw error;
    return collect(grid, evaluated, summaryUntil(last, choice, threads), started);
  }
}

function conclude(folder: string, run: FinishedRun, reporter: Reporter): void {
  const models = run.groups.reduce((sum, { rows }) => sum + rows.length, 0);
  const diverged = run.groups.reduce((sum, g) => sum + g.divergedAt.filter((step) => step >= 0).length, 0);
  const { engine, seconds, samplesPerSecond } = run;
  reporter.done(
    `${folder}: ${models} models, ${diverged} diverged, ${engine.engine} (${engine.device}), ${duration(seconds)}, ${short(samplesPerSecond)} samples/s`,
    { out: folder, models, diverged, complete: run.complete, engine, seconds, samplesPerSecond },
  );
}

function interrupted(folder: string, run: FinishedRun, force: boolean): InterruptedError {
  const models = run.groups.reduce((sum, { rows }) => sum + rows.length, 0);
  if (models === 0) return new InterruptedError(NOTHING);
  writeRun(folder, run, force);
  return new InterruptedError(
    `interrupted; the ${models} finished models of ${run.grid.rows} are in ${folder}`,
  );
}

/** runs/name, or runs/name-1, runs/name-2 … when an experiment trains several specs. */
function foldersOf(name: string, specs: Spec[], out: string | undefined): string[] {
  const base = out ?? path.join('runs', path.basename(name, '.json'));
  return specs.map((_, k) => (specs.length === 1 ? base : `${base}-${k + 1}`));
}

async function trainAndStore(name: string, options: TrainOptions): Promise<void> {
  const specs = await loadSpecs(name, options.scale, options.set);
  const folders = foldersOf(name, specs, options.out);
  for (const folder of folders) checkRunPlace(folder, options.force);
  const choice = await chooseEngine(options.engine);
  const signal = interruptSignal();
  const reporter = createReporter(options);
  try {
    for (const [k, spec] of specs.entries()) {
      const note = layoutNote(spec);
      if (note) reporter.note(note);
      const run = await trainSpec(spec, choice, options, signal, reporter);
      if (!run.complete) throw interrupted(folders[k], run, options.force);
      writeRun(folders[k], run, options.force);
      conclude(folders[k], run, reporter);
    }
  } finally {
    reporter.close();
  }
}

const EXAMPLES = `
Examples:
  superpose train intro
  superpose train my.json --out runs/mine --force
  superpose train intro --set training.steps=2000 --set input.density=0.05
  superpose train my.json --json | jq .loss`;

/** `superpose train`: a spec to a run folder. */
export function trainCommand(): Command {
  const command = new Command('train')
    .description('train an experiment or a spec and write a run folder')
    .argument('<name>', 'an experiment (see list) or the JSON file of a spec')
    .option('--out <folder>', 'run folder (default: runs/<name>)', folderName)
    .option('--force', 'replace an existing run, and nothing else', false)
    .addHelpText('after', EXAMPLES);
  return addOutputOptions(addEngineOptions(addSpecOptions(command))).action(trainAndStore);
}
