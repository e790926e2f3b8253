/** Maps of what became of one feature: hue says how much it is in superposition, strength how well it is learned. */
import type { Trace } from './figure.ts';
import { type ColorScale, mix, THEORY } from './palette.ts';
import { inPanel } from './panels.ts';
import { REGION_COLORS } from './regions.ts';

/** Steps of norm and of superposition that the colours tell apart. */
const STEPS = 16;

/** Colour of a cell: white where lost, blue for a dimension of its own, orange in superposition. */
export function phaseColor(norm: number, superposition: number): string {
  const hue = mixHex(REGION_COLORS.dedicated, REGION_COLORS.superposed, superposition);
  return mix(REGION_COLORS['not learned'], hue, norm);
}

function mixHex(a: string, b: string, t: number): string {
  const channels = mix(a, b, t).match(/\d+/g)!;
  return `#${channels.map((channel) => Number(channel).toString(16).padStart(2, '0')).join('')}`;
}

/** Number of the colour of a cell in `PHASE_SCALE`. */
function phaseCode(norm: number, superposition: number): number {
  const step = (value: number) => Math.min(STEPS - 1, Math.floor(value * STEPS));
  return step(norm) * STEPS + step(superposition);
}

/** A colour scale of STEPS² plain bands, one for each pair of steps. */
const PHASE_SCALE: ColorScale = Array.from({ length: STEPS * STEPS }, (_, code) => {
  const color = phaseColor(Math.floor(code / STEPS) / (STEPS - 1), (code % STEPS) / (STEPS - 1));
  return [
    [code / STEPS ** 2, color],
    [(code + 1) / STEPS ** 2, color],
  ] as ColorScale;
}).flat();

/** Cells over x (X) and y (Y), both in axis units; norm and superposition are (X, Y), in [0, 1]. */
interface PhaseGrid {
  x: number[];
  y: number[];
  norm: ArrayLike<number>;
  superposition: ArrayLike<number>;
  hover: (x: number, y: number) => string; // text of cell (index of x, index of y)
}

/** A phase map in pair of axes k. */
export function phaseMap(k: number, { x, y, norm, superposition, hover }: PhaseGrid): Trace {
  const cell = (i: number, j: number) => i * y.length + j;
  const rows = <T>(value: (i: number, j: number) => T) => y.map((_, j) => x.map((_, i) => value(i, j)));
  return inPanel(k, {
    type: 'heatmap',
    x,
    y,
    z: rows((i, j) => phaseCode(norm[cell(i, j)], superposition[cell(i, j)]) + 0.5),
    text: rows(hover),
    hovertemplate: '%{text}<extra></extra>',
    zmin: 0,
    zmax: STEPS ** 2,
    colorscale: PHASE_SCALE,
    showscale: false,
    zsmooth: false,
  });
}

/** The key to the colours: superposition to the right, norm upwards. */
export function phaseKey(k: number): Trace {
  const ticks = Array.from({ length: STEPS }, (_, step) => (step + 0.5) / STEPS);
  return phaseMap(k, {
    x: ticks,
    y: ticks,
    norm: ticks.flatMap(() => ticks),
    superposition: ticks.flatMap((value) => ticks.map(() => value)),
    hover: (i, j) => `norm ${ticks[j].toFixed(2)}, superposition ${ticks[i].toFixed(2)}`,
  });
}

/** A boundary between regions, in axis units. */
export function boundary(k: number, x: number[], y: number[], name: string): Trace {
  return inPanel(k, {
    type: 'scatter',
    mode: 'lines',
    x,
    y,
    line: { color: THEORY, width: 1.5 },
    showlegend: false,
    hovertemplate: `${name}<extra></extra>`,
  });
}
