import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { connectedComponents, featureComponents, featureGraph } from '../sim/metrics/graph.ts';
import { lineAt, lineTest, plateau, pooledDimensionality, shareOnLines } from '../sim/metrics/lines.ts';
import { nameComponents, namePolytope } from '../sim/metrics/polytope.ts';
import { svd } from '../sim/metrics/svd.ts';
import { instanceKey, normals } from '../sim/random.ts';
import { type Polytope, polygon, simplex, squareAntiprism, tegumProduct } from '../sim/theory/polytopes.ts';

/** The polytope in `room` dimensions: turned at random, order reversed, each coordinate with noise, size 1.1. */
function disguise({ k, m, points }: Polytope, room: number, noise: number, seed: number): Float64Array {
  const frame = svd(normals(instanceKey(seed, 1), 0, room * m), m).U; // (room, m) orthonormal columns
  const jitter = normals(instanceKey(seed, 2), 0, k * room);
  return Float64Array.from({ length: k * room }, (_, at) => {
    const [i, r] = [k - 1 - Math.floor(at / room), at % room];
    let sum = noise * jitter[at];
    for (let d = 0; d < m; d++) sum += frame[r * m + d] * points[i * m + d];
    return 1.1 * sum;
  });
}

const digon = simplex(2);
const EXACT: [name: string, shape: Polytope][] = [
  ['digon', digon],
  ['triangle', polygon(3)],
  ['tetrahedron', simplex(4)],
  ['5-cell', simplex(5)],
  ['6-point simplex', simplex(6)],
  ['square', tegumProduct(digon, digon)],
  ['pentagon', polygon(5)],
  ['hexagon', polygon(6)],
  ['octagon', polygon(8)],
  ['11-gon', polygon(11)],
  ['triangular bipyramid', tegumProduct(simplex(3), digon)],
  ['octahedron', tegumProduct(polygon(4), digon)],
  ['pentagonal bipyramid', tegumProduct(digon, polygon(5))],
  ['square antiprism', squareAntiprism()],
  ['4-orthoplex', tegumProduct(polygon(4), polygon(4))],
];

test('every polytope of the catalogue is named under rotation, reordering and half a degree of noise', () => {
  for (const [name, shape] of EXACT) {
    for (let seed = 0; seed < 20; seed++) {
      const room = shape.m + (seed % 3);
      assert.is(namePolytope(disguise(shape, room, 0.009, seed), shape.k, room), name, `seed ${seed}`);
    }
  }
});

test('near misses are unknown', () => {
  const plane = (degrees: number[]) =>
    Float64Array.from(degrees.flatMap((a) => [Math.cos((a * Math.PI) / 180), Math.sin((a * Math.PI) / 180)]));
  const cube = Float64Array.from({ length: 24 }, (_, at) => ((Math.floor(at / 3) >> (at % 3)) & 1 ? 1 : -1));
  const prism = Float64Array.from(
    [0, 1, 2].flatMap((i) => {
      const [x, y] = [Math.cos((2 * Math.PI * i) / 3), Math.sin((2 * Math.PI * i) / 3)];
      return [x, y, 0.7, x, y, -0.7];
    }),
  );
  const pyramid = Float64Array.of(1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 1); // an octahedron less one point
  const misses: [string, Float64Array, number, number][] = [
    ['two directions at 150°', plane([0, 150]), 2, 2],
    ['a right angle', plane([0, 90]), 2, 2],
    ['two directions at 160°', plane([0, 160]), 2, 2],
    ['a pentagon with one vertex 9° off', plane([9, 72, 144, 216, 288]), 5, 2],
    [
      'a pentagon with one vertex longer by half',
      polygon(5).points.map((x, at) => (at < 2 ? 1.5 * x : x)),
      5,
      2,
    ],
    ['a pentagon with one vertex 15° off', plane([15, 72, 144, 216, 288]), 5, 2],
    ['a hexagon less one vertex', plane([0, 60, 120, 180, 240]), 5, 2],
    ['a rectangle', plane([0, 70, 180, 250]), 4, 2],
    ['a pentagon with a short side', polygon(5).points.map((x, at) => (at < 2 ? 0.6 * x : x)), 5, 2],
    ['a cube', cube, 8, 3],
    ['a triangular prism', prism, 6, 3],
    ['a square pyramid', pyramid, 5, 3],
  ];
  for (const [what, points, k, m] of misses) assert.is(namePolytope(points, k, m), 'unknown', what);
});

test('random directions are hardly ever named', () => {
  let named = 0;
  for (let seed = 0; seed < 300; seed++) {
    const k = 4 + (seed % 5);
    if (namePolytope(normals(instanceKey(seed, 3), 0, k * 3), k, 3) !== 'unknown') named++;
  }
  assert.ok(named <= 2, `named ${named} of 300`);
});

test('the feature graph joins overlapping features of one model and splits into named shapes', () => {
  const { k, m, points } = tegumProduct(polygon(5), simplex(3), digon, digon);
  const W = [...new Array(k * m).fill(7), ...points]; // the second instance is the one that counts
  const shape = { features: k, hidden: m };
  const named = nameComponents({ W }, shape, 1, 0.2);
  assert.equal(
    named.map(({ name, features }) => [name, features.length]),
    [
      ['pentagon', 5],
      ['triangle', 3],
      ['digon', 2],
      ['digon', 2],
    ],
  );
});

test('edges carry |W_i·W_j| and absent features belong to no component', () => {
  const W = [1, 0, -0.8, 0, 0, 1, 0, 0.1];
  const shape = { features: 4, hidden: 2 };
  assert.equal(featureGraph({ W }, shape, 0, 0.5), [{ i: 0, j: 1, weight: 0.8 }]);
  assert.equal(featureComponents({ W }, shape, 0, 0.05), [[0, 1], [2]]);
});

test('an edge outweighs its threshold; a feature of norm just above one half is a component', () => {
  assert.equal(featureGraph({ W: [1, 0.5] }, { features: 2, hidden: 1 }, 0, 0.5), []);
  assert.equal(featureComponents({ W: [1, 0, 0, 0.6] }, { features: 2, hidden: 2 }, 0, 0.05), [[0], [1]]);
});

test('components follow chains of edges in any order', () => {
  const edge = (i: number, j: number) => ({ i, j, weight: 1 });
  assert.equal(connectedComponents(6, [edge(3, 5), edge(0, 1), edge(1, 3)]), [[0, 1, 3, 5], [2], [4]]);
});

test('the plateau rule asks for three levels of twenty within 0.03 of one half', () => {
  const dStar = new Array(20).fill(0.9).fill(0.52, 4, 6);
  assert.equal(plateau(dStar), { count: 2, holds: false });
  assert.equal(plateau(dStar.fill(0.459, 8, 9)), { count: 2, holds: false });
  assert.equal(plateau(dStar.fill(0.471, 9, 10)), { count: 3, holds: true });
});

test('only learned features of superposed levels are pooled', () => {
  const pooled = pooledDimensionality(Float64Array.of(0.5, 0.05, 0.9, 1), [0.6, 0.97]);
  assert.equal([...pooled], [0.5]);
});

test('a line needs ten features and twice its neighbourhood; the test one at a half and another', () => {
  const spread = (f: number, count: number) => new Array(count).fill(f);
  const half = Float64Array.from([...spread(0.502, 12), ...spread(0.512, 3), ...spread(0.4875, 3)]);
  assert.equal(lineAt(half, 0.5), { f: 0.5, on: 12, beside: 6, holds: true });
  assert.is(lineAt(Float64Array.from([...half, 0.49]), 0.5).holds, false);
  assert.equal(lineAt(Float64Array.from([...spread(0.5, 9), 0.506]), 0.5), {
    f: 0.5,
    on: 9,
    beside: 0,
    holds: false,
  });
  assert.is(lineTest(half).holds, false);
  assert.is(lineTest(Float64Array.from([...half, ...spread(0.4, 10)])).holds, true);
  assert.is(shareOnLines(Float64Array.of(0.5, 0.45, 0.66, 0.525)), 0.5);
});

test.run();
