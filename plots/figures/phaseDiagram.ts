/** T6 and T7: trained and exact phase diagram side by side, and a cut through the losses. */
import { exactRegion, nearest, type PhaseCells, type PhaseData } from '../../sim/experiments/phaseDiagram.ts';
import { regionOf } from '../../sim/metrics/phaseRegion.ts';
import { candidateLosses, regionBoundaries, type Solution, TRIPLE_POINT } from '../../sim/theory/phase.ts';
import type { Figure, Trace } from '../figure.ts';
import { CURVES, INK, THEORY } from '../palette.ts';
import {
  inPanel,
  inset,
  logAxis,
  type Panel,
  panelAxes,
  panelGrid,
  panelTitle,
  sheet,
  xref,
  yref,
} from '../panels.ts';
import { boundary, phaseKey, phaseMap } from '../phaseDiagram.ts';

const log = (values: readonly number[]) => values.map(Math.log10);
const span = (from: number, to: number, count: number) =>
  Array.from({ length: count }, (_, k) => from * (to / from) ** (k / (count - 1)));

/** Density falls to the right, as sparsity rises. */
const DENSITY_AXIS = logAxis([1, 0.3, 0.1, 0.03, 0.01], 'feature density 1 − <i>S</i>', [0, -2]);
const IMPORTANCE_TICKS = [0.1, 0.3, 1, 3, 10];

type Axes = Pick<PhaseData, 'densities' | 'importances'>;

/** A map of cells; `who` says which instances a cell shows. */
function trainedMap(k: number, axes: Axes, cells: PhaseCells, who: (cell: number) => string): Trace {
  const { densities, importances } = axes;
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

/** The exact optimum, on every second cell of the trained maps. */
function optimumMap({ optimum }: PhaseData): Trace {
  return trainedMap(3, optimum, optimum, (cell) => `loss ${optimum.loss[cell].toPrecision(4)}`);
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
    xref: xref(k),
    yref: yref(k),
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

/** A cut through the losses: what lies along it, and the instances of its cells. */
interface Cut {
  along: 'relative importance' | 'density';
  at: number[]; // (N) importances or densities
  cells: number[]; // (N) cells of the maps
  closed: (x: number) => [Solution, number][]; // losses of the closed forms
  optimum: { at: number[]; loss: number[] }; // of the exact optimum
}

/** At the slice's density, over relative importance. */
function importanceCut({ features: n, densities, importances, slice, optimum }: PhaseData): Cut {
  const R = importances.length;
  const own = optimum.importances.length;
  const from = (slice / 2) * own;
  return {
    along: 'relative importance',
    at: importances,
    cells: importances.map((_, k) => slice * R + k),
    closed: (r) => candidateLosses(n, densities[slice], r),
    optimum: { at: optimum.importances, loss: optimum.loss.slice(from, from + own) },
  };
}

/** At equal importance, over density. */
function densityCut({ features: n, densities, importances, optimum }: PhaseData): Cut {
  const k = nearest(importances, 1);
  return {
    along: 'density',
    at: densities,
    cells: densities.map((_, d) => d * importances.length + k),
    closed: (p) => candidateLosses(n, p, importances[k]),
    optimum: { at: densities, loss: optimum.equal.loss },
  };
}

/** The closed forms of a cut as lines; of two that are one line there, the first. */
function closedLines(k: number, { at, closed }: Cut): Trace[] {
  const xs = span(at[0], at.at(-1)!, 101);
  return closed(at[0]).map(([name], c) =>
    inPanel(k, {
      type: 'scatter',
      mode: 'lines',
      x: log(xs),
      y: xs.map((x) => closed(x)[c][1]),
      name: CANDIDATE_NAMES[name],
      showlegend: k === 4,
      line: { color: CURVES[c], width: 2, dash: ['solid', 'dash', 'dot', 'dashdot'][c] },
      hovertemplate: `${CANDIDATE_NAMES[name]}: %{y:.4f}<extra></extra>`,
    }),
  );
}

/** Losses along a cut: closed forms and exact optimum as lines, trained models as dots. */
function lossCut(k: number, { loss, bestRow }: PhaseData, cut: Cut): Trace[] {
  const { along, at, cells, optimum } = cut;
  const best = inPanel(k, {
    type: 'scatter',
    mode: 'lines',
    x: log(optimum.at),
    y: optimum.loss,
    name: 'exact optimum',
    showlegend: k === 4,
    line: { color: THEORY, width: 1 },
    hovertemplate: 'exact optimum: %{y:.4f}<extra></extra>',
  });
  const dots = inPanel(k, {
    type: 'scatter',
    mode: 'markers',
    x: log(at),
    y: cells.map((cell) => loss[cell]),
    name: 'trained, best of cell',
    showlegend: k === 4,
    marker: { color: THEORY, size: 5 },
    customdata: cells.map((cell, i) => [at[i], bestRow[cell]]),
    hovertemplate: `trained, ${along} %{customdata[0]:.3g}: %{y:.4f}<extra>instance %{customdata[1]}</extra>`,
  });
  return [...closedLines(k, cut), best, dots];
}

function keyAxes(panel: Panel): Record<string, object> {
  const ends = { tickvals: [0, 1], range: [0, 1], showgrid: false, tickfont: { size: 10 } };
  return panelAxes(
    6,
    panel,
    { ...ends, title: { text: 'superposition', font: { size: 10 }, standoff: 2 } },
    { ...ends, title: { text: 'norm', font: { size: 10 }, standoff: 2 } },
  );
}

/** The loss axis of a cut, up to a little over the largest trained loss on it. */
function lossAxis({ loss }: PhaseData, { cells }: Cut): Record<string, unknown> {
  return {
    title: { text: 'loss, all features' },
    range: [0, 1.35 * Math.max(...cells.map((cell) => loss[cell]))],
  };
}

/** The maps, in the order of their pairs of axes. */
function mapTitles({ features: n, replicas }: PhaseData, panels: readonly Panel[]): object[] {
  const titles = [
    `trained, mean of the best ${replicas - 1} of ${replicas}`,
    `trained, best of ${replicas}`,
    `closed form, <i>n</i> = ${n}, <i>m</i> = ${n - 1}`,
    'exact optimum',
  ];
  return titles.map((title, k) => panelTitle(panels[k], title));
}

/** Where the maps, the two cuts and the key lie. */
function panelsOf(): { maps: Panel[]; cuts: Panel[]; key: Panel; legendX: number } {
  const rows = panelGrid(2, 4, 0.04, 0.17, undefined, [1, 0.85]);
  const [left, right] = panelGrid(1, 3, 0.08, 0, [1, 1, 0.62]);
  const below = ({ x }: Panel): Panel => ({ x, y: rows[4].y });
  const side = inset(below(panelGrid(1, 3, 0.08, 0, [1, 1, 0.62])[2]), [0, 1], [0, 1]);
  return { maps: rows.slice(0, 4), cuts: [below(left), below(right)], key: inset(side, [0.1, 0.55], [0, 0.38]), legendX: side.x[0] }; // biome-ignore format: one line
}

export function phaseDiagramFigure(data: PhaseData): Figure {
  const n = data.features;
  const { maps, cuts, key, legendX } = panelsOf();
  const [overImportance, overDensity] = [importanceCut(data), densityCut(data)];
  const importance = logAxis(IMPORTANCE_TICKS, `relative importance of feature ${n}`, [-1, 1]);
  const plain = { ...importance, title: { text: '' } };
  const mapAxes = maps.map((panel, k) => panelAxes(k, panel, DENSITY_AXIS, k === 0 ? importance : plain));
  return {
    data: [
      ...trainedMaps(data),
      exactMap(n),
      optimumMap(data),
      ...maps.flatMap((_, k) => boundaries(k, n)),
      ...lossCut(4, data, overImportance),
      ...lossCut(5, data, overDensity),
      phaseKey(6),
    ],
    layout: sheet(1200, 720, {
      ...Object.assign({}, ...mapAxes),
      ...panelAxes(4, cuts[0], importance, lossAxis(data, overImportance)),
      ...panelAxes(5, cuts[1], DENSITY_AXIS, lossAxis(data, overDensity)),
      ...keyAxes(key),
      showlegend: true,
      legend: {
        x: legendX,
        y: cuts[0].y[1],
        yanchor: 'top',
        font: { size: 11 },
        title: { text: `feature ${n}:` },
      },
      annotations: [
        ...mapTitles(data, maps),
        panelTitle(cuts[0], `loss at 1 − <i>S</i> = ${data.densities[data.slice].toPrecision(2)}`),
        panelTitle(cuts[1], 'loss at equal importance'),
        ...regionLabels(2, n),
      ],
    }),
  };
}
