/** Error against information of factorisations of every size, and what they find. */
import { bitsAt, type FactorisationData, FIXED_ERRORS } from '../../sim/experiments/simplestFactorisation.ts';
import type { Figure, Trace } from '../figure.ts';
import { CURVES, FAINT, INK } from '../palette.ts';
import { inPanel, panelAxes, panelGrid, panelTitle, sheet, xref, yref } from '../panels.ts';

/** Information over error along the sizes of one λ, the true size marked. */
function bounces({ sparsities, sizes, truth, mse, bits }: FactorisationData): Trace[] {
  return sparsities.map((sparsity, s) => {
    const along = (values: number[]) => sizes.map((_, l) => values[l * sparsities.length + s]);
    return inPanel(0, {
      type: 'scatter',
      mode: 'lines+markers+text',
      name: `λ = ${sparsity}`,
      showlegend: false,
      text: sizes.map((_, l) => (l === 0 ? `λ = ${sparsity}` : '')),
      textposition: 'top center',
      textfont: { size: 10, color: CURVES[s] },
      x: along(mse),
      y: along(bits),
      customdata: sizes,
      line: { color: CURVES[s], width: 1.5 },
      marker: {
        color: CURVES[s],
        size: sizes.map((size) => (size === truth ? 11 : 4)),
        symbol: sizes.map((size) => (size === truth ? 'star' : 'circle')),
        line: { color: INK, width: sizes.map((size) => (size === truth ? 0.5 : 0)) },
      },
      hovertemplate: `λ = ${sparsity}, %{customdata} latents: error %{x:.4f}, %{y:.1f} bits<extra></extra>`,
    });
  });
}

/** Information over size at each of the fixed errors. */
function atErrors(data: FactorisationData): Trace[] {
  return FIXED_ERRORS.map((error, e) =>
    inPanel(1, {
      type: 'scatter',
      mode: 'lines+markers',
      name: `error ${error}`,
      legend: 'legend2',
      x: data.sizes,
      y: data.sizes.map((_, l) => bitsAt(data, l, error)),
      line: { color: CURVES[e], width: 2 },
      marker: { size: 6 },
      hovertemplate: `error ${error}, %{x} latents: %{y:.1f} bits<extra></extra>`,
    }),
  );
}

/** Highest over λ of one of the two cosines, over size. */
function found(data: FactorisationData, key: 'mmcs' | 'purity', name: string, color: string): Trace {
  const S = data.sparsities.length;
  return inPanel(2, {
    type: 'scatter',
    mode: 'lines+markers',
    name,
    legend: 'legend3',
    x: data.sizes,
    y: data.sizes.map((_, l) => Math.max(...data[key].slice(l * S, (l + 1) * S))),
    line: { color, width: 2 },
    marker: { size: 6 },
    hovertemplate: `${name}, %{x} latents: %{y:.4f}<extra></extra>`,
  });
}

const atTruth = (k: number, truth: number) => ({
  type: 'line',
  xref: xref(k),
  yref: `${yref(k)} domain`,
  x0: truth,
  x1: truth,
  y0: 0,
  y1: 1,
  line: { color: FAINT, width: 1.5, dash: 'dot' },
  layer: 'below',
});

export function simplestFactorisationFigure(data: FactorisationData): Figure {
  const panels = panelGrid(1, 3, 0.08, 0);
  const { truth } = data;
  const sizes = {
    type: 'log',
    title: { text: 'latents <i>L</i>', standoff: 4 },
    tickvals: [32, 48, 64, 96, 128],
  };
  const bits = { title: { text: 'information, bits a sample', standoff: 4 } };
  const legend = (k: number, right: boolean, top: boolean) => ({
    x: panels[k].x[right ? 1 : 0] + (right ? -0.004 : 0.004),
    xanchor: right ? 'right' : 'left',
    y: top ? 0.99 : 0.02,
    yanchor: top ? 'top' : 'bottom',
    font: { size: 10 },
    bgcolor: 'rgba(255,255,255,.8)',
  });
  return {
    data: [
      ...bounces(data),
      ...atErrors(data),
      found(data, 'mmcs', 'of true directions', CURVES[0]),
      found(data, 'purity', 'of latents', CURVES[1]),
    ],
    layout: sheet(1200, 400, {
      ...panelAxes(
        0,
        panels[0],
        {
          type: 'log',
          title: { text: 'mean squared error', standoff: 4 },
          tickvals: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4],
          range: [Math.log10(0.003), Math.log10(0.5)],
        },
        bits,
      ),
      ...panelAxes(1, panels[1], sizes, bits),
      ...panelAxes(2, panels[2], sizes, { title: { text: 'mean of largest |cos|', standoff: 4 } }),
      showlegend: true,
      legend2: legend(1, true, true),
      legend3: legend(2, true, false),
      shapes: [atTruth(1, truth), atTruth(2, truth)],
      annotations: [
        panelTitle(panels[0], `from 32 to 128 latents, ★ the true ${truth}`),
        panelTitle(panels[1], 'at a fixed error'),
        panelTitle(panels[2], 'what is found, best over λ'),
      ],
    }),
  };
}
