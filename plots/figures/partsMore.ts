/** Decompositions with an identity between, and the share of seeds that are right. */
import type { PartsIdentityData } from '../../sim/experiments/partsIdentity.ts';
import type { RateCell, RateData } from '../../sim/experiments/partsRate.ts';
import { shareOf } from '../../sim/metrics/share.ts';
import type { Figure, Trace } from '../figure.ts';
import { CURVES, FAINT, INK } from '../palette.ts';
import { emptied, inPanel, logAxis, panelAxes, panelGrid, panelTitle, sheet, xref, yref } from '../panels.ts';
import { importanceAxes, importanceMap, SITES, sizeAxes, sizeBars } from './partsPentagon.ts';

export function partsIdentityFigure({ hidden, seeds, row, sites }: PartsIdentityData): Figure {
  const columns = sites.length;
  const panels = panelGrid(2, columns, 0.06, 0.2);
  const split = seeds.filter(({ scores }) => scores.live_mid === hidden).length;
  const own = (name: string) =>
    name === 'Mid' ? 'subcomponent, strongest first' : 'subcomponent, each feature’s own first';
  const live = ({ name, importance, sizes }: PartsIdentityData['sites'][number]) =>
    name === 'Mid' ? hidden : importance.length / sizes.length;
  return {
    data: sites.flatMap((site, s) => [importanceMap(s, site), sizeBars(columns + s, site, live(site))]),
    layout: sheet(1180, 580, {
      margin: { l: 40, r: 24, t: 92, b: 56 },
      title: {
        text: `Seed ${row}; the identity splits into ${hidden} live subcomponents in ${split} of ${seeds.length} seeds`,
        font: { size: 15, color: INK },
        y: 0.965,
      },
      ...Object.assign(
        {},
        ...sites.flatMap((site, s) => [
          importanceAxes(s, panels[s], site, own(site.name)),
          sizeAxes(columns + s, panels[columns + s], site, own(site.name)),
        ]),
      ),
      annotations: sites.flatMap((site, s) => [
        panelTitle(panels[s], `causal importance <i>g</i> in the ${SITES[site.name]}`),
        panelTitle(panels[columns + s], `${SITES[site.name]}: size of each; ${site.live} alive`),
      ]),
    }),
  };
}

/** A curve over the coefficients. */
function curve(
  k: number,
  cells: readonly RateCell[],
  name: string,
  y: number[],
  color: string,
  more = {},
): Trace {
  return inPanel(k, {
    type: 'scatter',
    mode: 'lines+markers',
    name,
    x: cells.map(({ minimality }) => Math.log10(minimality)),
    y,
    line: { color, width: 2 },
    marker: { color, size: 8 },
    hovertemplate: `${name}: %{y:.3g}<extra></extra>`,
    ...more,
  });
}

/** 95 % intervals of shares as error bars. */
function intervals(cells: readonly RateCell[], of: (cell: RateCell) => number): object {
  const spans = cells.map((cell) => shareOf(of(cell), cell.seeds));
  return {
    error_y: {
      type: 'data',
      symmetric: false,
      array: spans.map(({ high }, k) => high - of(cells[k]) / cells[k].seeds),
      arrayminus: spans.map(({ low }, k) => of(cells[k]) / cells[k].seeds - low),
      thickness: 1.2,
      width: 4,
    },
  };
}

export function partsRateFigure({ published, cells: all }: RateData): Figure {
  const cells = all.filter(({ seeds }) => seeds > 0); // of no seeds there is no share
  const panels = panelGrid(1, 3, 0.08, 0);
  const ticks = cells.map(({ minimality }) => minimality);
  const x = logAxis(ticks, 'coefficient of the importances');
  const share = (of: (cell: RateCell) => number) => cells.map((cell) => of(cell) / cell.seeds);
  const dotted = (k: number) => ({
    type: 'line',
    xref: xref(k),
    yref: `${yref(k)} domain`,
    x0: Math.log10(published),
    x1: Math.log10(published),
    y0: 0,
    y1: 1,
    line: { color: FAINT, width: 2, dash: 'dot' },
    layer: 'below',
  });
  const within = (k: number) => ({ legend: `legend${k === 0 ? '' : k + 1}` });
  const keys = panels.map((panel, k) => [
    `legend${k === 0 ? '' : k + 1}`,
    { x: panel.x[0], y: -0.26, orientation: 'h', yanchor: 'top', font: { size: 11 } },
  ]);
  return {
    data: [
      curve(
        0,
        cells,
        'identity error 0 within 0.1',
        share(({ whole }) => whole),
        CURVES[0],
        {
          ...intervals(cells, ({ whole }) => whole),
          ...within(0),
        },
      ),
      curve(
        0,
        cells,
        'within 0.2',
        share(({ nearly }) => nearly),
        CURVES[1],
        {
          line: { color: CURVES[1], width: 2, dash: 'dash' },
          marker: { color: CURVES[1], size: 8, symbol: 'square-open' },
          ...within(0),
        },
      ),
      curve(
        1,
        cells,
        'encoder',
        cells.map(({ liveIn }) => liveIn),
        CURVES[0],
        within(1),
      ),
      curve(
        1,
        cells,
        'decoder',
        cells.map(({ liveOut }) => liveOut),
        CURVES[1],
        {
          line: { color: CURVES[1], width: 2, dash: 'dash' },
          marker: { color: CURVES[1], size: 8, symbol: 'square-open' },
          ...within(1),
        },
      ),
      curve(
        2,
        cells,
        'random masks',
        cells.map(({ stochastic }) => stochastic),
        CURVES[0],
        within(2),
      ),
      curve(
        2,
        cells,
        'masks of an attack',
        cells.map(({ adversarial }) => adversarial),
        CURVES[1],
        {
          line: { color: CURVES[1], width: 2, dash: 'dash' },
          marker: { color: CURVES[1], size: 8, symbol: 'square-open' },
          ...within(2),
        },
      ),
    ],
    layout: sheet(1160, 430, {
      margin: { l: 64, r: 24, t: 48, b: 110 },
      showlegend: true,
      ...Object.fromEntries(keys),
      ...panelAxes(0, panels[0], x, { range: [-0.04, 1.04], title: { text: 'share of seeds', standoff: 6 } }),
      ...panelAxes(1, panels[1], x, {
        rangemode: 'tozero',
        title: { text: 'subcomponents alive', standoff: 6 },
      }),
      ...panelAxes(2, panels[2], x, {
        type: 'log',
        dtick: 'D2',
        exponentformat: 'power',
        title: { text: 'mean squared error of the output', standoff: 6 },
      }),
      shapes: panels.map((_, k) => dotted(k)),
      annotations: [
        panelTitle(panels[0], 'one subcomponent a feature'),
        panelTitle(panels[1], 'mean over seeds; five would be right'),
        panelTitle(panels[2], 'how far masks can change the output'),
        ...(cells.length === 0 ? [emptied('no seed’s model is a pentagon')] : []),
      ],
    }),
  };
}
