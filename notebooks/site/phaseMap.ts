/** The phase diagram as a picture: a pixel a cell, under axes, theory's boundaries and the chosen cell. */

import { interference } from '../../sim/metrics/interference.ts';
import { featureNorms } from '../../sim/metrics/norms.ts';
import { phaseColors } from '../../sim/metrics/phaseRegion.ts';
import { regionBoundaries } from '../../sim/theory/phase.ts';
import { channels, type Palette } from './palette.ts';
import { cellValues, type PhaseState } from './phaseState.ts';
import type { Sweep } from './phaseTraining.ts';
import { csv } from './save.ts';
import { circle, label, line, picture, px, rect } from './svg.ts';

/** Picture units: the plot's corner and side. */
export const PLOT = { left: 58, top: 10, side: 480, width: 550, height: 540 } as const;

/** Where column x, counted from the sparse end, stands in the picture from the left; and back. */
export function mirrored(cells: number, x: number): number {
  return cells - 1 - x;
}

/** Norm and interference of the last feature in each cell's best model, clipped to 1. Shape (cells², 2). */
function cellColors(sweep: Sweep): Float64Array {
  const n = sweep.state.features;
  return phaseColors(bestDirections(sweep), { features: n, hidden: n - 1 }, n - 1);
}

/** W of the best model of each cell (cells, n, n − 1). */
function bestDirections({ state, params, best }: Sweep): { W: Float32Array } {
  const n = state.features;
  const size = n * (n - 1);
  const W = new Float32Array(best.length * size);
  best.forEach((row, cell) => {
    W.set(params.W.subarray(row * size, (row + 1) * size), cell * size);
  });
  return { W };
}

/** Ends of the colour scale, RGB: not learned, a dimension of its own, superposed. */
export function phaseScale({ regions }: Palette): readonly (readonly number[])[] {
  return [regions['not learned'], regions.dedicated, regions.superposed].map(channels);
}

/**
 * One pixel a cell (RGBA, cells × cells), density leftwards as in the paper, importance upwards. The
 * colour runs from the first end to a mix of the other two with ‖W_i‖, and between those with interference.
 */
export function phasePixels(sweep: Sweep, palette: Palette): Uint8ClampedArray<ArrayBuffer> {
  const { cells } = sweep.state;
  const colors = cellColors(sweep);
  const [none, own, shared] = phaseScale(palette);
  const out = new Uint8ClampedArray(cells * cells * 4);
  for (let cell = 0; cell < cells * cells; cell++) {
    const [norm, interference] = [colors[2 * cell], colors[2 * cell + 1]];
    const at = ((cells - 1 - Math.floor(cell / cells)) * cells + mirrored(cells, cell % cells)) * 4;
    for (let c = 0; c < 3; c++) {
      const full = own[c] + interference * (shared[c] - own[c]);
      out[at + c] = none[c] + norm * (full - none[c]);
    }
    out[at + 3] = 255;
  }
  return out;
}

/** Ticks inside [from, to]: 1, 2, 5 times powers of ten, or the ends where there are too few. */
function ticks([from, to]: readonly [number, number]): number[] {
  const out: number[] = [];
  for (let e = Math.floor(Math.log10(from)); e <= Math.log10(to); e++) {
    for (const digit of to / from > 30 ? [1] : [1, 2, 5]) out.push(Number((digit * 10 ** e).toPrecision(1)));
  }
  const inside = out.filter((v) => v >= from * 0.999 && v <= to * 1.001);
  return inside.length >= 2 ? inside : [from, to];
}

/** Position of a value on a log axis of the plot, 0 … 1. A cell's value stands at the middle of its pixel. */
function along([from, to]: readonly [number, number], cells: number, value: number): number {
  const t = Math.log(value / from) / Math.log(to / from);
  return (t * (cells - 1) + 0.5) / cells;
}

function axes(state: PhaseState, palette: Palette): string {
  const { left, top, side } = PLOT;
  const bottom = top + side;
  const x = ticks(state.density).map((v) => {
    const at = left + side * (1 - along(state.density, state.cells, v));
    return line(at, bottom, at, bottom + 5, palette.ink) + label(at, bottom + 18, String(v), palette.ink, 'text-anchor="middle"'); // biome-ignore format: one tick
  });
  const y = ticks(state.importance).map((v) => {
    const at = bottom - side * along(state.importance, state.cells, v);
    return line(left - 5, at, left, at, palette.ink) + label(left - 8, at + 4, String(v), palette.ink, 'text-anchor="end"'); // biome-ignore format: one tick
  });
  const turned = `text-anchor="middle" transform="rotate(-90 14 ${top + side / 2})"`;
  return (
    x.join('') +
    y.join('') +
    label(left + side / 2, bottom + 36, 'density (1 − sparsity)', palette.ink, 'text-anchor="middle"') +
    label(14, top + side / 2, `relative importance of feature ${state.features}`, palette.ink, turned)
  );
}

/** Theory's boundaries between the regions, as two lines over density, inside the plot. */
function boundaries(state: PhaseState, palette: Palette): string {
  const { left, top, side } = PLOT;
  const [from, to] = state.density;
  const path = (end: 'low' | 'high') => {
    const points: string[] = [];
    for (let k = 0; k <= 200; k++) {
      const p = from * (to / from) ** (k / 200);
      const v = along(state.importance, state.cells, regionBoundaries(state.features, p)[end]);
      if (v < 0 || v > 1) continue;
      const u = 1 - along(state.density, state.cells, p);
      points.push(`${px(left + side * u)},${px(top + side * (1 - v))}`);
    }
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${palette.ink}" stroke-width="2" stroke-dasharray="7 5"/>`;
  };
  return path('low') + path('high');
}

/** A dot on each stray cell. */
function strayMarks({ cells }: PhaseState, strays: readonly number[], palette: Palette): string {
  const { left, top, side } = PLOT;
  const size = side / cells;
  return strays
    .map((cell) => {
      const [x, y] = [mirrored(cells, cell % cells), Math.floor(cell / cells)];
      return circle(
        left + (x + 0.5) * size,
        top + side - (y + 0.5) * size,
        Math.max(1.5, size / 5),
        `fill="${palette.ink}" data-stray=""`,
      );
    })
    .join('');
}

/** What lies over the pixels beside axes and theory. */
interface Marks {
  cell: readonly [number, number] | null; // the chosen one
  strays: readonly number[];
}

/** Everything over the pixels; `pixels` a data URL, for a file that stands alone. */
export function phaseSvg(state: PhaseState, palette: Palette, { cell, strays }: Marks, pixels = ''): string {
  const { left, top, side, width, height } = PLOT;
  const size = side / state.cells;
  const image = pixels
    ? `<image x="${left}" y="${top}" width="${side}" height="${side}" preserveAspectRatio="none" image-rendering="pixelated" href="${pixels}"/>`
    : '';
  const frame = rect(left, top, side, side, 'none', `stroke="${palette.ink}"`);
  const chosen = cell
    ? rect(left + mirrored(state.cells, cell[0]) * size, top + side - (cell[1] + 1) * size, size, size, 'none', `stroke="${palette.ink}" stroke-width="2"`) // biome-ignore format: one mark
    : '';
  const name = `Phase diagram of ${state.features} features: density ${state.density.join(' to ')} by importance ${state.importance.join(' to ')}`;
  return picture(
    width,
    height,
    name,
    pixels ? palette : { ...palette, paper: 'none' },
    image +
      frame +
      axes(state, palette) +
      (state.theory === 'shown' ? boundaries(state, palette) : '') +
      strayMarks(state, strays, palette) +
      chosen,
  );
}

/** One line a cell: where it is, and what became of the last feature in its best model; nothing is clipped. */
export function phaseCsv(sweep: Sweep): string {
  const { state, loss, best } = sweep;
  const n = state.features;
  const [directions, shape] = [bestDirections(sweep), { features: n, hidden: n - 1 }];
  const [norms, shared] = [featureNorms(directions, shape), interference(directions, shape)];
  const rows = Array.from(best, (row, cell) => {
    const { density, importance } = cellValues(state, cell % state.cells, Math.floor(cell / state.cells));
    const last = cell * n + n - 1;
    const numbers = [density, importance, norms[last], shared[last], loss[row]];
    return [row, ...numbers.map((v) => v.toPrecision(6))];
  });
  return csv(['row', 'density', 'importance', 'norm', 'interference', 'loss'], rows);
}
