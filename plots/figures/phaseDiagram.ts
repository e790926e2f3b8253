/** T6 and T7: trained and exact phase diagram side by side, and a cut through the losses. */
import { exactRegion, type PhaseCells, type PhaseData } from '../../sim/experiments/phaseDiagram.ts';
import { regionOf } from '../../sim/metrics/phaseRegion.ts';
import { candidateLosses, regionBoundaries, TRIPLE_POINT } from '../../sim/theory/phase.ts';
import type { Figure, Trace } from '../figure.ts';
import { CURVES, INK, THEORY } from '../palette.ts';
import { inPanel, inset, logAxis, type Panel, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';
import { boundary, phaseKey, phaseMap } from '../phaseDiagram.ts';

const log = (values: readonly number[]) => values.map(Math.log10);
const span = (from: number, to: number, count: number) =>
  Array.from({ length: count }, (_, k) => from * (to / from) ** (k / (count - 1)));

/** Density falls to the right, as sparsity rises. */
const DENSITY_AXIS = logAxis([1, 0.3, 0.1, 0.03, 0.01], 'feature density 1 − <i>S</i>', [0, -2]);
const IMPORTANCE_TICKS = [0.1, 0.3, 1, 3, 10];

/** A map of trained cells; `who` says which instances a cell shows. */
function trainedMap(k: number, data: PhaseData, cells: PhaseCells, who: (cell: number) => string): Trace {
  const { densities, importances } = data;
  const { norm, superposition } = cells;
  return phaseMap(k, {
    x: log(densities),
    y: log(importances),
    norm,
    superposition,
    hover: (d, r) => {
      const cell = d * importances.length + r;
      return (
        `density ${densities[d].toPrecision(3)}, relative importance ${importances[r].toPrecision(3)}` +
        `<br>norm ${norm[cell].toFixed(3)}, superposition ${superposition[cell].toFixed(3)}` +
        `<br>${regionOf(norm[cell], superposition[cell])}<br>${who(cell)}`
      );
    },
  });
}

/** The paper's mean over all but the worst, and the best replica alone. */
function trainedMaps(data: PhaseData): Trace[] {
  const { replicas, bestRow } = data;
  return [
    trainedMap(
      0,
      data,
      data.mean,
      (cell) => `instances ${cell * replicas}–${(cell + 1) * replicas - 1}, worst dropped`,
    ),
    trainedMap(1, data, data.best, (cell) => `instance ${bestRow[cell]}`),
  ];
}

function exactMap(n: 2 | 3): Trace {
  const densities = span(1, 0.01, 121);
  const importances = span(0.1, 10, 121);
  const regions = densities.map((p) => importances.map((r) => exactRegion(n, p, r)));
  return phaseMap(2, {
    x: log(densities),
    y: log(importances),
    norm: regions.flat().map((region) => (region === 'not learned' ? 0 : 1)),
    superposition: regions.flat().map((region) => (region === 'superposed' ? 1 : 0)),
    hover: (d, r) =>
      `density ${densities[d].toPrecision(3)}, relative importance ${importances[r].toPrecision(3)}<br>${regions[d][r]}`,
  });
}

/** The boundaries of the closed form, in pair of axes k. */
function boundaries(k: number, n: 2 | 3): Trace[] {
  const p = span(TRIPLE_POINT.density, 0.01, 80);
  const edges = p.map((density) => regionBoundaries(n, density));
  const low = edges.map((edge) => Math.log10(edge.low));
  const high = edges.map((edge) => Math.log10(edge.high));
  return [
    boundary(k, log(p), low, 'learned above: <i>r</i> = 2<i>p</i>/(4 − 5<i>p</i>)'),
    boundary(k, log(p), high, 'its own dimension above'),
    boundary(k, log([1, TRIPLE_POINT.density]), [0, 0], '<i>r</i> = 1'),
  ];
}

/** Names of the regions, where each is widest. */
function regionLabels(k: number, n: 2 | 3): Record<string, unknown>[] {
  const label = (text: string, x: number, y: number, color: string) => ({
    text,
    x: Math.log10(x),
    y: Math.log10(y),
    xref: `x${k + 1}`,
    yref: `y${k + 1}`,
    showarrow: false,
    font: { size: 12, color },
  });
  return [
    label('not<br>learned', 0.55, 0.18, INK),
    label('in superposition', 0.045, n === 2 ? 1 : 0.33, '#ffffff'),
    label(
      n === 2 ? 'own<br>dimension' : 'own dimension',
      n === 2 ? 0.5 : 0.1,
      n === 2 ? 6.5 : 3.2,
      '#ffffff',
    ),
  ];
}

const CANDIDATE_NAMES = {
  'ignore extra': 'ignore it',
  'extra in a pair': 'antipodal to another',
  'ignore another': 'ignore another',
  'others paired': 'the others antipodal',
} as const;

/** Losses over relative importance at one density: closed forms as lines, trained models as dots. */
function lossCut({ features: n, densities, importances, loss, bestRow, slice, known }: PhaseData): Trace[] {
  const p = densities[slice];
  const rs = span(0.1, 10, 101);
  const names = candidateLosses(n, p, 1).map(([solution]) => solution);
  const lines = names.map((name, c) =>
    inPanel(3, {
      type: 'scatter',
      mode: 'lines',
      x: log(rs),
      y: rs.map((r) => candidateLosses(n, p, r)[c][1]),
      name: CANDIDATE_NAMES[name],
      line: { color: CURVES[c], width: 2, dash: ['solid', 'dash', 'dot', 'dashdot'][c] },
      hovertemplate: `${CANDIDATE_NAMES[name]}: %{y:.4f}<extra></extra>`,
    }),
  );
  const R = importances.length;
  const dots = inPanel(3, {
    type: 'scatter',
    mode: 'markers',
    x: log(importances),
    y: loss.slice(slice * R, (slice + 1) * R),
    name: 'trained, best of cell',
    marker: { color: THEORY, size: 5 },
    customdata: importances.map((r, at) => [r, bestRow[slice * R + at]]),
    hovertemplate:
      'trained, relative importance %{customdata[0]:.3g}: %{y:.4f}<extra>instance %{customdata[1]}</extra>',
  });
  const best = inPanel(3, {
    type: 'scatter',
    mode: 'lines',
    x: log(importances),
    y: known,
    name: 'best known',
    line: { color: THEORY, width: 1 },
    hovertemplate: 'best known solution: %{y:.4f}<extra></extra>',
  });
  return [...lines, best, dots];
}

function keyAxes(panel: Panel): Record<string, object> {
  const ends = { tickvals: [0, 1], range: [0, 1], showgrid: false, tickfont: { size: 10 } };
  return panelAxes(
    4,
    panel,
    { ...ends, title: { text: 'superposition', font: { size: 10 }, standoff: 2 } },
    { ...ends, title: { text: 'norm', font: { size: 10 }, standoff: 2 } },
  );
}

/** The loss axis, up to a little over the largest trained loss on the cut. */
function lossAxis({ loss, slice, importances }: PhaseData): Record<string, unknown> {
  const R = importances.length;
  return {
    title: { text: 'loss, all features' },
    range: [0, 1.35 * Math.max(...loss.slice(slice * R, (slice + 1) * R))],
  };
}

export function phaseDiagramFigure(data: PhaseData): Figure {
  const n = data.features;
  const [mean, best, exact, right] = panelGrid(1, 4, 0.05, 0, [1, 1, 1, 1.05]);
  const key = inset(right, [0.76, 1], [0.02, 0.2]);
  const cut = inset(right, [0, 1], [0.5, 1]);
  const importance = logAxis(IMPORTANCE_TICKS, `relative importance of feature ${n}`, [-1, 1]);
  const plain = { ...importance, title: { text: '' } };
  return {
    data: [
      ...trainedMaps(data),
      exactMap(n),
      ...[0, 1, 2].flatMap((k) => boundaries(k, n)),
      ...lossCut(data),
      phaseKey(4),
    ],
    layout: sheet(1200, 440, {
      ...panelAxes(0, mean, DENSITY_AXIS, importance),
      ...panelAxes(1, best, DENSITY_AXIS, plain),
      ...panelAxes(2, exact, DENSITY_AXIS, plain),
      ...panelAxes(3, cut, importance, lossAxis(data)),
      ...keyAxes(key),
      showlegend: true,
      legend: { x: right.x[0], y: 0.3, yanchor: 'top', font: { size: 11 }, title: { text: `feature ${n}:` } },
      annotations: [
        panelTitle(mean, `trained, mean of the best ${data.replicas - 1} of ${data.replicas}`),
        panelTitle(best, `trained, best of ${data.replicas}`),
        panelTitle(exact, `closed form, <i>n</i> = ${n}, <i>m</i> = ${n - 1}`),
        panelTitle(cut, `loss at 1 − <i>S</i> = ${data.densities[data.slice].toPrecision(2)}`),
        ...regionLabels(2, n),
      ],
    }),
  };
}
