/** The matrix WᵀW of a model with its bias beside it, as the paper draws its basic results. */
import { gram } from '../sim/metrics/gram.ts';
import type { Trace } from './figure.ts';
import { SIGNED } from './palette.ts';
import { BARE, inPanel, inset, type Panel, panelAxes } from './panels.ts';

/** What a matrix needs of a model. */
export interface Matrixed {
  row: number; // number of the instance in its sweep
  features: number; // n
  hidden: number; // m
  W: number[]; // (n, m)
  b: number[]; // (n)
}

const rows = (flat: Float64Array, n: number) =>
  Array.from({ length: n }, (_, i) => [...flat.subarray(i * n, (i + 1) * n)]);

/** Signed numbers as a matrix in pair of axes k: white at 0, full colour at ±limit. `hover` is a plotly template. */
export function signedMatrix(k: number, z: number[][], hover: string, limit = 1): Trace {
  return inPanel(k, {
    type: 'heatmap',
    z,
    zmin: -limit,
    zmax: limit,
    colorscale: SIGNED,
    showscale: false,
    hovertemplate: hover,
  });
}

/** WᵀW in pair of axes k. */
export function gramMatrix(k: number, model: Matrixed): Trace {
  const hover = `<i>W</i><sub>%{y}</sub>·<i>W</i><sub>%{x}</sub> = %{z:.3f}<extra>instance ${model.row}</extra>`;
  return signedMatrix(k, rows(gram(model, model), model.features), hover);
}

/** WᵀW in pair of axes k and b in pair k + 1. */
export function gramHeatmap(k: number, model: Matrixed): Trace[] {
  const hover = `<i>b</i><sub>%{y}</sub> = %{z:.3f}<extra>instance ${model.row}</extra>`;
  const bias = model.b.map((value) => [value]);
  return [gramMatrix(k, model), signedMatrix(k + 1, bias, hover)];
}

/** Axes of a matrix alone, row 0 at the top. */
export function matrixAxes(k: number, panel: Panel): Record<string, object> {
  const frame = { ...BARE, showline: true, mirror: true, fixedrange: true };
  return panelAxes(k, panel, frame, { ...frame, autorange: 'reversed' });
}

/** Axes k and k + 1: the matrix, feature 0 at the top left, and a narrow strip for b at its right. */
export function gramAxes(k: number, panel: Panel): Record<string, object> {
  return {
    ...matrixAxes(k, inset(panel, [0, 0.88], [0, 1])),
    ...matrixAxes(k + 1, inset(panel, [0.92, 1], [0, 1])),
  };
}
