/** T20: vulnerability and features per dimension over sparsity, and against each other. */
import type { AdversarialData } from '../../sim/experiments/adversarial.ts';
import type { Figure } from '../figure.ts';
import { CURVES, colorAt, IMPORTANCE, THEORY } from '../palette.ts';
import { inPanel, inset, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';

const SPARSITY = { type: 'log', tickvals: [1, 2, 3, 5, 10, 20, 50, 100] };
const VULNERABILITY = '(<i>L′</i> − <i>L</i>)/(<i>L′</i><sub>0</sub> − <i>L</i><sub>0</sub>)';
const PER_DIMENSION = '1/<i>D</i>* = ‖<i>W</i>‖²<sub>F</sub>/<i>m</i>';

export function adversarialFigure(data: AdversarialData): Figure {
  const { sparsity, vulnerability, featuresPerDimension, features, hidden, hardened } = data;
  const [left, right, training] = panelGrid(1, 3, 0.09, 0, [1.3, 1, 1]);
  const [upper, lower] = [inset(left, [0, 1], [0.54, 1]), inset(left, [0, 1], [0, 0.46])];
  const line = (k: number, y: number[], color: string, name: string) =>
    inPanel(k, {
      type: 'scatter',
      mode: 'lines+markers',
      x: sparsity,
      y,
      line: { color, width: 2 },
      marker: { size: 6 },
      hovertemplate: `1/(1 − <i>S</i>) = %{x:.3g}: ${name} = %{y:.3f}<extra></extra>`,
    });
  const last = Math.log(sparsity.at(-1)!);
  const dots = inPanel(2, {
    type: 'scatter',
    mode: 'markers',
    x: featuresPerDimension,
    y: vulnerability,
    text: sparsity.map((s) => s.toPrecision(3)),
    marker: { size: 9, color: sparsity.map((s) => colorAt(IMPORTANCE, 0.15 + (0.85 * Math.log(s)) / last)) },
    hovertemplate:
      '1/(1 − <i>S</i>) = %{text}<br>1/<i>D</i>* = %{x:.3f}, vulnerability %{y:.3f}<extra></extra>',
  });
  const trained = inPanel(3, {
    type: 'scatter',
    mode: 'lines+markers',
    x: hardened.map(({ budget }) => budget),
    y: hardened.map((one) => one.featuresPerDimension),
    customdata: hardened.map(({ superposed }) => superposed),
    line: { color: THEORY, width: 2 },
    marker: { size: 7 },
    hovertemplate: 'attack %{x}: 1/<i>D</i>* = %{y:.3f}, %{customdata} features superposed<extra></extra>',
  });
  return {
    data: [
      trained,
      line(0, vulnerability, CURVES[1], 'vulnerability'),
      line(1, featuresPerDimension, THEORY, '1/<i>D</i>*'),
      dots,
    ],
    layout: sheet(1200, 460, {
      ...panelAxes(
        0,
        upper,
        { ...SPARSITY, showticklabels: false },
        {
          title: { text: VULNERABILITY },
          rangemode: 'tozero',
        },
      ),
      ...panelAxes(
        1,
        lower,
        { ...SPARSITY, title: { text: '1/(1 − <i>S</i>)', standoff: 4 } },
        {
          title: { text: PER_DIMENSION },
          rangemode: 'tozero',
        },
      ),
      ...panelAxes(2, right, { title: { text: PER_DIMENSION } }, { title: { text: VULNERABILITY } }),
      ...panelAxes(
        3,
        training,
        { title: { text: 'attack length / mean input length' } },
        { title: { text: PER_DIMENSION }, rangemode: 'tozero' },
      ),
      annotations: [
        panelTitle(training, 'trained against attacks, <i>n</i> = 20, <i>m</i> = 5'),
        panelTitle(upper, `relative vulnerability, <i>n</i> = ${features}, <i>m</i> = ${hidden}`),
        panelTitle(right, 'paler = denser, darker = sparser'),
      ],
    }),
  };
}
