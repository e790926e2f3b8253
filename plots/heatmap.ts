/** Maps of one number over two axes of even cells, with the number written in each. */
import type { Trace } from './figure.ts';
import type { ColorScale } from './palette.ts';
import { inPanel, type Panel, panelAxes } from './panels.ts';

/** How well features are found, from 0 pale to 1 dark. */
export const FOUND_SCALE: ColorScale = [
  [0, '#f3f3f1'],
  [0.5, '#a9cbd8'],
  [0.8, '#3f8fb0'],
  [1, '#0b3c6f'],
];

/** z (Y, X) over the values of x (X) and y (Y). */
interface Cells {
  x: readonly number[];
  y: readonly number[];
  z: readonly (number | null)[];
  range: [number, number];
  scale?: ColorScale;
  digits?: number;
  name: string; // of the number, for people who point at a cell
  across: string; // of x
  up: string; // of y
}

/** A map in pair of axes k; cells stand at 0, 1, 2 … */
export function heatmap(k: number, cells: Cells): Trace {
  const { x, y, z, range, scale = FOUND_SCALE, digits = 2 } = cells;
  const rows = y.map((_, j) => z.slice(j * x.length, (j + 1) * x.length));
  const text = rows.map((row) => row.map((value) => (value === null ? '' : value.toFixed(digits))));
  return inPanel(k, {
    type: 'heatmap',
    x: x.map((_, i) => i),
    y: y.map((_, j) => j),
    z: rows,
    text,
    texttemplate: '%{text}',
    textfont: { size: 9 },
    customdata: y.map((up) => x.map((across) => [across, up])),
    hovertemplate: `${cells.across} = %{customdata[0]}, ${cells.up} = %{customdata[1]}: ${cells.name} %{z:.3f}<extra></extra>`,
    zmin: range[0],
    zmax: range[1],
    colorscale: scale,
    showscale: false,
    xgap: 1,
    ygap: 1,
  });
}

/** Axes of a map. */
export function cellAxes(
  k: number,
  panel: Panel,
  { x, y, across, up }: Pick<Cells, 'x' | 'y' | 'across' | 'up'>,
): Record<string, object> {
  const ticks = (values: readonly number[]) => ({
    tickvals: values.map((_, i) => i),
    ticktext: values.map(String),
    tickfont: { size: 10 },
    showgrid: false,
    range: [-0.5, values.length - 0.5],
  });
  return panelAxes(
    k,
    panel,
    { ...ticks(x), title: { text: across, standoff: 4 }, tickangle: 0 },
    { ...ticks(y), title: { text: up, standoff: 4 } },
  );
}
