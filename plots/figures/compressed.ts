/** CC1: loss over density with and without mixing, and what the neurons do for the features. */
import type { CompressedData } from '../../sim/experiments/compressedComputation.ts';
import { computedLoss } from '../../sim/theory/compressed.ts';
import type { Figure, Trace } from '../figure.ts';
import { CURVES, FAINT, INK, THEORY } from '../palette.ts';
import { inPanel, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';

const BARE = { name: 'without mixing', color: CURVES[1], symbol: 'square-open' };
const MIXING = { name: 'with mixing', color: CURVES[0], symbol: 'circle' };
type Kind = typeof BARE;

/** A curve of one kind of model. */
function curve(panel: number, { name, color, symbol }: Kind, x: number[], y: number[], hover: string): Trace {
  return inPanel(panel, {
    type: 'scatter',
    mode: 'lines+markers',
    name,
    x,
    y,
    line: { color, width: 2 },
    marker: { color, size: panel === 0 ? 8 : 4, symbol },
    showlegend: panel === 0,
    hovertemplate: `${hover}<extra>${name}</extra>`,
  });
}

/** An exact line. */
function exact(panel: number, name: string, x: number[], y: number[], dash: string): Trace {
  return inPanel(panel, {
    type: 'scatter',
    mode: 'lines',
    name,
    x,
    y,
    line: { color: THEORY, width: 1.5, dash },
    showlegend: panel === 0,
    hovertemplate: `%{y:.4f}<extra>${name}</extra>`,
  });
}

function lossTraces({ sizes, densities, bare, mixing, mixed, least }: CompressedData): Trace[] {
  const per = (losses: number[]) => losses.map((loss, k) => loss / densities[k]);
  const bound = (least.reduce((sum, loss) => sum + loss, 0) / least.length) * sizes.features;
  const hover = 'p = %{x}: %{y:.4f} p';
  const half = `${sizes.hidden} of ${sizes.features} features computed exactly`;
  return [
    exact(0, `${half}, mixing left as it is`, densities, per(mixed), 'dot'),
    exact(0, half, densities, per(densities.map((density) => computedLoss({ ...sizes, density }))), 'solid'),
    exact(0, 'least with mixing, one active feature', densities.slice(0, 3), [bound, bound, bound], 'dash'),
    curve(0, BARE, densities, per(bare.byDensity), hover),
    curve(0, MIXING, densities, per(mixing.byDensity), hover),
  ];
}

/** Features in order of what a panel shows. */
const ranks = (values: number[]): number[] => values.map((_, k) => k + 1);

function workTraces({ sizes: { features: n, hidden: m }, work }: CompressedData): Trace[] {
  const steps = [1, m, m, n];
  return [
    exact(1, `${m} features computed exactly`, steps, [1, 1, 0, 0], 'solid'),
    curve(1, BARE, ranks(work.bare.own), work.bare.own, 'feature %{x}: %{y:.2f}'),
    curve(1, MIXING, ranks(work.mixing.own), work.mixing.own, 'feature %{x}: %{y:.2f}'),
    exact(2, `${m} features computed exactly`, steps, [1, 1, 0, 0], 'solid'),
    curve(2, BARE, ranks(work.bare.neurons), work.bare.neurons, 'feature %{x}: %{y:.1f} neurons'),
    curve(2, MIXING, ranks(work.mixing.neurons), work.mixing.neurons, 'feature %{x}: %{y:.1f} neurons'),
  ];
}

function shareTraces({ sizes: { hidden: m }, along }: CompressedData): Trace[] {
  return [
    inPanel(3, {
      type: 'bar',
      name: MIXING.name,
      x: ranks(along),
      y: along,
      marker: {
        color: along.map((_, e) => (e < m ? MIXING.color : FAINT)),
        line: { color: INK, width: 0.3 },
      },
      showlegend: false,
      hovertemplate: 'eigenvector %{x}: %{y:.3f}<extra></extra>',
    }),
  ];
}

export function compressedComputationFigure(data: CompressedData): Figure {
  const panels = panelGrid(2, 2, 0.1, 0.17);
  const { features: n, hidden: m } = data.sizes;
  const most = Math.max(...data.work.bare.neurons, ...data.work.mixing.neurons);
  const top = data.along.slice(0, m).reduce((sum, share) => sum + share, 0);
  const ranked = { range: [0, n + 1], title: { text: 'features, the largest first', standoff: 4 } };
  return {
    data: [...lossTraces(data), ...workTraces(data), ...shareTraces(data)],
    layout: sheet(1080, 800, {
      ...panelAxes(0, panels[0], { type: 'log', tickvals: data.densities, title: { text: 'density <i>p</i>', standoff: 4 } }, { rangemode: 'tozero', title: { text: 'loss per feature / <i>p</i>' } }), // biome-ignore format: one axis
      ...panelAxes(1, panels[1], ranked, { range: [-0.1, 1.15], title: { text: 'Σ<sub><i>k</i></sub> <i>V<sub>ik</sub></i> ReLU(<i>W<sub>ik</sub></i>)' } }), // biome-ignore format: one axis
      ...panelAxes(2, panels[2], ranked, { range: [0, 1.08 * most], title: { text: 'neurons' } }),
      ...panelAxes(3, panels[3], { range: [0, n + 1], title: { text: 'eigenvectors of the mixing matrix, the most wanted first', standoff: 4 } }, { rangemode: 'tozero', title: { text: 'share of ‖<i>V</i>‖²' } }), // biome-ignore format: one axis
      showlegend: true,
      legend: { x: 0.005, y: panels[0].y[0] + 0.01, yanchor: 'bottom', font: { size: 11 }, bgcolor: 'rgba(255,255,255,0.85)' }, // biome-ignore format: one legend
      annotations: [
        panelTitle(panels[0], `${n} features, ${m} neurons: loss; black: exact`),
        panelTitle(panels[1], 'response of each output to its own feature at 1, <i>p</i> = 0.01'),
        panelTitle(panels[2], 'neurons that share a feature, <i>p</i> = 0.01'),
        panelTitle(panels[3], `where neurons write; the first ${m}: ${top.toFixed(2)} of ‖<i>V</i>‖²`),
      ],
    }),
  };
}
