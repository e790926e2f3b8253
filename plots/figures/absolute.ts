/** T24 to T26: models that compute absolute values, as matrices, stacks and wiring. */
import { mixedModel } from '../../sim/experiments/absCoexist.ts';
import type { AbsSmallData } from '../../sim/experiments/absSmall.ts';
import type { AbsModel, AbsSparsityData } from '../../sim/experiments/absSparsity.ts';
import type { TrainedModel } from '../../sim/experiments/trained.ts';
import { neuronStacks, sortNeurons } from '../../sim/metrics/neurons.ts';
import { signedBar, superpositionBar } from '../bars.ts';
import type { Figure, Trace } from '../figure.ts';
import { matrixAxes, signedMatrix } from '../gramHeatmap.ts';
import { neuronStackTraces, stackAxes, tallest } from '../neuronStack.ts';
import { CURVES, colorAt, FAINT, INK, SIGNED, SUPERPOSITION } from '../palette.ts';
import { BARE, inPanel, type Panel, panelAxes, panelGrid, panelTitle, sheet, xref, yref } from '../panels.ts';

/** Columns of a (n, m) array in the given order, as rows of a matrix (m as columns). */
function ordered(flat: readonly number[], n: number, order: readonly number[]): number[][] {
  const m = flat.length / n;
  return Array.from({ length: n }, (_, i) => order.map((k) => flat[i * m + k]));
}

/** Place of node `at` of a row of `count` nodes, from 0 at the left to 1 at the right. */
const place = (count: number, at: number) => (count === 1 ? 0.5 : at / (count - 1));

interface Wire {
  from: [number, number];
  to: [number, number];
  weight: number;
}

/** The weights that can be seen, from inputs (row 2) over neurons (row 1) to outputs (row 0). */
function wires({ features: n, W, V }: TrainedModel, order: readonly number[]): Wire[] {
  const m = order.length;
  const all = order.flatMap((neuron, at) =>
    Array.from({ length: n }, (_, i): Wire[] => [
      { weight: W[i * m + neuron], from: [place(n, i), 2], to: [place(m, at), 1] },
      { weight: V![i * m + neuron], from: [place(m, at), 1], to: [place(n, i), 0] },
    ]).flat(),
  );
  return all.filter(({ weight }) => Math.abs(weight) > 0.05);
}

/** A row of named nodes in pair of axes k. */
function nodes(k: number, y: number, count: number, name: (at: number) => string): Trace {
  const all = Array.from({ length: count }, (_, at) => at);
  return inPanel(k, {
    type: 'scatter',
    mode: 'markers+text',
    x: all.map((at) => place(count, at)),
    y: all.map(() => y),
    text: all.map(name),
    textposition: y === 0 ? 'bottom center' : y === 2 ? 'top center' : 'middle right',
    marker: { size: 12, color: INK },
    hoverinfo: 'skip',
  });
}

/** Inputs, neurons and outputs as three rows of nodes; a line a weight, blue positive, orange negative. */
function wiring(k: number, model: TrainedModel, order: readonly number[]): Trace[] {
  const lines = wires(model, order).map(({ from, to, weight }) =>
    inPanel(k, {
      type: 'scatter',
      mode: 'lines',
      x: [from[0], to[0]],
      y: [from[1], to[1]],
      line: { width: 3 * Math.abs(weight), color: colorAt(SIGNED, weight > 0 ? 0.9 : 0.1) },
      hoverinfo: 'skip',
    }),
  );
  return [
    ...lines,
    nodes(k, 2, model.features, (at) => `<i>x</i><sub>${at}</sub>`),
    nodes(k, 1, order.length, (at) => `<i>h</i><sub>${at}</sub>`),
    nodes(k, 0, model.features, (at) => `|<i>x</i><sub>${at}</sub>|`),
  ];
}

export function absSmallFigure({ model }: AbsSmallData): Figure {
  const { features: n, hidden: m, W, V } = model;
  const panels = panelGrid(1, 4, 0.06, 0, [1, 1, 1.2, 1.3]);
  const stacks = neuronStacks(model, model, 0);
  const order = sortNeurons(stacks);
  const hover = (name: string) =>
    `feature %{y}, neuron %{x}: ${name} = %{z:.3f}<extra>instance ${model.row}</extra>`;
  return {
    data: [
      signedMatrix(0, ordered(W, n, order), hover('<i>W</i><sub>1</sub>')),
      signedMatrix(1, ordered(V!, n, order), hover('<i>W</i><sub>2</sub>')),
      ...neuronStackTraces(
        2,
        order.map((k) => stacks[k]),
        (feature) => CURVES[feature],
        model.row,
      ),
      ...wiring(3, model, order),
      signedBar('weight'),
    ],
    layout: sheet(1150, 340, {
      margin: { l: 24, r: 90, t: 56, b: 48 },
      barmode: 'relative',
      ...matrixAxes(0, panels[0]),
      ...matrixAxes(1, panels[1]),
      ...stackAxes(2, panels[2], m, [-1.2, 1.2], 'weights'),
      ...panelAxes(3, panels[3], { ...BARE, range: [-0.1, 1.15] }, { ...BARE, range: [-0.35, 2.35] }),
      annotations: [
        panelTitle(panels[0], 'encoder, features × neurons'),
        panelTitle(panels[1], 'decoder'),
        panelTitle(panels[2], 'neurons, a colour a feature'),
        panelTitle(panels[3], 'wiring'),
      ],
    }),
  };
}

/** Shaded columns behind the polysemantic neurons of pair of axes k. */
function polyShades(k: number, { semantics }: AbsModel): object[] {
  return semantics.flatMap((kind, neuron) =>
    kind !== 'poly'
      ? []
      : [
          {
            type: 'rect',
            xref: xref(k),
            yref: `${yref(k)} domain`,
            x0: neuron - 0.5,
            x1: neuron + 0.5,
            y0: 0,
            y1: 1,
            fillcolor: '#fbe6d6',
            line: { width: 0 },
            layer: 'below',
          },
        ],
  );
}

/** Axes of one row of stacks; only the last names its neurons. */
function rowAxes(k: number, panel: Panel, count: number, top: number, last: boolean): Record<string, object> {
  const axes = stackAxes(k, panel, count, [0, top], '');
  if (last) return axes;
  const name = xref(k).replace('x', 'xaxis');
  return { ...axes, [name]: { ...axes[name], title: { text: '' }, showticklabels: false } };
}

export function absSparsityFigure({ models }: AbsSparsityData): Figure {
  const panels = panelGrid(models.length, 1, 0, 0.045);
  const top = tallest(models.flatMap(({ stacks }) => stacks));
  return {
    data: [
      ...models.flatMap(({ stacks, superposition, row }, k) =>
        neuronStackTraces(k, stacks, (feature) => colorAt(SUPERPOSITION, superposition[feature]), row, true),
      ),
      superpositionBar({ len: 0.4 }),
    ],
    layout: sheet(800, 140 * models.length, {
      margin: { l: 130, r: 110, t: 24, b: 48 },
      barmode: 'stack',
      bargap: 0.15,
      ...Object.assign(
        {},
        ...models.map(({ stacks }, k) => rowAxes(k, panels[k], stacks.length, top, k === models.length - 1)),
      ),
      shapes: models.flatMap((model, k) => polyShades(k, model)),
      annotations: models.map(({ density }, k) => ({
        text: `1 − <i>S</i> = ${density}<br>Σ|weights|`,
        showarrow: false,
        xref: 'paper',
        yref: 'paper',
        x: -0.035,
        xanchor: 'right',
        y: (panels[k].y[0] + panels[k].y[1]) / 2,
        yanchor: 'middle',
      })),
    }),
  };
}

/** Colours of a neuron's features by their rank in its stack, the last for all further ones. */
const RANKS = [
  { name: 'primary feature', color: INK },
  { name: 'second', color: CURVES[1] },
  { name: 'third', color: CURVES[5] },
  { name: 'further', color: FAINT },
];

/** A stack a neuron in pair of axes 0, coloured by rank. */
function rankedStacks({ stacks, row }: AbsModel): Trace[] {
  return stacks.flatMap((stack, neuron) => {
    const rank = (feature: number) => stack.findIndex((stake) => stake.feature === feature);
    const color = (feature: number) => (RANKS[rank(feature)] ?? RANKS[3]).color;
    return neuronStackTraces(0, [stack], color, row).map((trace) => ({ ...trace, x: [neuron] }));
  });
}

/** Legend entries of the ranks. */
function rankKey(): Trace[] {
  return RANKS.map(({ name, color }) => ({ type: 'bar', x: [null], y: [null], name, marker: { color } }));
}

export function absCoexistFigure(data: AbsSparsityData): Figure {
  const model = mixedModel(data);
  const [panel] = panelGrid(1, 1, 0, 0);
  const range: [number, number] = [-tallest(model.stacks, -1), tallest(model.stacks, 1)];
  return {
    data: [...rankedStacks(model), ...rankKey()],
    layout: sheet(1000, 420, {
      barmode: 'relative',
      bargap: 0.15,
      ...stackAxes(0, panel, model.stacks.length, range, 'encoder weights, largest = ±1'),
      shapes: polyShades(0, model),
      showlegend: true,
      legend: { orientation: 'h', x: 1, xanchor: 'right', y: 1, yanchor: 'bottom' },
      annotations: [
        {
          ...panelTitle(panel, `1 − <i>S</i> = ${model.density}; shaded: polysemantic neurons`),
          x: 0,
          xanchor: 'left',
        },
      ],
    }),
  };
}
