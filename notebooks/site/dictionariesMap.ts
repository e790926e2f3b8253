/** The map of dictionaries as a picture, and the arrows of one of them over the features of the model. */
import { type DictionariesState, LAMBDAS, sizesOf } from './dictionariesState.ts';
import type { DictionaryCell, Progressed } from './dictionariesTraining.ts';
import { divergingColor, featureColor, type Palette, textOn } from './palette.ts';
import { csv } from './save.ts';
import { circle, label, line, picture, rect } from './svg.ts';

/** Picture units: corner, and size of a cell. */
export const MAP = { left: 58, top: 8, cell: 60, tall: 56, width: 548, height: 396 } as const;

/** What a measure is called, and the value at which its colour begins. */
export const SHOWN: Record<DictionariesState['measure'], { name: string; from: number }> = {
  mmcs: { name: 'mean max cosine (MMCS)', from: 0.6 },
  found: { name: 'share of features found', from: 0 },
  r2: { name: 'variance explained (R²)', from: 0.6 },
  dead_share: { name: 'share of dead latents', from: 0 },
};

/** Corner of cell (x, y), x along λ and y along sizes, both from 0 at the lower left. */
function cornerOf(state: DictionariesState, x: number, y: number): [number, number] {
  return [MAP.left + x * MAP.cell, MAP.top + (sizesOf(state).length - 1 - y) * MAP.tall];
}

function cellSvg(
  state: DictionariesState,
  palette: Palette,
  cell: DictionaryCell | null,
  at: number,
): string {
  const [x, y] = cornerOf(state, at % LAMBDAS.length, Math.floor(at / LAMBDAS.length));
  const edge = `stroke="${palette.paper}"`;
  if (!cell) return rect(x, y, MAP.cell, MAP.tall, 'none', `stroke="${palette.faint}"`);
  const value = cell.scores[state.measure];
  const { from } = SHOWN[state.measure];
  const v = Math.max(0, (value - from) / (1 - from));
  const text = label(
    x + MAP.cell / 2,
    y + MAP.tall / 2 + 5,
    value.toFixed(2),
    textOn(palette, v),
    'text-anchor="middle" font-size="14"',
  );
  return rect(x, y, MAP.cell, MAP.tall, divergingColor(palette, v), edge) + text;
}

function axes(state: DictionariesState, palette: Palette): string {
  const sizes = sizesOf(state);
  const bottom = MAP.top + sizes.length * MAP.tall;
  const middle = 'text-anchor="middle"';
  const across = LAMBDAS.map((lambda, x) =>
    label(MAP.left + (x + 0.5) * MAP.cell, bottom + 18, String(lambda), palette.ink, middle),
  );
  const up = sizes.map((size, y) =>
    label(
      MAP.left - 8,
      cornerOf(state, 0, y)[1] + MAP.tall / 2 + 4,
      String(size),
      palette.ink,
      'text-anchor="end"',
    ),
  );
  const height = MAP.top + (sizes.length * MAP.tall) / 2;
  return (
    across.join('') +
    up.join('') +
    label(MAP.left + (LAMBDAS.length * MAP.cell) / 2, bottom + 40, 'sparsity λ', palette.ink, middle) +
    label(14, height, 'latents', palette.ink, `${middle} transform="rotate(-90 14 ${height})"`)
  );
}

/** The map; `chosen` is the marked cell [x, y]. */
export function mapSvg(
  state: DictionariesState,
  cells: Progressed['cells'],
  palette: Palette,
  chosen: readonly [number, number] | null,
): string {
  const [x, y] = chosen ? cornerOf(state, ...chosen) : [0, 0];
  const mark = chosen
    ? rect(x + 1, y + 1, MAP.cell - 2, MAP.tall - 2, 'none', `stroke="${palette.ink}" stroke-width="3"`)
    : '';
  const body = cells.map((cell, at) => cellSvg(state, palette, cell, at)).join('');
  const name = `${SHOWN[state.measure].name} of dictionaries over sparsity and size`;
  return picture(MAP.width, MAP.height, name, palette, body + axes(state, palette) + mark);
}

/** The cell at a point of the picture, both counted in picture units; null beside the cells. */
export function cellAtPoint(state: DictionariesState, px: number, py: number): [number, number] | null {
  const [x, y] = [Math.floor((px - MAP.left) / MAP.cell), Math.floor((py - MAP.top) / MAP.tall)];
  const sizes = sizesOf(state).length;
  const inside = x >= 0 && x < LAMBDAS.length && y >= 0 && y < sizes;
  return inside ? [x, sizes - 1 - y] : null;
}

const SIDE = 320;

/** Features W (n, 2) as wide grey spokes, directions `decoder` (L, 2) at length 1 as thin arrows. */
export function arrowsSvg(W: ArrayLike<number>, decoder: ArrayLike<number>, palette: Palette): string {
  const half = SIDE / 2;
  const longest = Math.max(
    1,
    ...Array.from({ length: W.length / 2 }, (_, i) => Math.hypot(W[2 * i], W[2 * i + 1])),
  );
  const unit = (half - 16) / longest;
  const end = (x: number, y: number): [number, number] => [half + unit * x, half - unit * y];
  const spokes = Array.from({ length: W.length / 2 }, (_, i) =>
    line(
      half,
      half,
      ...end(W[2 * i], W[2 * i + 1]),
      palette.faint,
      'stroke-width="10" stroke-linecap="round"',
    ),
  );
  const arrows = Array.from({ length: decoder.length / 2 }, (_, i) => {
    const length = Math.hypot(decoder[2 * i], decoder[2 * i + 1]) || 1;
    const [x, y] = end(decoder[2 * i] / length, decoder[2 * i + 1] / length);
    const color = featureColor(palette, i);
    return line(half, half, x, y, color, 'stroke-width="2.5"') + circle(x, y, 5, `fill="${color}"`);
  });
  const name = `${decoder.length / 2} latents over ${W.length / 2} features in the plane`;
  const guide = circle(half, half, unit, `fill="none" stroke="${palette.faint}"`);
  return picture(SIDE, SIDE, name, palette, guide + spokes.join('') + arrows.join(''));
}

/** One line a cell that is there. */
export function mapCsv({ cells }: Progressed): string {
  const names = ['mmcs', 'found', 'r2', 'dead_share', 'l0'] as const;
  const rows = cells.flatMap((cell) =>
    cell ? [[cell.latents, cell.sparsity, ...names.map((name) => cell.scores[name].toPrecision(6))]] : [],
  );
  return csv(['latents', 'sparsity', ...names], rows);
}
