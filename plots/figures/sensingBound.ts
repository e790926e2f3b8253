/** A2: variance lost over hidden dimensions; dimensions needed over density, with the bound. */
import type { SensingBoundData } from '../../sim/experiments/sensingBound.ts';
import type { Figure, Trace } from '../figure.ts';
import { CURVES, FAINT, THEORY } from '../palette.ts';
import { inPanel, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';

const SYMBOLS = ['circle', 'square', 'diamond', 'triangle-up', 'cross'];

function lostLines({ densities, hidden, lost }: SensingBoundData): Trace[] {
  return densities.map((density, p) =>
    inPanel(0, {
      type: 'scatter',
      mode: 'lines+markers',
      name: `1 − <i>S</i> = ${density}`,
      x: hidden,
      y: lost[p],
      customdata: hidden.map((_, at) => p * hidden.length + at), // rows: hidden dimensions within densities
      line: { color: CURVES[p], width: 2 },
      marker: { size: 7, symbol: SYMBOLS[p] },
      hovertemplate: `density ${density}, <i>m</i> = %{x}: %{y:.3f}<extra>instance %{customdata}</extra>`,
    }),
  );
}

function neededLines({ densities, needed, bound }: SensingBoundData): Trace[] {
  const common = { type: 'scatter', x: densities };
  return [
    inPanel(1, {
      ...common,
      mode: 'markers',
      name: 'needed, trained',
      y: needed,
      marker: {
        size: 10,
        color: densities.map((_, p) => CURVES[p]),
        symbol: densities.map((_, p) => SYMBOLS[p]),
      },
      showlegend: false,
      hovertemplate: 'density %{x}: <i>m</i> = %{y:.1f} needed<extra></extra>',
    }),
    inPanel(1, {
      ...common,
      mode: 'lines',
      name: 'bound',
      showlegend: false,
      y: bound,
      line: { color: THEORY, width: 2 },
      hovertemplate: 'density %{x}: bound %{y:.2f}, up to a constant<extra></extra>',
    }),
  ];
}

/** The share of variance lost at which m is taken as needed. */
const LOST_LINE = {
  type: 'line',
  xref: 'x domain',
  yref: 'y',
  x0: 0,
  x1: 1,
  y0: 0.1,
  y1: 0.1,
  line: { color: FAINT, width: 1.5, dash: 'dot' },
};

const LOST_NAME = {
  text: 'needed: a tenth lost',
  xref: 'x domain',
  yref: 'y',
  x: 0.01,
  y: -1,
  xanchor: 'left',
  yanchor: 'bottom',
  showarrow: false,
  font: { size: 11 },
};

/** The bound written out beside its line, at the middle density. */
function boundName({ densities, bound }: SensingBoundData): object {
  const middle = Math.floor(densities.length / 2);
  return {
    text: '−<i>n</i>(1 − <i>S</i>) log(1 − <i>S</i>),<br>up to a constant',
    xref: 'x2',
    yref: 'y2',
    x: Math.log10(densities[middle]),
    y: Math.log10(bound[middle]),
    xanchor: 'left',
    yanchor: 'top',
    xshift: 10,
    align: 'left',
    showarrow: false,
    font: { size: 11 },
  };
}

export function sensingBoundFigure(data: SensingBoundData): Figure {
  const [left, right] = panelGrid(1, 2, 0.12, 0);
  return {
    data: [...lostLines(data), ...neededLines(data)],
    layout: sheet(900, 420, {
      ...panelAxes(
        0,
        left,
        { type: 'log', title: { text: 'hidden dimensions <i>m</i>' }, tickvals: data.hidden },
        { type: 'log', title: { text: 'share of variance lost' }, dtick: 1 },
      ),
      ...panelAxes(
        1,
        right,
        { type: 'log', title: { text: 'density 1 − <i>S</i>' }, tickvals: data.densities },
        { type: 'log', title: { text: 'hidden dimensions' }, tickvals: [1, 2, 5, 10, 20, 50] },
      ),
      showlegend: true,
      legend: { x: 0.01, y: 0.01, xanchor: 'left', yanchor: 'bottom', bgcolor: 'rgba(255,255,255,0.8)' },
      shapes: [LOST_LINE],
      annotations: [
        panelTitle(left, `trained models, <i>n</i> = ${data.features}`),
        panelTitle(right, 'dimensions needed, and the bound'),
        boundName(data),
        LOST_NAME,
      ],
    }),
  };
}
