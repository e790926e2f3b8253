/** Colours that people with any colour vision can tell apart, on a light and on a dark page. */

import { DARK_REGION_COLORS, REGION_COLORS } from '../../plots/regions.ts';
import type { Region } from '../../sim/metrics/phaseRegion.ts';

export interface Palette {
  paper: string;
  ink: string;
  faint: string; // axes, guides
  wrong: string; // what should not be there: interference
  features: readonly string[];
  negative: readonly [number, number, number]; // ends of the diverging scale and its middle, RGB
  middle: readonly [number, number, number];
  positive: readonly [number, number, number];
  regions: Readonly<Record<Region, string>>;
}

/** Okabe and Ito's, without black and with a yellow dark enough to see, and five of our own: one a feature. */
const FEATURES = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#b8860b',
  '#56b4e9',
  '#7b4fb5',
  '#8c6d5a',
  '#5f6b00',
  '#8a2f5d',
  '#37837e',
  '#5a6472',
];

export const LIGHT: Palette = {
  paper: '#ffffff',
  ink: '#1d2733',
  faint: '#c3ccd6',
  wrong: '#c8102e',
  features: FEATURES,
  negative: [178, 24, 43],
  middle: [247, 247, 247],
  positive: [33, 102, 172],
  regions: REGION_COLORS,
};

export const DARK: Palette = {
  paper: '#151b23',
  ink: '#e6edf3',
  faint: '#3d4a58',
  wrong: '#ff5a6a',
  features: [
    '#4aa8e0',
    '#f07d2e',
    '#27c497',
    '#e29ac4',
    '#e0b23c',
    '#8fd0f5',
    '#ab85e0',
    '#bb9a86',
    '#b5c24a',
    '#d0648f',
    '#74bfb9',
    '#a3adba',
  ],
  negative: [239, 100, 100],
  middle: [30, 38, 48],
  positive: [88, 160, 240],
  regions: DARK_REGION_COLORS,
};

/** Channels of a colour #rrggbb. */
export const channels = (hex: string): number[] =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

/** Colour of feature i; the playground has at most twelve, and each its own. */
export function featureColor(palette: Palette, i: number): string {
  return palette.features[i % palette.features.length];
}

/** Channels of v on the diverging scale: −1 and less negative, 0 middle, 1 and more positive. */
function diverging(palette: Palette, v: number): number[] {
  const end = v < 0 ? palette.negative : palette.positive;
  const t = Math.min(1, Math.abs(v));
  return palette.middle.map((middle, c) => Math.round(middle + t * (end[c] - middle)));
}

/** Colour of v on the diverging scale. */
export function divergingColor(palette: Palette, v: number): string {
  return `rgb(${diverging(palette, v).join(' ')})`;
}

/** Relative luminance of an sRGB colour, 0 … 1. Source: WCAG 2.2. */
function luminance(rgb: readonly number[]): number {
  const [red, green, blue] = rgb.map((c) => (c <= 10 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Black or white, whichever has the higher contrast on the colour of v; it is 4.58 at least. */
export function textOn(palette: Palette, v: number): string {
  return luminance(diverging(palette, v)) > Math.sqrt(1.05 * 0.05) - 0.05 ? '#000000' : '#ffffff';
}
