/** AT1, AT2: losses of heads that are built by hand, and of trained ones. */

import { missedShare, REACHED } from '../../sim/experiments/attention.ts';
import type { CoherentData } from '../../sim/experiments/attentionCoherent.ts';
import type { ConstructionData } from '../../sim/experiments/attentionConstruction.ts';
import { countAt, type SuccessData } from '../../sim/experiments/attentionSuccess.ts';
import type { Figure, Trace } from '../figure.ts';
import { cellAxes, heatmap } from '../heatmap.ts';
import { CURVES, FAINT, THEORY } from '../palette.ts';
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

/** Models that reach the floor, of how many, in each cell. */
function successMap(data: SuccessData): Trace {
  const { destinations, heads } = data;
  const cells = heads.map((H) => destinations.map((K) => countAt(data, K, H)));
  const map = heatmap(0, {
    x: destinations,
    y: heads,
    z: cells.flat().map(({ count, of }) => (of > 0 ? count / of : null)),
    range: [0, 1],
    name: 'share at the floor',
    across: 'K',
    up: 'heads',
  });
  const text = cells.map((row) => row.map(({ count, of }) => `${count} of ${of}`));
  return { ...map, text, textfont: { size: 14 } };
}

/** Offset of model i of `of` beside its cell's place, so that no two stand on each other. */
const beside = (i: number, of: number): number => (of > 1 ? 0.22 * ((2 * i) / (of - 1) - 1) : 0);

/** Every model's loss, heads side by side within each number of destinations. */
function lossTraces({ destinations, heads, trials }: SuccessData): Trace[] {
  return heads.map((H, h) => {
    const own = destinations.flatMap((K, k) => {
      const cell = trials.filter((one) => one.destinations === K && one.heads === H);
      return cell.map((one, i) => ({
        one,
        x: k + 0.28 * (h - (heads.length - 1) / 2) + 0.45 * beside(i, cell.length),
      }));
    });
    return inPanel(1, {
      type: 'scatter',
      mode: 'markers',
      name: WORDS[h],
      x: own.map(({ x }) => x),
      y: own.map(({ one }) => missedShare(one)),
      customdata: own.map(({ one }) => [one.row, one.trigram, one.rest]),
      marker: { color: CURVES[h], size: 7, symbol: SYMBOLS[h] },
      hovertemplate:
        'missed %{y:.4f}; %{customdata[1]:.4f} nats on trigrams, %{customdata[2]:.4f} above ln <i>V</i> elsewhere' +
        '<extra>instance %{customdata[0]}</extra>',
    });
  });
}

const WORDS = ['one head', 'two heads', 'three heads'];

/** Two heads that began near the built ones, right of all others. */
function begunTrace({ begun, destinations }: SuccessData): Trace {
  return inPanel(1, {
    type: 'scatter',
    mode: 'markers',
    name: 'two, begun near<br>the built ones',
    x: begun.map((_, i) => destinations.length - 1 + 0.45 * beside(i, begun.length)),
    y: begun.map(missedShare),
    customdata: begun.map(({ row }) => row),
    marker: { color: CURVES[1], size: 8, symbol: 'square-open', line: { width: 1.5 } },
    hovertemplate: 'missed %{y:.4f}<extra>instance %{customdata}</extra>',
  });
}

/** A level across a panel, and its name. */
function level(y: number, text: string) {
  const place = { xref: 'x2 domain', yref: 'y2' };
  return {
    shape: {
      type: 'line',
      ...place,
      x0: 0,
      x1: 1,
      y0: y,
      y1: y,
      line: { color: THEORY, width: 1.2, dash: 'dot' },
    },
    name: {
      ...place,
      text,
      x: 0.99,
      y: Math.log10(y),
      xanchor: 'right',
      yanchor: 'bottom',
      showarrow: false,
      font: { size: 11 },
    },
  };
}

export function attentionSuccessFigure(data: SuccessData): Figure {
  const { destinations, heads } = data;
  const panels = panelGrid(1, 2, 0.1, 0, [0.8, 1.2]);
  const levels = [level(1, 'sees the last token alone'), level(REACHED, 'at the floor below')];
  const places = destinations.map((_, k) => k);
  return {
    data: [successMap(data), ...lossTraces(data), begunTrace(data)],
    layout: sheet(1020, 440, {
      margin: { l: 64, r: 150, t: 48, b: 56 },
      ...cellAxes(0, panels[0], { x: destinations, y: heads, across: '<i>K</i>, trigrams', up: 'heads' }),
      ...panelAxes(
        1,
        panels[1],
        {
          title: { text: '<i>K</i>, trigrams' },
          tickvals: places,
          ticktext: destinations.map(String),
          showgrid: false,
        },
        {
          type: 'log',
          title: { text: 'loss above the floor, as a share', standoff: 10 },
          exponentformat: 'power',
          dtick: 1,
        },
      ),
      showlegend: true,
      legend: { x: 1.01, y: 1, font: { size: 12 } },
      shapes: [
        ...levels.map(({ shape }) => shape),
        ...places.slice(1).map((k) => ({
          type: 'line',
          xref: 'x2',
          yref: 'y2 domain',
          x0: k - 0.5,
          x1: k - 0.5,
          y0: 0,
          y1: 1,
          line: { color: FAINT, width: 1 },
        })),
      ],
      annotations: [
        panelTitle(panels[0], 'models at the floor'),
        panelTitle(panels[1], 'every model'),
        ...levels.map(({ name }) => name),
      ],
    }),
  };
}

const KINDS = [
  { kind: 'mixed', name: 'two signals that differ' },
  { kind: 'same', name: 'one signal twice' },
] as const;

/** Losses of trained models on both kinds of sequences, kinds side by side within each number of heads. */
function readerTraces({ readers }: CoherentData): Trace[] {
  const heads = [...new Set(readers.map((one) => one.heads))];
  return KINDS.map(({ kind, name }, at) => {
    const points = heads.flatMap((H, place) => {
      const own = readers.filter((one) => one.heads === H);
      return own.map((one, i) => ({ one, x: place + 0.4 * (at - 0.5) + 0.5 * beside(i, own.length) }));
    });
    return inPanel(1, {
      type: 'scatter',
      mode: 'markers',
      name,
      x: points.map(({ x }) => x),
      y: points.map(({ one }) => one[kind]),
      customdata: points.map(({ one }) => one.row),
      marker: { color: CURVES[at], size: 8, symbol: SYMBOLS[at] },
      showlegend: false,
      hovertemplate: `${name}: %{y:.4f} nats<extra>instance %{customdata}</extra>`,
    });
  });
}

export function attentionCoherentFigure(data: CoherentData): Figure {
  const { strengths, built, bound, entropy, readers } = data;
  const panels = panelGrid(1, 2, 0.12, 0);
  const heads = [...new Set(readers.map((one) => one.heads))];
  const nats = (text: string) => ({
    type: 'log',
    title: { text, standoff: 10 },
    exponentformat: 'power',
    dtick: 1,
  });
  const levels = [level(entropy, 'sees no signal'), level(REACHED * entropy, 'at the floor below')];
  return {
    data: [
      ...KINDS.flatMap(({ kind, name }, at) => bounded(0, at, name, strengths, built[kind], bound[kind])),
      ...readerTraces(data),
    ],
    layout: sheet(940, 430, {
      ...panelAxes(
        0,
        panels[0],
        { title: { text: '<i>s</i>, what a signal adds to a logit' } },
        nats('largest loss, nats'),
      ),
      ...panelAxes(
        1,
        panels[1],
        {
          title: { text: 'heads' },
          tickvals: heads.map((_, k) => k),
          ticktext: heads.map(String),
          range: [-0.6, heads.length - 0.4],
        },
        nats('loss on fresh sequences, nats'),
      ),
      showlegend: true,
      legend: { x: 0.02, y: 0.02, xanchor: 'left', yanchor: 'bottom', bgcolor: 'rgba(255,255,255,0.85)' },
      shapes: levels.map(({ shape }) => shape),
      annotations: [
        panelTitle(panels[0], 'one head, built, on the closed form'),
        panelTitle(panels[1], 'trained'),
        ...levels.map(({ name }) => name),
      ],
    }),
  };
}
