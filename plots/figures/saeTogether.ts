/** Features that come together: absorption, hedging, and Matryoshka's inner weight. */
import type { AbsorptionData } from '../../sim/experiments/saeAbsorption.ts';
import type { HedgingData } from '../../sim/experiments/saeHedging.ts';
import type { L0Data } from '../../sim/experiments/saeL0.ts';
import type { MatryoshkaData } from '../../sim/experiments/saeMatryoshka.ts';
import type { ProjectionData } from '../../sim/experiments/saeProjection.ts';
import type { TreeData, TreeEntry } from '../../sim/experiments/saeTree.ts';
import type { Figure, Trace } from '../figure.ts';
import { cellAxes, heatmap } from '../heatmap.ts';
import { CURVES, FAINT, SIGNED, THEORY } from '../palette.ts';
import { inPanel, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';

export function saeAbsorptionFigure({ sparsities, shares, exact, trained, reached }: AbsorptionData): Figure {
  const panels = panelGrid(1, 3, 0.07, 0);
  const axes = { x: shares, y: sparsities, across: 'share of the child alone', up: 'sparsity λ' };
  const clean = trained.map((value) => (Number.isFinite(value) ? value : null));
  return {
    data: [
      heatmap(0, { ...axes, name: 'response', z: exact, range: [0, 1] }),
      heatmap(1, { ...axes, name: 'response', z: clean, range: [0, 1] }),
      heatmap(2, { ...axes, name: 'share', z: reached, range: [0, 1] }),
    ],
    layout: sheet(1100, 340, {
      ...Object.assign({}, ...panels.map((panel, k) => cellAxes(k, panel, axes))),
      annotations: [
        panelTitle(panels[0], 'exact optimum: 0 absorbed, 1 clean'),
        panelTitle(panels[1], 'trained, least exact loss of a cell'),
        panelTitle(panels[2], 'share of trained at the optimum'),
      ],
    }),
  };
}

/** Exact and trained cosines of the published cases side by side. */
function caseBars({ cases }: HedgingData): Trace[] {
  const bars = (name: string, pick: (own: (typeof cases)[number]) => number, color: string) =>
    inPanel(0, {
      type: 'bar',
      name,
      x: cases.map((own) => own.name.replace(' ', '<br>')),
      y: cases.map(pick),
      marker: { color },
      hovertemplate: `%{x}, ${name}: %{y:.3f}<extra></extra>`,
    });
  return [bars('exact', ({ exact }) => exact, FAINT), bars('trained', ({ trained }) => trained, CURVES[0])];
}

export function saeHedgingFigure(data: HedgingData): Figure {
  const { correlations, latents, exact, trained } = data;
  const panels = panelGrid(1, 3, 0.06, 0, [1.15, 1.2, 1.2]);
  const axes = { x: correlations, y: latents, across: 'correlation with the first feature', up: 'latents' };
  const map = (k: number, z: number[]) =>
    heatmap(k, { ...axes, name: 'cos', z, range: [-0.6, 0.6], scale: SIGNED });
  return {
    data: [...caseBars(data), map(1, exact), map(2, trained)],
    layout: sheet(1200, 340, {
      ...panelAxes(
        0,
        panels[0],
        { tickangle: 0, tickfont: { size: 10 } },
        { title: { text: 'cos(decoder, other feature)', standoff: 4 } },
      ),
      ...cellAxes(1, panels[1], axes),
      ...cellAxes(2, panels[2], axes),
      showlegend: true,
      legend: { x: panels[0].x[1], xanchor: 'right', y: 1, yanchor: 'top', font: { size: 11 } },
      annotations: [
        panelTitle(panels[0], 'one latent, two features'),
        panelTitle(panels[1], 'exact: mean cos with the others'),
        panelTitle(panels[2], 'trained, least exact loss of a cell'),
      ],
    }),
  };
}

export function saeMatryoshkaFigure({ weights, encoder, decoder, zero }: MatryoshkaData): Figure {
  const panels = panelGrid(1, 2, 0.1, 0);
  const series = (k: number, { exact, trained }: MatryoshkaData['encoder'], color: string): Trace[] => [
    inPanel(k, {
      type: 'scatter',
      mode: 'lines',
      name: 'exact',
      x: weights,
      y: exact,
      line: { color: THEORY, width: 2 },
      hovertemplate: 'exact, weight %{x}: %{y:.4f}<extra></extra>',
    }),
    inPanel(k, {
      type: 'scatter',
      mode: 'markers',
      name: 'trained',
      x: weights,
      y: trained,
      marker: { color, size: 9 },
      hovertemplate: 'trained, weight %{x}: %{y:.4f}<extra></extra>',
    }),
  ];
  const weight = { title: { text: 'weight of the inner error', standoff: 4 } };
  return {
    data: [...series(0, encoder, CURVES[0]), ...series(1, decoder, CURVES[1])],
    layout: sheet(1000, 380, {
      ...panelAxes(0, panels[0], weight, {
        title: { text: 'part of a child / part of the parent', standoff: 4 },
      }),
      ...panelAxes(1, panels[1], weight, { rangemode: 'tozero' }),
      shapes: [
        {
          type: 'line',
          xref: 'x',
          yref: 'y domain',
          x0: zero,
          x1: zero,
          y0: 0,
          y1: 1,
          line: { color: FAINT, width: 1.5, dash: 'dot' },
        },
        {
          type: 'line',
          xref: 'x domain',
          yref: 'y',
          x0: 0,
          x1: 1,
          y0: 0,
          y1: 0,
          line: { color: FAINT, width: 1 },
        },
      ],
      annotations: [
        panelTitle(panels[0], `encoder of the inner latent, free of children at ${zero.toFixed(3)}`),
        panelTitle(panels[1], 'its decoder: never free'),
      ],
    }),
  };
}

/** One number of every architecture as bars, with a range where there is one. */
function entryBars(k: number, entries: TreeEntry[], key: 'recall' | 'f1' | 'r2' | 'l0'): Trace {
  const range = {
    type: 'data',
    symmetric: false,
    array: entries.map(({ highest, recall }) => highest - recall),
    arrayminus: entries.map(({ lowest, recall }) => recall - lowest),
    color: THEORY,
    thickness: 1,
  };
  return inPanel(k, {
    type: 'bar',
    x: entries.map(({ name }) => name.replace(' ', '<br>')),
    y: entries.map((entry) => entry[key]),
    marker: { color: entries.map((_, at) => CURVES[at]) },
    ...(key === 'recall' && { error_y: range }),
    hovertemplate: '%{x}: %{y:.3f}<extra></extra>',
  });
}

export function saeTreeFigure({ entries, trueL0 }: TreeData): Figure {
  const panels = panelGrid(1, 4, 0.05, 0);
  const names = { tickfont: { size: 9 }, tickangle: -35 };
  const ends: Record<string, Record<string, unknown>> = {
    recall: { range: [0, 1.05] },
    f1: { range: [0, 1.05] },
    r2: { range: [0.8, 1.01] },
    l0: {},
  };
  const keys = ['recall', 'f1', 'r2', 'l0'] as const;
  const titles = [
    'recall of the parents',
    'F1 of latents',
    'variance explained <i>R</i>²',
    `latents that fire, truth ${trueL0}`,
  ];
  return {
    data: keys.map((key, k) => entryBars(k, entries, key)),
    layout: sheet(1200, 400, {
      ...Object.assign({}, ...keys.map((key, k) => panelAxes(k, panels[k], names, ends[key]))),
      annotations: titles.map((title, k) => panelTitle(panels[k], title)),
    }),
  };
}

export function saeL0Figure({ correlations, active, trueL0, cosine, r2 }: L0Data): Figure {
  const panels = panelGrid(1, 2, 0.1, 0);
  const lines = (k: number, values: number[]) =>
    correlations.map((rho, r) =>
      inPanel(k, {
        type: 'scatter',
        mode: 'lines+markers',
        name: `correlation ${rho}`,
        showlegend: k === 0,
        x: active,
        y: values.slice(r * active.length, (r + 1) * active.length),
        line: { color: CURVES[r], width: 2 },
        marker: { size: 8 },
        hovertemplate: `correlation ${rho}, k = %{x}: %{y:.3f}<extra></extra>`,
      }),
    );
  const k = { title: { text: 'latents that fire on average, <i>k</i>', standoff: 4 } };
  const mark = (at: number) => ({
    type: 'line',
    xref: at === 0 ? 'x' : 'x2',
    yref: at === 0 ? 'y domain' : 'y2 domain',
    x0: trueL0,
    x1: trueL0,
    y0: 0,
    y1: 1,
    line: { color: FAINT, width: 1.5, dash: 'dot' },
  });
  return {
    data: [...lines(0, cosine), ...lines(1, r2)],
    layout: sheet(1000, 380, {
      ...panelAxes(0, panels[0], k, { title: { text: 'mean cos with the first feature', standoff: 4 } }),
      ...panelAxes(1, panels[1], k, { title: { text: 'variance explained <i>R</i>²', standoff: 4 } }),
      shapes: [mark(0), mark(1)],
      showlegend: true,
      legend: { x: panels[0].x[1], xanchor: 'right', y: 1, yanchor: 'top' },
      annotations: [
        panelTitle(panels[0], 'latents of the other four features'),
        panelTitle(panels[1], 'gives no hint; dotted: the true number'),
      ],
    }),
  };
}

export function saeProjectionFigure(data: ProjectionData): Figure {
  const { active, trueL0, counts, projection, decoderCosine, mcc, r2 } = data;
  const panels = panelGrid(1, 3, 0.08, 0);
  const line = (k: number, name: string, y: number[], color: string) =>
    inPanel(k, {
      type: 'scatter',
      mode: 'lines+markers',
      name,
      x: active,
      y,
      line: { color, width: 2 },
      marker: { size: 7 },
      hovertemplate: `${name}, k = %{x}: %{y:.4f}<extra></extra>`,
    });
  const k = { title: { text: 'latents that fire on average, <i>k</i>', standoff: 4 } };
  const mark = (at: number) => ({
    type: 'line',
    xref: `x${at || ''}`,
    yref: `y${at || ''} domain`,
    x0: trueL0,
    x1: trueL0,
    y0: 0,
    y1: 1,
    line: { color: FAINT, width: 1.5, dash: 'dot' },
  });
  return {
    data: [
      ...counts.map((count, c) =>
        line(
          0,
          `<i>s</i><sub>${count}</sub>`,
          projection.slice(c * active.length, (c + 1) * active.length),
          CURVES[c],
        ),
      ),
      line(1, 'mean decoder cosine', decoderCosine, CURVES[3]),
      line(2, 'MCC', mcc, CURVES[4]),
      line(2, '<i>R</i>²', r2, CURVES[5]),
    ],
    layout: sheet(1200, 360, {
      ...panelAxes(0, panels[0], k, { title: { text: 'decoder projection', standoff: 4 } }),
      ...panelAxes(1, panels[1], k, { rangemode: 'tozero' }),
      ...panelAxes(2, panels[2], k, {}),
      shapes: [mark(0), mark(2), mark(3)],
      showlegend: true,
      legend: { orientation: 'h', x: 0.5, xanchor: 'center', y: -0.22, yanchor: 'top' },
      margin: { l: 64, r: 24, t: 48, b: 90 },
      annotations: [
        panelTitle(panels[0], 'decoder projection <i>s<sub>n</sub></i>'),
        panelTitle(panels[1], 'latents among each other'),
        panelTitle(panels[2], 'truth found, and explained; dotted: true number'),
      ],
    }),
  };
}
