/**
 * Names the shape of a group of feature directions. What is compared does not depend on rotation, reflection or
 * order: the sorted cosines of all pairs and the sorted singular values of the unit directions.
 */
import { type Polytope, polygon, simplex, squareAntiprism, tegumProduct } from '../theory/polytopes.ts';
import { directionsAt, featureComponents } from './graph.ts';
import { type Directions, featureNorms, type Shape } from './norms.ts';
import { svd } from './svd.ts';

/** Degrees that each direction may lean from its place; δ° changes a cosine by up to 2 sin δ. */
const LEAN = 3;
/** Longest over shortest direction of one shape. A trained bipyramid's ring is some 1.17 times its poles. */
const UNEVEN = 1.3;

const POLYGONS = ['square', 'pentagon', 'hexagon', 'heptagon', 'octagon'];
const SIMPLICES = ['single', 'digon', 'triangle', 'tetrahedron', '5-cell'];

const digon = simplex(2);

/** The named shapes of k ≥ 2 points. */
function shapesOf(k: number): [name: string, shape: Polytope][] {
  const shapes: [string, Polytope][] = [[SIMPLICES[k - 1] ?? `${k}-point simplex`, simplex(k)]];
  if (k >= 4) shapes.push([POLYGONS[k - 4] ?? `${k}-gon`, polygon(k)]);
  if (k === 5) shapes.push(['triangular bipyramid', tegumProduct(polygon(3), digon)]);
  if (k === 6) shapes.push(['octahedron', tegumProduct(digon, digon, digon)]);
  if (k === 7) shapes.push(['pentagonal bipyramid', tegumProduct(polygon(5), digon)]);
  if (k === 8) shapes.push(['square antiprism', squareAntiprism()]);
  if (k >= 8 && k % 2 === 0) shapes.push([`${k / 2}-orthoplex`, tegumProduct(...Array(k / 2).fill(digon))]);
  return shapes;
}

/** What a shape looks like from anywhere. */
interface Likeness {
  cosines: Float64Array; // (k (k − 1) / 2) sorted
  spread: Float64Array; // (min(k, m)) singular values of the unit directions, falling
}

function likenessOf(points: Float64Array, k: number, m: number): Likeness {
  const norms = featureNorms({ W: points }, { features: k, hidden: m });
  const units = points.map((x, at) => x / norms[Math.floor(at / m)]);
  const cosines: number[] = [];
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < i; j++) {
      let dot = 0;
      for (let d = 0; d < m; d++) dot += units[i * m + d] * units[j * m + d];
      cosines.push(dot);
    }
  }
  return { cosines: Float64Array.from(cosines).sort(), spread: svd(units, m).sigma };
}

/**
 * How far two likenesses are apart: the largest difference of a cosine, or of a singular value over √k, whichever
 * is larger. Neither moves by more than 2 sin δ when every direction leans by δ.
 */
function difference(a: Likeness, b: Likeness, k: number): number {
  let worst = 0;
  a.cosines.forEach((cosine, at) => {
    worst = Math.max(worst, Math.abs(cosine - b.cosines[at]));
  });
  for (let q = 0; q < Math.max(a.spread.length, b.spread.length); q++) {
    worst = Math.max(worst, Math.abs((a.spread[q] ?? 0) - (b.spread[q] ?? 0)) / Math.sqrt(k));
  }
  return worst;
}

/**
 * Name of the shape of k directions `points` (k, m), or 'unknown': a shape of the catalogue (simplices, polygons,
 * orthoplexes, bipyramids, square antiprism) within `lean` degrees and less than half as far as any other shape
 * of k points, lengths within a factor 1.3. One direction is 'single'.
 */
export function namePolytope(points: Float64Array, k: number, m: number, lean = LEAN): string {
  if (k === 1) return SIMPLICES[0];
  const norms = featureNorms({ W: points }, { features: k, hidden: m });
  if (Math.max(...norms) > UNEVEN * Math.min(...norms)) return 'unknown';
  const own = likenessOf(points, k, m);
  const ranked = shapesOf(k)
    .map(([name, shape]) => ({ name, d: difference(own, likenessOf(shape.points, k, shape.m), k) }))
    .sort((a, b) => a.d - b.d);
  const [first, second] = ranked;
  const near = first.d <= 2 * Math.sin((lean * Math.PI) / 180);
  return near && (second === undefined || 2 * first.d < second.d) ? first.name : 'unknown';
}

/** A connected component of a model's feature graph and its name. */
interface NamedComponent {
  features: number[];
  name: string;
}

/**
 * Names the components of instance `instance`, features joined where |W_i·W_j| > threshold. Factors of a tegum
 * product do not touch each other, so an octahedron comes out as three digons.
 */
export function nameComponents(
  directions: Directions,
  shape: Shape,
  instance: number,
  threshold: number,
  lean = LEAN,
): NamedComponent[] {
  const m = shape.hidden;
  const { W } = directionsAt(directions, shape, instance);
  return featureComponents(directions, shape, instance, threshold).map((features) => {
    const points = Float64Array.from(
      features.flatMap((i) => Array.from({ length: m }, (_, d) => W[i * m + d])),
    );
    return { features, name: namePolytope(points, features.length, m, lean) };
  });
}
