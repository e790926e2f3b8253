/** The one set of colours, chosen to stay apart in print and for the colour-blind. */
import { REGION_COLORS } from './regions.ts';

type Rgb = readonly [number, number, number];

export const INK = '#1d2430';
export const FAINT = '#c9ced6';
export const THEORY = '#111111'; // closed forms and boundaries: always black lines
/** Up to eight curves or feature identities (Okabe & Ito), the darkest first. */
export const CURVES = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#56b4e9',
  '#e69f00',
  '#7a5195',
  '#5b6675',
];

/** Ten features, from the most important (dark) to the least, hues alternating so that neighbours stay apart. */
export const TEN = [
  '#0b3c6f',
  '#d55e00',
  '#009e73',
  '#8a3ffc',
  '#e69f00',
  '#56b4e9',
  '#cc79a7',
  '#5b6675',
  '#b5cf6b',
  '#c9ced6',
];

/** Stops of a colour scale over [0, 1], as plotly takes them. */
export type ColorScale = [number, string][];

/** Relative importance: 0 pale to 1 dark. */
export const IMPORTANCE: ColorScale = [
  [0, '#cfe3c8'],
  [0.33, '#6fb596'],
  [0.66, '#23788a'],
  [1, '#15264f'],
];

/** Sparsity: 0 pale and dense to 1 dark and sparse. */
export const SPARSENESS: ColorScale = [
  [0, '#dcc8ea'],
  [0.5, '#9c6bc0'],
  [1, '#3b1061'],
];

/** Superposition: 0 a dedicated dimension, 1 and more fully shared. Ends in the colours of the regions. */
export const SUPERPOSITION: ColorScale = [
  [0, REGION_COLORS.dedicated],
  [0.25, '#6f86b4'],
  [0.5, '#b9a3a1'],
  [0.75, '#d98a55'],
  [1, REGION_COLORS.superposed],
];

/** Signed numbers around 0: WᵀW, biases, weights. */
export const SIGNED: ColorScale = [
  [0, '#b2470a'],
  [0.25, '#eeb38b'],
  [0.5, '#ffffff'],
  [0.75, '#90b7dd'],
  [1, '#154f8f'],
];

function parse(hex: string): Rgb {
  const at = (k: number) => Number.parseInt(hex.slice(k, k + 2), 16);
  return [at(1), at(3), at(5)];
}

const css = (rgb: Rgb) => `rgb(${rgb.map(Math.round).join(',')})`;

/** Colours a and b mixed, t = 0 giving a and 1 giving b. */
export function mix(a: string, b: string, t: number): string {
  const [from, to] = [parse(a), parse(b)];
  const at = (k: 0 | 1 | 2) => from[k] + t * (to[k] - from[k]);
  return css([at(0), at(1), at(2)]);
}

/** Colour of a scale at t, clipped to [0, 1]. */
export function colorAt(scale: ColorScale, t: number): string {
  const x = Math.min(1, Math.max(0, t));
  const above = Math.max(
    1,
    scale.findIndex(([stop]) => stop >= x),
  );
  const [[from, low], [to, high]] = [scale[above - 1], scale[above]];
  return mix(low, high, (x - from) / (to - from));
}
