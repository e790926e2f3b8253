/** Dictionaries on pentagons: maps over λ and size, and their arrows on the way. */

import type { ArrowsData, Flight } from '../../sim/experiments/saeArrows.ts';
import type { PentagonData } from '../../sim/experiments/saePentagon.ts';
import { unitCircle } from '../arrows.ts';
import type { Figure, Trace } from '../figure.ts';
import { cellAxes, heatmap } from '../heatmap.ts';
import { CURVES, FAINT } from '../palette.ts';
import {
  BARE,
  emptied,
  inPanel,
  type Panel,
  panelAxes,
  panelGrid,
  panelTitle,
  sheet,
  xref,
} from '../panels.ts';

const LAMBDA = 'sparsity λ';
const LATENTS = 'latents <i>L</i>';

export function saePentagonFigure(data: PentagonData): Figure {
  const { sparsities, sizes, dictionaries, maps } = data;
  const [tied, untied] = maps;
  const panels = panelGrid(1, 4, 0.055, 0);
  const axes = { x: sparsities, y: sizes, across: LAMBDA, up: LATENTS };
  const share = ({ complete }: (typeof maps)[number]) =>
    complete.map((count) => (dictionaries > 0 ? count / dictionaries : null));
  const cells = (k: number, name: string, z: readonly (number | null)[], range: [number, number]) =>
    heatmap(k, { ...axes, name, z, range });
  return {
    data: [
      cells(0, 'MMCS', tied.mmcs, [0.6, 1]),
      cells(1, 'R²', tied.r2, [0.6, 1]),
      cells(2, 'share', share(tied), [0, 1]),
      cells(3, 'share', share(untied), [0, 1]),
    ],
    layout: sheet(1200, 360, {
      ...Object.assign({}, ...panels.map((panel, k) => cellAxes(k, panel, axes))),
      annotations: [
        panelTitle(panels[0], 'mean max cosine (MMCS)'),
        panelTitle(panels[1], 'variance explained <i>R</i>²'),
        panelTitle(panels[2], 'found all five: encoder starts as decoder'),
        panelTitle(panels[3], 'found all five: both start at random'),
        ...(dictionaries > 0 ? [] : [emptied('no model became a pentagon')]),
      ],
    }),
  };
}

/** The model's features, as grey spokes. */
function spokes(k: number, truth: readonly number[]): Trace {
  const ends = Array.from({ length: truth.length / 2 }, (_, i) => [truth[2 * i], truth[2 * i + 1]]);
  const at = (c: 0 | 1) => ends.flatMap((end) => [0, end[c], null]);
  return inPanel(k, {
    type: 'scatter',
    mode: 'lines',
    x: at(0),
    y: at(1),
    line: { color: FAINT, width: 7 },
    hoverinfo: 'skip',
  });
}

/** Decoder directions of a dictionary at snapshot t. */
function latentArrows(k: number, { decoders, latents, row }: Flight, t: number): Trace {
  const at = (c: 0 | 1) =>
    Array.from({ length: latents }, (_, i) => [0, decoders[(t * latents + i) * 2 + c], null]).flat();
  return inPanel(k, {
    type: 'scatter',
    mode: 'lines+markers',
    x: at(0),
    y: at(1),
    line: { color: CURVES[1], width: 2 },
    marker: { color: CURVES[1], size: Array.from({ length: latents }, () => [0, 8, 0]).flat(), opacity: 1 },
    hovertemplate: `(%{x:.3f}, %{y:.3f})<extra>instance ${row}</extra>`,
  });
}

function planeAxes(k: number, panel: Panel): Record<string, object> {
  const range = [-1.35, 1.35];
  const bare = { ...BARE, range };
  return panelAxes(k, panel, bare, { ...bare, scaleanchor: xref(k), scaleratio: 1 });
}

/** A slider that moves all panels to a step. */
function slider(steps: readonly number[], active: number): object {
  return {
    active,
    x: 0.02,
    len: 0.96,
    y: -0.01,
    currentvalue: { prefix: 'step ', font: { size: 12 } },
    tickcolor: '#ffffff',
    font: { color: 'rgba(0,0,0,0)' },
    steps: steps.map((step) => ({
      label: String(step),
      method: 'animate',
      args: [[String(step)], { mode: 'immediate', frame: { duration: 0 }, transition: { duration: 0 } }],
    })),
  };
}

export function saeArrowsFigure({ steps, truth, flights, complete }: ArrowsData): Figure {
  const columns = new Set(flights.map(({ sparsity }) => sparsity)).size;
  const rows = Math.max(1, flights.length / columns);
  const panels = panelGrid(rows, columns, 0.03, 0.08);
  const still = flights.flatMap((_, k) => [unitCircle(k), spokes(k, truth)]);
  const moving = (t: number) => flights.map((flight, k) => latentArrows(k, flight, t));
  const last = steps.length - 1;
  const title = ({ latents, sparsity, mmcs }: Flight) => {
    const { found, of } = complete.find((one) => one.latents === latents && one.sparsity === sparsity)!;
    return `<i>L</i> = ${latents}, λ = ${sparsity}: MMCS ${mmcs[last].toFixed(3)}; all five in ${found} of ${of}`;
  };
  return {
    data: [...still, ...moving(last)],
    frames: steps.map((step, t) => ({
      name: String(step),
      data: moving(t),
      traces: flights.map((_, k) => still.length + k),
    })),
    layout: sheet(980, 700, {
      margin: { l: 24, r: 24, t: 48, b: 90 },
      ...Object.assign({}, ...panels.slice(0, flights.length).map((panel, k) => planeAxes(k, panel))),
      sliders: [slider(steps, last)],
      annotations: flights.map((flight, k) => panelTitle(panels[k], title(flight), 12)),
    }),
  };
}
