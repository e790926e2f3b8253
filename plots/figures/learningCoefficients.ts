/** λ̂ by Langevin dynamics: calibrated on known λ, around k-gons, and along a training by SGD. */
import type { StaircaseData } from '../../sim/experiments/kgonStaircase.ts';
import {
  type CalibrationData,
  type CalibrationMap,
  JUDGED,
  plateauOf,
} from '../../sim/experiments/llcCalibration.ts';
import type { KgonChains, LlcKgonsData } from '../../sim/experiments/llcKgons.ts';
import { chainEstimate } from '../../sim/metrics/learningCoefficient.ts';
import type { Figure, Trace } from '../figure.ts';
import { cellAxes, heatmap } from '../heatmap.ts';
import { CURVES, FAINT, SIGNED, THEORY } from '../palette.ts';
import { inPanel, type Panel, panelAxes, panelGrid, panelTitle, sheet, xref, yref } from '../panels.ts';

const STEP = 'step size <i>ε</i>';

/** ε as 1e-4. */
const short = (value: number): string => value.toExponential(0).replace('e-', 'e−');

/** λ̂ written in cells, whose colour is its share of the exact value. */
function calibrationCells(k: number, own: CalibrationMap, data: CalibrationData): Trace {
  const { stepSizes: x, localizations: y } = data;
  const share = own.cells.map(({ status, lambda }, at) =>
    status === 'estimate' ? lambda / own.exact[Math.floor(at / x.length)] : null,
  );
  const shown = y.map((_, g) =>
    own.cells
      .slice(g * x.length, (g + 1) * x.length)
      .map(({ status, lambda }) => (status === 'estimate' ? lambda.toFixed(2) : 'left')),
  );
  const axes = { x, y, across: 'ε', up: 'γ' };
  return {
    ...heatmap(k, { ...axes, z: share, range: [0, 2], scale: SIGNED, name: 'λ̂ over the exact value' }),
    text: shown,
    textfont: { size: 11 },
  };
}

const level = (k: number, name: string, y: number, ends: [number, number], line: object): Trace =>
  inPanel(k, { type: 'scatter', mode: 'lines', name, x: ends, y: [y, y], line, showlegend: k === 2 });

/** λ̂ over ε at one γ, with the limit, the exact value and the plateau. */
function calibrationCurve(k: number, own: CalibrationMap, data: CalibrationData): Trace[] {
  const { stepSizes, localizations } = data;
  const row = localizations.indexOf(JUDGED);
  const cells = own.cells.slice(row * stepSizes.length, (row + 1) * stepSizes.length);
  const ends: [number, number] = [stepSizes[0], stepSizes[stepSizes.length - 1]];
  const plateau = plateauOf(own, data);
  return [
    ...(plateau
      ? [
          level(k, 'plateau', plateau.value, [stepSizes[plateau.from], stepSizes[plateau.to]], {
            color: CURVES[4],
            width: 9,
          }),
        ]
      : []),
    level(k, 'λ', own.limit, ends, { color: FAINT, width: 2 }),
    level(k, 'exact at this <i>nβ</i>, γ', own.exact[row], ends, { color: THEORY, width: 1.5, dash: 'dot' }),
    inPanel(k, {
      type: 'scatter',
      mode: 'lines+markers',
      name: 'λ̂, its spread over chains',
      x: stepSizes,
      y: cells.map(({ lambda }) => lambda),
      error_y: { type: 'data', array: cells.map(({ sd }) => sd ?? 0), thickness: 1, width: 3 },
      line: { color: CURVES[0], width: 2 },
      marker: { color: CURVES[0], size: 7 },
      showlegend: k === 2,
      hovertemplate: 'ε = %{x}: %{y:.3f}<extra></extra>',
    }),
  ];
}

/** Ticks of ε below a map. */
const mapAxes = (k: number, panel: Panel, { stepSizes: x, localizations: y }: CalibrationData) => {
  const { xaxis, yaxis } = { xaxis: `xaxis${k ? k + 1 : ''}`, yaxis: `yaxis${k ? k + 1 : ''}` };
  const axes = cellAxes(k, panel, { x, y, across: STEP, up: 'localisation <i>γ</i>' });
  return { [xaxis]: { ...axes[xaxis], ticktext: x.map(short) }, [yaxis]: axes[yaxis] };
};

export function llcCalibrationFigure(data: CalibrationData): Figure {
  const maps = [data.squares, data.crossing];
  const panels = panelGrid(2, 2, 0.09, 0.2);
  const decades = [1e-5, 1e-4, 1e-3, 1e-2];
  const across = { type: 'log', title: { text: STEP, standoff: 4 }, tickvals: decades, ticktext: decades.map(short) }; // biome-ignore format: one axis
  return {
    data: [
      ...maps.map((own, k) => calibrationCells(k, own, data)),
      ...maps.flatMap((own, k) => calibrationCurve(2 + k, own, data)),
    ],
    layout: sheet(1080, 700, {
      margin: { l: 64, r: 190, t: 44, b: 56 },
      ...mapAxes(0, panels[0], data),
      ...mapAxes(1, panels[1], data),
      ...panelAxes(2, panels[2], across, { title: { text: 'λ̂ at γ = 1' }, range: [0, 2.2 * data.squares.limit] }), // biome-ignore format: one axis
      ...panelAxes(3, panels[3], across, { title: { text: 'λ̂ at γ = 1' }, range: [0, 2.2 * data.crossing.limit] }), // biome-ignore format: one axis
      showlegend: true,
      legend: { x: 1.01, y: 0.4, yanchor: 'top', font: { size: 11 } },
      annotations: [
        ...maps.map(({ name, limit }, k) => panelTitle(panels[k], `<i>L</i> = ${name}: λ̂ (λ = ${limit})`)),
        ...maps.map(({ name }, k) => panelTitle(panels[2 + k], `${name}, γ = 1`)),
      ],
    }),
  };
}

const KGON_COLORS = [CURVES[0], CURVES[2], CURVES[3]];
const KGON_SYMBOLS = ['circle', 'square', 'triangle-up'];

/** Curves of one k-gon are drawn side by side: a factor between their ε. */
const shifted = (stepSizes: number[], g: number): number[] => stepSizes.map((size) => size * 1.09 ** (g - 1));

/** λ̂ over ε of the k-gons at one n, beside half the rank and what others measured. */
function kgonCurves(k: number, parts: readonly KgonChains[]): Trace[] {
  return parts.flatMap(({ name, cells, lambda, paper }, g) => {
    const x = shifted(
      cells.map(({ stepSize }) => stepSize),
      g,
    );
    const [color, symbol] = [KGON_COLORS[g], KGON_SYMBOLS[g]];
    const ends = [x[0] / 1.3, x[x.length - 1] * 1.3];
    return [
      inPanel(k, {
        type: 'scatter',
        mode: 'lines',
        x: ends,
        y: [lambda, lambda],
        line: { color: THEORY, width: 1, dash: 'dot' },
        showlegend: false,
        hoverinfo: 'skip',
      }),
      inPanel(k, {
        type: 'scatter',
        mode: 'lines+markers',
        name,
        x,
        y: cells.map(({ lambda: own }) => own),
        error_y: { type: 'data', array: cells.map(({ sd }) => sd ?? 0), thickness: 1, width: 3 },
        line: { color, width: 2 },
        marker: { color, size: 8, symbol },
        showlegend: k === 0,
        hovertemplate: `${name}, ε = %{x:.1e}: %{y:.2f}<extra></extra>`,
      }),
      inPanel(k, {
        type: 'scatter',
        mode: 'markers',
        name: `${name}, measured by others`,
        x: [x[x.length - 1] * 1.35],
        y: [paper],
        marker: { color, size: 11, symbol: 'diamond-open', line: { width: 2 } },
        showlegend: false,
        hovertemplate: `${name}, others: %{y}<extra></extra>`,
      }),
    ];
  });
}

/** Chains of one k-gon, those that fell below their start in orange. */
function kgonTraces(k: number, { traces, steps, cells }: KgonChains): Trace[] {
  const nBeta = 1; // traces count nβ already
  return traces.map((trace) => {
    const { end } = chainEstimate(trace, nBeta, 0);
    const left = end !== 'stayed';
    return inPanel(k, {
      type: 'scatter',
      mode: 'lines',
      x: steps,
      y: trace,
      line: { color: left ? CURVES[1] : CURVES[4], width: left ? 1.5 : 0.7 },
      opacity: left ? 1 : 0.6,
      showlegend: false,
      hovertemplate: `step %{x}: %{y:.2f}<extra>ε = ${cells[cells.length - 1].stepSize}, chain ${end}</extra>`,
    });
  });
}

const endsOf = ({ cells }: KgonChains): string => {
  const { stayed, left, diverged } = cells[cells.length - 1];
  return `${stayed} stayed, ${left} left${diverged > 0 ? `, ${diverged} diverged` : ''}`;
};

/** ε of the cells as ticks. */
const stepAxis = ([{ cells }]: readonly KgonChains[]) => ({
  type: 'log',
  title: { text: STEP, standoff: 4 },
  tickvals: cells.map(({ stepSize }) => stepSize),
  ticktext: cells.map(({ stepSize }) => stepSize.toExponential(1).replace('e-', 'e−')),
});

export function llcKgonsFigure({ parts }: LlcKgonsData): Figure {
  const all = [...new Set(parts.map(({ samples }) => samples))];
  const groups = all.map((n) => parts.filter(({ samples }) => samples === n));
  const above = panelGrid(1, 2, 0.08, 0).map(({ x }): Panel => ({ x, y: [0.58, 1] }));
  const below = panelGrid(1, groups[0].length, 0.06, 0).map(({ x }): Panel => ({ x, y: [0, 0.4] }));
  const tops = groups
    .flat()
    .map(({ cells }) => Math.max(...cells.map(({ lambda, sd }) => lambda + (sd ?? 0))));
  const up = { title: { text: 'λ̂' }, range: [5, Math.max(12, ...tops) + 0.3] };
  const number = (n: number) => n.toLocaleString('en');
  return {
    data: [
      ...groups.flatMap((own, k) => kgonCurves(k, own)),
      ...groups[0].flatMap((own, g) => kgonTraces(2 + g, own)),
    ],
    layout: sheet(1080, 740, {
      margin: { l: 64, r: 100, t: 44, b: 56 },
      ...Object.assign({}, ...groups.map((own, k) => panelAxes(k, above[k], stepAxis(own), up))),
      ...Object.assign(
        {},
        ...groups[0].map((_, g) =>
          panelAxes(
            2 + g,
            below[g],
            { title: { text: 'step', standoff: 4 } },
            { title: { text: g === 0 ? '<i>nβ</i> (<i>L</i> − <i>L</i>(<i>w</i>*))' : '' } },
          ),
        ),
      ),
      showlegend: true,
      legend: { x: 1.01, y: 1 },
      annotations: [
        ...groups.map((own, k) =>
          panelTitle(above[k], `<i>n</i> = ${number(own[0].samples)}, <i>γ</i> = 0.1`),
        ),
        ...groups[0].map((own, g) => panelTitle(below[g], `${own.name}: ${endsOf(own)}`)),
      ],
    }),
  };
}

/** Lines of the levels across a panel. */
const levelLines = (k: number, { phases }: StaircaseData): object[] =>
  phases.map(({ level }) => ({
    type: 'line',
    xref: `${xref(k)} domain`,
    yref: yref(k),
    x0: 0,
    x1: 1,
    y0: level,
    y1: level,
    line: { color: FAINT, width: 1 },
    layer: 'below',
  }));

const levelNames = (k: number, { phases }: StaircaseData): object[] =>
  phases.map(({ name, level }) => ({
    text: name,
    xref: `${xref(k)} domain`,
    yref: yref(k),
    x: 1,
    y: level,
    xanchor: 'left',
    xshift: 3,
    showarrow: false,
    font: { size: 12 },
  }));

const DESCENT_COLORS = [CURVES[0], CURVES[1], CURVES[2], CURVES[3], CURVES[5], CURVES[6]];

/** A run over steps. */
const runLine = (k: number, x: readonly number[], y: readonly (number | null)[], style: object): Trace =>
  inPanel(k, {
    type: 'scatter',
    mode: 'lines',
    x,
    y,
    hovertemplate: 'step %{x}: %{y:.5f}<extra></extra>',
    ...style,
  });

/** Exact losses of runs over steps, those of the right panels in their colours. */
function stairLines(k: number, { stairs, steps, descents }: StaircaseData): Trace[] {
  return [
    ...stairs.map((loss) => runLine(k, steps, loss, { line: { color: FAINT, width: 1.2 } })),
    ...descents.map(({ loss }, d) =>
      runLine(k, steps, loss, { line: { color: DESCENT_COLORS[d], width: 2.5 } }),
    ),
  ];
}

/** Checkpoints by exact loss, lying. */
function lossBars(k: number, { histogram: { from, width, counts } }: StaircaseData): Trace {
  const shown = counts.map((count, bin) => ({ count, at: from + (bin + 0.5) * width }));
  const own = shown.filter(({ count }) => count > 0);
  return inPanel(k, {
    type: 'bar',
    orientation: 'h',
    x: own.map(({ count }) => count),
    y: own.map(({ at }) => at),
    width,
    marker: { color: CURVES[0] },
    hovertemplate: 'loss %{y:.4f}: %{x} checkpoints<extra></extra>',
  });
}

/** Loss and, in the panel below it, λ̂ of runs behind their start. */
function descentLines(k: number, { steps, descents }: StaircaseData): Trace[] {
  return descents.flatMap(({ loss, lambda, row }, d) =>
    [loss, lambda].map((own: readonly (number | null)[], panel) =>
      runLine(k + panel, steps.slice(1), own.slice(1), {
        mode: 'lines+markers',
        line: { color: DESCENT_COLORS[d], width: 2 },
        marker: { color: DESCENT_COLORS[d], size: 6, symbol: KGON_SYMBOLS[d % KGON_SYMBOLS.length] },
        hovertemplate: `step %{x}: %{y:.4f}<extra>instance ${row}</extra>`,
      }),
    ),
  );
}

export function kgonStaircaseFigure(data: StaircaseData): Figure {
  const { runs, descents, counts, off } = data;
  const [left, middle, right] = panelGrid(1, 3, 0.085, 0, [1.1, 0.75, 1]);
  const [upper, lower] = [
    { ...right, y: [0.6, 1] as [number, number] },
    { ...right, y: [0, 0.4] as [number, number] },
  ];
  const range = [0.045, 0.115];
  const across = { title: { text: 'step', standoff: 4 }, tickformat: '~s' };
  const all = counts.reduce((sum, count) => sum + count, off);
  return {
    data: [...stairLines(0, data), lossBars(1, data), ...descentLines(2, data)],
    layout: sheet(1260, 480, {
      margin: { l: 64, r: 44, t: 48, b: 56 }, // room for the names of the levels
      ...panelAxes(0, left, across, { title: { text: 'exact expected loss <i>L</i>' }, range }),
      ...panelAxes(
        1,
        middle,
        { title: { text: 'checkpoints', standoff: 4 } },
        { title: { text: '' }, range },
      ),
      ...panelAxes(2, upper, { ...across, title: { text: '' } }, { title: { text: '<i>L</i>' }, range }),
      ...panelAxes(3, lower, across, { title: { text: 'λ̂' }, rangemode: 'tozero' }),
      shapes: [0, 1, 2].flatMap((k) => levelLines(k, data)),
      annotations: [
        ...[0, 1, 2].flatMap((k) => levelNames(k, data)),
        panelTitle(left, `${data.stairs.length + descents.length} of ${runs} runs of SGD`),
        panelTitle(middle, `all ${runs} runs, ${off} of ${all} on no level`),
        panelTitle(upper, `${descents.length} of them: their loss`),
        panelTitle(lower, 'and λ̂, 10 chains each'),
      ],
    }),
  };
}
