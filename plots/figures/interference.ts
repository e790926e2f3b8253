/** IW1: lifted weights, between two seeds, and what is gained by keeping those of highest score. */
import type { InterferenceData, Kept } from '../../sim/experiments/interferenceWeights.ts';
import { LIFTED_BINS } from '../../sim/experiments/lifted.ts';
import type { Figure, Trace } from '../figure.ts';
import { CURVES, FAINT } from '../palette.ts';
import { inPanel, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';

function histogramTraces({ real, rest }: InterferenceData): Trace[] {
  const x = real.map((_, bin) => LIFTED_BINS.from + (bin + 0.5) * LIFTED_BINS.width);
  const bars = (name: string, y: number[], color: string, shape: string) =>
    inPanel(0, {
      type: 'bar',
      name,
      x,
      y: y.map((count) => count || null), // none on a logarithmic axis
      width: LIFTED_BINS.width,
      marker: { color, pattern: { shape, fgcolor: '#ffffff', fillmode: 'overlay', size: 6 } },
      hovertemplate: `%{x:.3f}: %{y}<extra>${name}</extra>`,
    });
  return [bars('interference', rest, CURVES[4], ''), bars('real', real, CURVES[1], '/')];
}

function seedTraces({ diagonal, others }: InterferenceData): Trace[] {
  const dots = (name: string, [x, y]: number[][], marker: object) =>
    inPanel(1, {
      type: 'scatter',
      mode: 'markers',
      name,
      x,
      y,
      marker,
      showlegend: false,
      hovertemplate: `%{x:.2f}, %{y:.2f}<extra>${name}</extra>`,
    });
  return [
    dots('<i>U<sub>ij</sub></i>', others, { color: CURVES[4], size: 3, opacity: 0.5 }),
    dots('<i>U<sub>ii</sub></i>', diagonal, { color: CURVES[1], size: 7, symbol: 'diamond' }),
  ];
}

/** A number of a curve over how many weights are kept. */
function curveTrace(name: string, curve: Kept[], y: (kept: Kept) => number, style: object): Trace {
  return inPanel(2, {
    type: 'scatter',
    mode: 'lines+markers',
    name,
    x: curve.map(({ count }) => count),
    y: curve.map(y),
    legend: 'legend2',
    hovertemplate: `%{x} kept: %{y:.2f}<extra>${name}</extra>`,
    ...style,
  });
}

/** Precision and gain of keeping the largest weights, and gain of keeping those that are wanted most. */
function curveTraces({ bySize, byTarget }: InterferenceData): Trace[] {
  const shade = (color: string, symbol: string, dash: string) => ({
    line: { color, width: 2, dash },
    marker: { color, size: 7, symbol },
  });
  return [
    curveTrace('precision, by size', bySize, ({ precision }) => precision, shade(CURVES[0], 'circle', 'solid')),
    curveTrace('precision, by what is wanted', byTarget, ({ precision }) => precision, shade(CURVES[2], 'square', 'solid')),
    curveTrace('gain, by size', bySize, ({ gain }) => gain, shade(CURVES[0], 'circle-open', 'dash')),
    curveTrace('gain, by what is wanted', byTarget, ({ gain }) => gain, shade(CURVES[2], 'square-open', 'dash')),
  ]; // biome-ignore format: four curves
}

export function interferenceWeightsFigure(data: InterferenceData): Figure {
  const panels = panelGrid(1, 3, 0.075, 0);
  const all = [...data.others.flat(), ...data.diagonal.flat()];
  const range = [Math.min(...all) - 0.1, Math.max(...all) + 0.1];
  return {
    data: [...histogramTraces(data), ...seedTraces(data), ...curveTraces(data)],
    layout: sheet(1240, 420, {
      ...panelAxes(0, panels[0], { title: { text: 'lifted weight <i>U<sub>ij</sub></i>', standoff: 4 } }, { type: 'log', dtick: 1, title: { text: 'weights' } }), // biome-ignore format: one axis
      ...panelAxes(1, panels[1], { range, title: { text: 'one seed', standoff: 4 } }, { range, title: { text: 'another seed' } }), // biome-ignore format: one axis
      ...panelAxes(2, panels[2], { type: 'log', dtick: 1, title: { text: 'weights that are kept', standoff: 4 } }, { range: [-0.5, 1.1], title: { text: 'precision; share of the gain' } }), // biome-ignore format: one axis
      barmode: 'stack',
      bargap: 0,
      showlegend: true,
      legend: { x: panels[0].x[1], xanchor: 'right', y: 0.98, font: { size: 12 } },
      legend2: { x: panels[2].x[0] + 0.008, y: 0.02, yanchor: 'bottom', font: { size: 11 }, bordercolor: FAINT, borderwidth: 1 }, // biome-ignore format: one legend
      annotations: [
        panelTitle(panels[0], 'all weights of one model'),
        panelTitle(panels[1], 'the same weights from two seeds; diamonds: <i>U<sub>ii</sub></i>'),
        panelTitle(panels[2], 'keeping the weights of highest score'),
      ],
    }),
  };
}
