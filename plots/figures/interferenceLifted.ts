/** IW3: lifted weights before and after training on, and what that takes away. */
import type { SettledData } from '../../sim/experiments/interferenceLifted.ts';
import { LIFTED_BINS } from '../../sim/experiments/lifted.ts';
import type { Figure, Trace } from '../figure.ts';
import { CURVES, THEORY } from '../palette.ts';
import { inPanel, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';

const [REAL, REST] = [CURVES[1], CURVES[4]];

function dots(panel: number, name: string, x: number[], y: number[], marker: object): Trace {
  return inPanel(panel, {
    type: 'scatter',
    mode: 'markers',
    name,
    x,
    y,
    marker,
    showlegend: panel === 0,
    hovertemplate: `%{x:.2f}, %{y:.2f}<extra>${name}</extra>`,
  });
}

function changeTraces({ before, after }: SettledData): Trace[] {
  const [low, high] = endsOf([...before.flat(), ...after.flat()]);
  return [
    inPanel(0, {
      type: 'scatter',
      mode: 'lines',
      name: 'unchanged',
      x: [low, high],
      y: [low, high],
      line: { color: THEORY, width: 1.5, dash: 'dot' },
      hoverinfo: 'skip',
    }),
    dots(0, 'between features', before[1], after[1], { color: REST, size: 3, opacity: 0.6 }),
    dots(0, 'of a feature for itself', before[0], after[0], { color: REAL, size: 7, symbol: 'diamond' }),
  ];
}

function histogramTrace({ takenBins }: SettledData): Trace {
  return inPanel(1, {
    type: 'bar',
    name: 'U − U*',
    x: takenBins.map((_, bin) => LIFTED_BINS.from + (bin + 0.5) * LIFTED_BINS.width),
    y: takenBins.map((count) => count || null), // none on a logarithmic axis
    width: LIFTED_BINS.width,
    marker: { color: REST },
    showlegend: false,
    hovertemplate: '%{x:.3f}: %{y}<extra></extra>',
  });
}

/** Least and largest of some numbers, with room around them. */
function endsOf(values: number[]): [number, number] {
  const ends = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [0, 0]);
  return [ends[0] - 0.1, ends[1] + 0.1];
}

export function interferenceLiftedFigure(data: SettledData): Figure {
  const panels = panelGrid(1, 3, 0.075, 0);
  const [range, ends] = [endsOf(data.taken.flat()), endsOf([...data.before.flat(), ...data.after.flat()])];
  const difference = '<i>U<sub>ij</sub></i> − <i>U</i>*<i><sub>ij</sub></i>';
  return {
    data: [
      ...changeTraces(data),
      histogramTrace(data),
      dots(2, difference, data.taken[0], data.taken[1], { color: REST, size: 3, opacity: 0.5 }),
    ],
    layout: sheet(1240, 420, {
      ...panelAxes(0, panels[0], { range: ends, title: { text: '<i>U<sub>ij</sub></i>, before', standoff: 4 } }, { range: ends, title: { text: '<i>U</i>*<i><sub>ij</sub></i>, after' } }), // biome-ignore format: one axis
      ...panelAxes(1, panels[1], { range: [-1, 1], title: { text: difference, standoff: 4 } }, { type: 'log', dtick: 1, title: { text: 'weights' } }), // biome-ignore format: one axis
      ...panelAxes(2, panels[2], { range, title: { text: 'one seed', standoff: 4 } }, { range, title: { text: 'another seed' } }), // biome-ignore format: one axis
      bargap: 0,
      showlegend: true,
      legend: { x: 0.005, y: 0.99, font: { size: 11 }, bgcolor: 'rgba(255,255,255,0.85)' },
      annotations: [
        panelTitle(panels[0], 'weights before and after training on'),
        panelTitle(panels[1], 'what training on takes away'),
        panelTitle(
          panels[2],
          `the same from two seeds, correlation ${data.correlation.toFixed(2).replace('-', '−')}`,
        ),
      ],
    }),
  };
}
