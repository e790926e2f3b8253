/** Lengths of the feature directions as bars, coloured by superposition. */
import { interference } from '../sim/metrics/interference.ts';
import { featureNorms } from '../sim/metrics/norms.ts';
import type { Trace } from './figure.ts';
import type { Matrixed } from './gramHeatmap.ts';
import { SUPERPOSITION } from './palette.ts';
import { BARE, inPanel, type Panel, panelAxes } from './panels.ts';

/** ‖W_i‖ in pair of axes k, feature 0 at the top. */
export function normBars(k: number, model: Matrixed): Trace {
  const norms = [...featureNorms(model, model)];
  const shared = [...interference(model, model)];
  return inPanel(k, {
    type: 'bar',
    orientation: 'h',
    x: norms,
    y: norms.map((_, i) => i),
    customdata: shared,
    marker: { color: shared, cmin: 0, cmax: 1, colorscale: SUPERPOSITION, line: { width: 0 } },
    hovertemplate: `‖<i>W</i><sub>%{y}</sub>‖ = %{x:.3f}<br>superposition %{customdata:.3f}<extra>instance ${model.row}</extra>`,
  });
}

/** Axes of the bars; `first` = leftmost, which names the features. */
export function barAxes(k: number, panel: Panel, n: number, first: boolean): Record<string, object> {
  return panelAxes(
    k,
    panel,
    { range: [0, 1.6], tickvals: [0, 1], title: { text: '‖<i>W<sub>i</sub></i>‖', standoff: 2 } },
    {
      ...BARE,
      showline: true,
      range: [n - 0.5, -0.5],
      ...(first && { title: { text: 'feature, most important first' } }),
    },
  );
}
