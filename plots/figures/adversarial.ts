/** T20: vulnerability and features per dimension over sparsity, and against each other. */
import type { AdversarialData } from '../../sim/experiments/adversarial.ts';
import type { Hardened } from '../../sim/experiments/hardened.ts';
import type { Attack } from '../../sim/family.ts';
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

const HARDENED: Record<Attack['of'], { color: string; name: string; dash: string }> = {
  own: { color: THEORY, name: 'its own', dash: 'solid' },
  mean: { color: CURVES[2], name: 'the mean', dash: 'dash' },
};

/** Median of the features per dimension of models trained against attacks, and a band with half of them. */
function hardenedLines({ lengths, featuresPerDimension, quartiles, free, of }: Hardened): Trace[] {
  const { color, name, dash } = HARDENED[of];
  const [low, high] = quartiles;
  const band = {
    type: 'scatter',
    mode: 'lines',
    x: [...lengths, ...[...lengths].reverse()],
    y: [...low, ...[...high].reverse()],
    fill: 'toself',
    fillcolor: color,
    opacity: 0.2,
    line: { width: 0 },
    hoverinfo: 'skip',
    showlegend: false,
  };
  const line = {
    type: 'scatter',
    mode: 'lines+markers',
    x: lengths,
    y: featuresPerDimension,
    customdata: free.map((share) => Math.round(100 * share)),
    line: { color, width: 2, dash },
    marker: { size: 7 },
    hovertemplate: `attack %{x}, ${name} length: 1/<i>D</i>* = %{y:.3f}, %{customdata} % of the models without superposition<extra></extra>`,
  };
  return [inPanel(3, band), inPanel(3, line), freeLine(lengths, free, of)];
}

/** Share of the models in which no feature is in superposition. */
function freeLine(lengths: number[], free: number[], of: Attack['of']): Trace {
  const { color, name, dash } = HARDENED[of];
  return inPanel(4, {
    type: 'scatter',
    mode: 'lines+markers',
    x: lengths,
    y: free.map((share) => 100 * share),
    line: { color, width: 2, dash },
    marker: { size: 7 },
    hovertemplate: `attack %{x}, ${name} length: %{y:.0f} % of the models without superposition<extra></extra>`,
  });
}

/** Where superposition ends, 1/D* = 1, and the length of attack at which the paper sees it end. */
const MARKS = [
  { x0: 0, x1: 1, xref: 'x4 domain', y0: 1, y1: 1, yref: 'y4' },
  { x0: 0.8, x1: 0.8, xref: 'x4', y0: 0, y1: 1, yref: 'y4 domain' },
  { x0: 0.8, x1: 0.8, xref: 'x5', y0: 0, y1: 1, yref: 'y5 domain' },
].map((ends) => ({ ...ends, type: 'line', layer: 'below', line: { color: FAINT, width: 1.5, dash: 'dot' } }));

/** The name of a mark in the axes of the hardened models. */
function markName(x: number, y: number, text: string, place: object): object {
  return { x, y, text, xref: 'x4', yref: 'y4', showarrow: false, font: { size: 11 }, ...place };
}

/** What the lengths of a line are a share of, beside its third point. */
function lineName({ lengths, featuresPerDimension, of }: Hardened): object {
  const { color, name } = HARDENED[of];
  const place = of === 'own' ? { xanchor: 'right', xshift: -10 } : { xanchor: 'left', xshift: 10 };
  return markName(lengths[2], featuresPerDimension[2], name, { ...place, font: { size: 12, color } });
}

/** Axes over sparsity, one above the other, then those of the tracking and of the hardened models. */
function axes(
  upper: Panel,
  lower: Panel,
  right: Panel,
  hardened: Panel,
  free: Panel,
): Record<string, object> {
  const vulnerability = { title: { text: VULNERABILITY } };
  const perDimension = { title: { text: PER_DIMENSION } };
  const fromZero = { rangemode: 'tozero' };
  const sparsity = { title: { text: '1/(1 − <i>S</i>)', standoff: 4 } };
  const attack = { title: { text: 'attack length / input length', standoff: 4 } };
  const share = { title: { text: '% not superposed' }, range: [-4, 104] };
  return {
    ...panelAxes(0, upper, { ...SPARSITY, showticklabels: false }, { ...vulnerability, ...fromZero }),
    ...panelAxes(1, lower, { ...SPARSITY, ...sparsity }, { ...perDimension, ...fromZero }),
    ...panelAxes(2, right, perDimension, vulnerability),
    ...panelAxes(3, hardened, { showticklabels: false }, { ...perDimension, ...fromZero }),
    ...panelAxes(4, free, attack, share),
  };
}

export function adversarialFigure(data: AdversarialData): Figure {
  const { sparsity, vulnerability, featuresPerDimension, features, hidden, hardened } = data;
  const [left, right, training] = panelGrid(1, 3, 0.09, 0, [1.3, 1, 1]);
  const halves = (panel: Panel) => [inset(panel, [0, 1], [0.54, 1]), inset(panel, [0, 1], [0, 0.46])];
  const [[upper, lower], [above, below]] = [halves(left), halves(training)];
  const most = Math.max(...hardened.own.featuresPerDimension, ...hardened.mean.featuresPerDimension);
  return {
    data: [
      ...hardenedLines(hardened.own),
      ...hardenedLines(hardened.mean),
      overSparsity(0, sparsity, vulnerability, CURVES[1], 'vulnerability'),
      overSparsity(1, sparsity, featuresPerDimension, THEORY, '1/<i>D</i>*'),
      tracking(data),
    ],
    layout: sheet(1200, 460, {
      ...axes(upper, lower, right, above, below),
      shapes: MARKS,
      annotations: [
        markName(0.02, 1, '1/<i>D</i>* = 1', { xanchor: 'left', yanchor: 'top' }),
        ...(['own', 'mean'] as const).map((of) => lineName(hardened[of])),
        markName(0.82, most, 'paper:<br>about 80 %', { xanchor: 'left', yanchor: 'top', align: 'left' }),
        panelTitle(above, 'trained against attacks, <i>n</i> = 20, <i>m</i> = 5'),
        panelTitle(upper, `relative vulnerability, <i>n</i> = ${features}, <i>m</i> = ${hidden}`),
        panelTitle(right, 'paler = denser, darker = sparser'),
      ],
    }),
  };
}
