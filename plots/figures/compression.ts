/** A1: a soft floor, and the error of the compression that uses it. */
import type { CompressionData } from '../../sim/experiments/compression.ts';
import type { Figure, Trace } from '../figure.ts';
import { CURVES, FAINT, INK, THEORY } from '../palette.ts';
import { inPanel, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';

/** t over x for a few y, in pair of axes 0. */
function encoderLines({ encoder }: CompressionData): Trace[] {
  return [0, 0.5, 1].map((y, k) =>
    inPanel(0, {
      type: 'scatter',
      mode: 'lines',
      showlegend: false,
      x: encoder.x,
      y: encoder.level.map((level) => (level + y) / 3),
      line: { color: y === 0.5 ? INK : '#8b93a1', width: 2, dash: ['dot', 'solid', 'dash'][k] },
      hovertemplate: `<i>y</i> = ${y}<br><i>x</i> = %{x:.3f}: <i>t</i> = %{y:.3f}<extra></extra>`,
    }),
  );
}

function errorLines({ epsilons, curves, linear }: CompressionData): Trace[] {
  const lines = curves.map(({ levels, error }, k) =>
    inPanel(1, {
      type: 'scatter',
      mode: 'lines',
      name: `<i>Z</i> = ${levels}`,
      x: epsilons,
      y: error,
      line: { color: CURVES[k], width: 2 },
      hovertemplate: `<i>Z</i> = ${levels}, ε = %{x}: %{y:.4f}<extra></extra>`,
    }),
  );
  const reference = inPanel(1, {
    type: 'scatter',
    mode: 'lines',
    name: 'linear: 1/12',
    x: [epsilons[0], epsilons.at(-1)!],
    y: [linear, linear],
    line: { color: THEORY, width: 2, dash: 'dash' },
    hovertemplate: 'linear: %{y:.4f}<extra></extra>',
  });
  return [...lines, reference];
}

/** The name of a line of the encoder, above it. */
function lineName(y: number, text: string): object {
  return {
    text,
    xref: 'x',
    yref: 'y',
    x: 0.12,
    y,
    showarrow: false,
    yanchor: 'bottom',
    font: { size: 11 },
  };
}

/** The width at the left, marked up to the error of the linear compression. */
function widthMark({ linear }: CompressionData): object {
  const line = { color: FAINT, width: 1, dash: 'dot' };
  return { type: 'line', xref: 'x2', yref: 'y2', x0: 0.1, x1: 0.1, y0: 0, y1: linear, line };
}

export function compressionFigure(data: CompressionData): Figure {
  const [left, right] = panelGrid(1, 2, 0.1, 0, [1, 1.4]);
  return {
    data: [...encoderLines(data), ...errorLines(data)],
    layout: sheet(900, 400, {
      ...panelAxes(
        0,
        left,
        { title: { text: '<i>x</i>' } },
        { title: { text: 'stored number <i>t</i>', standoff: 14 } },
      ),
      ...panelAxes(
        1,
        right,
        { title: { text: 'width ε of a steep segment, share of a cell' } },
        {
          title: { text: 'squared error of <i>x</i> and <i>y</i> together', standoff: 14 },
          rangemode: 'tozero',
        },
      ),
      showlegend: true,
      legend: { x: 1, y: 0.02, xanchor: 'right', yanchor: 'bottom', bgcolor: 'rgba(255,255,255,0.8)' },
      annotations: [
        panelTitle(left, '<i>Z</i> = 3, ε = 0.1'),
        panelTitle(right, 'what it costs'),
        lineName(0, '<i>y</i> = 0'),
        lineName(1 / 6, '<i>y</i> = ½'),
        lineName(1 / 3, '<i>y</i> = 1'),
      ],
      shapes: [widthMark(data)],
    }),
  };
}
