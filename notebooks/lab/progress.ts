/** Which exercises were passed on this device, and the line of text that tells a teacher. Nothing is sent anywhere. */

const KEY = 'superpose passed';
const CHANGED = 'exercise-passed';
const HEAD = 'superpose';
const LINE = new RegExp(`^${HEAD}: ([^:]{1,60}):([a-z0-9 -]*)$`);

let here: Set<string> | null = null; // what this page knows, where storage is forbidden

/** The ids of the exercises passed on this device. */
export function passed(): Set<string> {
  try {
    return new Set((localStorage.getItem(KEY) ?? '').split(' ').filter(Boolean));
  } catch {
    here ??= new Set();
    return here;
  }
}

/** Keeps that an exercise was passed. */
export function notePassed(id: string): void {
  const all = passed().add(id);
  try {
    localStorage.setItem(KEY, [...all].join(' '));
  } catch {
    here = all; // as long as the page lives
  }
  dispatchEvent(new Event(CHANGED));
}

/** Calls back when an exercise was passed, on this page or on another one of this device. */
export function onPassed(act: () => void): void {
  addEventListener(CHANGED, act);
  addEventListener('storage', ({ key }) => key === KEY && act());
}

/** What a participant hands in: a name and the exercises passed. */
export interface HandedIn {
  name: string;
  ids: string[];
}

/** A name without what separates the parts of a line. */
const plainName = (name: string) => name.replace(/[:\s]+/g, ' ').trim().slice(0, 60) || 'nameless'; // biome-ignore format: one rule

/** The line: "superpose: Ada: all-silent five-in-two". */
export function handInLine({ name, ids }: HandedIn): string {
  return `${HEAD}: ${plainName(name)}: ${[...ids].sort().join(' ')}`;
}

/** Reads a line. @throws where it is none, or names an exercise that is not `known`. */
export function readLine(line: string, known: ReadonlySet<string>): HandedIn {
  const match = line.trim().match(LINE);
  if (!match) throw new Error(`expected "${HEAD}: name: exercises", got "${line.trim().slice(0, 60)}"`);
  const ids = match[2].split(' ').filter(Boolean);
  const strange = ids.find((id) => !known.has(id));
  if (strange) throw new Error(`${match[1]}: expected ids of exercises, got "${strange}"`);
  return { name: match[1], ids: [...new Set(ids)] };
}

/** Lines of a room: each person once, with all that any of their lines says, and what is wrong with other lines. */
export function readLines(
  text: string,
  known: ReadonlySet<string>,
): { people: HandedIn[]; problems: string[] } {
  const people = new Map<string, Set<string>>();
  const problems: string[] = [];
  for (const line of text.split('\n').filter((own) => own.trim() !== '')) {
    try {
      const { name, ids } = readLine(line, known);
      people.set(name, new Set([...(people.get(name) ?? []), ...ids]));
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  return { people: [...people].map(([name, ids]) => ({ name, ids: [...ids] })), problems };
}
