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
