/** Points in two or three dimensions with the edges between them, drawn as seen from a fixed place. */
import type { Trace } from './figure.ts';
import { mix } from './palette.ts';
import { inPanel } from './panels.ts';

type Vector = readonly number[];

const subtract = (a: Vector, b: Vector) => a.map((value, k) => value - b[k]);
const dot = (a: Vector, b: Vector) => a.reduce((sum, value, k) => sum + value * b[k], 0);
const cross = ([a, b, c]: Vector, [d, e, f]: Vector) => [b * f - c * e, c * d - a * f, a * e - b * d];

/** Points of the faces of the convex hull of a few points in R³, each face a sorted list of point numbers. */
function hullFaces(points: readonly Vector[]): number[][] {
  const faces = new Map<string, number[]>();
  for (let i = 0; i < points.length; i++) {
    for (let j = i + 1; j < points.length; j++) {
      for (let k = j + 1; k < points.length; k++) {
        const normal = cross(subtract(points[j], points[i]), subtract(points[k], points[i]));
        if (dot(normal, normal) < 1e-12) continue;
        const sides = points.map((p) => dot(normal, subtract(p, points[i])) / Math.sqrt(dot(normal, normal)));
        const flat = 1e-3;
        if (sides.some((s) => s > flat) && sides.some((s) => s < -flat)) continue;
        const face = [...points.keys()].filter((p) => Math.abs(sides[p]) <= flat);
        faces.set(face.join(), face);
      }
    }
  }
  return [...faces.values()];
}

/** Edges of the convex hull: pairs of points that two faces share. */
export function hullEdges(points: readonly Vector[]): [number, number][] {
  const faces = hullFaces(points);
  const edges: [number, number][] = [];
  for (let i = 0; i < points.length; i++) {
    for (let j = i + 1; j < points.length; j++) {
      if (faces.filter((face) => face.includes(i) && face.includes(j)).length >= 2) edges.push([i, j]);
    }
  }
  return edges;
}

/** Turns about the vertical and then tips towards the viewer, in radians. */
const TURN = 0.45;
const TIP = 0.35;

/** Place on the sheet and depth (towards the viewer) of a point in R³, or of one in the plane, which is not turned. */
export function project([x, y, z]: Vector): [x: number, y: number, depth: number] {
  if (z === undefined) return [x, y, 0];
  const across = x * Math.cos(TURN) - y * Math.sin(TURN);
  const away = x * Math.sin(TURN) + y * Math.cos(TURN);
  return [across, z * Math.cos(TIP) - away * Math.sin(TIP), -away * Math.cos(TIP) - z * Math.sin(TIP)];
}

/** Rows of a (k, m) array. */
export function pointsOf(flat: readonly number[], m: number): Vector[] {
  return Array.from({ length: flat.length / m }, (_, i) => flat.slice(i * m, (i + 1) * m));
}

/** Edges (nearer ones darker) and points of a polytope in pair of axes k. */
export function polytopeTraces(
  k: number,
  points: readonly Vector[],
  edges: readonly (readonly [number, number])[],
  colors: readonly string[],
  texts: readonly string[],
): Trace[] {
  const seen = points.map((point) => project(point));
  const lines = edges.map(([i, j]) =>
    inPanel(k, {
      type: 'scatter',
      mode: 'lines',
      x: [seen[i][0], seen[j][0]],
      y: [seen[i][1], seen[j][1]],
      line: { width: 1.5, color: mix('#d5dae1', '#4a5462', (2 + seen[i][2] + seen[j][2]) / 4) },
      hoverinfo: 'skip',
      showlegend: false,
    }),
  );
  const order = [...points.keys()].sort((a, b) => seen[a][2] - seen[b][2]);
  const dots = inPanel(k, {
    type: 'scatter',
    mode: 'markers',
    x: order.map((i) => seen[i][0]),
    y: order.map((i) => seen[i][1]),
    text: order.map((i) => texts[i]),
    marker: {
      size: order.map((i) => 9 + 3 * seen[i][2]),
      opacity: 1,
      color: order.map((i) => colors[i]),
      line: { color: '#ffffff', width: 1 },
    },
    hovertemplate: '%{text}<extra></extra>',
    showlegend: false,
  });
  return [...lines, dots];
}
