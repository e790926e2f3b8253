/**
 * The border where a document from anywhere becomes plain data: it is read once, so that no getter or proxy can
 * say something else later, and given up at the first thing no spec holds, so that a monstrous one costs little.
 */
import { SpecError, show } from './specError.ts';

const MAX_DEPTH = 8;
const MAX_KEYS = 100; // of one object
const MAX_ENTRIES = 2 ** 24; // of one list

function refuse(path: string[], expected: string, got: string): never {
  throw new SpecError([{ path: show(path.join('.')).slice(1, -1), expected, got }]);
}

/** Lists hold numbers or objects. */
function readList(list: readonly unknown[], path: string[]): unknown[] {
  if (list.length > MAX_ENTRIES) refuse(path, `at most ${MAX_ENTRIES} entries`, String(list.length));
  const copy: unknown[] = [];
  for (let k = 0; k < list.length; k++) {
    const entry = list[k];
    if (typeof entry === 'number' && Number.isFinite(entry)) copy.push(entry);
    else if (typeof entry === 'object' && entry !== null) copy.push(read(entry, [...path, String(k)]));
    else refuse([...path, String(k)], 'a finite number or an object', show(entry));
  }
  return copy;
}

/** Object literals and what JSON.parse makes, of any realm. */
function isPlain(object: object): boolean {
  const prototype = Object.getPrototypeOf(object);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function readObject(object: object, path: string[]): object {
  if (!isPlain(object)) refuse(path, 'a plain object', 'an instance of a class');
  const keys = Object.keys(object);
  if (keys.length > MAX_KEYS) refuse(path, `at most ${MAX_KEYS} keys`, String(keys.length));
  return Object.fromEntries(
    keys.map((key) => [key, read((object as Record<string, unknown>)[key], [...path, key])]),
  );
}

function read(value: unknown, path: string[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (path.length > MAX_DEPTH) refuse(path, `at most ${MAX_DEPTH} levels`, 'more');
  try {
    if (ArrayBuffer.isView(value)) refuse(path, 'a plain list', 'a typed array');
    return Array.isArray(value) ? readList(value, path) : readObject(value, path);
  } catch (error) {
    if (error instanceof SpecError) throw error;
    return refuse(path, 'plain data', 'an object that cannot be read');
  }
}

/**
 * A copy of a JSON document.
 * @throws SpecError where it is not one: a getter that throws, a typed array, a list of strings, a cycle.
 */
export function readDocument(value: unknown): unknown {
  return read(value, []);
}
