#!/usr/bin/env node
/** The command line. Each command is a file in cli/. */
import { CommanderError } from 'commander';
import { exitCodeOf, FAILED, messageOf } from './cli/exit.ts';
import { watchPipes } from './cli/pipes.ts';
import { createProgram } from './cli/program.ts';

const pipes = watchPipes();
try {
  await createProgram().parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
process.on('exit', () => {
  if (pipes.failed()) process.exitCode ||= FAILED;
});
