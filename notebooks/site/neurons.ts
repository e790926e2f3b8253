/** Hidden units as stacks: what each of them listens to, where directions alone say too little. */
import { featureColor, type Palette } from './palette.ts';
import { label, line, picture, rect } from './svg.ts';

const SIZE = 420;

/** Rows of W (n, m): unit k is a stack of |W_ik|, positive weights upwards, the strongest at the axis. */
export function neuronsSvg(W: ArrayLike<number>, n: number, m: number, palette: Palette): string {
  const width = (SIZE - 20) / m;
  const columns = Array.from({ length: m }, (_, k) => Array.from({ length: n }, (_, i) => W[i * m + k]));
  const sum = (column: number[], sign: number) =>
    column.reduce((total, w) => total + Math.max(0, sign * w), 0);
  const tallest = Math.max(1, ...columns.map((column) => Math.max(sum(column, 1), sum(column, -1))));
  const scale = (SIZE / 2 - 26) / tallest;
  const stack = (column: number[], k: number, sign: number) => {
    let at = 0;
    const order = column.map((_, i) => i).sort((a, b) => Math.abs(column[b]) - Math.abs(column[a]));
    return order
      .filter((i) => sign * column[i] > 0.02)
      .map((i) => {
        const height = Math.abs(column[i]) * scale;
        const y = SIZE / 2 + (sign > 0 ? -at - height : at);
        at += height;
        const x = 10 + (k + 0.15) * width;
        const tag = label(
          x + width * 0.35,
          y + height / 2 + 4,
          String(i + 1),
          palette.paper,
          'text-anchor="middle" font-weight="600"',
        );
        return (
          rect(x, y, width * 0.7, height, featureColor(palette, i), `stroke="${palette.paper}"`) +
          (height > 14 ? tag : '')
        );
      })
      .join('');
  };
  const body = columns.map(
    (column, k) =>
      stack(column, k, 1) +
      stack(column, k, -1) +
      label(
        10 + (k + 0.5) * width,
        SIZE - 8,
        `h${k + 1}`,
        palette.ink,
        'text-anchor="middle" font-style="italic"',
      ),
  );
  const name = `Weights of ${n} features on each of ${m} hidden units`;
  return picture(SIZE, SIZE, name, palette, line(0, SIZE / 2, SIZE, SIZE / 2, palette.faint) + body.join(''));
}
