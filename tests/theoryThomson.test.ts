import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { namePolytope } from '../sim/metrics/polytope.ts';
import {
  dimensionalityOf,
  polygon,
  simplex,
  squareAntiprism,
  tegumProduct,
} from '../sim/theory/polytopes.ts';
import { solveThomson } from '../sim/theory/thomson.ts';

const near = (actual: number, expected: number, tolerance: number, what = '') =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what} got ${actual}, expected ${expected}`);

const dimensions = (shape: ReturnType<typeof simplex>) => [...dimensionalityOf(shape)].sort();

function allNear(actual: number[], expected: number[], tolerance = 1e-12) {
  assert.is(actual.length, expected.length);
  actual.forEach((value, i) => {
    near(value, expected[i], tolerance, `at ${i}`);
  });
}

/** Published minimum energies of N = 2 … 12 charges. */
const ENERGY = [
  0.5, 1.732050808, 3.674234614, 6.474691495, 9.985281374, 14.452977414, 19.675287861, 25.759986531,
  32.71694946, 40.59645051, 49.165253058,
];

test('Thomson minima have the published energies for N = 2 to 12', () => {
  ENERGY.forEach((energy, at) => {
    near(solveThomson(at + 2).energy, energy, 2e-8, `N = ${at + 2}`);
  });
});

test('sixteen charges have a second minimum, which one start falls into and eight do not', () => {
  near(solveThomson(16, 1).energy, 92.920353962, 2e-8, 'first start');
  near(solveThomson(16).energy, 92.911655302, 2e-8, 'all starts'); // the published one
});

test('Thomson minima are the polytopes the paper names', () => {
  const name = (N: number) => namePolytope(solveThomson(N).polytope.points, N, 3);
  assert.equal([2, 3, 4, 5, 6, 7, 8].map(name), [
    'digon',
    'triangle',
    'tetrahedron',
    'triangular bipyramid',
    'octahedron',
    'pentagonal bipyramid',
    'square antiprism',
  ]);
});

test('dimensionalities of Thomson minima: bipyramids split as tegum products', () => {
  const D = (N: number) => dimensions(solveThomson(N).polytope);
  allNear(D(4), [3 / 4, 3 / 4, 3 / 4, 3 / 4], 1e-5);
  allNear(D(5), [1 / 2, 1 / 2, 2 / 3, 2 / 3, 2 / 3], 1e-5);
  allNear(D(6), new Array(6).fill(1 / 2), 1e-5);
  allNear(D(7), [...new Array(5).fill(2 / 5), 1 / 2, 1 / 2], 1e-5);
  allNear(D(8), new Array(8).fill(3 / 8), 2e-3);
  allNear(D(12), new Array(12).fill(1 / 4), 1e-5); // icosahedron
});

test('a regular simplex of n points has dimensionality (n − 1)/n and equal cosines', () => {
  for (const n of [2, 3, 4, 7]) {
    const shape = simplex(n);
    allNear(dimensions(shape), new Array(n).fill((n - 1) / n));
    let cosine = 0;
    for (let d = 0; d < shape.m; d++) cosine += shape.points[d] * shape.points[(n - 1) * shape.m + d];
    near(cosine, -1 / (n - 1), 1e-12);
  }
});

test('features orthogonal to (1, …, 1) make the regular simplex', () => {
  // rows of the projector I − 11ᵀ/n, n = 4, in coordinates of R⁴
  const points = Float64Array.from({ length: 16 }, (_, at) => (at % 5 === 0 ? 0.75 : -0.25));
  assert.is(namePolytope(points, 4, 4), 'tetrahedron');
});

test('the square antiprism gives 3/8, octahedron 1/2, the bipyramids what their factors give', () => {
  allNear(dimensions(squareAntiprism()), new Array(8).fill(3 / 8));
  const digon = simplex(2);
  allNear(dimensions(tegumProduct(digon, digon, digon)), new Array(6).fill(1 / 2));
  allNear(dimensions(tegumProduct(polygon(3), digon)), [1 / 2, 1 / 2, 2 / 3, 2 / 3, 2 / 3]);
  allNear(dimensions(tegumProduct(polygon(5), digon)), [...new Array(5).fill(2 / 5), 1 / 2, 1 / 2]);
});

test.run();
