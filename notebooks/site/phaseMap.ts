/** The phase diagram as a picture: a pixel a cell, under axes, theory's boundaries, the chosen cell and its scale. */

import type { Region } from '../../sim/metrics/phaseRegion.ts';
import { regionBoundaries } from '../../sim/theory/phase.ts';
import { channels, type Palette } from './palette.ts';
import { type AxisName, endsOf, heldAt, placeOf, pointsOf, QUANTITIES, sidesOf } from './phaseAxes.ts';
import { SCORES, scoresOf, whyNoLines } from './phaseCell.ts';
import { along, type MetricName, metricName, type Scaled, scaled } from './phaseMetrics.ts';
import { cellValues, type PhaseState } from './phaseState.ts';
import type { Sweep } from './phaseTraining.ts';
import { csv } from './save.ts';
import { circle, label, line, picture, px, rect } from './svg.ts';

/** Picture units: the plot's corner and side; style.css has the same. */
export const PLOT = { left: 58, top: 10, side: 480, width: 550, height: 584 } as const;

/** Density falls from left to right, as in the paper; everything else rises. Its own inverse. */
export function mirrored(state: PhaseState, x: number): number {
  return state.x === 'density' ? sidesOf(state)[0] - 1 - x : x;
}

/** RGB by region: from `none` to a mix of the other two with ‖W_i‖, and between those with interference. */
function regionColors(sweep: Sweep, { regions }: Palette): (number[] | null)[] {
  const [none, own, shared] = [regions['not learned'], regions.dedicated, regions.superposed].map(channels);
  const [norms, mixed] = [scoresOf(sweep.models, 'norm'), scoresOf(sweep.models, 'interference')];
  return sweep.models.map((model, cell) => {
    const [learned, mix] = [Math.min(1, norms[cell]), Math.min(1, mixed[cell])];
    return (
      model && none.map((channel, c) => channel + learned * (own[c] + mix * (shared[c] - own[c]) - channel))
    );
  });
}

/** RGB of a place 0 … 1 on a scale. */
const scaleColor = (t: number, { middle, positive }: Palette): number[] =>
  middle.map((channel, c) => channel + t * (positive[c] - channel));

/** RGB of every cell; null where there is nothing to show. */
function cellColors(sweep: Sweep, metric: MetricName, palette: Palette): (number[] | null)[] {
  if (metric === 'region') return regionColors(sweep, palette);
  const own = scaled(sweep, metric);
  return Array.from(own.values, (value) => (Number.isNaN(value) ? null : scaleColor(along(own, value), palette))); // biome-ignore format: one choice
}

/** One pixel a cell (RGBA, columns × rows), the lower end of the upright axis below; clear where nothing has begun. */
export function phasePixels(
  sweep: Sweep,
  metric: MetricName,
  palette: Palette,
): Uint8ClampedArray<ArrayBuffer> {
  const [columns, rows] = sidesOf(sweep.state);
  const out = new Uint8ClampedArray(columns * rows * 4);
  cellColors(sweep, metric, palette).forEach((color, cell) => {
    if (!color) return;
    const at =
      ((rows - 1 - Math.floor(cell / columns)) * columns + mirrored(sweep.state, cell % columns)) * 4;
    out.set([...color, 255], at);
  });
  return out;
}

/** Ticks inside [from, to]: 1, 2, 5 times powers of ten, or the ends where there are too few. */
function logTicks([from, to]: readonly [number, number]): number[] {
  const out: number[] = [];
  for (let e = Math.floor(Math.log10(from)); e <= Math.log10(to); e++) {
    for (const digit of to / from > 30 ? [1] : [1, 2, 5]) out.push(Number((digit * 10 ** e).toPrecision(1)));
  }
  const inside = out.filter((v) => v >= from * 0.999 && v <= to * 1.001);
  return inside.length >= 2 ? inside : [from, to];
}

const ticksOf = (state: PhaseState, axis: AxisName): number[] =>
  QUANTITIES[axis].whole ? pointsOf(state, axis) : logTicks(endsOf(state, axis));

/** Where a value stands in the picture. */
function acrossAt(state: PhaseState, value: number): number {
  const t = placeOf(state, state.x, value);
  return PLOT.left + PLOT.side * (state.x === 'density' ? 1 - t : t);
}
const upAt = (state: PhaseState, value: number): number =>
  PLOT.top + PLOT.side * (1 - placeOf(state, state.y, value));

/** What an axis is called on this diagram. */
const axisTitle = (state: PhaseState, axis: AxisName): string =>
  axis === 'importance'
    ? `relative importance of feature ${heldAt(state, 'features')}`
    : QUANTITIES[axis].name;

function axes(state: PhaseState, palette: Palette): string {
  const { left, top, side } = PLOT;
  const bottom = top + side;
  const x = ticksOf(state, state.x).map((v) => {
    const at = acrossAt(state, v);
    return line(at, bottom, at, bottom + 5, palette.ink) + label(at, bottom + 18, String(v), palette.ink, 'text-anchor="middle"'); // biome-ignore format: one tick
  });
  const y = ticksOf(state, state.y).map((v) => {
    const at = upAt(state, v);
    return line(left - 5, at, left, at, palette.ink) + label(left - 8, at + 4, String(v), palette.ink, 'text-anchor="end"'); // biome-ignore format: one tick
  });
  const turned = `text-anchor="middle" transform="rotate(-90 14 ${top + side / 2})"`;
  return (
    x.join('') +
    y.join('') +
    label(left + side / 2, bottom + 36, axisTitle(state, state.x), palette.ink, 'text-anchor="middle"') +
    label(14, top + side / 2, axisTitle(state, state.y), palette.ink, turned)
  );
}

/** Theory's boundaries between the regions over density and importance, as two lines inside the plot. */
function boundaries(state: PhaseState, palette: Palette): string {
  const n = heldAt(state, 'features') as 2 | 3;
  const [from, to] = endsOf(state, 'density');
  const [low, high] = endsOf(state, 'importance');
  const flat = state.x === 'density';
  const path = (end: 'low' | 'high') => {
    const points: string[] = [];
    for (let k = 0; k <= 200; k++) {
      const p = from * (to / from) ** (k / 200);
      const r = regionBoundaries(n, p)[end];
      if (r < low || r > high) continue;
      points.push(`${px(acrossAt(state, flat ? p : r))},${px(upAt(state, flat ? r : p))}`);
    }
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${palette.ink}" stroke-width="2" stroke-dasharray="7 5"/>`;
  };
  return path('low') + path('high');
}

/** The corner and the size of a cell in the picture. */
function boxOf(
  state: PhaseState,
  x: number,
  y: number,
): [x: number, y: number, width: number, height: number] {
  const [columns, rows] = sidesOf(state);
  const [width, height] = [PLOT.side / columns, PLOT.side / rows];
  return [PLOT.left + mirrored(state, x) * width, PLOT.top + PLOT.side - (y + 1) * height, width, height];
}

/** A dot on each stray cell. */
function strayMarks(state: PhaseState, strays: readonly number[], palette: Palette): string {
  const [columns] = sidesOf(state);
  return strays
    .map((cell) => {
      const [x, y, width, height] = boxOf(state, cell % columns, Math.floor(cell / columns));
      const radius = Math.max(1.5, Math.min(width, height) / 5);
      return circle(x + width / 2, y + height / 2, radius, `fill="${palette.ink}" data-stray=""`);
    })
    .join('');
}

const LEGEND_AT = PLOT.top + PLOT.side + 66;

/** The regions in the words of the legend. */
const WORDS: readonly [Region, string][] = [
  ['not learned', 'not learned'],
  ['dedicated', 'a dimension of its own'],
  ['superposed', 'superposed'],
];

function regionLegend(lines: boolean, palette: Palette): string {
  const swatches = WORDS.map(([region, text], k) => {
    const x = PLOT.left + [0, 108, 276][k];
    return (
      rect(x, LEGEND_AT - 11, 13, 13, palette.regions[region], `stroke="${palette.ink}"`) +
      label(x + 19, LEGEND_AT, text, palette.ink)
    );
  });
  const dashed = line(PLOT.left + 382, LEGEND_AT - 4, PLOT.left + 410, LEGEND_AT - 4, palette.ink, 'stroke-width="2" stroke-dasharray="7 5"'); // biome-ignore format: one mark
  return swatches.join('') + (lines ? dashed + label(PLOT.left + 416, LEGEND_AT, 'theory', palette.ink) : '');
}

const short = (value: number) => (value > 0 && value < 1e-3 ? value.toExponential(0) : String(Number(value.toPrecision(2)))); // biome-ignore format: one choice

/** The strip of colours with its ends and its middle, and what it measures. */
function scaleLegend({ ends: [from, to], log }: Scaled, name: string, palette: Palette): string {
  const [count, x, width] = [40, PLOT.left, 190];
  const color = (t: number) => `rgb(${scaleColor(t, palette).map(Math.round).join(' ')})`;
  const strip = Array.from({ length: count }, (_, k) =>
    rect(x + (k * width) / count, LEGEND_AT - 14, width / count + 0.5, 10, color(k / (count - 1))),
  );
  const middle = log ? Math.sqrt(from * to) : (from + to) / 2;
  const tick = (t: number, value: number) =>
    label(x + t * width, LEGEND_AT + 8, short(value), palette.ink, `text-anchor="${t === 0 ? 'start' : t === 1 ? 'end' : 'middle'}"`); // biome-ignore format: one tick
  return (
    strip.join('') +
    rect(x, LEGEND_AT - 14, width, 10, 'none', `stroke="${palette.ink}"`) +
    [tick(0, from), tick(0.5, middle), tick(1, to)].join('') +
    label(x + width + 12, LEGEND_AT - 4, name, palette.ink)
  );
}

/** What lies over the pixels beside axes and theory. */
interface Marks {
  cell: readonly [number, number] | null; // the chosen one
  strays: readonly number[];
  scale: Scaled | null; // of a metric that has one
}

/** Everything over the pixels; `pixels` a data URL, for a file that stands alone. */
export function phaseSvg(
  state: PhaseState,
  palette: Palette,
  { cell, strays, scale }: Marks,
  pixels = '',
): string {
  const { left, top, side, width, height } = PLOT;
  const image = pixels
    ? `<image x="${left}" y="${top}" width="${side}" height="${side}" preserveAspectRatio="none" image-rendering="pixelated" href="${pixels}"/>`
    : '';
  const frame = rect(left, top, side, side, 'none', `stroke="${palette.ink}"`);
  const chosen = cell
    ? rect(...boxOf(state, ...cell), 'none', `stroke="${palette.ink}" stroke-width="2"`)
    : '';
  const lines = state.theory === 'shown' && !whyNoLines(state);
  const span = (axis: AxisName) => `${axisTitle(state, axis)} ${endsOf(state, axis).join(' to ')}`;
  return picture(
    width,
    height,
    `Phase diagram, ${metricName(state.metric)}: ${span(state.x)} by ${span(state.y)}`,
    pixels ? palette : { ...palette, paper: 'none' },
    image +
      frame +
      axes(state, palette) +
      (lines ? boundaries(state, palette) : '') +
      strayMarks(state, strays, palette) +
      chosen +
      (scale ? scaleLegend(scale, metricName(state.metric), palette) : regionLegend(lines, palette)),
  );
}

/** One line a cell that has begun: where it is, and the numbers of its best model; nothing is clipped. */
export function phaseCsv({ state, models }: Sweep): string {
  const [columns] = sidesOf(state);
  const names = [...new Set([state.x, state.y, 'density', 'importance', 'features', 'hidden'] as const)];
  const scores = SCORES.map((score) => scoresOf(models, score));
  const rows = models.flatMap((model, cell) => {
    if (!model) return [];
    const values = cellValues(state, cell % columns, Math.floor(cell / columns));
    const numbers = [...names.map((name) => values[name]), ...scores.map((own) => own[cell])];
    return [[model.row, ...numbers.map((v) => Number(v.toPrecision(6)))]];
  });
  return csv(['row', ...names, ...SCORES], rows);
}
