/** AT1–AT3: losses of heads built by hand, of trained ones, and what each head looks at and says. */
import type { ConstructionData } from '../../sim/experiments/attentionConstruction.ts';
import type { Figure, Trace } from '../figure.ts';
import { CURVES, THEORY } from '../palette.ts';
import { inPanel, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';

const SYMBOLS = ['circle', 'square', 'diamond'];

/** Measured losses as markers on the line of their bound. */
function bounded(
  k: number,
  place: number,
  name: string,
  x: number[],
  losses: number[],
  bound: number[],
): Trace[] {
  const common = { type: 'scatter', x, legendgroup: name };
  return [
    inPanel(k, {
      ...common,
      mode: 'lines',
      name: 'bound',
      y: bound,
      line: { color: THEORY, width: 1.5, dash: k === 0 ? 'solid' : 'dot' },
      showlegend: false,
      hovertemplate: `${name}: bound %{y:.3g}<extra></extra>`,
    }),
    inPanel(k, {
      ...common,
      mode: 'markers',
      name,
      y: losses,
      marker: { color: CURVES[place], size: 9, symbol: SYMBOLS[place] },
      showlegend: k === 0,
      hovertemplate: `${name}: %{y:.3g} nats<extra></extra>`,
    }),
  ];
}

export function attentionConstructionFigure(data: ConstructionData): Figure {
  const { strengths, sharpnesses, strength, heads } = data;
  const panels = panelGrid(1, 2, 0.11, 0);
  const name = ({ destinations, tokens }: (typeof heads)[number]) =>
    `<i>K</i> = ${destinations}, <i>V</i> = ${tokens}`;
  const loss = {
    type: 'log',
    title: { text: 'largest loss on a trigram, nats', standoff: 10 },
    exponentformat: 'power',
    dtick: 1,
  };
  return {
    data: heads.flatMap((own, place) => [
      ...bounded(0, place, name(own), strengths, own.trigram, own.bound),
      ...bounded(1, place, name(own), sharpnesses, own.blurred, own.blurredBound),
    ]),
    layout: sheet(940, 430, {
      ...panelAxes(0, panels[0], { title: { text: '<i>a</i>, what a head adds to a logit' } }, loss),
      ...panelAxes(1, panels[1], { title: { text: '<i>b</i>, logit of attention' } }, loss),
      showlegend: true,
      legend: { x: 0.02, y: 0.02, xanchor: 'left', yanchor: 'bottom', bgcolor: 'rgba(255,255,255,0.85)' },
      annotations: [
        panelTitle(panels[0], 'sharp attention, on ln(1 + (<i>V</i> − 1) e<sup>−<i>a</i></sup>)'),
        panelTitle(panels[1], `<i>a</i> = ${strength}, below the bound (dotted)`),
      ],
    }),
  };
}
