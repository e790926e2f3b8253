/** T18 and T19: dimensionalities and losses over training; a training as a sequence of shapes. */
import type { EnergyLevelsData } from '../../sim/experiments/energyLevels.ts';
import type { TransformationsData } from '../../sim/experiments/transformations.ts';
import { shapeLines } from '../dimensionality.ts';
import type { Figure, Trace } from '../figure.ts';
import { CURVES, colorAt, IMPORTANCE, INK, THEORY } from '../palette.ts';
import { BARE, inPanel, type Panel, panelAxes, panelGrid, panelTitle, sheet, xref } from '../panels.ts';
import { pointsOf, project } from '../polytope.ts';

const STEP_TICKS = [1, 10, 100, 1_000, 10_000];
const STEP_AXIS = { type: 'log', tickvals: STEP_TICKS, title: { text: 'training step', standoff: 4 } };

/** Loss on held-out samples over steps, in pair of axes k. */
function lossLine(k: number, { steps, loss, row }: EnergyLevelsData | TransformationsData): Trace {
  return inPanel(k, {
    type: 'scatter',
    mode: 'lines',
    x: steps,
    y: loss,
    line: { color: THEORY, width: 2 },
    hovertemplate: `step %{x}: loss %{y:.4g}<extra>instance ${row}</extra>`,
  });
}

/** D_i over steps, a line a feature, thin where it ends unlearned. */
function dimensionalityLines({ steps, D, features, row }: EnergyLevelsData): Trace[] {
  return D.at(-1)!.map((end, i) =>
    inPanel(0, {
      type: 'scatter',
      mode: 'lines',
      x: steps,
      y: D.map((own) => own[i]),
      line: { color: colorAt(IMPORTANCE, 0.25 + (0.75 * i) / features), width: end >= 0.1 ? 1.5 : 0.6 },
      hovertemplate: `feature ${i}, step %{x}: <i>D</i> = %{y:.3f}<extra>instance ${row}</extra>`,
    }),
  );
}

export function energyLevelsFigure(data: EnergyLevelsData): Figure {
  const { features, hidden } = data;
  const [upper, lower] = panelGrid(2, 1, 0, 0.05, [1], [2.2, 1]);
  const { shapes, annotations } = shapeLines(0);
  return {
    data: [...dimensionalityLines(data), lossLine(1, data)],
    layout: sheet(900, 620, {
      margin: { l: 64, r: 130, t: 48, b: 56 },
      ...panelAxes(
        0,
        upper,
        { showticklabels: false },
        {
          title: { text: 'feature dimensionality <i>D<sub>i</sub></i>' },
          range: [-0.02, 1.05],
        },
      ),
      ...panelAxes(
        1,
        lower,
        { matches: 'x', title: { text: 'training step', standoff: 4 } },
        { title: { text: 'loss' } },
      ),
      shapes,
      annotations: [
        ...annotations,
        panelTitle(upper, `one training, <i>n</i> = ${features}, <i>m</i> = ${hidden}`),
      ],
    }),
  };
}

const SET_COLORS = [CURVES[0], CURVES[1]];

/** Spokes and the two triangles of a snapshot as two traces, one a set. */
function setTraces(k: number, W: readonly number[], row: number): Trace[] {
  const points = pointsOf(W, 3);
  const seen = points.map((point) => project(point));
  const name = (i: number) => `feature ${i}: <i>W</i> = (${points[i].map((w) => w.toFixed(3)).join(', ')})`;
  return [0, 1].map((set) => {
    const own = [3 * set, 3 * set + 1, 3 * set + 2];
    const path = [own[0], own[1], own[2], own[0], null, ...own.flatMap((i) => [-1, i, null])];
    const at = (c: 0 | 1) => path.map((i) => (i === null ? null : i < 0 ? 0 : seen[i][c]));
    return inPanel(k, {
      type: 'scatter',
      mode: 'lines+markers',
      x: at(0),
      y: at(1),
      line: { color: SET_COLORS[set], width: 2 },
      marker: { size: path.map((i) => (i === null || i < 0 ? 0 : 9 + 3 * seen[i][2])), opacity: 1 },
      text: path.map((i) => (i === null ? '' : i < 0 ? 'origin' : name(i))),
      hovertemplate: `%{text}<br>set ${set}<extra>instance ${row}</extra>`,
    });
  });
}

function shapeAxes(k: number, panel: Panel): Record<string, object> {
  const range = [-1.25, 1.25];
  return panelAxes(k, panel, { ...BARE, range }, { ...BARE, range, scaleanchor: xref(k), scaleratio: 1 });
}

const LOSS_VALUES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05];
const LOSS_TICKS = { tickvals: LOSS_VALUES, ticktext: LOSS_VALUES.map(String) };

/** Snapshots drawn in the upper row: evenly spaced along the curve as it is drawn, through plateaus and drops. */
function milestones({ steps, loss }: TransformationsData, count: number): number[] {
  const scaled = (values: readonly number[]) => {
    const logs = values.map((value) => Math.log(Math.max(value, 1)));
    return logs.map((value) => value / (Math.max(...logs) - Math.min(...logs)));
  };
  const [x, y] = [scaled(steps), scaled(loss.map((value) => value / Math.min(...loss)))];
  let length = 0;
  const along = x.map((_, s) => {
    if (s > 0) length += Math.hypot(x[s] - x[s - 1], y[s] - y[s - 1]);
    return length;
  });
  const last = steps.length - 1;
  return Array.from({ length: count }, (_, k) =>
    k === count - 1 ? last : along.findIndex((value) => value >= (length * (k + 1)) / count),
  );
}

/** The marker of a step on the loss curve, in pair of axes k. */
function stepMark(k: number, step: number, loss: number): Trace {
  return inPanel(k, {
    type: 'scatter',
    mode: 'markers',
    x: [step],
    y: [loss],
    marker: { color: CURVES[1], size: 11 },
    hoverinfo: 'skip',
  });
}

/** Numbers of the shown snapshots on the loss curve, in pair of axes k. */
function milestoneMarks(k: number, shown: readonly number[], { steps, loss }: TransformationsData): Trace {
  return inPanel(k, {
    type: 'scatter',
    mode: 'text+markers',
    x: shown.map((s) => steps[s]),
    y: shown.map((s) => loss[s]),
    text: shown.map((_, at) => String(at + 1)),
    textposition: 'top right',
    marker: { color: INK, size: 6 },
    hoverinfo: 'skip',
  });
}

/** A slider under a panel that shows the frame of a step. */
function stepSlider({ x }: Panel, steps: readonly number[], active: number): object {
  return {
    active,
    x: x[0],
    len: x[1] - x[0],
    y: -0.02,
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

export function transformationsFigure(data: TransformationsData): Figure {
  const { steps, loss, W, row } = data;
  const [upper, lower] = panelGrid(2, 1, 0, 0.12, [1], [1, 2]);
  const shown = milestones(data, 6);
  const small = panelGrid(1, shown.length, 0.02, 0).map((panel) => ({ ...panel, y: upper.y }));
  const [left, right] = panelGrid(1, 2, 0.09, 0, [1.6, 1]).map((panel) => ({ ...panel, y: lower.y }));
  const curve = shown.length;
  const moving = curve + 1;
  const still = [
    ...shown.flatMap((s, k) => setTraces(k, W[s], row)),
    lossLine(curve, data),
    milestoneMarks(curve, shown, data),
  ];
  const frameData = (s: number) => [stepMark(curve, steps[s], loss[s]), ...setTraces(moving, W[s], row)];
  const start = shown[4];
  return {
    data: [...still, ...frameData(start)],
    frames: steps.map((step, s) => ({
      name: String(step),
      data: frameData(s),
      traces: [0, 1, 2].map((t) => still.length + t),
    })),
    layout: sheet(1000, 640, {
      margin: { l: 64, r: 24, t: 48, b: 100 },
      ...Object.assign({}, ...small.map((panel, k) => shapeAxes(k, panel))),
      ...panelAxes(curve, left, STEP_AXIS, { title: { text: 'loss' }, type: 'log', ...LOSS_TICKS }),
      ...shapeAxes(moving, right),
      sliders: [stepSlider(right, steps, start)],
      annotations: [
        ...shown.map((s, k) => panelTitle(small[k], `${k + 1}: step ${steps[s]}`, 12)),
        panelTitle(right, 'at the orange dot of the loss', 12),
      ],
    }),
  };
}
