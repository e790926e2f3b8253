/** k-gons: their levels beside trained models, and their free energies over the number of samples. */
import type { KgonLevelsData } from '../../sim/experiments/kgonLevels.ts';
import { FEATURES, type KgonPhase, type Placed, weightsOf } from '../../sim/experiments/kgons.ts';
import type { FreeEnergies, KgonTransitionData } from '../../sim/experiments/kgonTransition.ts';
import { arrowAxes, arrows, unitCircle } from '../arrows.ts';
import type { Figure, Trace } from '../figure.ts';
import { CURVES, FAINT, THEORY } from '../palette.ts';
import { inPanel, type Panel, panelAxes, panelGrid, panelTitle, sheet, xref, yref } from '../panels.ts';

const SYMBOLS = ['circle', 'square', 'diamond', 'triangle-up', 'cross', 'star'];

/** Phases of the paper: squares and more. */
const shown = (phases: readonly KgonPhase[]): KgonPhase[] => phases.filter(({ k }) => k >= 4);

/** The arrows of a phase, those of features with a positive dead bias as open rings at the origin. */
function kgonPicture(k: number, phase: KgonPhase): Trace[] {
  const { W, b } = weightsOf(phase);
  const model = { row: 0, features: FEATURES, hidden: 2, W: W.flat(), b };
  const colors = W.map((_, i) => (i < phase.k ? CURVES[0] : FAINT));
  return [unitCircle(k), ...arrows(k, model, new Array(FEATURES).fill(1), colors)];
}

const pictureTitle = ({ name, level, lambda }: KgonPhase, panel: Panel): object =>
  panelTitle(panel, `${name}: <i>L</i> = ${level.toFixed(5)}, λ = ${lambda}`, 12);

/** Exact levels over k, a curve for each number of positive dead biases. */
function levelCurves(k: number, phases: readonly KgonPhase[]): Trace[] {
  const counts = [...new Set(phases.map(({ positive }) => positive))];
  return counts.map((positive) => {
    const own = phases.filter((phase) => phase.positive === positive);
    return inPanel(k, {
      type: 'scatter',
      mode: 'lines+markers',
      name: String(positive),
      x: own.map((phase) => phase.k),
      y: own.map(({ level }) => level),
      text: own.map(({ name }) => name),
      line: { color: CURVES[positive], width: 1.5 },
      marker: { color: CURVES[positive], size: 8, symbol: SYMBOLS[positive] },
      hovertemplate: '%{text}: <i>L</i> = %{y:.5f}<extra></extra>',
    });
  });
}

/** Trained models by ½‖w‖² and exact loss. */
function modelDots(k: number, models: readonly Placed[], on: boolean): Trace {
  const own = models.filter(({ phase }) => phase >= 0 === on);
  return inPanel(k, {
    type: 'scatter',
    mode: 'markers',
    showlegend: false,
    x: own.map(({ half }) => half),
    y: own.map(({ loss }) => loss),
    customdata: own.map(({ row }) => row),
    marker: {
      size: on ? 9 : 7,
      color: on ? CURVES[4] : CURVES[1],
      opacity: 0.7,
      symbol: on ? 'circle' : 'x',
    },
    hovertemplate: 'loss %{y:.5f}, ½‖w‖² %{x:.3f}<extra>instance %{customdata}</extra>',
  });
}

/** The phases as black rings where their models should stand, with their names and numbers of models. */
function phaseRings(k: number, phases: readonly KgonPhase[]): Trace {
  return inPanel(k, {
    type: 'scatter',
    mode: 'markers',
    showlegend: false,
    x: phases.map(({ half }) => half),
    y: phases.map(({ level }) => level),
    marker: { size: 15, color: THEORY, symbol: 'circle-open', line: { width: 2 } },
    hoverinfo: 'skip',
  });
}

function ringName(k: number, { phases, models }: KgonLevelsData, phase: KgonPhase): object {
  const count = models.filter((own) => own.phase === phases.indexOf(phase)).length;
  return {
    text: `<b>${phase.name}</b>  ${count} ${count === 1 ? 'model' : 'models'}`,
    xref: xref(k),
    yref: yref(k),
    x: phase.half,
    y: phase.level,
    xanchor: phase.k === 6 ? 'right' : 'left',
    xshift: 12,
    yshift: phase.k === 6 ? 16 : 0,
    showarrow: false,
    font: { size: 12 },
  };
}

export function kgonLevelsFigure(data: KgonLevelsData): Figure {
  const { phases, models } = data;
  const own = shown(phases);
  const above = panelGrid(1, own.length, 0.01, 0).map(({ x }): Panel => ({ x, y: [0.68, 1] }));
  const [left, right] = panelGrid(1, 2, 0.1, 0, [0.8, 1]).map(({ x }): Panel => ({ x, y: [0, 0.56] }));
  const [curves, dots] = [own.length, own.length + 1];
  const none = models.filter(({ phase }) => phase < 0).length;
  return {
    data: [
      ...own.flatMap((phase, k) => kgonPicture(k, phase).map((trace) => ({ ...trace, showlegend: false }))),
      ...levelCurves(curves, phases),
      modelDots(dots, models, true),
      modelDots(dots, models, false),
      phaseRings(dots, own),
    ],
    layout: sheet(1180, 690, {
      ...Object.assign({}, ...own.map((_, k) => arrowAxes(k, above[k]))),
      ...panelAxes(
        curves,
        left,
        { title: { text: '<i>k</i>, features of the k-gon', standoff: 4 }, dtick: 1 },
        { title: { text: 'exact expected loss <i>L</i>' }, rangemode: 'tozero' },
      ),
      ...panelAxes(
        dots,
        right,
        { title: { text: '½‖<i>w</i>‖²', standoff: 4 }, range: [1.6, 7] },
        { title: { text: 'exact expected loss <i>L</i>' }, range: [0.04, 0.118] },
      ),
      showlegend: true,
      legend: {
        title: { text: 'dead features with<br>bias 1/12', font: { size: 11 } },
        x: left.x[1],
        y: 0.56,
        xanchor: 'right',
        yanchor: 'top',
        font: { size: 11 },
      },
      annotations: [
        ...own.map((phase, k) => pictureTitle(phase, above[k])),
        panelTitle(left, 'levels of all k-gons among six features'),
        panelTitle(right, `${models.length} models trained from random weights; ${none} (×) on no level`),
        ...own.map((phase) => ringName(dots, data, phase)),
      ],
    }),
  };
}

const DASHES = ['solid', 'dash', 'dot', 'solid', 'dash', 'solid'];
const PHASE_COLORS = [CURVES[4], CURVES[4], CURVES[4], CURVES[0], CURVES[0], CURVES[1]];

/** F_n of the phases above the least, and the transitions as vertical lines. */
function energyCurves(k: number, { n, phases }: KgonTransitionData, { excess }: FreeEnergies): Trace[] {
  return phases.map(({ name }, p) =>
    inPanel(k, {
      type: 'scatter',
      mode: 'lines',
      name,
      showlegend: k === 0,
      x: n,
      y: excess[p],
      line: { color: PHASE_COLORS[p], width: 2.5, dash: DASHES[p] },
      hovertemplate: `${name}, <i>n</i> = %{x:.0f}: %{y:.2f} above the least<extra></extra>`,
    }),
  );
}

const HEIGHT = 14;

/** Where the name of a transition stands: left of its line at the top, or at its foot, right of what rises there. */
const ATOP = { y: HEIGHT, xanchor: 'right', yanchor: 'top', xshift: -4, align: 'right' };
const BESIDE = { y: 2, xanchor: 'left', yanchor: 'bottom', xshift: 46, align: 'left' };

function transitionMarks(
  k: number,
  { transitions }: FreeEnergies,
): { shapes: object[]; annotations: object[] } {
  const at = { xref: xref(k), yref: yref(k) };
  return {
    shapes: transitions.map(({ n }) => ({
      ...at,
      type: 'line',
      x0: n,
      x1: n,
      y0: 0,
      y1: HEIGHT,
      line: { color: THEORY, width: 1, dash: 'dot' },
    })),
    annotations: transitions.map(({ from, to, n }) => ({
      ...at,
      text: `${from} → ${to}<br><i>n</i> = ${n.toFixed(0)}`,
      x: Math.log10(n),
      showarrow: false,
      font: { size: 12 },
      ...(to === '6' ? BESIDE : ATOP),
    })),
  };
}

export function kgonTransitionFigure(data: KgonTransitionData): Figure {
  const panels = panelGrid(1, 2, 0.09, 0);
  const both = [data.plain, data.prior];
  const marks = both.map((own, k) => transitionMarks(k, own));
  const across = {
    type: 'log',
    title: { text: 'samples <i>n</i>', standoff: 4 },
    tickvals: [2, 10, 100, 1000, 10_000],
    ticktext: ['2', '10', '100', '1,000', '10,000'],
    range: [Math.log10(data.n[0]), Math.log10(data.n[data.n.length - 1])],
  };
  const up = { title: { text: '<i>F<sub>n</sub></i> above the least' }, range: [0, HEIGHT] };
  return {
    data: both.flatMap((own, k) => energyCurves(k, data, own)),
    layout: sheet(1100, 420, {
      margin: { l: 64, r: 90, t: 44, b: 56 },
      ...Object.assign({}, ...panels.map((panel, k) => panelAxes(k, panel, across, up))),
      showlegend: true,
      legend: { x: 1.01, y: 1, title: { text: 'phase' } },
      shapes: marks.flatMap(({ shapes }) => shapes),
      annotations: [
        panelTitle(panels[0], '<i>F<sub>n</sub></i> = <i>n L</i> + λ ln <i>n</i>'),
        panelTitle(panels[1], 'with the prior: <i>n L</i> + λ ln <i>n</i> + ½‖<i>w</i>*‖²'),
        ...marks.flatMap(({ annotations }) => annotations),
      ],
    }),
  };
}
