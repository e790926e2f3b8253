/** From what the user named (an experiment or a file) and `--set` to checked specs. */
import fs from 'node:fs';
import { readDocument } from '../document.ts';
import type { Experiment, Scale } from '../experiments/experiment.ts';
import type { PaperName } from '../experiments/papers.ts';
import { spellOut } from '../shortNumbers.ts';
import { parseSpec, type Spec, type SpecInput } from '../spec.ts';
import { SpecError, show } from '../specError.ts';
import { loadInputs } from '../store/inputs.ts';
import { InputError } from './exit.ts';
import { suggestion } from './suggest.ts';

function parseValue(text: string): unknown {
  try {
    return JSON.parse(spellOut(text));
  } catch {
    return text;
  }
}

/** Puts a value at a path of keys, making objects on the way; `parseSpec` then names a path that is none. */
function setAt(root: object, keys: string[], value: unknown, assignment: string): void {
  let node = root as Record<string, unknown>;
  keys.forEach((key, depth) => {
    const isList = Array.isArray(node);
    if (isList && !(Number(key) < (node as unknown as unknown[]).length)) {
      throw new InputError(`--set ${assignment}: ${keys.slice(0, depth).join('.')} has no entry ${key}`);
    }
    const last = depth === keys.length - 1;
    const next = last ? value : Object.hasOwn(node, key) ? node[key] : {};
    if (!last && (typeof next !== 'object' || next === null)) {
      throw new InputError(
        `--set ${assignment}: ${keys.slice(0, depth + 1).join('.')} is ${show(next)}, it has no fields`,
      );
    }
    Object.defineProperty(node, key, { value: next, writable: true, enumerable: true, configurable: true });
    node = next as Record<string, unknown>;
  });
}

/** A copy of a spec with assignments such as "training.steps=500" made. @throws InputError, SpecError */
export function assign(spec: SpecInput, assignments: readonly string[]): SpecInput {
  const copy = readDocument(spec) as SpecInput; // which refuses what is too deep to be copied
  for (const assignment of assignments) {
    const [path, ...rest] = assignment.split('=');
    if (!path || rest.length === 0) throw new InputError(`--set ${assignment}: expected path=value`);
    setAt(copy, path.split('.'), parseValue(rest.join('=')), assignment);
  }
  return copy;
}

function readSpecFile(file: string): SpecInput {
  if (!fs.statSync(file).isFile()) throw new InputError(`${file}: expected a file, got a folder`);
  const text = fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, ''); // as some editors begin a file
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${file}: expected JSON, got ${(error as Error).message}`);
  }
}

/** The error for a name that is no experiment. */
export function unknownExperiment(
  name: string,
  expected: string,
  experiments: readonly { name: string }[],
): InputError {
  const names = experiments.map((experiment) => experiment.name);
  return new InputError(
    `${name}: expected ${expected}${suggestion(name, names)}; superpose list names the experiments`,
  );
}

/** The experiments of a paper, or of all. @throws InputError if nothing is drawn of it */
export async function chosenExperiments(paper: PaperName | 'all'): Promise<readonly Experiment[]> {
  const { experimentsOf } = await import('../experiments/index.ts');
  const found = experimentsOf(paper);
  if (found.length === 0) throw new InputError(`${paper}: no figure of this paper is drawn yet`);
  return found;
}

/** An experiment, an overnight spec, which has one scale, or the file of a spec, as the user writes them. */
async function specInputs(name: string, scale: Scale): Promise<SpecInput[]> {
  if (name.endsWith('.json') && fs.existsSync(name)) return [readSpecFile(name)];
  const { experiments, findExperiment } = await import('../experiments/index.ts'); // loads all of them, and mathjs
  const experiment = findExperiment(name);
  if (experiment) return experiment.specs(scale);
  const { findOvernight, overnight } = await import('../experiments/overnight.ts');
  const own = findOvernight(name);
  if (own) return [own.spec()];
  if (fs.existsSync(name)) return [readSpecFile(name)];
  if (/[/\\]|\.json$/.test(name)) throw new InputError(`${name}: no such file`);
  throw unknownExperiment(name, 'an experiment or the file of a spec', [...experiments, ...overnight]);
}

/**
 * The checked specs of an experiment or a spec file, with `--set` applied to each.
 * @throws InputError, SpecError
 */
export async function loadSpecs(name: string, scale: Scale, assignments: readonly string[]): Promise<Spec[]> {
  const inputs = await specInputs(name, scale);
  if (inputs.length === 0) throw new InputError(`${name} trains nothing: it is pure theory`);
  try {
    const specs = inputs.map((input) => parseSpec(assign(input, assignments)));
    return await Promise.all(specs.map(loadInputs));
  } catch (error) {
    if (error instanceof SpecError) error.message = `${name}\n${error.message.replace(/^/gm, '  ')}`;
    throw error;
  }
}

/** The one spec that a sweep is made of. @throws InputError, SpecError */
export async function loadSpec(name: string, scale: Scale, assignments: readonly string[]): Promise<Spec> {
  const specs = await loadSpecs(name, scale, assignments);
  if (specs.length === 1) return specs[0];
  throw new InputError(
    `${name}: expected one spec, got ${specs.length}; superpose train takes them all, and writes each into run.json`,
  );
}
