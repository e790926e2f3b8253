/** D2 to D7: memorising and generalising on fixed training sets. */
import type { CurveData } from '../../sim/experiments/ddCurve.ts';
import type { NormsData } from '../../sim/experiments/ddNorms.ts';
import type { RatesData } from '../../sim/experiments/ddRates.ts';
import type { SizesData } from '../../sim/experiments/ddSizes.ts';
import type { TrainingData } from '../../sim/experiments/ddTraining.ts';
import type { VectorsData } from '../../sim/experiments/ddVectors.ts';
import { bySize, type Memory, mean, type Vectors } from '../../sim/experiments/memorising.ts';
import { median } from '../../sim/metrics/replicas.ts';
import { arrowAxes } from '../arrows.ts';
import type { Figure, Trace } from '../figure.ts';
import { cellAxes, heatmap } from '../heatmap.ts';
import { CURVES, FAINT, THEORY } from '../palette.ts';
import { inPanel, type Panel, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';

const SIZE_TICKS = [3, 5, 10, 30, 100, 300, 1000, 3000, 10_000];
export const SIZE_AXIS = {
  type: 'log',
  title: { text: 'training samples <i>T</i>', standoff: 4 },
  tickvals: SIZE_TICKS,
  ticktext: SIZE_TICKS.map((T) => T.toLocaleString('en')),
};

/** Rays from the origin to points (k, 2), as one trace. */
function rays(k: number, points: number[], color: string, name: string): Trace {
  const along = (axis: number) =>
    Array.from({ length: points.length / 2 }, (_, i) => [0, points[2 * i + axis], null]).flat();
  const dots = points.length <= 800;
  return inPanel(k, {
    type: 'scatter',
    mode: dots ? 'lines+markers' : 'lines',
    x: along(0),
    y: along(1),
    name,
    line: { color, width: 1 },
    marker: { color, size: Array.from({ length: points.length / 2 }, () => [0, 5, 0]).flat() },
    hovertemplate: `${name}: (%{x:.2f}, %{y:.2f})<extra></extra>`,
    showlegend: false,
  });
}

const reach = (points: number[]) => 1.15 * Math.max(1e-3, ...points.map(Math.abs));

/** One size of the training set: features above, samples below. */
function pairOf(at: number, upper: Panel, lower: Panel, own: Vectors, name: string) {
  const features = Math.max(0, own.W.length / 2);
  return {
    data: [rays(at, own.W, CURVES[0], 'feature'), rays(at + 1, own.h, CURVES[1], 'sample')],
    axes: { ...arrowAxes(at, upper, reach(own.W)), ...arrowAxes(at + 1, lower, reach(own.h)) },
    annotations: [panelTitle(upper, name), panelTitle(lower, `rows of <i>W</i> above: ${features}`, 9)],
  };
}

export function ddVectorsFigure({ vectors, reference }: VectorsData): Figure {
  const all = [...vectors, reference];
  const half = Math.ceil(all.length / 2);
  const panels = panelGrid(4, half, 0.012, 0.05);
  const parts = all.map((own, k) => {
    const [band, column] = [2 * Math.floor(k / half), k % half];
    const [upper, lower] = [panels[band * half + column], panels[(band + 1) * half + column]];
    const name = own === reference ? `reference, <i>T</i> = ${own.samples}` : `<i>T</i> = ${own.samples}`;
    return pairOf(2 * k, upper, lower, own, name);
  });
  return {
    data: parts.flatMap(({ data }) => data),
    layout: sheet(1180, 760, {
      margin: { l: 16, r: 16, t: 40, b: 16 },
      ...Object.assign({}, ...parts.map(({ axes }) => axes)),
      annotations: parts.flatMap(({ annotations }) => annotations),
    }),
  };
}

/** A dot a model, and lines of the mean and the median. */
function dotsAndMiddle(
  k: number,
  memories: Memory[],
  of: (own: Memory) => number,
  color: string,
  name: string,
): Trace[] {
  const sizes = bySize(memories);
  const line = (label: string, fold: (values: number[]) => number, dash: string) =>
    inPanel(k, {
      type: 'scatter',
      mode: 'lines',
      x: sizes.map(([T]) => T),
      y: sizes.map(([, own]) => fold(own.map(of))),
      name: `${name}, ${label}`,
      line: { color, width: 2, dash },
    });
  return [
    inPanel(k, {
      type: 'scatter',
      mode: 'markers',
      x: memories.map(({ samples }) => samples),
      y: memories.map(of),
      name: `${name}, a dot a model`,
      marker: { color, size: 5, opacity: 0.6 },
      hovertemplate: `<i>T</i> = %{x}: %{y:.4f}<extra>${name}</extra>`,
    }),
    line('mean', mean, 'solid'),
    line('median', median, 'dot'),
  ];
}

const sizesOf = (memories: Memory[]): number[] => bySize(memories).map(([T]) => T);

/** A horizontal line with its name, over the sizes. */
const level = (k: number, y: number, name: string, dash: string, sizes: number[]): Trace =>
  inPanel(k, {
    type: 'scatter',
    mode: 'lines',
    x: [sizes[0], sizes[sizes.length - 1]],
    y: [y, y],
    name,
    line: { color: THEORY, width: 1, dash },
  });

/** Shares of the hidden space, a dot each, log scale. */
function shareDots(
  k: number,
  memories: Memory[],
  of: (own: Memory) => number[],
  color: string,
  name: string,
): Trace {
  const shown = memories.flatMap((own) =>
    of(own)
      .filter((d) => d > 1e-4)
      .map((d) => [own.samples, d]),
  );
  return inPanel(k, {
    type: 'scatter',
    mode: 'markers',
    x: shown.map(([T]) => T),
    y: shown.map(([, d]) => d),
    name,
    marker: { color, size: 3, opacity: 0.5 },
    hovertemplate: `<i>T</i> = %{x}: %{y:.4f}<extra>${name}</extra>`,
  });
}

export function ddCurveFigure({ memories, large, constant, floor }: CurveData): Figure {
  const [upper, lower] = panelGrid(2, 1, 0, 0.14);
  const test = ({ test }: Memory) => test;
  const sizes = sizesOf(memories);
  const top = Math.log10(Math.max(...[...memories, ...large].map(test)));
  return {
    data: [
      ...dotsAndMiddle(0, memories, test, CURVES[1], 'test, <i>n</i> = 1,000'),
      ...(large.length ? dotsAndMiddle(0, large, test, CURVES[2], 'test, <i>n</i> = 10,000') : []),
      ...dotsAndMiddle(0, memories, ({ train }) => train, FAINT, 'train').slice(1, 2),
      level(0, constant, 'best constant, exact', 'dash', sizes),
      level(0, floor, 'floor of five features, exact', 'dashdot', sizes),
      shareDots(1, memories, ({ shares }) => shares, CURVES[1], 'samples, <i>D<sub>X</sub></i>'),
      shareDots(
        1,
        memories,
        ({ features }) => features,
        CURVES[0],
        'features, <i>D<sub>f</sub></i>, twelve largest',
      ),
      inPanel(1, {
        type: 'scatter',
        mode: 'lines',
        x: sizes,
        y: sizes.map((T) => Math.min(1, 2 / T)),
        name: '2/<i>T</i>',
        line: { color: THEORY, width: 1 },
      }),
    ],
    layout: sheet(980, 720, {
      margin: { l: 64, r: 230, t: 40, b: 56 },
      ...panelAxes(0, upper, SIZE_AXIS, {
        type: 'log',
        title: { text: 'loss, summed over features' },
        range: [-0.6, Math.max(0.6, top + 0.1)],
      }),
      ...panelAxes(1, lower, SIZE_AXIS, {
        type: 'log',
        title: { text: 'share of a hidden dimension' },
        range: [-4, 0.1],
      }),
      showlegend: true,
      legend: { x: 1.01, y: 1, font: { size: 10 } },
      annotations: [
        panelTitle(upper, 'train and test loss, <i>m</i> = 2'),
        panelTitle(lower, 'who has the hidden space'),
      ],
    }),
  };
}

export function ddNormsFigure({ memories, exact }: NormsData): Figure {
  const panels = panelGrid(1, 2, 0.1, 0);
  const theory = (k: number, of: (own: NormsData['exact'][number]) => number) =>
    inPanel(k, {
      type: 'scatter',
      mode: 'lines',
      x: exact.map(({ samples }) => samples),
      y: exact.map(of),
      name: 'least norm that stores <i>T</i> samples, exact',
      showlegend: k === 0,
      line: { color: THEORY, width: 1.5 },
    });
  const hide = (traces: Trace[]) => traces.map((trace) => ({ ...trace, showlegend: false }));
  return {
    data: [
      ...dotsAndMiddle(0, memories, ({ normW }) => normW, CURVES[0], 'trained'),
      ...hide(dotsAndMiddle(1, memories, ({ normB }) => normB, CURVES[0], 'trained')),
      theory(0, ({ normW }) => normW),
      theory(1, ({ normB }) => normB),
      level(0, Math.sqrt(5), '√5, five unit vectors', 'dash', sizesOf(memories)),
    ],
    layout: sheet(1080, 420, {
      margin: { l: 64, r: 24, t: 40, b: 100 },
      ...panelAxes(0, panels[0], SIZE_AXIS, {
        type: 'log',
        dtick: 1,
        title: { text: '‖<i>W</i>‖<sub>F</sub>' },
      }),
      ...panelAxes(1, panels[1], SIZE_AXIS, { type: 'log', dtick: 1, title: { text: '‖<i>b</i>‖' } }),
      showlegend: true,
      legend: { orientation: 'h', x: 0, y: -0.2, font: { size: 10 } },
      annotations: [panelTitle(panels[0], 'weights'), panelTitle(panels[1], 'biases')],
    }),
  };
}

export function ddSizesFigure({ hidden, samples, loss }: SizesData): Figure {
  const [panel] = panelGrid(1, 1, 0, 0);
  const axes = { x: samples, y: hidden, across: 'training samples <i>T</i>', up: 'hidden units <i>m</i>' };
  const largest = Math.min(3, Math.max(...loss));
  return {
    data: [heatmap(0, { ...axes, name: 'test loss', z: loss, range: [0.98, largest], digits: 3 })],
    layout: sheet(760, 380, {
      ...cellAxes(0, panel, axes),
      annotations: [panelTitle(panel, 'test loss, summed over features; 1 = the zero output')],
    }),
  };
}

export function ddTrainingFigure({ samples, runs }: TrainingData): Figure {
  const [panel] = panelGrid(1, 1, 0, 0);
  const ticks = [0.9, 1, 1.1, 1.2, 1.5, 2, 3, 5, 10, 20, 50];
  return {
    data: [
      ...runs.map(({ steps, decay, loss }, k) =>
        inPanel(0, {
          type: 'scatter',
          mode: 'lines+markers',
          x: samples,
          y: loss,
          name: `${steps.toLocaleString('en')} steps, decay ${decay}`,
          line: {
            color: CURVES[k % CURVES.length],
            width: 2,
            dash: decay === runs[0].decay ? 'solid' : 'dash',
          },
        }),
      ),
      inPanel(0, {
        type: 'scatter',
        mode: 'lines',
        x: [samples[0], samples[samples.length - 1]],
        y: [1, 1],
        name: 'the zero output',
        line: { color: THEORY, width: 1, dash: 'dot' },
      }),
    ],
    layout: sheet(760, 420, {
      ...panelAxes(0, panel, SIZE_AXIS, {
        type: 'log', // a few models that memorise lose many times what others do
        title: { text: 'mean test loss, summed over features' },
        tickvals: ticks,
        ticktext: ticks.map(String),
      }),
      showlegend: true,
      legend: { x: 0.02, y: 0.98, font: { size: 11 } },
      annotations: [panelTitle(panel, '<i>m</i> = 4')],
    }),
  };
}

export function ddRatesFigure({ rates, memories }: RatesData): Figure {
  const sizes = bySize(memories);
  const panels = panelGrid(1, 2, 0.1, 0);
  const line = (k: number, which: 'train' | 'test') =>
    sizes.map(([T, own], color) =>
      inPanel(k, {
        type: 'scatter',
        mode: 'lines+markers',
        x: rates,
        y: own.map((model) => model[which]),
        name: `<i>T</i> = ${T.toLocaleString('en')}`,
        showlegend: k === 0,
        line: { color: CURVES[color % CURVES.length], width: 2 },
        marker: { size: 8 },
        hovertemplate: `rate %{x}: %{y:.4f}<extra>${which}, T = ${T}</extra>`,
      }),
    );
  const axis = {
    type: 'log',
    title: { text: 'learning rate', standoff: 4 },
    tickvals: rates,
    ticktext: rates.map(String),
  };
  return {
    data: [...line(0, 'train'), ...line(1, 'test')],
    layout: sheet(1000, 400, {
      ...panelAxes(0, panels[0], axis, { title: { text: 'loss, summed over features' } }),
      ...panelAxes(1, panels[1], axis, { type: 'log', dtick: 1 }),
      showlegend: true,
      legend: { x: 0.01, y: 0.05 },
      annotations: [
        panelTitle(panels[0], 'on the training set'),
        panelTitle(panels[1], 'on fresh samples; 1 = the zero output'),
      ],
    }),
  };
}
