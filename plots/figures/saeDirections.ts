/** Maps over λ and size of dictionaries of random directions, and agreement against truth. */
import type { DirectionsData } from '../../sim/experiments/saeDirections.ts';
import type { Figure, Trace } from '../figure.ts';
import { cellAxes, heatmap } from '../heatmap.ts';
import { CURVES } from '../palette.ts';
import { inPanel, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';

/** Agreement between seeds against MCC to the truth, a series a size. */
function agreementDots(k: number, { sizes, sparsities, agreement, mmcs }: DirectionsData): Trace[] {
  const count = sparsities.length;
  return sizes.map((size, a) =>
    inPanel(k, {
      type: 'scatter',
      mode: 'lines+markers',
      name: `<i>L</i> = ${size}`,
      x: agreement.slice(a * count, (a + 1) * count),
      y: mmcs.slice(a * count, (a + 1) * count),
      customdata: sparsities,
      line: { color: CURVES[a], width: 1 },
      marker: { color: CURVES[a], size: sparsities.map((_, s) => 5 + 2 * s) },
      hovertemplate: `λ = %{customdata}, ${size} latents: agreement %{x:.3f}, MMCS %{y:.3f}<extra></extra>`,
    }),
  );
}

export function saeDirectionsFigure(data: DirectionsData): Figure {
  const { sparsities, sizes, features, trueL0 } = data;
  const panels = panelGrid(1, 4, 0.055, 0);
  const axes = { x: sparsities, y: sizes, across: 'sparsity λ', up: 'latents <i>L</i>' };
  const most = Math.max(...data.l0);
  return {
    data: [
      heatmap(0, { ...axes, name: 'MMCS', z: data.mmcs, range: [0.6, 1] }),
      heatmap(1, { ...axes, name: 'R²', z: data.r2, range: [0.6, 1] }),
      heatmap(2, { ...axes, name: 'L0', z: data.l0, range: [0, most], digits: 1 }),
      ...agreementDots(3, data),
    ],
    layout: sheet(1200, 360, {
      ...Object.assign({}, ...panels.slice(0, 3).map((panel, k) => cellAxes(k, panel, axes))),
      ...panelAxes(
        3,
        panels[3],
        { title: { text: 'agreement between seeds', standoff: 4 }, range: [0.5, 1.02] },
        { title: { text: 'MMCS', standoff: 4 }, range: [0.6, 1.02] },
      ),
      showlegend: true,
      legend: { x: panels[3].x[0], xanchor: 'left', y: 1, yanchor: 'top', font: { size: 10 } },
      annotations: [
        panelTitle(panels[0], `MMCS, ${features} features`),
        panelTitle(panels[1], 'variance explained <i>R</i>²'),
        panelTitle(panels[2], `latents that fire, truth ${trueL0.toFixed(1)}`),
        panelTitle(panels[3], 'larger dots: larger λ'),
      ],
    }),
  };
}
