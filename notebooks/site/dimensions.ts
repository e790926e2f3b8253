/** Feature dimensionality D_i as bars, with the levels that regular shapes give. */
import { SHAPES } from '../../sim/theory/shares.ts';
import { featureColor, type Palette } from './palette.ts';
import { label, line, picture, rect } from './svg.ts';

const WIDTH = 420;
const HEIGHT = 230;
const LEFT = 34;
const RIGHT = 130; // room for the longest name
const BOTTOM = 20;
const TOP = 18; // room for the number over a bar of 1

/** Heights of names from top to bottom, moved down where they would stand on each other. */
function spread(heights: readonly number[]): number[] {
  const out: number[] = [];
  for (const height of heights) out.push(Math.max(height, (out.at(-1) ?? Number.NEGATIVE_INFINITY) + 11));
  return out;
}

/** D (n), each in [0, 1]. */
export function dimensionsSvg(D: ArrayLike<number>, palette: Palette): string {
  const n = D.length;
  const y = (share: number) => TOP + (HEIGHT - BOTTOM - TOP) * (1 - share);
  const width = (WIDTH - LEFT - RIGHT) / n;
  const bars = Array.from({ length: n }, (_, i) => {
    const x = LEFT + i * width + width * 0.15;
    const own = `data-feature="${i + 1}"`;
    return (
      rect(x, y(D[i]), width * 0.7, y(0) - y(D[i]), featureColor(palette, i), own) +
      label(
        x + width * 0.35,
        y(D[i]) - 4,
        D[i].toFixed(2),
        palette.ink,
        `text-anchor="middle" font-size="11" ${own}`,
      ) +
      label(x + width * 0.35, HEIGHT - 6, String(i + 1), palette.ink, `text-anchor="middle" ${own}`)
    );
  });
  const heights = spread(SHAPES.map(({ share }) => y(share)));
  const guides = SHAPES.map(
    ({ share, name, fraction }, k) =>
      line(LEFT, y(share), WIDTH - RIGHT + 4, y(share), palette.faint, 'stroke-dasharray="2 3"') +
      label(WIDTH - RIGHT + 8, heights[k] + 4, `${fraction} ${name}`, palette.ink, 'font-size="11"'),
  );
  const said = Array.from(D, (d, i) => `${i + 1}: ${d.toFixed(2)}`).join(', ');
  return picture(
    WIDTH,
    HEIGHT,
    `Dimensionality of each feature, ${said}`,
    palette,
    guides.join('') + bars.join(''),
  );
}
