/** A decomposed model: directions, causal importances and sizes of its subcomponents. */
import type { DrawnMap, DrawnSite } from '../../sim/experiments/decompositions.ts';
import type { PartsPentagonData } from '../../sim/experiments/partsPentagon.ts';
import { arrowAxes, unitCircle } from '../arrows.ts';
import type { Figure, Trace } from '../figure.ts';
import { FOUND_SCALE } from '../heatmap.ts';
import { CURVES, FAINT, INK } from '../palette.ts';
import { inPanel, type Panel, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';

/** What each map is called. */
export const SITES: Record<DrawnSite['name'], string> = { In: 'encoder', Mid: 'identity', Out: 'decoder' };

const ends = (rows: readonly number[], c: 0 | 1) =>
  Array.from({ length: rows.length / 2 }, (_, i) => rows[2 * i + c]);

/** The model's directions as grey spokes, all subcomponents together as rings, the own ones as arrows. */
function directions(k: number, { truth, sum, own }: DrawnSite, isFirst: boolean): Trace[] {
  const spokes = (rows: readonly number[], c: 0 | 1) => ends(rows, c).flatMap((end) => [0, end, null]);
  const named = (name: string) => ({ name, legendgroup: name, showlegend: isFirst });
  return [
    unitCircle(k),
    inPanel(k, {
      type: 'scatter',
      mode: 'lines',
      ...named('model'),
      x: spokes(truth, 0),
      y: spokes(truth, 1),
      line: { color: FAINT, width: 8 },
      hoverinfo: 'skip',
    }),
    inPanel(k, {
      type: 'scatter',
      mode: 'lines+markers',
      ...named('a feature’s own subcomponent'),
      x: spokes(own, 0),
      y: spokes(own, 1),
      line: { color: CURVES[0], width: 2 },
      marker: { color: CURVES[0], size: own.flatMap((_, i) => (i % 2 === 0 ? [0, 7, 0] : [])), opacity: 1 },
      hovertemplate: '(%{x:.3f}, %{y:.3f})<extra>own subcomponent</extra>',
    }),
    inPanel(k, {
      type: 'scatter',
      mode: 'markers',
      ...named('all subcomponents together'),
      x: ends(sum, 0),
      y: ends(sum, 1),
      marker: { color: 'rgba(0,0,0,0)', size: 14, line: { color: CURVES[1], width: 2 } },
      hovertemplate: '(%{x:.3f}, %{y:.3f})<extra>all together</extra>',
    }),
  ];
}

/** Causal importances, a row a feature. */
export function importanceMap(k: number, { importance, sizes }: DrawnMap): Trace {
  const C = sizes.length;
  const rows = Array.from({ length: importance.length / C }, (_, i) => importance.slice(i * C, (i + 1) * C));
  return inPanel(k, {
    type: 'heatmap',
    x: sizes.map((_, c) => c),
    y: rows.map((_, i) => i),
    z: rows,
    text: rows.map((row) => row.map((value) => (value < 0.05 ? '' : value.toFixed(1)))),
    texttemplate: '%{text}',
    textfont: { size: 9 },
    hovertemplate: 'feature %{y}, subcomponent %{x}: <i>g</i> = %{z:.3f}<extra></extra>',
    zmin: 0,
    zmax: 1,
    colorscale: FOUND_SCALE,
    showscale: false,
    xgap: 1,
    ygap: 1,
  });
}

export function importanceAxes(k: number, panel: Panel, { sizes, importance }: DrawnMap, title: string) {
  const C = sizes.length;
  const n = importance.length / C;
  const whole = { showgrid: false, tick0: 0, zeroline: false };
  return panelAxes(
    k,
    panel,
    { ...whole, dtick: 5, range: [-0.5, C - 0.5], title: { text: title, standoff: 4 } },
    { ...whole, dtick: 1, range: [n - 0.5, -0.5], title: { text: 'feature that is on', standoff: 4 } },
  );
}

/** How large each subcomponent is. */
export function sizeBars(k: number, { sizes }: DrawnMap, live: number): Trace {
  return inPanel(k, {
    type: 'bar',
    x: sizes.map((_, c) => c),
    y: sizes,
    marker: { color: sizes.map((_, c) => (c < live ? CURVES[0] : FAINT)) },
    showlegend: false,
    hovertemplate: 'subcomponent %{x}: %{y:.3f}<extra></extra>',
  });
}

export function sizeAxes(k: number, panel: Panel, { sizes }: DrawnMap, title: string) {
  return panelAxes(
    k,
    panel,
    {
      tick0: 0,
      dtick: 5,
      range: [-0.7, sizes.length - 0.3],
      showgrid: false,
      title: { text: title, standoff: 4 },
    },
    { rangemode: 'tozero', title: { text: '‖<i>V</i><sub>c</sub>‖ ‖<i>U</i><sub>c</sub>‖', standoff: 4 } },
  );
}

export function partsPentagonFigure({ seeds, row, sites }: PartsPentagonData): Figure {
  const panels = panelGrid(sites.length, 3, 0.07, 0.16, [1, 1.5, 1.2]);
  const whole = seeds.filter(({ scores }) => scores.identity_error === 0).length;
  const axisOf = 'subcomponent, each feature’s own first';
  return {
    data: sites.flatMap((site, s) => [
      ...directions(3 * s, site, s === 0),
      importanceMap(3 * s + 1, site),
      sizeBars(3 * s + 2, site, site.importance.length / site.sizes.length),
    ]),
    layout: sheet(1160, 680, {
      margin: { l: 40, r: 24, t: 96, b: 84 },
      title: {
        text: `Seed ${row}; every feature has one subcomponent of its own in ${whole} of ${seeds.length} seeds`,
        font: { size: 15, color: INK },
        y: 0.97,
      },
      showlegend: true,
      legend: { orientation: 'h', x: 0, y: -0.09, yanchor: 'top' },
      ...Object.assign(
        {},
        ...sites.flatMap((site, s) => [
          arrowAxes(3 * s, panels[3 * s], 1.4),
          importanceAxes(3 * s + 1, panels[3 * s + 1], site, axisOf),
          sizeAxes(3 * s + 2, panels[3 * s + 2], site, axisOf),
        ]),
      ),
      annotations: sites.flatMap((site, s) => [
        panelTitle(panels[3 * s], `${SITES[site.name]}: directions of the five features`),
        panelTitle(panels[3 * s + 1], `causal importance <i>g</i> in the ${SITES[site.name]}`),
        panelTitle(panels[3 * s + 2], `size of each; ${site.live} alive`),
      ]),
    }),
  };
}
