/** D8 to D11: repeated samples, when features appear, a hidden ReLU, and pressure. */
import type { HiddenData, Shifted } from '../../sim/experiments/ddHidden.ts';
import type { Pressed, PressureData } from '../../sim/experiments/ddPressure.ts';
import type { Repeated, RepeatsData } from '../../sim/experiments/ddRepeats.ts';
import type { Rise, ScaleData } from '../../sim/experiments/ddScale.ts';
import type { Figure, Trace } from '../figure.ts';
import { CURVES, FAINT, THEORY } from '../palette.ts';
import { inPanel, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';
import { SIZE_AXIS } from './doubleDescent.ts';

const color = (k: number) => CURVES[k % CURVES.length];

/** A line with dots over x. */
function line(panel: number, name: string, x: number[], y: number[], style: object): Trace {
  return inPanel(panel, {
    type: 'scatter',
    mode: 'lines+markers',
    name,
    x,
    y,
    hovertemplate: `%{x}: %{y:.3f}<extra>${name}</extra>`,
    ...style,
  });
}

/** Cells of one size of the training set: share of the repeated sample, of the others, and features left. */
function repeatTraces(own: Repeated[], k: number): Trace[] {
  const x = own.map(({ repeats }) => repeats);
  const name = `<i>T</i> = ${own[0].samples.toLocaleString('en')}`;
  const shade = { color: color(k), width: 2 };
  const symbol = own.map(({ memorised }) => (memorised > 0.5 ? 'circle' : 'circle-open'));
  const others = { mode: 'lines', showlegend: false, line: { color: color(k), width: 1, dash: 'dot' } };
  return [
    line(0, name, x, own.map(({ share }) => share), { line: shade, marker: { size: 9, symbol } }), // biome-ignore format: one curve
    line(0, `${name}, largest other`, x, own.map(({ rest }) => rest), others), // biome-ignore format: one curve
    line(1, name, x, own.map(({ features }) => features), { line: shade, marker: { size: 8 }, showlegend: false }), // biome-ignore format: one curve
  ];
}

export function ddRepeatsFigure({ cells }: RepeatsData): Figure {
  const panels = panelGrid(1, 2, 0.1, 0);
  const sizes = [...new Set(cells.map(({ samples }) => samples))];
  const repeats = [...new Set(cells.map((cell) => cell.repeats))];
  const ticks = { tickvals: repeats, ticktext: repeats.map(String) };
  const axis = {
    type: 'log',
    title: { text: 'times that one sample counts, <i>R</i>', standoff: 4 },
    ...ticks,
  };
  return {
    data: sizes.flatMap((T, k) =>
      repeatTraces(
        cells.filter(({ samples }) => samples === T),
        k,
      ),
    ),
    layout: sheet(1000, 400, {
      ...panelAxes(0, panels[0], axis, { type: 'log', dtick: 1, title: { text: 'share of a hidden dimension, <i>D<sub>X</sub></i>' } }), // biome-ignore format: one axis
      ...panelAxes(1, panels[1], axis, { title: { text: 'features with <i>D<sub>f</sub></i> ≥ 0.15' }, rangemode: 'tozero' }), // biome-ignore format: one axis
      showlegend: true,
      legend: { x: 0.27, y: 0.03, font: { size: 11 } },
      annotations: [
        panelTitle(panels[0], 'the repeated sample; filled = memorised; dotted: largest other'),
        panelTitle(panels[1], 'features that are left'),
      ],
    }),
  };
}

/** A rise over T and over T (1 − S), dashed where the weights decay otherwise than is usual. */
function riseTraces({ density, decay, samples, five }: Rise, k: number, usual: number): Trace[] {
  const isOther = decay !== usual;
  const name = `1 − <i>S</i> = ${density}${isOther ? `, decay ${decay}` : ''}`;
  const shade = { color: color(k), width: 2, dash: isOther ? 'dash' : 'solid' };
  const seen = samples.map((T) => T * density);
  return [
    line(0, name, samples, five, { line: shade, marker: { size: 8 } }),
    line(1, name, seen, five, { line: shade, marker: { size: 8 }, showlegend: false }),
  ];
}

export function ddScaleFigure({ rises }: ScaleData): Figure {
  const panels = panelGrid(1, 2, 0.08, 0);
  const range = [0, 2.05]; // all D_i together are at most m = 2
  const up = { title: { text: 'Σ of the five largest <i>D<sub>f</sub></i>' }, range };
  const seen = [1.25, 2.5, 5, 10, 20, 40];
  return {
    data: rises.flatMap((own, k) => riseTraces(own, k, rises[0].decay)),
    layout: sheet(1000, 400, {
      ...panelAxes(0, panels[0], SIZE_AXIS, up),
      ...panelAxes(
        1,
        panels[1],
        {
          type: 'log',
          title: { text: 'times that a feature is seen, <i>T</i> (1 − <i>S</i>)', standoff: 4 },
          tickvals: seen,
          ticktext: seen.map(String),
        },
        { range },
      ),
      showlegend: true,
      legend: { x: 0.01, y: 0.98, font: { size: 11 } },
      annotations: [
        panelTitle(panels[0], 'over the number of samples'),
        panelTitle(panels[1], 'over how often a feature is seen'),
      ],
    }),
  };
}

/** Hidden vectors of one small training set, and the place of an empty input. */
function shiftedTraces(k: number, { h, bias }: Shifted): Trace[] {
  const along = (axis: number) => Array.from({ length: h.length / 2 }, (_, t) => h[2 * t + axis]);
  const dots = (x: number[], y: number[], name: string, marker: object) =>
    inPanel(k, {
      type: 'scatter',
      mode: 'markers',
      x,
      y,
      name,
      marker,
      cliponaxis: false,
      showlegend: false,
    });
  return [
    dots(along(0), along(1), 'sample', { color: CURVES[1], size: 9 }),
    dots([bias[0]], [bias[1]], 'empty input, c', { color: THEORY, size: 10, symbol: 'x-thin', line: { width: 2, color: THEORY } }), // biome-ignore format: one marker
  ];
}

export function ddHiddenFigure({ shifted, samples, test, train, constant }: HiddenData): Figure {
  const panels = panelGrid(1, shifted.length + 1, 0.05, 0, [...shifted.map(() => 1), 1.7]);
  const last = shifted.length;
  const axis = (own: Shifted, name: string) => ({
    title: { text: name, standoff: 2 },
    range: [-0.15, 1.1 * Math.max(...own.h, ...own.bias)],
  });
  return {
    data: [
      ...shifted.flatMap((own, k) => shiftedTraces(k, own)),
      line(last, 'test', samples, test, { line: { color: CURVES[1], width: 2 } }),
      line(last, 'train', samples, train, { line: { color: FAINT, width: 2 } }),
      line(last, 'best constant, exact', [samples[0], samples.at(-1)!], [constant, constant], {
        mode: 'lines',
        line: { color: THEORY, width: 1, dash: 'dash' },
      }),
    ],
    layout: sheet(1240, 380, {
      ...Object.assign(
        {},
        ...shifted.map(
          (own, k) =>
          panelAxes(k, panels[k], axis(own, '<i>h</i><sub>1</sub>'), k ? axis(own, '') : axis(own, '<i>h</i><sub>2</sub>')), // biome-ignore format: one call
        ),
      ),
      ...panelAxes(last, panels[last], SIZE_AXIS, { title: { text: 'loss' } }),
      showlegend: true,
      legend: { x: 0.98, y: 0.03, xanchor: 'right', font: { size: 11 } },
      annotations: [
        ...shifted.map((own, k) => panelTitle(panels[k], `<i>T</i> = ${own.samples}, train ${own.train.toFixed(2)}`)), // biome-ignore format: one title
        panelTitle(panels[last], 'larger sets: mean losses'),
      ],
    }),
  };
}

const MEASURES = [
  { of: ({ uneven }: Pressed) => uneven, name: 'unevenness of <i>D<sub>i</sub></i>', room: 1.3 }, // for the legend
  { of: ({ lines }: Pressed) => lines, name: 'share at a named shape', room: 1.05 },
];

export function ddPressureFigure({ cells }: PressureData): Figure {
  const panels = panelGrid(1, 4, 0.055, 0);
  const densities = [...new Set(cells.map(({ density }) => density))];
  const lengths = [...new Set(cells.map(({ steps }) => steps))];
  const places = MEASURES.flatMap((measure) => densities.map((density) => ({ measure, density })));
  const ticks = [1.25, 2, 4, 8, 16];
  const across = {
    type: 'log',
    title: { text: 'pressure <i>n</i>/<i>m</i>', standoff: 4 },
    tickvals: ticks,
    ticktext: ticks.map(String),
  };
  return {
    data: places.flatMap(({ measure, density }, k) =>
      lengths.map((steps, at) => {
        const own = cells.filter((cell) => cell.density === density && cell.steps === steps);
        const style = { line: { color: color(at), width: 2 }, marker: { size: 7 }, showlegend: k === 0 };
        return line(k, `${steps.toLocaleString('en')} steps`, own.map(({ pressure }) => pressure), own.map(measure.of), style); // biome-ignore format: one curve
      }),
    ),
    layout: sheet(1240, 380, {
      ...Object.assign(
        {},
        ...places.map(
          ({ measure }, k) =>
          panelAxes(k, panels[k], across, { title: { text: k % 2 ? '' : measure.name }, range: [-0.02, measure.room * Math.max(...cells.map(measure.of))] }), // biome-ignore format: one call
        ),
      ),
      showlegend: true,
      legend: { x: 0.01, y: 0.98, font: { size: 11 } },
      annotations: places.map(({ density }, k) => panelTitle(panels[k], `1 − <i>S</i> = ${density}`)),
    }),
  };
}
