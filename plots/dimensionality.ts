/** Shares of the hidden space over sparsity: D* as a line, D_i as dots, the lines of named shapes. */
import type { Levels } from '../sim/experiments/geometry.ts';
import { SHAPES } from '../sim/theory/shares.ts';
import type { Trace } from './figure.ts';
import { colorAt, FAINT, INK, SUPERPOSITION, THEORY } from './palette.ts';
import { inPanel, xref, yref } from './panels.ts';

/** Names of the guide lines by their dimensionality. */
const GUIDES: readonly [number, string][] = [
  ...SHAPES.map(({ share, name, fraction }): [number, string] => [share, `${fraction} ${name}`]),
  [0, '0 not learned'],
];

/** D* over 1/(1 − S). */
export function dStarLine(k: number, { sparsity, dStar }: Levels, markers: boolean): Trace {
  return inPanel(k, {
    type: 'scatter',
    mode: markers ? 'lines+markers' : 'lines',
    x: sparsity,
    y: dStar,
    customdata: sparsity.map((_, level) => level),
    line: { color: THEORY, width: 2 },
    marker: { size: 6 },
    name: '<i>D</i>* = <i>m</i>/‖<i>W</i>‖²<sub>F</sub>',
    hovertemplate: '1/(1 − <i>S</i>) = %{x:.3g}: <i>D</i>* = %{y:.4f}<extra>instance %{customdata}</extra>',
  });
}

/** ‖W_i‖ above which a feature counts as learned. */
const LEARNED = 0.5;

/** A dot of D_i for each feature, learned or not, each level spread a little sideways so that dots do not hide each other. */
function dots(k: number, { sparsity, D, norms }: Levels, learned: boolean, look: Omit<Trace, 'type'>): Trace {
  const step = Math.log(sparsity[1] / sparsity[0]);
  const shown = D.flatMap((own, level) =>
    own.flatMap((d, i) => (norms[level][i] > LEARNED === learned ? [{ d, i, level, of: own.length }] : [])),
  );
  return inPanel(k, {
    type: 'scatter',
    mode: 'markers',
    x: shown.map(({ i, level, of }) => sparsity[level] * Math.exp(0.6 * step * (i / of - 0.5))),
    y: shown.map(({ d }) => d),
    text: shown.map(
      ({ i, level }) =>
        `feature ${i}, instance ${level}, 1/(1 − <i>S</i>) = ${sparsity[level].toPrecision(3)}, ‖<i>W<sub>i</sub></i>‖ = ${norms[level][i].toPrecision(2)}`,
    ),
    hovertemplate: '%{text}<br><i>D<sub>i</sub></i> = %{y:.4f}<extra></extra>',
    ...look,
  });
}

/** D_i of every feature: learned ones by colour, the others as open grey dots. */
export function dimensionalityDots(k: number, levels: Levels): Trace[] {
  const color = levels.D.flatMap((own, level) =>
    own.filter((_, i) => levels.norms[level][i] > LEARNED).map((d) => colorAt(SUPERPOSITION, 1.6 * (1 - d))),
  );
  return [
    dots(k, levels, false, {
      marker: { size: 3, symbol: 'circle-open', color: INK, opacity: 0.35, line: { width: 0.7 } },
      name: 'not learned, ‖<i>W<sub>i</sub></i>‖ ≤ ½',
    }),
    dots(k, levels, true, {
      marker: { size: 3, opacity: 0.7, color },
      name: '<i>D<sub>i</sub></i>, a dot a feature',
    }),
  ];
}

/** Guide lines with their names at the right edge, as shapes and annotations of pair of axes k. */
export function shapeLines(k: number): { shapes: object[]; annotations: object[] } {
  const shown = GUIDES.filter(([value]) => value > 0);
  return {
    shapes: shown.map(([value]) => ({
      type: 'line',
      xref: `${xref(k)} domain`,
      x0: 0,
      x1: 1,
      yref: yref(k),
      y0: value,
      y1: value,
      line: { color: FAINT, width: 1 },
      layer: 'below',
    })),
    annotations: GUIDES.map(([value, text]) => ({
      text,
      showarrow: false,
      xref: `${xref(k)} domain`,
      x: 1.01,
      xanchor: 'left',
      yref: yref(k),
      y: value,
      yshift: value === 3 / 8 ? -4 : value === 2 / 5 ? 5 : 0,
      font: { size: 10 },
    })),
  };
}
