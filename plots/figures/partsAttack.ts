/** SPD beside VPD: what an attack on the masks finds, and in how many seeds they are right. */
import { METHODS } from '../../sim/experiments/decompositions.ts';
import { type AttackData, type Attacked, middle, rightErrors } from '../../sim/experiments/partsAttack.ts';
import { shareOf } from '../../sim/metrics/share.ts';
import type { Figure, Trace } from '../figure.ts';
import { CURVES, FAINT, INK, THEORY } from '../palette.ts';
import { emptied, inPanel, logAxis, panelAxes, panelGrid, panelTitle, sheet, xref, yref } from '../panels.ts';

type Method = (typeof METHODS)[number];

/** How each method is drawn everywhere: apart by colour, by symbol and by dash. */
const LOOKS: Record<Method, { name: string; color: string; symbol: string; dash: string; shift: number }> = {
  spd: {
    name: 'SPD, random masks in training',
    color: CURVES[0],
    symbol: 'circle',
    dash: 'solid',
    shift: -0.12,
  },
  vpd: {
    name: 'VPD, an adversary in training',
    color: CURVES[1],
    symbol: 'square',
    dash: 'dash',
    shift: 0.12,
  },
};

const alive = ({ liveIn, liveOut }: Attacked): number => liveIn + liveOut;
const scaleText = (scale: number): string => (scale < 1 ? `1/${Math.round(1 / scale)}` : String(scale));
const hover = ({ scale, liveIn, liveOut }: Attacked): string =>
  `${scaleText(scale)} × the published coefficients; ${liveIn} alive in the encoder, ${liveOut} in the decoder`;

/** The seeds of a method as dots. */
function dots(k: number, method: Method, all: readonly Attacked[], x: (own: Attacked) => number): Trace {
  const { name, color, symbol } = LOOKS[method];
  return inPanel(k, {
    type: 'scatter',
    mode: 'markers',
    name,
    legendgroup: method,
    showlegend: k === 0,
    x: all.map(x),
    y: all.map(({ attacked }) => attacked),
    text: all.map(hover),
    marker: { color, symbol, size: 8, opacity: 0.75, line: { color: '#ffffff', width: 1 } },
    hovertemplate: '%{text}<br>error after the attack %{y:.2e}<extra></extra>',
  });
}

/** Medians over the seeds of a method with as many alive. */
function medians(method: Method, all: readonly Attacked[]): Trace {
  const counts = [...new Set(all.map(alive))].sort((p, q) => p - q);
  const { color, dash } = LOOKS[method];
  return inPanel(0, {
    type: 'scatter',
    mode: 'lines',
    legendgroup: method,
    showlegend: false,
    x: counts,
    y: counts.map((count) =>
      middle(all.filter((own) => alive(own) === count).map(({ attacked }) => attacked)),
    ),
    line: { color, width: 2, dash },
    hoverinfo: 'skip',
  });
}

/** Where an attack finds no more than random masks do. */
function diagonal(all: readonly Attacked[]): Trace {
  const ends = [Math.min(...all.map(({ random }) => random)), Math.max(...all.map(({ random }) => random))];
  return inPanel(1, {
    type: 'scatter',
    mode: 'lines',
    showlegend: false,
    x: ends,
    y: ends,
    line: { color: THEORY, width: 1.5 },
    hoverinfo: 'skip',
  });
}

/** Share of the seeds of a method that are right, over the scale of its coefficients. */
function shares(method: Method, { scales, methods }: AttackData): Trace {
  const { color, symbol, dash } = LOOKS[method];
  const cells = scales
    .map((scale) => ({ scale, all: methods[method].filter((own) => own.scale === scale) }))
    .filter(({ all }) => all.length > 0)
    .map(({ scale, all }) => ({ scale, ...shareOf(all.filter(({ whole }) => whole).length, all.length) }));
  const y = cells.map(({ count, of }) => count / of);
  return inPanel(2, {
    type: 'scatter',
    mode: 'lines+markers',
    legendgroup: method,
    showlegend: false,
    x: cells.map(({ scale }) => Math.log10(scale) + LOOKS[method].shift / 6),
    y,
    text: cells.map(({ count, of }) => `${count} of ${of} seeds`),
    line: { color, width: 2, dash },
    marker: { color, symbol, size: 9 },
    error_y: {
      type: 'data',
      symmetric: false,
      array: cells.map(({ high }, k) => high - y[k]),
      arrayminus: cells.map(({ low }, k) => y[k] - low),
      thickness: 1.2,
      width: 4,
    },
    hovertemplate: '%{text}<extra></extra>',
  });
}

/** The numbers of the first claim in a sentence. */
function summary({ methods }: AttackData): string {
  const [spd, vpd] = METHODS.map((method) => rightErrors(methods[method]));
  const numbers = (errors: number[]) =>
    errors.length > 0 ? `${middle(errors).toExponential(1)} in ${errors.length} seeds` : 'none, in no seed,';
  return `Five subcomponents alive in each map: the error that an attack finds is ${numbers(vpd)} with VPD, ${numbers(spd)} with SPD`;
}

export function partsAttackFigure(data: AttackData): Figure {
  const { methods, scales } = data;
  const all = METHODS.flatMap((method) => methods[method]);
  const panels = panelGrid(1, 3, 0.075, 0);
  const log = { type: 'log', dtick: 'D2', exponentformat: 'power' };
  const right = { type: 'line', x0: 10, x1: 10, y0: 0, y1: 1, line: { color: FAINT, width: 2, dash: 'dot' } };
  return {
    data: [
      ...METHODS.map((method) => dots(0, method, methods[method], (own) => alive(own) + LOOKS[method].shift)),
      ...METHODS.map((method) => medians(method, methods[method])),
      ...(all.length > 0 ? [diagonal(all)] : []),
      ...METHODS.map((method) => dots(1, method, methods[method], ({ random }) => random)),
      ...METHODS.map((method) => shares(method, data)),
    ],
    layout: sheet(1180, 500, {
      margin: { l: 72, r: 24, t: 92, b: 116 },
      title: { text: summary(data), font: { size: 15, color: INK }, y: 0.95 },
      showlegend: true,
      legend: { orientation: 'h', x: 0, y: -0.22, yanchor: 'top' },
      ...panelAxes(
        0,
        panels[0],
        { dtick: 1, title: { text: 'subcomponents alive, encoder and decoder', standoff: 6 } },
        { ...log, title: { text: 'mean squared error after an attack', standoff: 6 } },
      ),
      ...panelAxes(
        1,
        panels[1],
        { ...log, title: { text: 'mean squared error under random masks', standoff: 6 } },
        { ...log, title: { text: 'mean squared error after an attack', standoff: 6 } },
      ),
      ...panelAxes(
        2,
        panels[2],
        {
          ...logAxis(scales, 'coefficients over the published ones'),
          ticktext: scales.map(scaleText),
        },
        { range: [-0.04, 1.04], title: { text: 'share of seeds', standoff: 6 } },
      ),
      shapes: [{ ...right, xref: xref(0), yref: `${yref(0)} domain`, layer: 'below' }],
      annotations: [
        panelTitle(panels[0], 'by what is alive (dotted: as many as is right)'),
        panelTitle(panels[1], 'beside random masks (line: no difference)'),
        panelTitle(panels[2], 'one subcomponent a feature, within 0.1'),
        ...(all.length === 0 ? [emptied('no seed’s model is a pentagon')] : []),
      ],
    }),
  };
}
