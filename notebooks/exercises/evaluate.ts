/**
 * Turns the text of an answer into a function or a value, by an interpreter: a host's policy may forbid a page to
 * compile text, and this works there too. The text is the participant's own typing, never part of a link, and runs
 * only in the worker of ask.ts, which has no page to touch and is stopped after a while.
 */
import Sval from 'sval';

/** What an answer's syntax tree says that matters here. */
interface Statement {
  type: string;
  id?: { name: string };
  declarations?: { id: { name: string } }[];
  expression?: { type: string; start: number; end: number; left?: { name?: string } };
  start: number; // in the text
}

const interpreter = () => new Sval({ ecmaVer: 'latest', sandBox: true, sourceType: 'script' });

/** The statements of a text, or null if it is none. */
function statementsOf(text: string): Statement[] | null {
  try {
    return (interpreter().parse(text) as unknown as { body: Statement[] }).body;
  } catch {
    return null;
  }
}

/** Runs `text` and gives the value of `expression` after it. */
function resultOf(text: string, expression: string): unknown {
  const own = interpreter();
  own.run(`'use strict'; ${text}\nexports.answer = (${expression}\n);`);
  return own.exports.answer;
}

/** The name that a statement gives to something. */
function nameIn({ type, id, declarations, expression }: Statement): string | null {
  if (type === 'FunctionDeclaration') return id!.name;
  if (type === 'VariableDeclaration') return declarations!.at(-1)!.id.name ?? null;
  return expression?.type === 'AssignmentExpression' ? (expression.left?.name ?? null) : null;
}

/** The parameters that the box names: "n, p" of "function allSilent(n, p) {". */
const parametersOf = (stub: string): string | null =>
  stub.match(/\bfunction\s*\w*\s*\(([^)]*)\)/)?.[1] ?? null;

/** A text of several statements: the last thing that it names is the answer, or else its last expression. */
function lastNamed(text: string): { value: unknown } | null {
  const statements = statementsOf(text) ?? [];
  const names = statements.map(nameIn).filter((name) => name !== null);
  if (names.length > 0) return { value: resultOf(text, names.at(-1)!) };
  const last = statements.at(-1);
  if (!last?.expression) return null;
  const { start, end } = last.expression;
  return { value: resultOf(text.slice(0, last.start), text.slice(start, end)) };
}

/** The inside of the function that the box names: a bare return, or an expression of its parameters. */
function bodyOf(text: string, stub: string): { value: unknown } | null {
  const parameters = parametersOf(stub);
  if (parameters === null) return null;
  for (const body of [text, `return (${text.replace(/;+\s*$/, '')}\n);`]) {
    const whole = `function answer(${parameters}) {\n${body}\n}`;
    if (/\breturn\b/.test(body) && statementsOf(whole)) return { value: resultOf(whole, 'answer') };
  }
  return null;
}

/**
 * Value of an answer: an expression or one function; statements, of which the last that names something counts; or the
 * inside of the function that `stub` begins. Throws what the text throws.
 */
export function evaluate(text: string, stub = ''): unknown {
  const expression = text.trim().replace(/;+$/, '');
  const alone = statementsOf(`(${expression}\n);`) !== null;
  if (!alone) {
    const other = lastNamed(text) ?? bodyOf(text, stub);
    if (other) return other.value;
  }
  try {
    return resultOf('', expression);
  } catch (error) {
    const inside = error instanceof Error && /not defined/.test(error.message) ? bodyOf(text, stub) : null;
    if (inside) return inside.value;
    throw error;
  }
}
