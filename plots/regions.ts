/** The one table of region colours of phase diagrams, on white paper and on a dark page. */
import type { Region } from '../sim/metrics/phaseRegion.ts';

export const REGION_COLORS: Readonly<Record<Region, string>> = {
  'not learned': '#f3f3f1',
  dedicated: '#1c5fa8',
  superposed: '#d9600a',
};

/** The same on a dark page. */
export const DARK_REGION_COLORS: Readonly<Record<Region, string>> = {
  'not learned': '#1e2630',
  dedicated: '#58a0f0',
  superposed: '#f08c3c',
};
