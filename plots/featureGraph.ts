/** Graphs of features that share space: clusters on shelves, each with its features on a ring. */
import type { LevelGraph } from '../sim/experiments/featureGeometry.ts';
import type { Trace } from './figure.ts';
import { CURVES, FAINT, INK } from './palette.ts';
import { inPanel } from './panels.ts';

type Point = [x: number, y: number];

/** One colour a kind of shape; what has no name is grey. */
const SHAPE_COLORS: Record<string, string> = {
  single: INK,
  digon: CURVES[0],
  triangle: CURVES[2],
  tetrahedron: CURVES[5],
  pentagon: CURVES[1],
  'square antiprism': CURVES[3],
};
const OTHER_COLOR = '#9aa3ae';

/** Radius of the ring of a cluster of k features: neighbours are about 1 apart. */
const radius = (k: number) => (k === 1 ? 0 : Math.max(0.5, k / (2 * Math.PI)));

/** Ring order of a cluster: each feature next to the one it touches most among those left. */
function ringOrder(features: readonly number[], weight: (i: number, j: number) => number): number[] {
  const order = [features[0]];
  const left = new Set(features.slice(1));
  while (left.size > 0) {
    const last = order.at(-1)!;
    const next = [...left].reduce((best, j) => (weight(last, j) > weight(last, best) ? j : best));
    order.push(next);
    left.delete(next);
  }
  return order;
}

/** Places of all features: clusters in rows of a square of the given width, largest first. */
function place(graph: LevelGraph, weight: (i: number, j: number) => number): Map<number, Point> {
  const sorted = [...graph.clusters].sort((a, b) => b.features.length - a.features.length);
  const cell = (k: number) => 2 * radius(k) + 1;
  const area = sorted.reduce((sum, { features }) => sum + cell(features.length) ** 2, 0);
  const width = Math.max(cell(sorted[0]?.features.length ?? 1), Math.sqrt(area) * 1.05);
  const places = new Map<number, Point>();
  let [x, y, shelf] = [0, 0, 0];
  for (const { features } of sorted) {
    const size = cell(features.length);
    if (x + size > width + 1e-9) [x, y, shelf] = [0, y - shelf, 0];
    shelf = Math.max(shelf, size);
    ringOrder(features, weight).forEach((feature, at, ring) => {
      const angle = Math.PI / 2 + (2 * Math.PI * at) / ring.length;
      const r = radius(ring.length);
      places.set(feature, [x + size / 2 + r * Math.cos(angle), y - size / 2 + r * Math.sin(angle)]);
    });
    x += size;
  }
  return places;
}

/** Edges and nodes of one graph in pair of axes k. */
export function graphTraces(k: number, graph: LevelGraph): Trace[] {
  const weights = new Map(graph.edges.map(([i, j, w]) => [`${i},${j}`, w]));
  const weight = (i: number, j: number) => weights.get(`${Math.min(i, j)},${Math.max(i, j)}`) ?? 0;
  const places = place(graph, weight);
  const inside = graph.edges.filter(([i, j]) => places.has(i) && places.has(j));
  const nodes = graph.clusters.flatMap(({ name, features }) =>
    features.map((feature) => ({ name, feature })),
  );
  return [
    inPanel(k, {
      type: 'scatter',
      mode: 'lines',
      x: inside.flatMap(([i, j]) => [places.get(i)![0], places.get(j)![0], null]),
      y: inside.flatMap(([i, j]) => [places.get(i)![1], places.get(j)![1], null]),
      line: { color: FAINT, width: inside.length > 400 ? 0.3 : 1 },
      hoverinfo: 'skip',
      showlegend: false,
    }),
    inPanel(k, {
      type: 'scatter',
      mode: 'markers',
      x: nodes.map(({ feature }) => places.get(feature)![0]),
      y: nodes.map(({ feature }) => places.get(feature)![1]),
      text: nodes.map(({ name, feature }) => `feature ${feature}: ${name}`),
      marker: { size: 4, color: nodes.map(({ name }) => SHAPE_COLORS[name] ?? OTHER_COLOR) },
      hovertemplate: `%{text}<extra>instance ${graph.level}</extra>`,
      showlegend: false,
    }),
  ];
}

/** Legend entries for the colours of shapes. */
export function shapeLegend(): Trace[] {
  return [...Object.entries(SHAPE_COLORS), ['other', OTHER_COLOR]].map(([name, color]) => ({
    type: 'scatter',
    mode: 'markers',
    x: [null],
    y: [null],
    name: name === 'single' ? 'own dimension' : name,
    marker: { color, size: 8 },
  }));
}
