/** Options that several commands share, checked where they are read. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { ENGINE_NAMES, type EngineName } from '../engine.ts';
import { SCALES, type Scale } from '../experiments/experiment.ts';
import { papers } from '../experiments/papers.ts';

export interface OutputOptions {
  json: boolean;
  quiet: boolean;
}

export interface EngineOptions {
  engine: EngineName | 'auto';
  threads: number;
}

export interface ScaleOption {
  scale: Scale;
}

export interface SpecOptions extends ScaleOption {
  set: string[];
}

/** A parser of whole numbers in [least, most]. */
export function integer(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected an integer in [${least}, ${most}].`);
  };
}

/** A folder that an option names. */
export function folderName(text: string): string {
  if (text !== '') return text;
  throw new InvalidArgumentError('Expected a folder, got nothing.');
}

export function addOutputOptions(command: Command): Command {
  return command
    .option('--json', 'one JSON object a line on standard output', false)
    .option('--quiet', 'no progress', false);
}

export function addEngineOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--engine <name>', 'who does the arithmetic')
        .choices(['auto', ...ENGINE_NAMES])
        .default('auto'),
    )
    .option('--threads <count>', 'CPU threads, 0 = all cores', integer(0, 1024), 0);
}

export function addScaleOption(command: Command): Command {
  return command.addOption(
    new Option('--scale <scale>', 'size of an experiment of the papers').choices(SCALES).default('quick'),
  );
}

/** --paper: whose figures are meant. */
export function paperOption(): Option {
  return new Option('--paper <name>', 'a paper, or all').choices([...papers.map(({ name }) => name), 'all']);
}

export function addSpecOptions(command: Command): Command {
  return addScaleOption(command).option(
    '--set <path=value>',
    'change a field of the spec; the value is JSON, or else text; repeatable',
    (text: string, all: string[]) => [...all, text],
    [],
  );
}
