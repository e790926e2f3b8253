import { Command } from 'commander';
import { type FolderVerdict, verifyFolder } from '../sweep/verify.ts';
import { FAILED, InterruptedError, interruptSignal } from './exit.ts';
import { addOutputOptions, type OutputOptions } from './options.ts';
import { createReporter } from './reporter.ts';

function describe(folder: string, { kind, finished, files, damaged, foreign }: FolderVerdict): string {
  const wrong = Object.entries(damaged).map(([name, what]) => `${folder}/${name}: ${what}`);
  const others = foreign.map((name) => `${folder}/${name}: on no list`);
  const count = `${files} ${files === 1 ? 'file' : 'files'} as written`;
  const state = finished ? '' : ', not finished: --resume continues';
  return [...wrong, ...others, `${folder}: ${kind}, ${count}, ${wrong.length} damaged${state}`].join('\n');
}

async function verify(folders: string[], options: OutputOptions): Promise<void> {
  const signal = interruptSignal();
  const reporter = createReporter(options);
  try {
    for (const folder of folders) {
      const verdict = await verifyFolder(folder, { signal, onEvent: reporter.finishing });
      reporter.done(describe(folder, verdict), { folder, ...verdict });
      if (!verdict.finished || Object.keys(verdict.damaged).length > 0) process.exitCode = FAILED;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new InterruptedError('interrupted');
  } finally {
    reporter.close();
  }
}

const HELP = `
Writes nothing, so it works on a read-only disk. Exit code 0: every file is as it was written; 1: a file is damaged
or missing, or the sweep is not finished; 2: no such folder.

Example:
  superpose verify runs/big runs/intro`;

/** `superpose verify`: whether the files of a folder are as they were written. */
export function verifyCommand(): Command {
  const command = new Command('verify')
    .description(
      'read every file of sweeps, runs and galleries, and compare it with the checksum it was written with',
    )
    .argument('<folders...>', 'folders of sweep, train, merge or figures')
    .addHelpText('after', HELP);
  return addOutputOptions(command).action(verify);
}
