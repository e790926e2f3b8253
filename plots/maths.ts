/** The little TeX that captions and claims are written in, as HTML: W_i, D_{ij}, 0.7^i, 2^-24. */
import { type Html, html } from './html.ts';

/** A letter, a bracket or a number with an index or a power; no part of a longer word or of a file's name. */
const SCRIPT =
  /((?<![\p{L}\d_])\p{L}|[‖)\]²]|(?<![\p{L}\d_.])\d+(?:\.\d+)?)([_^])(\{[^{}]{1,12}\}|\([^()]{1,12}\)|[−-]?[\p{L}\d]{1,2})(?![\p{L}\d_])/gu;

/** A variable in italics, anything else as it is. */
const base = (text: string): Html => (/^\p{L}$/u.test(text) ? html`<i>${text}</i>` : html`${text}`);

/** Text with its indices lowered and its powers raised. */
export function maths(text: string): Html {
  const parts: (Html | string)[] = [];
  let from = 0;
  for (const { 0: all, 1: letter, 2: kind, 3: script, index } of text.matchAll(SCRIPT)) {
    const inner = script.replace(/^[{(]|[})]$/g, '');
    const moved = kind === '_' ? html`<sub>${inner}</sub>` : html`<sup>${inner}</sup>`;
    parts.push(text.slice(from, index), base(letter), moved);
    from = index + all.length;
  }
  parts.push(text.slice(from));
  return parts.reduce<Html>((done, part) => html`${done}${part}`, html``);
}
