/** The program: every command is a file beside this one. */
import { Command } from 'commander';
import { PACKAGE_VERSION } from '../store/provenance.ts';
import { devicesCommand } from './devices.ts';
import { exportCommand, scoreCommand } from './dictionary.ts';
import { figuresCommand } from './figures.ts';
import { listCommand } from './list.ts';
import { llcCommand } from './llc.ts';
import { mergeCommand } from './merge.ts';
import { schemaCommand } from './schema.ts';
import { settleCommand } from './settle.ts';
import { submitCommand } from './submit.ts';
import { sweepCommand } from './sweep.ts';
import { trainCommand } from './train.ts';
import { verifyCommand } from './verify.ts';

const EXAMPLES = `
Examples:
  superpose list                                   every experiment of the papers
  superpose train intro                            train one of them
  superpose train my.json --set training.steps=500 train a spec of your own
  superpose figures intro --scale quick            train and draw
  superpose devices                                what can run here

Exit codes: 0 done, 1 failed, 2 bad input, 3 a claim is open (figures --strict), 130 interrupted.`;

/** Errors of a command, and of its own commands, are thrown to who runs the program. */
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const own of command.commands) inherit(own, command);
  return command;
}

const COMMANDS = [
  listCommand,
  trainCommand,
  figuresCommand,
  settleCommand,
  sweepCommand,
  mergeCommand,
  verifyCommand,
  submitCommand,
  exportCommand,
  scoreCommand,
  llcCommand,
  devicesCommand,
  schemaCommand,
];

/** The command line with all its commands. It throws where commander would end the process. */
export function createProgram(): Command {
  const program = new Command('superpose')
    .description('Toy models of superposition, thousands side by side.')
    .version(PACKAGE_VERSION)
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(superpose --help shows what there is)')
    .exitOverride();
  for (const command of COMMANDS) program.addCommand(inherit(command(), program));
  return program;
}
