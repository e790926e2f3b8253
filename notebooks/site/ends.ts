/** Where seeds end: models counted by the shape they have become. */
import type { Palette } from './palette.ts';
import { label, picture, rect } from './svg.ts';
import { keptInWords, shapesOf } from './words.ts';

/** A shape, and how many of the seeds have it. */
export interface End {
  name: string;
  count: number;
  loss: number | null; // exact, of the cheapest of them, mean over features; null where it is not known
}

/** Shapes of the models W (I, n, m): the cheapest first where `losses` (I) are known, else the commonest. */
export function endsOf(W: Float32Array, losses: ArrayLike<number> | null, n: number, m: number): End[] {
  const ends = new Map<string, End>();
  for (let k = 0; k < W.length / (n * m); k++) {
    const name = keptInWords(shapesOf(W.subarray(k * n * m, (k + 1) * n * m), n, m));
    const { count, loss } = ends.get(name) ?? { count: 0, loss: null };
    const own = losses ? Math.min(losses[k], loss ?? Number.POSITIVE_INFINITY) : null;
    ends.set(name, { name, count: count + 1, loss: own });
  }
  return [...ends.values()].sort((a, b) => (losses ? a.loss! - b.loss! : b.count - a.count));
}

const ROW = 26;
const WIDTH = 640;
const BARS = { left: 330, width: 190 } as const;

/** A bar a shape. */
export function endsSvg(ends: readonly End[], palette: Palette): string {
  const most = Math.max(...ends.map(({ count }) => count));
  const right = 'text-anchor="end"';
  const rows = ends.map(({ name, count, loss }, k) => {
    const y = 24 + k * ROW;
    const width = (BARS.width * count) / most;
    return [
      label(BARS.left - 8, y + 14, name, palette.ink, right),
      rect(BARS.left, y, width, ROW - 8, palette.features[0], ''),
      label(BARS.left + width + 6, y + 14, String(count), palette.ink, ''),
      label(WIDTH - 8, y + 14, loss?.toPrecision(3) ?? '', palette.ink, right),
    ].join('');
  });
  const head = ends[0].loss === null ? '' : label(WIDTH - 8, 14, 'least loss', palette.ink, right);
  const spoken = `Where the seeds end: ${ends.map(({ name, count }) => `${count} ${name}`).join('; ')}`;
  return picture(WIDTH, 32 + ends.length * ROW, spoken, palette, head + rows.join(''));
}
