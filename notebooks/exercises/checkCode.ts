/** The check of code: an answer's text in, pass or fail and a sentence out. Its interpreter stays out of the page. */
import { show } from '../../sim/specError.ts';
import { fail, NOTHING } from './check.ts';
import { evaluate } from './evaluate.ts';
import type { CodeExercise, Verdict } from './exercise.ts';

/** Whether two values agree: numbers to a relative tolerance, lists entry by entry, the rest exactly. */
function agree(a: unknown, b: unknown, tolerance: number): boolean {
  if (typeof a === 'number' && typeof b === 'number') {
    return Math.abs(a - b) <= tolerance * Math.max(1e-3, Math.abs(a), Math.abs(b));
  }
  if (!isList(a) || !isList(b)) return a === b;
  return a.length === b.length && a.every((entry, i) => agree(entry, b[i], tolerance));
}

const isList = (value: unknown): value is unknown[] => Array.isArray(value);

/** A value with typed arrays as lists, however deep. */
function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as Float64Array);
  return isList(value) ? value.map(plain) : value;
}

/** What an answer gives on every probe; the answer itself if the exercise has none. */
function outputs(exercise: CodeExercise, text: string): unknown[] {
  const answer = evaluate(text, exercise.stub);
  if (exercise.probes.length === 0) return [exercise.read(plain(answer))];
  if (typeof answer !== 'function') {
    throw new TypeError(`the box should hold one function, but it holds ${show(answer)}`);
  }
  return exercise.probes.map((probe) => exercise.read(plain(answer(...structuredClone(probe)))));
}

function expectedOutputs({ probes, expected }: CodeExercise): unknown[] {
  return probes.length === 0 ? [expected()] : probes.map((probe) => expected(...structuredClone(probe)));
}

/** Relative error of an answer that was rounded on the way. */
const ROUNDED = 0.01;

/** What JavaScript means by ^, for those who mean a power. */
const POWER = ' A power is written a ** b in JavaScript; ^ compares bits.';
const asksPower = (text: string) => text.replace(/\/\/.*|\/\*[\s\S]*?\*\/|(['"`]).*?\1/g, '').includes('^');

/** The first output that is wrong, in words. */
function complaint(exercise: CodeExercise, given: unknown[], wanted: unknown[]): string {
  const at = given.findIndex((value, k) => !agree(value, wanted[k], exercise.tolerance));
  const close = agree(given, wanted, ROUNDED) ? ' Close: give two more digits.' : '';
  if (exercise.probes.length === 0) {
    const distance = exercise.distance?.(given[0]) ?? '';
    return `${show(given[0])} is not the answer.${close}${distance && ` ${distance}`}`;
  }
  const call = `With ${exercise.probes[at].map(show).join(', ')} your function`;
  if (given[at] === undefined) return `${call} returns nothing. Is there a return?`;
  return `${call} gives ${show(given[at])}; it should give ${show(wanted[at])}.${close}`;
}

/** Tries an answer on the probes. A wrong one that does what a listed mistake does hears about that mistake. */
export function checkCode(exercise: CodeExercise, text: string): Verdict {
  if (text.trim() === '') return NOTHING;
  let given: unknown[];
  try {
    given = outputs(exercise, text);
  } catch (error) {
    return fail(`This does not run: ${error instanceof Error ? error.message : show(error)}.`);
  }
  const wanted = expectedOutputs(exercise);
  if (agree(given, wanted, exercise.tolerance)) return { passed: true, message: exercise.why };
  const known = exercise.mistakes.find(({ answer }) =>
    agree(given, outputs(exercise, answer), exercise.tolerance),
  );
  return fail((known?.says ?? complaint(exercise, given, wanted)) + (asksPower(text) ? POWER : ''));
}
