/** T12: solutions and losses as one of five features becomes sparser or denser than the others. */
import type { PentagonDigonsData } from '../../sim/experiments/pentagonDigons.ts';
import { arrowAxes, arrows, unitCircle } from '../arrows.ts';
import type { Figure, Trace } from '../figure.ts';
import { CURVES, INK, THEORY } from '../palette.ts';
import { inPanel, panelAxes, panelGrid, panelTitle, sheet, xref, yref } from '../panels.ts';

const ODD = CURVES[1];
const EVEN = '#9aa3ae';
const SHOWN = 9; // solutions in the upper row

/** An exact branch of solutions in pair of axes k; losses relative to the digon branch. */
function branch(
  k: number,
  { relative, digons }: PentagonDigonsData,
  name: string,
  values: number[],
  dash: string,
): Trace {
  return inPanel(k, {
    type: 'scatter',
    mode: 'lines',
    name,
    x: relative,
    y: values.map((value, j) => value / digons[j]),
    customdata: values,
    line: { color: THEORY, width: 2, dash },
    hovertemplate: `${name}<br>relative density %{x:.3g}: loss %{customdata:.4g}<extra></extra>`,
  });
}

/** A trained model: its loss at the relative density of the odd feature. */
interface Fit {
  relative: number;
  loss: number;
  row: number;
}

/** Trained models in pair of axes k; losses relative to the digon branch at the nearest density. */
function fits(
  k: number,
  { relative, digons }: PentagonDigonsData,
  name: string,
  own: Fit[],
  marker: object,
): Trace {
  const nearest = (r: number) =>
    relative.reduce((near, value, j) => (Math.abs(value - r) < Math.abs(relative[near] - r) ? j : near), 0);
  return inPanel(k, {
    type: 'scatter',
    mode: 'markers',
    name,
    x: own.map((one) => one.relative),
    y: own.map((one) => one.loss / digons[nearest(one.relative)]),
    customdata: own.map(({ loss, row }) => [loss, row]),
    marker,
    hovertemplate: `${name}, instance %{customdata[1]}<br>relative density %{x:.3g}: loss %{customdata[0]:.4g}<extra></extra>`,
  });
}

/** Exact branches and trained models in pair of axes k. */
function losses(k: number, data: PentagonDigonsData): Trace[] {
  const { relative, pentagon, digons, best, others } = data;
  const open = { symbol: 'circle-open', size: 5 };
  const keeping = others.filter((one) => one.keepsOdd);
  const dropping = others.filter((one) => !one.keepsOdd);
  const bestFits = best.map(({ loss, row }, j) => ({ relative: relative[j], loss, row }));
  return [
    branch(k, data, 'digons, exact', digons, 'dash'),
    branch(k, data, 'pentagon, exact', pentagon, 'solid'),
    fits(k, data, 'other fits that keep the odd feature', keeping, { color: ODD, ...open }),
    fits(k, data, 'other fits without it', dropping, { color: EVEN, ...open }),
    fits(k, data, 'trained, best fit', bestFits, { color: INK, size: 7 }),
  ];
}

/** The name of a vertical line, at its top or its foot. */
function mark(value: number, text: string, yanchor: string): object {
  return {
    text,
    x: Math.log10(value),
    y: yanchor === 'top' ? 1 : 0.02,
    xref: xref(SHOWN),
    yref: `${yref(SHOWN)} domain`,
    xanchor: 'left',
    yanchor,
    showarrow: false,
    xshift: 4,
    bgcolor: '#ffffff',
  };
}

/** A vertical line in the lower axes at a relative density. */
function vertical(value: number, dash: string): object {
  return {
    type: 'line',
    xref: xref(SHOWN),
    yref: `${yref(SHOWN)} domain`,
    x0: value,
    x1: value,
    y0: 0,
    y1: 1,
    line: { color: INK, width: 1, dash },
  };
}

export function pentagonDigonsFigure(data: PentagonDigonsData): Figure {
  const [upper, lower] = panelGrid(2, 1, 0, 0.12, [1], [1, 2.4]);
  const chosen = Array.from({ length: SHOWN }, (_, k) =>
    Math.round((k * (data.relative.length - 1)) / (SHOWN - 1)),
  );
  const small = panelGrid(1, SHOWN, 0.01, 0).map((panel) => ({ ...panel, y: upper.y }));
  const colors = [ODD, EVEN, EVEN, EVEN, EVEN];
  return {
    data: [
      ...chosen.flatMap((at, k) => [
        unitCircle(k),
        ...arrows(k, data.best[at], data.best[at].importance, colors),
      ]),
      ...losses(SHOWN, data),
    ],
    layout: sheet(1000, 640, {
      ...Object.assign({}, ...small.map((panel, k) => arrowAxes(k, panel))),
      ...panelAxes(
        SHOWN,
        lower,
        {
          type: 'log',
          title: { text: 'density of the odd feature, relative to the others' },
          tickvals: [0.2, 0.3, 0.4, 0.5, 0.7, 1, 1.5, 2, 3, 4],
        },
        { title: { text: 'loss / loss of the digons' }, range: [0.2, 1.6] },
      ),
      showlegend: true,
      legend: { x: 0.99, y: lower.y[1] - 0.01, xanchor: 'right', yanchor: 'top' },
      shapes: [vertical(data.crossing, 'solid'), vertical(1 / 2.5, 'dot')],
      annotations: [
        mark(data.crossing, `exact crossing: ${(1 / data.crossing).toFixed(2)} × sparser`, 'bottom'),
        mark(1 / 2.5, 'paper: about 2.5 × sparser', 'top'),
        ...chosen.map((at, k) => panelTitle(small[k], `${data.relative[at].toPrecision(2)} ×`, 12)),
      ],
    }),
  };
}
