/** T27: the asymmetric motif in the neurons of one model, as a wiring, and in what it computes. */
import { type AsymmetricData, effect, type Inhibited } from '../../sim/experiments/asymmetric.ts';
import type { TrainedModel } from '../../sim/experiments/trained.ts';
import { neuronStacks, sortNeurons } from '../../sim/metrics/neurons.ts';
import type { Figure, Trace } from '../figure.ts';
import { neuronStackTraces, stackAxes } from '../neuronStack.ts';
import { CURVES, colorAt, FAINT, INK, SIGNED, THEORY } from '../palette.ts';
import { BARE, inPanel, type Panel, panelAxes, panelGrid, panelTitle, sheet, xref, yref } from '../panels.ts';

/** What is drawn of a model with the motif. */
interface Shown {
  model: TrainedModel;
  shown: Inhibited;
}

const [PRIMARY, SECONDARY, INHIBITED] = [CURVES[0], CURVES[1], CURVES[2]];

/** Stacks of one layer's weights in the order of the neurons; the two features of the motif stand out. */
function stacks(
  k: number,
  weights: number[],
  { model, shown }: AsymmetricData | Shown,
  order: number[],
): Trace[] {
  const own = neuronStacks({ W: weights }, model, 0);
  const color = (feature: number) =>
    feature === shown?.primary ? PRIMARY : feature === shown?.secondary ? SECONDARY : FAINT;
  return neuronStackTraces(
    k,
    order.map((neuron) => own[neuron]),
    color,
    model.row,
  );
}

/** Shading behind the motif's neuron and its inhibitor. */
function shades(k: number, { shown }: Shown, order: number[]): object[] {
  return [shown.neuron, shown.inhibitor].map((neuron) => ({
    type: 'rect',
    layer: 'below',
    xref: k === 0 ? 'x' : `x${k + 1}`,
    yref: `${yref(k)} domain`,
    x0: order.indexOf(neuron) - 0.5,
    x1: order.indexOf(neuron) + 0.5,
    y0: 0,
    y1: 1,
    fillcolor: neuron === shown.neuron ? '#fbe6d6' : '#dff1ea',
    line: { width: 0 },
  }));
}

interface Wire {
  from: [number, number];
  to: [number, number];
  weight: number;
}

/** Weights of the motif's neuron at W_a W_b = ±1, and of its inhibitor at the same W_a. */
function wires({ model: { W, V, hidden: m }, shown }: Shown): Wire[] {
  const { neuron, inhibitor, primary, secondary, encode } = shown;
  const motifScale = 1 / Math.sqrt(Math.abs(encode[0] * encode[1]));
  const scales = [motifScale, (motifScale * encode[0]) / W[primary * m + inhibitor]];
  return [neuron, inhibitor].flatMap((k, x) =>
    [primary, secondary].flatMap((feature, at): Wire[] => [
      { from: [at, 2], to: [x, 1], weight: W[feature * m + k] * scales[x] },
      { from: [x, 1], to: [at, 0], weight: V![feature * m + k] / scales[x] },
    ]),
  );
}

function wiring(k: number, data: Shown): Trace[] {
  const shown = wires(data).filter(({ weight }) => Math.abs(weight) > 0.05);
  const lines = shown.map(({ from, to, weight }) =>
    inPanel(k, {
      type: 'scatter',
      mode: 'lines',
      x: [from[0], to[0]],
      y: [from[1], to[1]],
      line: { width: 1 + 1.5 * Math.abs(weight), color: colorAt(SIGNED, weight > 0 ? 0.9 : 0.1) },
      hoverinfo: 'skip',
      showlegend: false,
    }),
  );
  const nodes = inPanel(k, {
    type: 'scatter',
    mode: 'markers',
    x: [0, 1, 0, 1, 0, 1],
    y: [2, 2, 1, 1, 0, 0],
    marker: { size: 16, color: [PRIMARY, SECONDARY, INK, INHIBITED, PRIMARY, SECONDARY] },
    hoverinfo: 'skip',
    showlegend: false,
  });
  return [...lines, nodes];
}

/** Where on a wire its weight stands: higher on slanted ones, so that no two meet. */
const along = (from: readonly number[], to: readonly number[]) => (from[0] === to[0] ? 0.55 : 0.3);

function wireLabels(k: number, data: Shown): object[] {
  const axes = { xref: xref(k), yref: yref(k), showarrow: false };
  const numbers = wires(data)
    .filter(({ weight }) => Math.abs(weight) > 0.05)
    .map(({ from, to, weight }) => ({
      ...axes,
      x: from[0] + along(from, to) * (to[0] - from[0]),
      y: from[1] + along(from, to) * (to[1] - from[1]),
      text: `<b>${weight.toFixed(2).replace('-', '−')}</b>`,
      bgcolor: 'rgba(255,255,255,0.85)',
      font: { size: 12, color: INK },
    }));
  const { primary, secondary, neuron, inhibitor } = data.shown;
  const names: [number, number, string, 'left' | 'right'][] = [
    [0, 2, `a = <i>x</i><sub>${primary}</sub>`, 'right'],
    [1, 2, `b = <i>x</i><sub>${secondary}</sub>`, 'left'],
    [0, 1, `neuron ${neuron}`, 'right'],
    [1, 1, `inhibitor ${inhibitor}`, 'left'],
    [0, 0, '|a|', 'right'],
    [1, 0, '|b|', 'left'],
  ];
  const labels = names.map(([x, y, text, xanchor]) => ({
    ...axes,
    x,
    y,
    text,
    xanchor,
    xshift: xanchor === 'left' ? 12 : -12,
  }));
  return [...numbers, ...labels];
}

/** What a alone does to output b: through each neuron of the motif, and in all. */
function effects(k: number, { model, shown }: Shown): Trace[] {
  const { W, V, hidden: m } = model;
  const { primary, secondary, neuron, inhibitor } = shown;
  const xs = Array.from({ length: 81 }, (_, t) => t / 40 - 1);
  const through = (unit: number) =>
    xs.map((x) => Math.max(0, W[primary * m + unit] * x) * V![secondary * m + unit]);
  const line = (name: string, y: number[], color: string, dash: string) =>
    inPanel(k, {
      type: 'scatter',
      mode: 'lines',
      name,
      showlegend: true,
      x: xs,
      y,
      line: { color, width: 2.5, dash },
      hovertemplate: `${name}, a = %{x}: %{y:.2f}<extra>instance ${model.row}</extra>`,
    });
  return [
    line(`neuron ${neuron}`, through(neuron), INK, 'dot'),
    line(`inhibitor ${inhibitor}`, through(inhibitor), INHIBITED, 'dash'),
    line('all neurons and bias', xs.map((x) => effect(model, primary, x, secondary)), THEORY, 'solid'), // biome-ignore format: one line
  ];
}

/** Encoder above decoder as stacks, in pairs of axes 0 and 1. */
function layers({ model }: AsymmetricData, order: number[], panel: Panel): Record<string, object> {
  const [upper, lower] = panelGrid(2, 1, 0, 0.16).map(({ y }) => ({ x: panel.x, y }));
  const named = { tickvals: order.map((_, at) => at), ticktext: order.map(String) };
  const encoder = stackAxes(0, upper, model.hidden, [-2.2, 2.2], 'encoder <i>W</i>');
  const decoder = stackAxes(1, lower, model.hidden, [-10, 10], 'decoder <i>V</i>');
  return {
    ...encoder,
    ...decoder,
    xaxis: { ...encoder.xaxis, ...named, title: { text: '' } },
    xaxis2: { ...decoder.xaxis2, ...named },
  };
}

/** Wiring and effect of the motif, in pairs of axes 2 and 3. */
function motifLayout(data: Shown, order: number[], [left, middle, right]: Panel[]) {
  const { model, shown } = data;
  const colors = `feature ${shown.primary} blue, ${shown.secondary} orange`;
  return {
    ...panelAxes(2, middle, { ...BARE, range: [-0.55, 1.6] }, { ...BARE, range: [-0.2, 2.2] }),
    ...panelAxes(
      3,
      right,
      { title: { text: 'a, the only active feature' } },
      { title: { text: 'output for b before its ReLU' }, zeroline: true, zerolinecolor: FAINT },
    ),
    showlegend: true,
    legend: { x: right.x[1], y: 0.02, xanchor: 'right', yanchor: 'bottom', font: { size: 11 } },
    shapes: [...shades(0, data, order), ...shades(1, data, order)],
    annotations: [
      panelTitle(left, `one model at 1 − <i>S</i> = ${model.density[0]}: ${colors}`, 12),
      panelTitle(middle, 'the motif and its inhibitor'),
      panelTitle(right, 'what a alone does to the output of b'),
      ...wireLabels(2, data),
    ],
  };
}

export function asymmetricFigure(data: AsymmetricData): Figure {
  const { model, shown } = data;
  const order = sortNeurons(neuronStacks(model, model, 0));
  const panels = panelGrid(1, 3, 0.08, 0, [1.4, 1, 1]);
  const found = shown && { model, shown };
  return {
    data: [
      ...stacks(0, model.W, data, order),
      ...stacks(1, model.V!, data, order),
      ...(found ? [...wiring(2, found), ...effects(3, found)] : []),
    ],
    layout: sheet(1200, 470, {
      barmode: 'relative',
      bargap: 0.2,
      ...layers(data, order, panels[0]),
      ...(found
        ? motifLayout(found, order, panels)
        : { annotations: [panelTitle(panels[0], 'no motif found')] }),
    }),
  };
}
