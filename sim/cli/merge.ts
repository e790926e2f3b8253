import { Command } from 'commander';
import { mergeSweeps } from '../sweep/merge.ts';
import { folderName } from './options.ts';

/** `superpose merge`: shards to one sweep. */
export function mergeCommand(): Command {
  return new Command('merge')
    .description('join the shards of a sweep, in any order')
    .argument('<folders...>', 'shards, or a folder that holds them')
    .requiredOption('--out <folder>', 'folder of the whole sweep', folderName)
    .addHelpText('after', '\nExample:\n  superpose merge runs/big --out runs/big-whole')
    .action((folders: string[], { out }: { out: string }) => {
      process.stdout.write(`${out}: ${mergeSweeps(folders, out)} models\n`);
    });
}
