/** A picture as it leaves the page: its title above, the settings, seed and step below, so that it explains itself. */
import type { Palette } from './palette.ts';
import { label, px, rect } from './svg.ts';

const HEAD = 28;
const LINE = 18;
/** Letters of 12 pixels that fit into a width, on the safe side. */
const LETTER = 6.4;

/** Words in lines of at most `length` letters. */
function wrapped(text: string, length: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < length) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The picture `svg` with a title and a legend of its own; a text of `svg`'s viewBox, as picture() makes it. */
export function captioned(svg: string, title: string, legend: string, palette: Palette): string {
  const [, width, height] = svg.match(/viewBox="0 0 (\d+) (\d+)"/)!.map(Number);
  const lines = wrapped(legend, Math.floor((width - 16) / LETTER));
  const tall = HEAD + height + LINE * lines.length + 8;
  const inner = svg.replace('<svg ', `<svg x="0" y="${HEAD}" width="${width}" height="${height}" `);
  const below = lines.map((text, k) => label(8, HEAD + height + LINE * (k + 1) - 4, text, palette.ink));
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${px(width)} ${px(tall)}" font-family="system-ui, sans-serif" font-size="12">` +
    rect(0, 0, width, tall, palette.paper) +
    label(8, 19, title, palette.ink, 'font-size="15" font-weight="600"') +
    inner +
    below.join('') +
    '</svg>'
  );
}
