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

/** Colours of WᵀW and b: white at 0, full at ±1. */
const SIGNED_HEAT = {
  type: 'heatmap',
  zmin: -1,
  zmax: 1,
  colorscale: SIGNED,
  showscale: false,
  xgap: 0,
  ygap: 0,
};

/** WᵀW in pair of axes k and b in pair k + 1. */
export function gramHeatmap(k: number, model: Matrixed): Trace[] {
  const n = model.features;
  return [
    inPanel(k, {
      ...SIGNED_HEAT,
      z: rows(gram(model, model), n),
      hovertemplate: `<i>W</i><sub>%{y}</sub>·<i>W</i><sub>%{x}</sub> = %{z:.3f}<extra>instance ${model.row}</extra>`,
    }),
    inPanel(k + 1, {
      ...SIGNED_HEAT,
      z: model.b.map((value) => [value]),
      hovertemplate: `<i>b</i><sub>%{y}</sub> = %{z:.3f}<extra>instance ${model.row}</extra>`,
    }),
  ];
}

/** Axes k and k + 1: the matrix, feature 0 at the top left, and a narrow strip for b at its right. */
export function gramAxes(k: number, panel: Panel): Record<string, object> {
  const frame = { ...BARE, showline: true, mirror: true, fixedrange: true };
  const down = { ...frame, autorange: 'reversed' };
  return {
    ...panelAxes(k, inset(panel, [0, 0.88], [0, 1]), frame, down),
    ...panelAxes(k + 1, inset(panel, [0.92, 1], [0, 1]), frame, down),
  };
}
