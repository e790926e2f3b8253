/** T5: losses over the number of represented features, and sampled against exact losses. */
import type { LossAlgebraData } from '../../sim/experiments/lossAlgebra.ts';
import type { Figure, Trace } from '../figure.ts';
import { CURVES, THEORY } from '../palette.ts';
import { inPanel, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';

function packingLines({ packings }: LossAlgebraData): Trace[] {
  const line = (name: string, key: 'linear' | 'oneSparse', color: string, symbol: string) =>
    inPanel(0, {
      type: 'scatter',
      mode: 'lines+markers',
      name,
      x: packings.map(({ k }) => k),
      y: packings.map((packing) => packing[key]),
      line: { color, width: 2 },
      marker: { size: 8, symbol },
      hovertemplate: `${name}<br><i>k</i> = %{x}: %{y:.4g}<extra></extra>`,
    });
  return [
    line('linear: Σ(1 − ‖<i>W<sub>i</sub></i>‖²)² + Σ(<i>W<sub>i</sub></i>·<i>W<sub>j</sub></i>)²', 'linear', CURVES[0], 'circle'), // biome-ignore format: one line
    line('ReLU output, 1-sparse, <i>b</i> = 0', 'oneSparse', CURVES[1], 'square'),
  ];
}

function comparison({ linear, relu }: LossAlgebraData): Trace[] {
  const dots = (name: string, models: LossAlgebraData['linear'], color: string, symbol: string) =>
    inPanel(1, {
      type: 'scatter',
      mode: 'markers',
      name,
      showlegend: false,
      x: models.map(({ exact }) => exact),
      y: models.map(({ model }) => model.loss),
      text: models.map(({ model }) => `density ${model.density[0].toPrecision(3)}, instance ${model.row}`),
      marker: { color, size: 8, symbol },
      hovertemplate: `${name}, %{text}<br>exact %{x:.5f}, sampled %{y:.5f}<extra></extra>`,
    });
  const all = [...linear, ...relu].map(({ exact }) => exact);
  const ends = [Math.min(...all) / 1.3, Math.max(...all) * 1.3];
  const diagonal = inPanel(1, {
    type: 'scatter',
    mode: 'lines',
    x: ends,
    y: ends,
    line: { color: THEORY, width: 1 },
    hoverinfo: 'skip',
    showlegend: false,
  });
  return [
    diagonal,
    dots('linear', linear, CURVES[0], 'circle'),
    dots('ReLU output', relu, CURVES[1], 'square'),
  ];
}

const LOSS_VALUES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1];
const LOSS_TICKS = { tickvals: LOSS_VALUES, ticktext: LOSS_VALUES.map(String) };

export function lossAlgebraFigure(data: LossAlgebraData): Figure {
  const [left, right] = panelGrid(1, 2, 0.12, 0);
  return {
    data: [...packingLines(data), ...comparison(data)],
    layout: sheet(900, 420, {
      ...panelAxes(
        0,
        left,
        { title: { text: 'represented features <i>k</i> of 5, <i>m</i> = 2' }, dtick: 1 },
        { title: { text: 'loss, summed over features', standoff: 14 }, range: [0, 9] },
      ),
      ...panelAxes(
        1,
        right,
        { type: 'log', title: { text: 'exact expected loss' }, ...LOSS_TICKS },
        { type: 'log', title: { text: 'held-out loss of the trained model', standoff: 14 }, ...LOSS_TICKS },
      ),
      showlegend: true,
      legend: { x: 0.02, y: 0.98, xanchor: 'left', yanchor: 'top' },
      annotations: [panelTitle(left, 'what packing costs'), panelTitle(right, 'algebra and training')],
    }),
  };
}
