/** M1, M2: a circle of features, and weights in superposition. */
import { median } from 'mathjs/number';
import type { Around, ManifoldData } from '../../sim/experiments/featureManifold.ts';
import {
  BINS,
  type Layers,
  sharesInBins,
  type WeightsData,
} from '../../sim/experiments/weightSuperposition.ts';
import type { Figure, Trace } from '../figure.ts';
import { type ColorScale, CURVES, FAINT } from '../palette.ts';
import { inPanel, type Panel, panelAxes, panelGrid, panelTitle, sheet, yref } from '../panels.ts';

/** Places around a circle: the colours of the ends are the same. */
const AROUND: ColorScale = [
  [0, '#0b3c6f'],
  [0.25, '#56b4e9'],
  [0.5, '#e69f00'],
  [0.75, '#a0402a'],
  [1, '#0b3c6f'],
];

/** Directions of one model, joined in the order of the features. */
function circleTrace(k: number, { W }: Around, features: number): Trace {
  const order = Array.from({ length: features + 1 }, (_, i) => i % features);
  return inPanel(k, {
    type: 'scatter',
    mode: 'lines+markers',
    x: order.map((i) => W[2 * i]),
    y: order.map((i) => W[2 * i + 1]),
    text: order.map((i) => `feature ${i}`),
    hovertemplate: '%{text}<extra></extra>',
    line: { color: FAINT, width: 1 },
    marker: { size: 7, color: order.map((i) => i / features), colorscale: AROUND, cmin: 0, cmax: 1 },
    cliponaxis: false,
    showlegend: false,
  });
}

/** Numbers of the models of each ℓ as dots, and their median as a line. */
function measured(k: number, around: Around[], of: (own: Around) => number[]): Trace[] {
  const x = around.map(({ extent }) => extent);
  const dots = around.flatMap((own) => of(own).map((value) => [own.extent, value]));
  return [
    inPanel(k, {
      type: 'scatter',
      mode: 'markers',
      x: dots.map(([extent]) => extent),
      y: dots.map(([, value]) => value),
      marker: { color: CURVES[4], size: 7, opacity: 0.6 },
      hovertemplate: 'ℓ = %{x}: %{y:.3g}<extra>a model</extra>',
    }),
    inPanel(k, {
      type: 'scatter',
      mode: 'lines+markers',
      x,
      y: around.map((own) => median(of(own))),
      line: { color: CURVES[0], width: 2 },
      marker: { color: CURVES[0], size: 9, symbol: 'diamond' },
      hovertemplate: 'ℓ = %{x}: %{y:.3g}<extra>median</extra>',
    }),
  ];
}

const across = (from: Panel, to: Panel): Panel => ({ x: [from.x[0], to.x[1]], y: from.y });

export function featureManifoldFigure({ around, features }: ManifoldData): Figure {
  const cells = panelGrid(2, around.length, 0.05, 0.2, undefined, [1.2, 1]);
  const half = around.length / 2;
  const below = [across(cells[2 * half], cells[3 * half - 1]), across(cells[3 * half], cells[4 * half - 1])];
  const right = { x: [below[1].x[0] + 0.03, 1] as [number, number], y: below[1].y };
  const extents = around.map(({ extent }) => extent);
  const axis = { type: 'log', autorange: 'reversed', title: { text: 'ℓ, extent of a sample', standoff: 4 }, tickvals: extents, ticktext: extents.map(String) }; // biome-ignore format: one axis
  const reach = around.map(({ W }) => 1.1 * Math.max(...W.map(Math.abs)));
  const square = (k: number) =>
    panelAxes(k, cells[k], { range: [-reach[k], reach[k]], constrain: 'domain', nticks: 5 }, { range: [-reach[k], reach[k]], scaleanchor: `x${k === 0 ? '' : k + 1}`, nticks: 5 }); // biome-ignore format: one pair
  const count = around.length;
  return {
    data: [
      ...around.map((own, k) => circleTrace(k, own, features)),
      ...measured(count, around, ({ breaks }) => breaks),
      ...measured(count + 1, around, ({ loss }) => loss),
    ],
    layout: sheet(1080, 640, {
      ...Object.assign({}, ...around.map((_, k) => square(k))),
      ...panelAxes(count, below[0], axis, { title: { text: 'breaks' }, rangemode: 'tozero' }),
      ...panelAxes(count + 1, right, axis, { title: { text: 'loss / mean square' }, rangemode: 'tozero' }),
      annotations: [
        ...around.map(({ extent, breaks }, k) =>
          panelTitle(cells[k], `ℓ = ${extent}: ${Number(median(breaks))} breaks`),
        ),
        panelTitle(below[0], 'places where neighbours point apart; diamonds: median'),
        panelTitle(right, 'how much is lost'),
      ],
    }),
  };
}

/** Shares of the wanted virtual weights, and of all others, in bins. */
function layerTraces(k: number, { wanted, interference }: Layers): Trace[] {
  const at = interference.map((_, bin) => BINS.from + (bin + 0.5) * BINS.width);
  const own = (name: string, y: number[], style: object) =>
    inPanel(k, {
      type: 'bar',
      name,
      x: at,
      y,
      showlegend: k === 0,
      hovertemplate: `%{x:.2f}: %{y:.3f}<extra>${name}</extra>`,
      ...style,
    });
  const step = { type: 'scatter', mode: 'lines', line: { color: CURVES[1], width: 2, shape: 'hvh' } };
  return [
    own('interference', interference, { width: BINS.width, marker: { color: CURVES[4] } }),
    own('wanted, times its sign', sharesInBins(wanted), step),
  ];
}

export function weightSuperpositionFigure({ layers, hidden, features }: WeightsData): Figure {
  const panels = panelGrid(1, layers.length, 0.06, 0);
  const highest = Math.max(...layers.flatMap((own) => [...own.interference, ...sharesInBins(own.wanted)]));
  return {
    data: layers.flatMap((own, k) => layerTraces(k, own)),
    layout: sheet(1160, 400, {
      ...Object.assign(
        {},
        ...layers.map((_, k) =>
          panelAxes(
            k,
            panels[k],
            { title: { text: 'virtual weight', standoff: 4 }, range: [-3, 3] },
            k === 0
              ? { title: { text: 'share of its kind' }, range: [0, 1.1 * highest] }
              : { range: [0, 1.1 * highest], matches: yref(0) },
          ),
        ),
      ),
      barmode: 'overlay',
      bargap: 0,
      showlegend: true,
      legend: { x: 0.995, y: 0.98, xanchor: 'right', font: { size: 12 } },
      annotations: layers.map(({ count }, k) =>
        panelTitle(panels[k], `${count} of ${features[0] * features[1]} wanted, in ${hidden ** 2} numbers`),
      ),
    }),
  };
}
