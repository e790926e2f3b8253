import { Command } from 'commander';
import { mergeSweeps } from '../sweep/merge.ts';
import { InterruptedError, interruptSignal } from './exit.ts';
import { addOutputOptions, folderName, type OutputOptions } from './options.ts';
import { createReporter } from './reporter.ts';

interface MergeCommandOptions extends OutputOptions {
  out: string;
}

async function merge(folders: string[], options: MergeCommandOptions): Promise<void> {
  const { out } = options;
  const signal = interruptSignal();
  const reporter = createReporter(options);
  try {
    const models = await mergeSweeps(folders, out, { signal, onEvent: reporter.finishing });
    reporter.done(`${out}: ${models} models`, { out, models });
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new InterruptedError(`interrupted; nothing was written to ${out}`);
  } finally {
    reporter.close();
  }
}

/** `superpose merge`: shards to one sweep. */
export function mergeCommand(): Command {
  const command = new Command('merge')
    .description('join the shards of a sweep, in any order')
    .argument('<folders...>', 'shards, or a folder that holds them')
    .requiredOption('--out <folder>', 'folder of the whole sweep', folderName)
    .addHelpText('after', '\nExample:\n  superpose merge runs/big --out runs/big-whole');
  return addOutputOptions(command).action(merge);
}
