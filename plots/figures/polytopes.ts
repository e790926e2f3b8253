/** T10 and T11: Thomson minima with the dimensionalities of their points; low-rank matrices as polytopes. */
import type { ComplementsData } from '../../sim/experiments/complements.ts';
import { levelsOf, type TegumData } from '../../sim/experiments/tegum.ts';
import type { Figure, Trace } from '../figure.ts';
import { matrixAxes, signedMatrix } from '../gramHeatmap.ts';
import { CURVES, INK } from '../palette.ts';
import { BARE, type Panel, panelAxes, panelGrid, panelTitle, sheet } from '../panels.ts';
import { hullEdges, pointsOf, polytopeTraces } from '../polytope.ts';

/** The fractions that the paper names, and how they are written. */
const FRACTIONS: readonly [number, string][] = [
  [3 / 4, '3/4'],
  [2 / 3, '2/3'],
  [1 / 2, '1/2'],
  [2 / 5, '2/5'],
  [3 / 8, '3/8'],
  [1 / 4, '1/4'],
];

/** What the minima are called, by the number of their points. */
const NAMES: Record<number, string> = {
  4: 'tetrahedron',
  5: 'triangular bipyramid',
  6: 'octahedron',
  7: 'pentagonal bipyramid',
  8: 'square antiprism',
  12: 'icosahedron',
};

function fraction(value: number): string {
  return FRACTIONS.find(([exact]) => Math.abs(exact - value) < 2e-3)?.[1] ?? value.toFixed(3);
}

/** Axes for a projected polytope, drawn to scale. */
function roundAxes(k: number, panel: Panel): Record<string, object> {
  const range = [-1.2, 1.2];
  const scaled = { ...BARE, range, scaleanchor: k === 0 ? 'x' : `x${k + 1}`, scaleratio: 1 };
  return panelAxes(k, panel, { ...BARE, range }, scaled);
}

export function tegumFigure({ arrangements }: TegumData): Figure {
  const panels = panelGrid(2, 5, 0.02, 0.14);
  return {
    data: arrangements.flatMap(({ points, D }, k) => {
      const levels = levelsOf(D);
      const color = (d: number) => CURVES[levels.findIndex(([, value]) => Math.abs(value - d) < 1e-3)];
      const vectors = pointsOf(points, 3);
      const texts = D.map((d, i) => `point ${i}: <i>D</i> = ${d.toFixed(4)}`);
      return polytopeTraces(k, vectors, hullEdges(vectors), D.map(color), texts);
    }),
    layout: sheet(1000, 480, {
      margin: { l: 16, r: 16, t: 56, b: 16 },
      ...Object.assign({}, ...arrangements.map((_, k) => roundAxes(k, panels[k]))),
      annotations: arrangements.map(({ N, D }, k) => {
        const parts = levelsOf(D).map(
          ([count, value], level) =>
            `<span style="color:${CURVES[level]}">${count} × ${fraction(value)}</span>`,
        );
        const shown = parts.length > 3 ? [...parts.slice(0, 2), '…'] : parts;
        return panelTitle(
          panels[k],
          `<i>N</i> = ${N}${N in NAMES ? `, ${NAMES[N]}` : ''}<br>${shown.join(' + ')}`,
          12,
        );
      }),
    }),
  };
}

/** Feature directions as spokes from the origin, in space with the edges of their polyhedron. */
function spokes(k: number, points: readonly (readonly number[])[]): Trace[] {
  const n = points.length;
  const planar = points[0].length === 2;
  const edges = [...(planar ? [] : hullEdges(points)), ...points.map((_, i): [number, number] => [n, i])];
  const texts = points.map((point, i) => `feature ${i}: ‖<i>W</i>‖ = ${Math.hypot(...point).toFixed(3)}`);
  return polytopeTraces(
    k,
    [...points, points[0].map(() => 0)],
    edges,
    [...points.map((_, i) => CURVES[i]), INK],
    [...texts, 'origin'],
  );
}

export function complementsFigure({ complements }: ComplementsData): Figure {
  const columns = complements.length;
  const panels = panelGrid(2, columns, 0.03, 0.06);
  return {
    data: complements.flatMap(({ w, points, G }, k) => {
      const n = w.length;
      const z = w.map((_, i) => G.slice(i * n, (i + 1) * n));
      const hover = '<i>W</i><sub>%{y}</sub>·<i>W</i><sub>%{x}</sub> = %{z:.3f}<extra></extra>';
      return [signedMatrix(2 * k, z, hover), ...spokes(2 * k + 1, pointsOf(points, n - 1))];
    }),
    layout: sheet(1100, 400, {
      margin: { l: 24, r: 24, t: 56, b: 24 },
      ...Object.assign(
        {},
        ...complements.map((_, k) => ({
          ...matrixAxes(2 * k, panels[k]),
          ...roundAxes(2 * k + 1, panels[columns + k]),
        })),
      ),
      annotations: complements.map(({ w, D }, k) => {
        const parts = levelsOf(D).map(([count, value]) => `${count} × ${Number(value.toFixed(3))}`);
        return panelTitle(
          panels[k],
          `<i>W</i> ⊥ (${w.join(', ')})<br><i>D<sub>i</sub></i>: ${parts.join(' + ')}`,
          12,
        );
      }),
    }),
  };
}
