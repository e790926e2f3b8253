/** Forty features in ten dimensions: importances and sizes of the subcomponents of both methods. */
import { METHODS } from '../../sim/experiments/decompositions.ts';
import type { FortyData } from '../../sim/experiments/partsForty.ts';
import type { Figure, Trace } from '../figure.ts';
import { INK } from '../palette.ts';
import { type Panel, panelGrid, panelTitle, sheet } from '../panels.ts';
import { importanceAxes, importanceMap, SITES, sizeAxes, sizeBars } from './partsPentagon.ts';

const COLUMNS = 3;

/** A map without numbers and gaps: its cells are a few pixels. */
const plain = ({ texttemplate: _, text: __, ...map }: Trace): Trace =>
  ({ ...map, xgap: 0, ygap: 0 }) as Trace;

/** Axes with fewer marks than those of the pentagon. */
function sparse(axes: Record<string, unknown>, dticks: readonly [number, number | undefined]) {
  const steps = Object.entries(axes).map(([name, axis]) => {
    const dtick = dticks[name.startsWith('x') ? 0 : 1];
    return [name, { ...(axis as object), ...(dtick && { dtick }) }];
  });
  return Object.fromEntries(steps);
}

/** Encoder, decoder and sizes of a method, in the row of panels that begins at `first`. */
function row(own: FortyData[keyof FortyData], first: number, panels: Panel[]) {
  const [encoder] = own.sites;
  const last = first + own.sites.length;
  const title = 'subcomponent, each feature’s own first';
  const maps = own.sites.map((site, s) => plain(importanceMap(first + s, site)));
  const axes = own.sites.map((site, s) =>
    sparse(importanceAxes(first + s, panels[first + s], site, title), [40, 10]),
  );
  return {
    data: [...maps, sizeBars(last, encoder, encoder.importance.length / encoder.sizes.length)],
    axes: Object.assign({}, ...axes, sparse(sizeAxes(last, panels[last], encoder, title), [40, undefined])),
  };
}

/** "SPD: 61 and 70 alive, 50 entries off" of the seed that is drawn. */
function summary(data: FortyData): string {
  return METHODS.map((method) => {
    const { seeds, row: drawn } = data[method];
    const { scores } = seeds.find((own) => own.row === drawn)!;
    return `${method.toUpperCase()}, seed ${drawn}: ${scores.live_in} and ${scores.live_out} alive, ${scores.identity_error} entries off`;
  }).join(' · ');
}

export function partsFortyFigure(data: FortyData): Figure {
  const panels = panelGrid(METHODS.length, COLUMNS, 0.06, 0.2);
  const rows = METHODS.map((method, r) => row(data[method], COLUMNS * r, panels));
  const titles = METHODS.flatMap((method, r) => [
    ...data[method].sites.map(({ name }, s) =>
      panelTitle(
        panels[COLUMNS * r + s],
        `${method.toUpperCase()}: causal importance <i>g</i> in the ${SITES[name]}`,
      ),
    ),
    panelTitle(panels[COLUMNS * r + COLUMNS - 1], 'sizes in the encoder'),
  ]);
  return {
    data: rows.flatMap((own) => own.data),
    layout: sheet(1200, 700, {
      margin: { l: 56, r: 24, t: 92, b: 56 },
      title: { text: summary(data), font: { size: 15, color: INK }, y: 0.97 },
      showlegend: false,
      ...Object.assign({}, ...rows.map(({ axes }) => axes)),
      annotations: titles,
    }),
  };
}
