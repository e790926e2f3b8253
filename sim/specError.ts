/** What is wrong with a spec, in words. */

/** One thing wrong with a spec. */
export interface SpecIssue {
  path: string; // dotted, '' for the whole document
  expected: string;
  got: string;
}

const MAX_LINES = 20;

function messageOf(issues: SpecIssue[]): string {
  const lines = issues
    .slice(0, MAX_LINES)
    .map(({ path, expected, got }) => `${path || 'spec'}: expected ${expected}, got ${got}`);
  if (issues.length > MAX_LINES) lines.push(`and ${issues.length - MAX_LINES} more`);
  return lines.join('\n');
}

/** A spec that cannot be trained. `issues` holds what is wrong with it, the message a line for each. */
export class SpecError extends Error {
  override name = 'SpecError';
  readonly issues: SpecIssue[];
  constructor(issues: SpecIssue[]) {
    super(messageOf(issues));
    this.issues = issues;
  }
}

const SHOWN = 60; // characters

/** Cuts long strings and lists before they are printed. */
function shorten(_key: string, value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, SHOWN);
  return Array.isArray(value) && value.length > SHOWN ? value.slice(0, SHOWN) : value;
}

/** A short, single-line rendering of any value for an error message. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  let line: string;
  try {
    line =
      typeof value === 'object' || typeof value === 'string' ? JSON.stringify(value, shorten) : String(value);
  } catch {
    return 'an object that is not JSON';
  }
  const printable = String(line).replace(/[^\x20-\x7e]/g, '?');
  return printable.length > SHOWN ? `${printable.slice(0, SHOWN - 3)}...` : printable;
}

/** Value at a path of keys, or undefined. */
export function valueAt(root: unknown, keys: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of keys) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
