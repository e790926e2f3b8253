/** IW2: lifted weights of a sparse layer, between two seeds, and how well real ones are found; a row for each A. */
import {
  type CircuitRun,
  type Found,
  SCORES,
  type ScoreName,
} from '../../sim/experiments/interferenceCircuit.ts';
import { LIFTED_BINS } from '../../sim/experiments/lifted.ts';
import type { Figure, Trace } from '../figure.ts';
import { CURVES, FAINT } from '../palette.ts';
import { inPanel, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';

const REAL = CURVES[1];
const REST = CURVES[4];

/** How each score is drawn. */
const STYLES: Record<ScoreName, { name: string; color: string; symbol: string }> = {
  size: { name: 'size', color: CURVES[0], symbol: 'circle' },
  attribution: { name: 'attribution', color: CURVES[5], symbol: 'diamond' },
  target: { name: 'target-weighted', color: CURVES[2], symbol: 'square' },
  frequency: { name: 'frequency', color: CURVES[3], symbol: 'triangle-up' },
};

function histogramTraces(panel: number, { realBins, restBins }: CircuitRun): Trace[] {
  const x = realBins.map((_, bin) => LIFTED_BINS.from + (bin + 0.5) * LIFTED_BINS.width);
  const bars = (name: string, y: number[], color: string, shape: string) =>
    inPanel(panel, {
      type: 'bar',
      name,
      x,
      y: y.map((count) => count || null), // none on a logarithmic axis
      width: LIFTED_BINS.width,
      marker: { color, pattern: { shape, fgcolor: '#ffffff', fillmode: 'overlay', size: 6 } },
      showlegend: panel === 0,
      hovertemplate: `%{x:.3f}: %{y}<extra>${name}</extra>`,
    });
  return [bars('interference', restBins, REST, ''), bars('real', realBins, REAL, '/')];
}

/** A weight, or the end of the histogram that it is beyond. */
const drawnAt = (weight: number): number => Math.max(LIFTED_BINS.from, weight);

function seedTraces(panel: number, { real, rest }: CircuitRun): Trace[] {
  const dots = (name: string, [x, y]: number[][], marker: object) =>
    inPanel(panel, {
      type: 'scatter',
      mode: 'markers',
      name,
      x: x.map(drawnAt),
      y: y.map(drawnAt),
      marker,
      showlegend: false,
      hovertemplate: `%{x:.2f}, %{y:.2f}<extra>${name}</extra>`,
    });
  return [
    dots('real', real, { color: REAL, size: 7, symbol: 'diamond' }),
    dots('interference', rest, { color: REST, size: 3, opacity: 0.7 }),
  ];
}

/** Recall or gain of one score over its precision. */
function scoreTrace(panel: number, score: ScoreName, curve: Found[], what: 'recall' | 'gain'): Trace {
  const { name, color, symbol } = STYLES[score];
  const isGain = what === 'gain';
  return inPanel(panel, {
    type: 'scatter',
    mode: 'lines+markers',
    name: `${what}, ${name}`,
    x: curve.map(({ precision }) => precision),
    y: curve.map((found) => found[what]),
    text: curve.map(({ count }) => `${count} kept`),
    line: { color, width: 2, dash: isGain ? 'solid' : 'dot' },
    marker: { color, size: 6, symbol: isGain ? symbol : `${symbol}-open` },
    legend: 'legend2',
    showlegend: panel === 2,
    hovertemplate: `%{text}: precision %{x:.2f}, ${what} %{y:.2f}<extra>${name}</extra>`,
  });
}

function scoreTraces(panel: number, { curves }: CircuitRun): Trace[] {
  return (['gain', 'recall'] as const).flatMap((what) =>
    SCORES.map((score) => scoreTrace(panel, score, curves[score], what)),
  );
}

/** Ends of an axis that all weights of a run are on. */
function rangeOf({ real, rest }: CircuitRun): number[] {
  const all = [...real, ...rest].flat().map(drawnAt);
  const [low, high] = [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
  return [low - 0.1, high + 0.1];
}

export function interferenceCircuitFigure(runs: CircuitRun[]): Figure {
  const panels = panelGrid(runs.length, 3, 0.075, 0.17);
  const axes = runs.map((run, row) => {
    const [k, range] = [3 * row, rangeOf(run)];
    return {
      ...panelAxes(k, panels[k], { range: [-1, 1.5], title: { text: 'lifted weight <i>U<sub>ij</sub></i>', standoff: 4 } }, { type: 'log', dtick: 1, title: { text: 'weights' } }), // biome-ignore format: one axis
      ...panelAxes(k + 1, panels[k + 1], { range, title: { text: 'one seed', standoff: 4 } }, { range, title: { text: 'another seed' } }), // biome-ignore format: one axis
      ...panelAxes(k + 2, panels[k + 2], { range: [-0.03, 1.03], title: { text: 'precision', standoff: 4 } }, { range: [-0.05, 1.1], title: { text: 'recall; gain' } }), // biome-ignore format: one axis
    };
  });
  return {
    data: runs.flatMap((run, row) => [
      ...histogramTraces(3 * row, run),
      ...seedTraces(3 * row + 1, run),
      ...scoreTraces(3 * row + 2, run),
    ]),
    layout: sheet(1240, 780, {
      ...Object.assign({}, ...axes),
      barmode: 'stack',
      bargap: 0,
      showlegend: true,
      legend: { x: panels[0].x[1], xanchor: 'right', y: 0.99, font: { size: 12 } },
      legend2: { x: panels[2].x[1] + 0.005, y: 1, font: { size: 11 }, bordercolor: FAINT, borderwidth: 1 },
      annotations: runs.flatMap(({ density }, row) => [
        panelTitle(
          panels[3 * row],
          `<i>A<sub>ij</sub></i> with probability ${density}: weights of one model`,
        ),
        panelTitle(panels[3 * row + 1], 'the same weights from two seeds'),
        panelTitle(panels[3 * row + 2], 'keeping the weights of highest score'),
      ]),
    }),
  };
}
