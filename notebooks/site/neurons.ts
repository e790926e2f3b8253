/** Hidden units as stacks: what each of them listens to, where directions alone say too little. */
import { featureColor, type Palette } from './palette.ts';
import { label, line, picture, rect } from './svg.ts';

const SIZE = 420;

/** The picture's units: width of a column, and height of a weight of 1. */
interface Scale {
  width: number;
  height: number;
}

const sumOf = (column: number[], sign: number) =>
  column.reduce((total, w) => total + Math.max(0, sign * w), 0);

function scaleOf(columns: number[][]): Scale {
  const tallest = Math.max(1, ...columns.map((column) => Math.max(sumOf(column, 1), sumOf(column, -1))));
  return { width: (SIZE - 20) / columns.length, height: (SIZE / 2 - 26) / tallest };
}

/** One block of a stack, numbered by its feature where the number fits. */
function blockSvg(x: number, y: number, width: number, height: number, i: number, palette: Palette): string {
  const block = rect(x, y, width, height, featureColor(palette, i), `stroke="${palette.paper}"`);
  if (height <= 14) return block;
  const bold = 'text-anchor="middle" font-weight="600"';
  return block + label(x + width / 2, y + height / 2 + 4, String(i + 1), palette.paper, bold);
}

/** The weights of one sign on unit k, the strongest at the axis. */
function stackSvg(column: number[], k: number, sign: number, scale: Scale, palette: Palette): string {
  const order = column.map((_, i) => i).sort((a, b) => Math.abs(column[b]) - Math.abs(column[a]));
  const x = 10 + (k + 0.15) * scale.width;
  let at = 0;
  return order
    .filter((i) => sign * column[i] > 0.02)
    .map((i) => {
      const height = Math.abs(column[i]) * scale.height;
      const y = SIZE / 2 + (sign > 0 ? -at - height : at);
      at += height;
      return blockSvg(x, y, scale.width * 0.7, height, i, palette);
    })
    .join('');
}

/** Rows of W (n, m): unit k is a stack of |W_ik|, positive weights upwards, the strongest at the axis. */
export function neuronsSvg(W: ArrayLike<number>, n: number, m: number, palette: Palette): string {
  const columns = Array.from({ length: m }, (_, k) => Array.from({ length: n }, (_, i) => W[i * m + k]));
  const scale = scaleOf(columns);
  const italic = 'text-anchor="middle" font-style="italic"';
  const body = columns.map(
    (column, k) =>
      stackSvg(column, k, 1, scale, palette) +
      stackSvg(column, k, -1, scale, palette) +
      label(10 + (k + 0.5) * scale.width, SIZE - 8, `h${k + 1}`, palette.ink, italic),
  );
  const name = `Weights of ${n} features on each of ${m} hidden units`;
  return picture(SIZE, SIZE, name, palette, line(0, SIZE / 2, SIZE, SIZE / 2, palette.faint) + body.join(''));
}
