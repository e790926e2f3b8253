/** T20: vulnerability and features per dimension over sparsity, and against each other. */
import type { AdversarialData } from '../../sim/experiments/adversarial.ts';
import type { Figure, Trace } from '../figure.ts';
import { CURVES, colorAt, FAINT, SPARSENESS, THEORY } from '../palette.ts';
import { inPanel, inset, type Panel, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';

const SPARSITY = { type: 'log', tickvals: [1, 2, 3, 5, 10, 20, 50, 100] };
const VULNERABILITY = '(<i>L′</i> − <i>L</i>)/(<i>L′</i><sub>0</sub> − <i>L</i><sub>0</sub>)';
const PER_DIMENSION = '1/<i>D</i>* = ‖<i>W</i>‖²<sub>F</sub>/<i>m</i>';

/** A quantity over 1/(1 − S) in pair of axes k. */
function overSparsity(k: number, sparsity: number[], y: number[], color: string, name: string): Trace {
  return inPanel(k, {
    type: 'scatter',
    mode: 'lines+markers',
    x: sparsity,
    y,
    customdata: sparsity.map((_, instance) => instance),
    line: { color, width: 2 },
    marker: { size: 6 },
    hovertemplate: `1/(1 − <i>S</i>) = %{x:.3g}: ${name} = %{y:.3f}<extra>instance %{customdata}</extra>`,
  });
}

/** Vulnerability against features per dimension, darker where sparser. */
function tracking({ sparsity, vulnerability, featuresPerDimension }: AdversarialData): Trace {
  const last = Math.log(sparsity.at(-1)!);
  return inPanel(2, {
    type: 'scatter',
    mode: 'markers',
    x: featuresPerDimension,
    y: vulnerability,
    text: sparsity.map((s) => s.toPrecision(3)),
    customdata: sparsity.map((_, instance) => instance),
    marker: { size: 9, color: sparsity.map((s) => colorAt(SPARSENESS, Math.log(s) / last)) },
    hovertemplate:
      '1/(1 − <i>S</i>) = %{text}<br>1/<i>D</i>* = %{x:.3f}, vulnerability %{y:.3f}<extra>instance %{customdata}</extra>',
  });
}

/** Features per dimension of models trained against attacks, over the length of the attack. */
function hardenedLine({ hardened }: AdversarialData): Trace {
  return inPanel(3, {
    type: 'scatter',
    mode: 'lines+markers',
    x: hardened.map(({ budget }) => budget),
    y: hardened.map((one) => one.featuresPerDimension),
    customdata: hardened.map(({ superposed }) => superposed),
    line: { color: THEORY, width: 2 },
    marker: { size: 7 },
    hovertemplate: 'attack %{x}: 1/<i>D</i>* = %{y:.3f}, %{customdata} features superposed<extra></extra>',
  });
}

/** Where superposition ends, 1/D* = 1, and the length of attack at which the paper sees it end. */
const MARKS = [
  { x0: 0, x1: 1, xref: 'x4 domain', y0: 1, y1: 1, yref: 'y4' },
  { x0: 0.8, x1: 0.8, xref: 'x4', y0: 0, y1: 1, yref: 'y4 domain' },
].map((ends) => ({ ...ends, type: 'line', layer: 'below', line: { color: FAINT, width: 1.5, dash: 'dot' } }));

/** The name of a mark in the axes of the hardened models. */
function markName(x: number, y: number, text: string, place: object): object {
  return { x, y, text, xref: 'x4', yref: 'y4', showarrow: false, font: { size: 11 }, ...place };
}

/** Axes over sparsity, one above the other, then those of the tracking and of the hardened models. */
function axes(upper: Panel, lower: Panel, right: Panel, training: Panel): Record<string, object> {
  const vulnerability = { title: { text: VULNERABILITY } };
  const perDimension = { title: { text: PER_DIMENSION } };
  const fromZero = { rangemode: 'tozero' };
  const sparsity = { title: { text: '1/(1 − <i>S</i>)', standoff: 4 } };
  const attack = { title: { text: 'attack length / mean input length' } };
  return {
    ...panelAxes(0, upper, { ...SPARSITY, showticklabels: false }, { ...vulnerability, ...fromZero }),
    ...panelAxes(1, lower, { ...SPARSITY, ...sparsity }, { ...perDimension, ...fromZero }),
    ...panelAxes(2, right, perDimension, vulnerability),
    ...panelAxes(3, training, attack, { ...perDimension, ...fromZero }),
  };
}

export function adversarialFigure(data: AdversarialData): Figure {
  const { sparsity, vulnerability, featuresPerDimension, features, hidden, hardened } = data;
  const [left, right, training] = panelGrid(1, 3, 0.09, 0, [1.3, 1, 1]);
  const [upper, lower] = [inset(left, [0, 1], [0.54, 1]), inset(left, [0, 1], [0, 0.46])];
  const most = Math.max(...hardened.map((one) => one.featuresPerDimension));
  return {
    data: [
      hardenedLine(data),
      overSparsity(0, sparsity, vulnerability, CURVES[1], 'vulnerability'),
      overSparsity(1, sparsity, featuresPerDimension, THEORY, '1/<i>D</i>*'),
      tracking(data),
    ],
    layout: sheet(1200, 460, {
      ...axes(upper, lower, right, training),
      shapes: MARKS,
      annotations: [
        markName(0.02, 1, 'no superposition: 1/<i>D</i>* = 1', { xanchor: 'left', yanchor: 'top' }),
        markName(0.82, most, 'paper:<br>about 80 %', { xanchor: 'left', yanchor: 'top', align: 'left' }),
        panelTitle(training, 'trained against attacks, <i>n</i> = 20, <i>m</i> = 5'),
        panelTitle(upper, `relative vulnerability, <i>n</i> = ${features}, <i>m</i> = ${hidden}`),
        panelTitle(right, 'paler = denser, darker = sparser'),
      ],
    }),
  };
}
