/**
 * Turns the text of an answer into a function or a value. The text is the participant's own typing, never part
 * of a link, and runs only in the worker of ask.ts, which has no page to touch and is stopped after a while.
 */

/** Value of a JavaScript expression or of one function. Throws what the text throws. */
export function evaluate(text: string): unknown {
  const expression = text.trim().replace(/;+$/, '');
  return new Function(`"use strict"; return (${expression}\n);`)();
}
