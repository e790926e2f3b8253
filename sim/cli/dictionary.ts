import { Command, Option } from 'commander';
import { SCORES, type Scores } from '../metrics/dictionaryScores.ts';
import {
  DICTIONARY_LAYOUTS,
  type DictionaryLayout,
  dictionaryOf,
  portable,
  readDictionary,
  scorePortable,
  writeDictionary,
} from '../store/dictionary.ts';
import { readRun } from '../store/run.ts';
import { addOutputOptions, folderName, integer, type OutputOptions } from './options.ts';
import { createReporter } from './reporter.ts';

interface RowOption extends OutputOptions {
  row: number;
}

interface ExportOptions extends RowOption {
  out: string;
  layout: DictionaryLayout;
  force: boolean;
}

const rowOption = () =>
  new Option('--row <number>', 'number of the dictionary in the run')
    .argParser(integer(0, 2 ** 24))
    .default(0);

function exportDictionary(run: string, { row, out, layout, force, ...options }: ExportOptions): void {
  const { problem, params } = dictionaryOf(readRun(run), row);
  const own = portable(problem, params);
  writeDictionary(out, own, layout, force);
  const reporter = createReporter(options);
  reporter.done(`${out}: dictionary ${row} of ${run} (${own.kind}) as ${layout} has it`, {
    out,
    row,
    layout,
  });
  reporter.close();
}

/** `superpose export`: a dictionary of a run to a folder that other tools read. */
export function exportCommand(): Command {
  const command = new Command('export')
    .description('write one dictionary of a run in the layout of another tool')
    .argument('<run>', 'a run folder of dictionaries')
    .addOption(rowOption())
    .addOption(
      new Option('--layout <name>', 'whose files').choices(DICTIONARY_LAYOUTS).default(DICTIONARY_LAYOUTS[0]),
    )
    .requiredOption('--out <folder>', 'folder to write', folderName)
    .option('--force', 'replace an existing one, and nothing else', false)
    .addHelpText('after', '\nExample:\n  superpose export runs/sae-pentagon-1 --row 100 --out exported');
  return addOutputOptions(command).action(exportDictionary);
}

function scoreDictionary(folder: string, { run, row, ...options }: RowOption & { run: string }): void {
  const { problem, params } = dictionaryOf(readRun(run), row);
  const scores = scorePortable(readDictionary(folder), problem, params);
  const reporter = createReporter(options);
  const lines = (Object.keys(SCORES) as (keyof Scores)[]).map(
    (name) => `${name.padEnd(20)} ${scores[name].toPrecision(4).padStart(10)}  ${SCORES[name][1]}`,
  );
  reporter.done(lines.join('\n'), { ...scores });
  reporter.close();
}

/** `superpose score`: a dictionary of another tool by our metrics, against the true features of a run. */
export function scoreCommand(): Command {
  const command = new Command('score')
    .description(
      'score a dictionary that SAELens or dictionary_learning wrote against the true features of a run',
    )
    .argument('<folder>', 'cfg.json with sae_weights.safetensors, or config.json with ae.safetensors')
    .requiredOption('--run <run>', 'a run folder of dictionaries on the same model', folderName)
    .addOption(rowOption())
    .addHelpText('after', '\nExample:\n  superpose score exported --run runs/sae-pentagon-1 --row 100');
  return addOutputOptions(command).action(scoreDictionary);
}
