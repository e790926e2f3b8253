/** Colour bars that stand for themselves: an invisible trace that carries the scale. */
import type { Trace } from './figure.ts';
import { type ColorScale, IMPORTANCE, SIGNED, SUPERPOSITION } from './palette.ts';

/** Where a bar stands, in fractions of the plotting area; by default beside it. */
interface Place {
  x?: number;
  y?: number;
  len?: number;
}

/** A colour bar at the right edge, over [low, high]. */
function colorBar(scale: ColorScale, title: string, low: number, high: number, place: Place = {}): Trace {
  return {
    type: 'scatter',
    mode: 'markers',
    x: [null],
    y: [null],
    hoverinfo: 'skip',
    showlegend: false,
    marker: {
      color: [low],
      cmin: low,
      cmax: high,
      colorscale: scale,
      showscale: true,
      colorbar: {
        title: { text: title, side: 'right' },
        thickness: 12,
        outlinewidth: 0,
        x: place.x ?? 1.01,
        y: place.y ?? 0.5,
        len: place.len ?? 0.8,
      },
    },
  };
}

/** Key to importance; `least` is the smallest value shown. */
export function importanceBar(least: number): Trace {
  return colorBar(IMPORTANCE, 'relative importance', least, 1);
}

/** Key to superposition, Σ_{j≠i} (Ŵ_i·W_j)². */
export function superpositionBar(place: Place = {}): Trace {
  return colorBar(SUPERPOSITION, 'superposition Σ<sub>j≠i</sub>(Ŵ<sub>i</sub>·W<sub>j</sub>)²', 0, 1, place);
}

/** Key to signed numbers of size up to 1. */
export function signedBar(title: string, place: Place = {}): Trace {
  return colorBar(SIGNED, title, -1, 1, place);
}
