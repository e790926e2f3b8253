#!/usr/bin/env node
/** The command line. Each command is a file in cli/. */
import { Command, CommanderError } from 'commander';
import { devicesCommand } from './cli/devices.ts';
import { exitCodeOf, FAILED, messageOf } from './cli/exit.ts';
import { figuresCommand } from './cli/figures.ts';
import { listCommand } from './cli/list.ts';
import { mergeCommand } from './cli/merge.ts';
import { schemaCommand } from './cli/schema.ts';
import { submitCommand } from './cli/submit.ts';
import { sweepCommand } from './cli/sweep.ts';
import { trainCommand } from './cli/train.ts';
import { PACKAGE_VERSION } from './store/provenance.ts';

const EXAMPLES = `
Examples:
  superpose list                                   every experiment of the papers
  superpose train intro                            train one of them
  superpose train my.json --set training.steps=500 train a spec of your own
  superpose figures intro --scale quick            train and draw
  superpose devices                                what can run here

Exit codes: 0 done, 1 failed, 2 bad input, 3 a claim is open (figures --strict), 130 interrupted.`;

const program = new Command('superpose')
  .description('Toy models of superposition, thousands side by side.')
  .version(PACKAGE_VERSION)
  .addHelpText('after', EXAMPLES)
  .showHelpAfterError('(superpose --help shows what there is)')
  .exitOverride();

/** Errors of a command, and of its own commands, end here and not in process.exit. */
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const own of command.commands) inherit(own, command);
  return command;
}

const commands = [
  listCommand,
  trainCommand,
  figuresCommand,
  sweepCommand,
  mergeCommand,
  submitCommand,
  devicesCommand,
  schemaCommand,
];
for (const command of commands) {
  program.addCommand(inherit(command(), program));
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : FAILED); // `superpose list | head` is no failure
});

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
