/** Parts of results.md, each between two marks and written by one script. */
import fs from 'node:fs';
import path from 'node:path';

const RESULTS = path.join(import.meta.dirname, 'results.md');

/** Replaces the part called `name`, or adds it at the end. */
export function writeSection(name: string, text: string): void {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const old = fs.existsSync(RESULTS) ? fs.readFileSync(RESULTS, 'utf8') : '';
  const [before, rest = ''] = old.split(open);
  const after = rest.split(close)[1] ?? '';
  const parts = [before, `${open}\n${text.trim()}\n${close}`, after].map((part) => part.trim());
  fs.writeFileSync(RESULTS, `${parts.filter(Boolean).join('\n\n')}\n`);
}

/** A Markdown table. */
export function table(head: string[], rows: (string | number)[][]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
