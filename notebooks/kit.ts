/** What Notebook Kit is given to build these notebooks: formulas typeset at build time, as MathML. */
import type { Notebook } from '@observablehq/notebook-kit';
import katex from 'katex';

const FORMULA = /\$\$([^$]+)\$\$|\$(?!\{)([^$\n]+)\$/g;

/** Markdown with every `$…$` and `$$…$$` replaced by MathML. @throws where a formula is not TeX. */
export function typesetMarkdown(markdown: string): string {
  return markdown.replace(
    FORMULA,
    (_, display?: string, inline?: string) =>
      katex
        .renderToString((display ?? inline)!, { displayMode: display !== undefined, output: 'mathml' })
        .replace(/<annotation.*?<\/annotation>/s, ''), // its TeX would be read as Markdown
  );
}

/** A notebook with the formulas of its Markdown cells typeset. */
export function typeset(notebook: Notebook): Notebook {
  const cells = notebook.cells.map((cell) =>
    cell.mode === 'md' ? { ...cell, value: typesetMarkdown(cell.value) } : cell,
  );
  return { ...notebook, cells };
}

const CODE_CELL = /<script id="(\d+)" type="text\/x-typescript">(.*?)<\/script>/gs;

/**
 * The page of a notebook with the places marked that its code will fill (`data-fills`): the style sheet shows what
 * comes after such a place once it is filled, so that nothing moves while one reads.
 */
export function markFilled(page: string, notebook: string): string {
  const filled = [...notebook.matchAll(CODE_CELL)].filter(([, , code]) => /\b(display|view)\(/.test(code));
  return filled.reduce((html, [, id]) => html.replace(`<div id="cell-${id}"`, `$& data-fills`), page);
}
