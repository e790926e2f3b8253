/** The feature graph of one model: which features share space, and with whom. */
import { gram } from './gram.ts';
import { type Directions, type Shape, squaredNorms } from './norms.ts';

/** Edge between features i < j. */
interface Edge {
  i: number;
  j: number;
  weight: number; // |W_i·W_j|
}

/** W of one instance, (n, m). */
export function directionsAt({ W }: Directions, shape: Shape, instance: number): Directions {
  const size = shape.features * shape.hidden;
  return { W: Array.from({ length: size }, (_, at) => W[instance * size + at]) };
}

/** Edges of the feature graph of instance `instance` with weight |W_i·W_j| > threshold. */
export function featureGraph(
  directions: Directions,
  shape: Shape,
  instance: number,
  threshold: number,
): Edge[] {
  const n = shape.features;
  const G = gram(directionsAt(directions, shape, instance), shape); // (n, n)
  const edges: Edge[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const weight = Math.abs(G[i * n + j]);
      if (weight > threshold) edges.push({ i, j, weight });
    }
  }
  return edges;
}

/** Connected components of a graph on n features: sorted feature lists, in order of their first feature. */
export function connectedComponents(n: number, edges: readonly Edge[]): number[][] {
  const root = Int32Array.from({ length: n }, (_, i) => i);
  const find = (i: number): number => (root[i] === i ? i : find(root[i]));
  for (const { i, j } of edges) {
    const [a, b] = [find(i), find(j)];
    root[Math.max(a, b)] = Math.min(a, b);
  }
  const groups = Array.from({ length: n }, (): number[] => []);
  for (let i = 0; i < n; i++) groups[find(i)].push(i);
  return groups.filter((group) => group.length > 0);
}

/**
 * Components of the represented features (‖W_i‖ > 1/2) of one instance, joined where |W_i·W_j| > threshold.
 * A feature with a dimension of its own is a component of one.
 */
export function featureComponents(
  directions: Directions,
  shape: Shape,
  instance: number,
  threshold: number,
): number[][] {
  const squares = squaredNorms(directionsAt(directions, shape, instance), shape);
  const edges = featureGraph(directions, shape, instance, threshold);
  const represented = edges.filter(({ i, j }) => squares[i] > 0.25 && squares[j] > 0.25);
  return connectedComponents(shape.features, represented).filter(([first]) => squares[first] > 0.25);
}
