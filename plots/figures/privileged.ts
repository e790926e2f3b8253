/** T21 and T22: weights and neuron stacks of models with and without a privileged basis. */
import type { HiddenReluData } from '../../sim/experiments/hiddenRelu.ts';
import type { PrivilegedBasisData } from '../../sim/experiments/privilegedBasis.ts';
import type { TrainedModel } from '../../sim/experiments/trained.ts';
import { neuronStacks, sortNeurons } from '../../sim/metrics/neurons.ts';
import { signedBar } from '../bars.ts';
import type { Figure, Trace } from '../figure.ts';
import { matrixAxes, signedMatrix } from '../gramHeatmap.ts';
import { cutMarks, cutStacks, neuronStackTraces, stackAxes, tallest } from '../neuronStack.ts';
import { TEN } from '../palette.ts';
import { type Panel, panelGrid, panelTitle, sheet } from '../panels.ts';

/** W with features as rows and neurons as columns in the given order, in pair of axes k. */
function weightMatrix(
  k: number,
  { features: n, hidden: m, W, row }: TrainedModel,
  order: readonly number[],
): Trace {
  const z = Array.from({ length: n }, (_, i) => order.map((neuron) => W[i * m + neuron]));
  const hover = `feature %{y}, neuron %{x}: <i>W</i> = %{z:.3f}<extra>instance ${row}</extra>`;
  return signedMatrix(k, z, hover);
}

const identityOrder = ({ hidden }: TrainedModel) => Array.from({ length: hidden }, (_, k) => k);

export function privilegedBasisFigure({ linear, relu }: PrivilegedBasisData): Figure {
  const [left, right] = panelGrid(1, 2, 0.1, 0);
  const order = sortNeurons(neuronStacks(relu, relu, 0));
  return {
    data: [
      weightMatrix(0, linear, identityOrder(linear)),
      weightMatrix(1, relu, order),
      signedBar('<i>W<sub>ik</sub></i>'),
    ],
    layout: sheet(620, 460, {
      margin: { l: 48, r: 90, t: 56, b: 32 },
      ...matrixAxes(0, left),
      ...matrixAxes(1, right),
      annotations: [
        panelTitle(left, 'linear hidden layer<br>features × dimensions'),
        panelTitle(right, 'ReLU hidden layer<br>features × neurons'),
      ],
    }),
  };
}

/** Legend entries of the colours of features. */
function featureKey(features: number): Trace[] {
  return Array.from({ length: features }, (_, i) => ({
    type: 'bar',
    x: [null],
    y: [null],
    name: `feature ${i}`,
    marker: { color: TEN[i] },
  }));
}

/** Axes of weights above stacks, a column a model; only the first names its stacks. */
function columnAxes(panels: Panel[], hidden: number, range: [number, number]): Record<string, object> {
  const columns = panels.length / 2;
  const axes = Array.from({ length: columns }, (_, k) => ({
    ...matrixAxes(2 * k, panels[k]),
    ...stackAxes(2 * k + 1, panels[columns + k], hidden, range, k === 0 ? 'weights onto the neuron' : ''),
  }));
  return Object.assign({}, ...axes);
}

/** Weights that a ReLU keeps silent may fall far: stacks are cut here and say how tall they are. */
const TALLEST = 5;

export function hiddenReluFigure({ models }: HiddenReluData): Figure {
  const columns = models.length;
  const panels = panelGrid(2, columns, 0.025, 0.05, new Array(columns).fill(1), [1.3, 1]);
  const stacks = models.map((model) => neuronStacks(model, model, 0));
  const orders = stacks.map((stack) => sortNeurons(stack));
  const reach = (sign: 1 | -1) => Math.min(TALLEST, tallest(stacks.flat(), sign));
  const range: [number, number] = [-reach(-1), reach(1)];
  const ordered = stacks.map((stack, k) => orders[k].map((neuron) => stack[neuron]));
  const { features, hidden } = models[0];
  return {
    data: [
      ...models.map((model, k) => weightMatrix(2 * k, model, orders[k])),
      ...ordered.flatMap((stack, k) =>
        neuronStackTraces(2 * k + 1, stack, (feature) => TEN[feature], models[k].row),
      ),
      signedBar('<i>W<sub>ik</sub></i>', { y: 0.75, len: 0.5 }),
      ...featureKey(features),
    ],
    layout: sheet(1200, 620, {
      margin: { l: 56, r: 120, t: 48, b: 48 },
      barmode: 'relative',
      bargap: 0.25,
      ...columnAxes(panels, hidden, range),
      showlegend: true,
      legend: { x: 1.01, y: panels[columns].y[1], yanchor: 'top', font: { size: 10 }, traceorder: 'normal' },
      annotations: [
        ...models.map(({ density }, k) => panelTitle(panels[k], `1 − <i>S</i> = ${density[0]}`)),
        ...ordered.flatMap((stack, k) => cutMarks(2 * k + 1, cutStacks(stack, range), range)),
      ],
    }),
  };
}
