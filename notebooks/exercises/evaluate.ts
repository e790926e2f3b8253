/**
 * Turns the text of an answer into a function or a value, by an interpreter: a host's policy may forbid a page to
 * compile text, and this works there too. The text is the participant's own typing, never part of a link, and runs
 * only in the worker of ask.ts, which has no page to touch and is stopped after a while.
 */
import Sval from 'sval';

/** Value of a JavaScript expression or of one function. Throws what the text throws. */
export function evaluate(text: string): unknown {
  const expression = text.trim().replace(/;+$/, '');
  const interpreter = new Sval({ ecmaVer: 'latest', sandBox: true });
  interpreter.run(`'use strict'; exports.answer = (${expression}\n);`);
  return interpreter.exports.answer;
}
