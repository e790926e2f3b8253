/** Feature directions of a model with two hidden dimensions, as arrows from the origin coloured by importance. */
import { featureNorms } from '../sim/metrics/norms.ts';
import type { Trace } from './figure.ts';
import { colorAt, FAINT, IMPORTANCE } from './palette.ts';
import { BARE, inPanel, type Panel, panelAxes } from './panels.ts';

/** A model with m = 2. */
interface PlanarModel {
  row: number; // its number in the sweep
  features: number;
  hidden: number;
  W: number[]; // (n, 2)
  b: number[]; // (n)
}

/** The circle ‖W_i‖ = 1. */
export function unitCircle(k: number): Trace {
  const angles = Array.from({ length: 181 }, (_, t) => (2 * Math.PI * t) / 180);
  return inPanel(k, {
    type: 'scatter',
    mode: 'lines',
    x: angles.map(Math.cos),
    y: angles.map(Math.sin),
    line: { color: FAINT, width: 1, simplify: false },
    hoverinfo: 'skip',
    showlegend: false,
  });
}

/** Colours of importances, the least of them palest; all dark where they are equal. */
function importanceColors(importance: readonly number[]): string[] {
  const [low, high] = [Math.min(...importance), Math.max(...importance)];
  return importance.map((value) => colorAt(IMPORTANCE, high === low ? 1 : (value - low) / (high - low)));
}

/** One arrow a feature, coloured by importance unless said otherwise. */
export function arrows(
  k: number,
  model: PlanarModel,
  importance: readonly number[],
  colors = importanceColors(importance),
): Trace[] {
  const norms = featureNorms(model, model);
  return colors.map((color, i) =>
    inPanel(k, {
      type: 'scatter',
      mode: 'lines+markers',
      showlegend: false,
      x: [0, model.W[2 * i]],
      y: [0, model.W[2 * i + 1]],
      line: { color, width: 3 },
      marker: { color, opacity: 1, size: [0, 9], line: { color: '#ffffff', width: 1 } },
      hovertemplate:
        `feature ${i}<br><i>W</i><sub>${i}</sub> = (${model.W[2 * i].toFixed(3)}, ${model.W[2 * i + 1].toFixed(3)})` +
        `<br>‖<i>W</i><sub>${i}</sub>‖ = ${norms[i].toFixed(3)}, <i>b</i> = ${model.b[i].toFixed(3)}` +
        `<br>importance ${importance[i].toPrecision(3)}, instance ${model.row}<extra></extra>`,
    }),
  );
}

/** Square axes −limit … limit, drawn to scale. */
export function arrowAxes(k: number, panel: Panel, limit = 1.5): Record<string, object> {
  const cross = {
    ...BARE,
    zeroline: true,
    zerolinecolor: '#e3e7ec',
    range: [-limit, limit],
    fixedrange: true,
  };
  return panelAxes(k, panel, cross, { ...cross, scaleanchor: k === 0 ? 'x' : `x${k + 1}`, scaleratio: 1 });
}
