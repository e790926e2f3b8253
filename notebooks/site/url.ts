/**
 * State as the text behind the # of a link: key=value pairs of what differs from the defaults. Reading one back
 * trusts nothing: a bad link gives the defaults and says what was wrong with it.
 */
import type * as z from 'zod/mini';
import { spellOut } from '../../sim/shortNumbers.ts';
import { explain } from './fields.ts';

const MAX_LENGTH = 8_000;

/** A state read from a link, and what was wrong with the link if it could not be read. */
interface Linked<T> {
  state: T;
  problem: string | null;
}

/** The part of a link behind the #, without the #. */
export function toHash<T extends object>(state: T, defaults: T): string {
  const out = new URLSearchParams();
  for (const [key, value] of Object.entries(state)) {
    const text = JSON.stringify(value);
    if (text === JSON.stringify(defaults[key as keyof T])) continue;
    out.set(key, typeof value === 'string' ? value : text);
  }
  return out.toString();
}

/** Values are JSON where they parse as a number or a list, else text. */
function readValue(text: string): unknown {
  if (!/^[-\d.[]/.test(text)) return text;
  try {
    return JSON.parse(spellOut(text));
  } catch {
    return text;
  }
}

/** Reads a hash, with or without its #. Never throws. */
export function fromHash<T extends object>(
  hash: string,
  schema: z.ZodMiniType<T>,
  defaults: T,
  texts: readonly (keyof T & string)[] = [],
): Linked<T> {
  const bare = hash.replace(/^#/, '');
  if (bare.length > MAX_LENGTH)
    return { state: defaults, problem: `the link is over ${MAX_LENGTH} characters` };
  const read: Record<string, unknown> = Object.create(null);
  for (const [key, text] of new URLSearchParams(bare)) {
    if (key in read) return { state: defaults, problem: `${key.slice(0, 40)}: given twice` };
    read[key] = (texts as readonly string[]).includes(key) ? text : readValue(text);
  }
  const result = schema.safeParse({ ...read });
  return result.success
    ? { state: result.data, problem: null }
    : { state: defaults, problem: explain(result.error).slice(0, 400) };
}
