/** Several pairs of axes on one sheet: where they lie, what they are called, and the layout all figures share. */
import type { Layout, Trace } from './figure.ts';
import { INK } from './palette.ts';

/** A rectangle of the sheet, in fractions of the plotting area. */
export interface Panel {
  x: [number, number];
  y: [number, number];
}

/** Cells of a grid, row by row from the top. gaps are fractions of the plotting area; widths are relative. */
export function panelGrid(
  rows: number,
  columns: number,
  gapX: number,
  gapY: number,
  widths: readonly number[] = new Array(columns).fill(1),
  heights: readonly number[] = new Array(rows).fill(1),
): Panel[] {
  const spans = (sizes: readonly number[], gap: number) => {
    const unit = (1 - gap * (sizes.length - 1)) / sizes.reduce((a, b) => a + b, 0);
    let at = 0;
    return sizes.map((size) => {
      const span: [number, number] = [at, Math.min(1, at + size * unit)];
      at = span[1] + gap;
      return span;
    });
  };
  const xs = spans(widths, gapX);
  const ys = spans(heights, gapY).map(([a, b]): [number, number] => [1 - b, 1 - a]);
  return ys.flatMap((y) => xs.map((x) => ({ x, y: [Math.max(0, y[0]), y[1]] as [number, number] })));
}

/** A part of a panel, from fractions of it. */
export function inset({ x, y }: Panel, fx: [number, number], fy: [number, number]): Panel {
  const along = ([a, b]: [number, number], [f, g]: [number, number]): [number, number] => [
    a + f * (b - a),
    a + g * (b - a),
  ];
  return { x: along(x, fx), y: along(y, fy) };
}

const suffix = (k: number) => (k === 0 ? '' : String(k + 1));

/** What plotly calls the x axis of pair number k: x, x2, x3 … */
export const xref = (k: number): string => `x${suffix(k)}`;
/** What it calls the y axis. */
export const yref = (k: number): string => `y${suffix(k)}`;

/** Draws a trace in pair of axes number k. */
export function inPanel(k: number, trace: Trace): Trace {
  return { ...trace, xaxis: xref(k), yaxis: yref(k) };
}

type Axis = Record<string, unknown>;

const AXIS: Axis = {
  showline: true,
  linecolor: INK,
  linewidth: 1,
  ticks: 'outside',
  ticklen: 4,
  tickcolor: INK,
  gridcolor: '#e9ecf0',
  zeroline: false,
  automargin: true,
  exponentformat: 'none', // 0.0001 and 20000, not 100µ and 20k
};

/** An axis without line, ticks or grid, for pictures that are drawn to scale. */
export const BARE: Axis = {
  showline: false,
  ticks: '',
  showticklabels: false,
  showgrid: false,
  zeroline: false,
};

/** The two axes of pair number k, placed in a panel. */
export function panelAxes(k: number, panel: Panel, xaxis: Axis, yaxis: Axis): Record<string, Axis> {
  const [x, y] = [xref(k), yref(k)];
  return {
    [`xaxis${suffix(k)}`]: { ...AXIS, ...xaxis, domain: panel.x, anchor: y },
    [`yaxis${suffix(k)}`]: { ...AXIS, ...yaxis, domain: panel.y, anchor: x },
  };
}

/** A heading above a panel. */
export function panelTitle(panel: Panel, text: string, size = 13): Record<string, unknown> {
  return {
    text,
    showarrow: false,
    xref: 'paper',
    yref: 'paper',
    x: (panel.x[0] + panel.x[1]) / 2,
    y: panel.y[1],
    xanchor: 'center',
    yanchor: 'bottom',
    yshift: 4,
    font: { size, color: INK },
  };
}

/** Says in the middle of a figure why it is empty. */
export function emptied(why: string): Record<string, unknown> {
  return {
    text: `Nothing to draw: ${why}`,
    showarrow: false,
    xref: 'paper',
    yref: 'paper',
    x: 0.5,
    y: 0.5,
    bgcolor: '#ffffff',
    borderpad: 6,
  };
}

/** The layout of every figure: size, margins and type; the rest is laid over it. */
export function sheet(width: number, height: number, rest: Record<string, unknown>): Layout {
  return {
    width: Math.round(width),
    height: Math.round(height),
    margin: { l: 64, r: 24, t: 48, b: 56 },
    font: { family: 'Arial, Helvetica, sans-serif', size: 12, color: INK },
    paper_bgcolor: '#ffffff',
    plot_bgcolor: '#ffffff',
    showlegend: false,
    hoverlabel: { font: { size: 12 } },
    ...rest,
  };
}

/** An axis in log10 units with ticks at the given values: heatmaps keep even cells on it. */
export function logAxis(ticks: readonly number[], title: string, range?: [number, number]): Axis {
  return {
    title: { text: title, standoff: 6 },
    tickvals: ticks.map(Math.log10),
    ticktext: ticks.map((tick) => String(tick)),
    ...(range && { range }),
  };
}
