/** T23: weights of models that use and that evade their hidden ReLU, and how often their neurons are active. */
import { type EvadedReluData, type HiddenKind, meanActive } from '../../sim/experiments/evadedRelu.ts';
import type { TrainedModel } from '../../sim/experiments/trained.ts';
import { neuronStacks, sortNeurons } from '../../sim/metrics/neurons.ts';
import { signedBar } from '../bars.ts';
import type { Figure, Trace } from '../figure.ts';
import { matrixAxes, signedMatrix } from '../gramHeatmap.ts';
import { CURVES, INK } from '../palette.ts';
import { inPanel, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';

/** W, a row a feature and a column a neuron, neurons sorted by their largest feature. */
function weights(k: number, model: TrainedModel): Trace {
  const order = sortNeurons(neuronStacks(model, model, 0));
  const rows = Array.from({ length: model.features }, (_, i) =>
    order.map((neuron) => model.W[i * model.hidden + neuron]),
  );
  const hover = `feature %{y}, neuron %{x}: <i>W</i> = %{z:.3f}<extra>instance ${model.row}</extra>`;
  return signedMatrix(k, rows, hover);
}

const LOSS_TICKS = [0.0001, 0.0003, 0.001, 0.003, 0.01];

const KINDS = [
  { kind: 'plain', name: 'ReLU', symbol: 'circle' },
  { kind: 'biased', name: 'ReLU, hidden bias', symbol: 'square' },
  { kind: 'large', name: 'ReLU, <i>n</i> = 100', symbol: 'diamond' },
] as const;

/** One line a kind of model over density, in pair of axes k. */
function lines(k: number, data: EvadedReluData, y: (kind: HiddenKind) => number[], names: string[]): Trace[] {
  return KINDS.flatMap(({ kind, name, symbol }, at) =>
    names.includes(kind)
      ? [
          inPanel(k, {
            type: 'scatter',
            mode: 'lines+markers',
            name,
            showlegend: k === 3,
            x: data.densities,
            y: y(data[kind]),
            customdata: data[kind].models.map(({ row }) => row),
            line: { color: CURVES[at], width: 2 },
            marker: { size: 9, symbol },
            hovertemplate: `${name}, density %{x}: %{y:.3g}<extra>instance %{customdata}</extra>`,
          }),
        ]
      : [],
  );
}

/** Exact loss of the lifted linear models, in pair of axes k. */
function lifted(k: number, { densities, evading }: EvadedReluData): Trace {
  return inPanel(k, {
    type: 'scatter',
    mode: 'lines',
    name: 'linear, or lifted (exact)',
    x: densities,
    y: evading.loss,
    line: { color: INK, width: 1.5, dash: 'dot' },
    hovertemplate: 'linear, or lifted, density %{x}: %{y:.3g}<extra>exact</extra>',
  });
}

export function evadedReluFigure(data: EvadedReluData): Figure {
  const panels = panelGrid(1, 7, 0.035, 0, [0.7, 0.7, 0.9, 0.2, 1.4, 0.01, 1.4]);
  const density = { type: 'log', tickvals: data.densities, title: { text: 'density 1 − <i>S</i>' } };
  const titles = ['ReLU', 'ReLU, hidden bias', 'ReLU, <i>n</i> = 100'];
  return {
    data: [
      weights(0, data.plain.models[0]),
      weights(1, data.biased.models[0]),
      weights(2, data.large.models[0]),
      ...lines(3, data, meanActive, ['plain', 'biased', 'large']),
      ...lines(4, data, ({ models }) => models.map(({ loss }) => loss), ['plain', 'biased']),
      lifted(4, data),
      signedBar('<i>W</i>', { x: panels[2].x[1] + 0.005, len: 0.9 }),
    ],
    layout: sheet(1200, 400, {
      margin: { l: 30, r: 24, t: 76, b: 56 },
      ...Object.assign({}, ...[0, 1, 2].map((k) => matrixAxes(k, panels[k]))),
      ...panelAxes(3, panels[4], density, { range: [0, 1.03] }),
      ...panelAxes(4, panels[6], density, {
        type: 'log',
        range: [-4.1, -1.5],
        tickvals: LOSS_TICKS,
        ticktext: LOSS_TICKS.map(String),
      }),
      showlegend: true,
      legend: { x: panels[6].x[0] + 0.005, y: 1, xanchor: 'left', yanchor: 'top', font: { size: 11 } },
      annotations: [
        ...titles.map((title, k) =>
          panelTitle(panels[k], `${title}<br><i>W</i> at 1 − <i>S</i> = ${data.densities[0]}`, 12),
        ),
        panelTitle(panels[4], 'share of inputs on which<br>a neuron is active'),
        panelTitle(panels[6], 'loss, <i>n</i> = 10, <i>m</i> = 5'),
      ],
    }),
  };
}
