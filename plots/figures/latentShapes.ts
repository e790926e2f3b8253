/** BW2: for each shape a row: eigenvalues, linear losses beside the exact tail, share of the shape's components. */
import { evenShare, type LatentShapesData, type ShapeData } from '../../sim/experiments/latentShapes.ts';
import type { Figure, Trace } from '../figure.ts';
import { CURVES, FAINT, THEORY } from '../palette.ts';
import { inPanel, type Panel, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';
import { curve } from './latentCircle.ts';

const HIDDEN = '<i>m</i>, hidden dimensions';

function rowTraces({ components, eigenvalues, tail, linear, small, large }: ShapeData, row: number): Trace[] {
  const at = 3 * row;
  const legend = { showlegend: row === 0 };
  const black = { mode: 'lines', line: { color: THEORY, width: 2 }, ...legend };
  const even = small.hidden.map((m) => evenShare(components, m));
  const share = (name: string, own: typeof small, color: string, symbol: string) =>
    curve(at + 2, name, own.hidden, own.share, {
      line: { color, width: 2 },
      marker: { color, size: 7, symbol },
      ...legend,
    });
  return [
    inPanel(at, {
      type: 'bar',
      x: eigenvalues.map((_, k) => k + 1),
      y: eigenvalues,
      marker: { color: eigenvalues.map((_, k) => (k < components ? CURVES[0] : FAINT)) },
      hovertemplate: 'eigenvalue %{x}: %{y:.3f}<extra></extra>',
      showlegend: false,
    }),
    curve(at + 1, 'exact tail', linear.hidden, tail, black),
    curve(at + 1, 'trained, linear', linear.hidden, linear.loss, {
      mode: 'markers',
      marker: { size: 8, color: CURVES[0] },
      ...legend,
    }),
    share('ReLU, decay 6', large, CURVES[1], 'circle'),
    share('ReLU, decay 1', small, CURVES[0], 'square'),
    curve(at + 2, 'no direction preferred, <i>d</i>/<i>m</i>', small.hidden, even, {
      ...black,
      line: { color: THEORY, width: 2, dash: 'dot' },
    }),
  ];
}

function rowLayout({ name, components }: ShapeData, row: number, panels: Panel[]) {
  const at = 3 * row;
  const own = panels.slice(at, at + 3);
  const across = { title: { text: HIDDEN, standoff: 4 }, tickvals: [4, 6, 8, 10] };
  return {
    axes: {
      ...panelAxes(at, own[0], { title: { text: 'component', standoff: 4 }, dtick: 3 }, { title: { text: 'eigenvalue' } }), // biome-ignore format: one axis
      ...panelAxes(at + 1, own[1], across, { title: { text: 'loss' }, rangemode: 'tozero' }),
      ...panelAxes(at + 2, own[2], across, { title: { text: 'share of ‖<i>W</i>‖²' }, range: [0, 1.05] }),
    },
    titles: [
      panelTitle(own[0], `${name}: covariance`),
      panelTitle(own[1], 'linear models'),
      panelTitle(own[2], `in the first ${components} components`),
    ],
  };
}

export function latentShapesFigure({ shapes }: LatentShapesData): Figure {
  const panels = panelGrid(shapes.length, 3, 0.07, 0.2);
  const rows = shapes.map((shape, row) => rowLayout(shape, row, panels));
  return {
    data: shapes.flatMap(rowTraces),
    layout: sheet(1180, 330 * shapes.length, {
      margin: { l: 64, r: 190, t: 40, b: 56 },
      ...Object.assign({}, ...rows.map(({ axes }) => axes)),
      showlegend: true,
      legend: { x: 1.01, y: 1, font: { size: 11 } },
      annotations: rows.flatMap(({ titles }) => titles),
    }),
  };
}
