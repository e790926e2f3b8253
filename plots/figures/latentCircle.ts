/** BW: eigenvalues, linear losses beside the exact tail, share of the circle's plane, and a Gram matrix. */
import type { LatentSeries } from '../../sim/experiments/latent.ts';
import type { LatentCircleData } from '../../sim/experiments/latentCircle.ts';
import type { Figure, Trace } from '../figure.ts';
import { heatmap } from '../heatmap.ts';
import { CURVES, FAINT, SIGNED, THEORY } from '../palette.ts';
import { inPanel, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';

const HIDDEN = '<i>m</i>, hidden dimensions';

function bars({ eigenvalues }: LatentCircleData): Trace {
  return inPanel(0, {
    type: 'bar',
    x: eigenvalues.map((_, k) => k + 1),
    y: eigenvalues,
    marker: { color: eigenvalues.map((_, k) => (k < 2 ? CURVES[0] : FAINT)) },
    hovertemplate: 'eigenvalue %{x}: %{y:.3f}<extra></extra>',
  });
}

export function curve(k: number, name: string, x: number[], y: number[], style: object): Trace {
  return inPanel(k, {
    type: 'scatter',
    mode: 'lines+markers',
    name,
    x,
    y,
    marker: { size: 6 },
    hovertemplate: `${name}, <i>m</i> = %{x}: %{y:.3f}<extra></extra>`,
    ...style,
  });
}

/** Share of the circle's plane over m. */
function shares({ small, large, control }: LatentCircleData): Trace[] {
  const two = curve(2, 'no plane preferred, 2/<i>m</i>', small.hidden, small.hidden.map((m) => 2 / m), {
    mode: 'lines',
    line: { color: THEORY, dash: 'dot', width: 2 },
  }); // biome-ignore format: one curve
  const of = (series: LatentSeries, name: string, color: string, symbol: string) =>
    curve(2, name, series.hidden, series.share, {
      line: { color, width: 2 },
      marker: { color, size: 7, symbol },
    });
  return [
    two,
    of(large, 'decay 6', CURVES[1], 'circle'),
    of(small, 'decay 1', CURVES[0], 'square'),
    of(control, 'independent, decay 6', CURVES[2], 'diamond'),
  ];
}

/** Names beside the curves of the shares. */
function curveNames({ large, small, control }: LatentCircleData): object[] {
  const name = (text: string, x: number, y: number, color: string, place: object) => ({
    x,
    y,
    text,
    xref: 'x3',
    yref: 'y3',
    showarrow: false,
    font: { size: 12, color },
    ...place,
  });
  const last = large.hidden.length - 1;
  const end = { xanchor: 'right', yanchor: 'bottom', yshift: 6 };
  const [m, early] = [small.hidden[4], { xanchor: 'left', yanchor: 'bottom', yshift: 8 }];
  return [
    name('decay 6', large.hidden[last], large.share[last], CURVES[1], end),
    name('decay 1, and 2/<i>m</i> (dotted)', m, small.share[4], CURVES[0], early),
    name('independent, decay 6', large.hidden[last], control.share[last] - 0.15, CURVES[2], end),
  ];
}

export function latentCircleFigure(data: LatentCircleData): Figure {
  const { linear, tail } = data;
  const n = data.eigenvalues.length;
  const panels = panelGrid(1, 4, 0.06, 0, [0.9, 1, 1.2, 0.9]);
  const numbers = Array.from({ length: n }, (_, i) => i + 1);
  const largest = Math.max(...data.gram.map(Math.abs));
  const axes = { x: numbers, y: numbers, across: 'feature', up: 'feature' };
  const marked = numbers.filter((i) => i % 3 === 0);
  const counted = {
    title: { text: 'feature', standoff: 4 },
    tickvals: marked.map((i) => i - 1), // cells stand at 0, 1, 2 …
    ticktext: marked.map(String),
  };
  return {
    data: [
      bars(data),
      curve(1, 'exact tail', linear.hidden, tail, { mode: 'lines', line: { color: THEORY, width: 2 } }),
      curve(1, 'trained, linear', linear.hidden, linear.loss, {
        mode: 'markers',
        marker: { size: 8, color: CURVES[0] },
      }),
      ...shares(data),
      {
        ...heatmap(3, { ...axes, name: 'W Wᵀ', z: data.gram, range: [-largest, largest], scale: SIGNED }),
        texttemplate: '',
      },
    ],
    layout: sheet(1300, 380, {
      ...panelAxes(
        0,
        panels[0],
        { title: { text: 'component', standoff: 4 }, dtick: 3 },
        { title: { text: 'eigenvalue' } },
      ),
      ...panelAxes(
        1,
        panels[1],
        { title: { text: HIDDEN, standoff: 4 } },
        { title: { text: 'loss, summed over features' }, rangemode: 'tozero' },
      ),
      ...panelAxes(
        2,
        panels[2],
        { title: { text: HIDDEN, standoff: 4 } },
        { title: { text: 'share of ‖<i>W</i>‖²' }, range: [0, 1.05] },
      ),
      ...panelAxes(3, panels[3], counted, { ...counted, autorange: 'reversed' }),
      annotations: [
        ...curveNames(data),
        panelTitle(panels[0], 'covariance: two are the circle'),
        panelTitle(panels[1], 'linear models: line exact, dots trained'),
        panelTitle(panels[2], 'in the plane of the circle'),
        panelTitle(panels[3], '<i>W W</i>ᵀ, ReLU, <i>m</i> = 4, decay 6'),
      ],
    }),
  };
}
