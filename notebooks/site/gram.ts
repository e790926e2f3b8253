/** What each input does to each output: the matrix WᵀW (VᵀW in an untied model) with the bias beside it. */
import { divergingColor, type Palette, textOn } from './palette.ts';
import { label, picture, rect } from './svg.ts';

const SIZE = 300;

const MARGIN = 22;

/** One entry at (x, y): its colour, and its value where that fits beside n others. */
function cellSvg(
  x: number,
  y: number,
  size: number,
  value: number,
  n: number,
  palette: Palette,
  own: string, // whose cell it is
): string {
  const square = rect(x, y, size, size, divergingColor(palette, value), own);
  if (n > 8) return square;
  const text = value.toFixed(n > 6 ? 1 : 2).replace(/^-(?=[0.]*$)/, ''); // no −0
  const style = `text-anchor="middle" font-size="10.5" pointer-events="none" ${own}`;
  return square + label(x + size / 2, y + size / 2 + 4, text, textOn(palette, value), style);
}

/** Output j: its number, its row of couplings and its bias; and the number of input j above the matrix. */
function rowSvg(row: ArrayLike<number>, bias: number, j: number, cell: number, palette: Palette): string {
  const n = row.length;
  const y = MARGIN + j * cell;
  const number = String(j + 1);
  const entry = (x: number, value: number, i = j) =>
    cellSvg(x, y, cell - 1, value, n, palette, `data-feature="${j + 1} ${i + 1}"`);
  return [
    label(MARGIN - 6, y + cell / 2 + 4, number, palette.ink, 'text-anchor="end"'),
    label(MARGIN + (j + 0.5) * cell, MARGIN - 7, number, palette.ink, 'text-anchor="middle"'),
    ...Array.from(row, (value, i) => entry(MARGIN + i * cell, value, i)),
    entry(MARGIN + (n + 0.5) * cell, bias),
  ].join('');
}

/** The colour scale: −1, 0 and 1, and what is beyond. */
function scaleSvg(x: number, y: number, width: number, palette: Palette): string {
  const count = 21;
  const strip = Array.from({ length: count }, (_, k) =>
    rect(
      x + (k * width) / count,
      y,
      width / count + 0.5,
      8,
      divergingColor(palette, (2 * k) / (count - 1) - 1),
    ),
  );
  const tick = (at: number, text: string, anchor: string) =>
    label(x + at * width, y + 20, text, palette.ink, `text-anchor="${anchor}" font-size="10.5"`);
  return strip.join('') + tick(0, '≤ −1', 'start') + tick(0.5, '0', 'middle') + tick(1, '≥ 1', 'end');
}

/** couplings (n, n): row j an output, column i an input; b (n). */
export function gramSvg(couplings: Float64Array, b: ArrayLike<number>, palette: Palette): string {
  const n = b.length;
  const cell = (SIZE - MARGIN) / (n + 1.6);
  const rows = Array.from(b, (bias, j) =>
    rowSvg(couplings.subarray(j * n, (j + 1) * n), bias, j, cell, palette),
  );
  const italic = 'text-anchor="middle" font-style="italic"';
  const head = label(MARGIN + (n + 1) * cell, MARGIN - 7, 'b', palette.ink, italic);
  const scale = scaleSvg(MARGIN, MARGIN + n * cell + 6, n * cell, palette);
  const name = `Matrix of ${n} outputs by ${n} inputs, and the bias`;
  return picture(SIZE, Math.ceil(MARGIN + n * cell + 32), name, palette, rows.join('') + head + scale);
}
