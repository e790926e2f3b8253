import { gram } from '../metrics/gram.ts';
import { dimensionalityOf, type Polytope } from '../theory/polytopes.ts';
import { near } from './claims.ts';
import type { Claim, Experiment } from './experiment.ts';

/** n features in the n − 1 dimensions orthogonal to w: feature i is the image of the i-th unit vector. */
interface Complement {
  w: number[]; // (n)
  points: number[]; // (n, n − 1)
  D: number[]; // (n)
  G: number[]; // (n, n) W_i·W_j
}

export interface ComplementsData {
  complements: Complement[];
}

/** Normals that the paper draws: nothing shared, a digon, then simplices. */
const NORMALS: readonly (readonly number[])[] = [
  [0, 0, 1],
  [0, 1, 1],
  [1, 1, 1],
  [0, 0, 1, 1],
  [0, 1, 1, 1],
  [1, 1, 1, 1],
];

/** Orthonormal basis (n, n − 1) of the complement of w, by a Householder reflection that takes ŵ to the last axis. */
function complementBasis(w: readonly number[]): Float64Array {
  const n = w.length;
  const length = Math.hypot(...w);
  const v = w.map((value, i) => value / length - (i === n - 1 ? 1 : 0));
  const square = v.reduce((sum, value) => sum + value * value, 0);
  const points = new Float64Array(n * (n - 1));
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n - 1; k++) {
      points[i * (n - 1) + k] = (i === k ? 1 : 0) - (square > 0 ? (2 * v[i] * v[k]) / square : 0);
    }
  }
  return points;
}

function complement(w: readonly number[]): Complement {
  const n = w.length;
  const polytope: Polytope = { k: n, m: n - 1, points: complementBasis(w) };
  return {
    w: [...w],
    points: [...polytope.points],
    D: [...dimensionalityOf(polytope)],
    G: [...gram({ W: polytope.points }, { features: n, hidden: n - 1 })],
  };
}

/** The simplex of n features has D_i = (n − 1)/n and all cosines −1/(n − 1). */
function simplexClaims({ w, D, G }: Complement): Claim[] {
  const n = w.length;
  const cosines = G.filter((_, k) => k % (n + 1) !== 0).map((value) => value / G[0]);
  const name = `W ⊥ (${w.join(', ')})`;
  return [
    near(`${name}: D_i of the regular simplex, (n − 1)/n`, 'exact', Math.min(...D), (n - 1) / n, 1e-9),
    near(`${name}: all cosines −1/(n − 1)`, 'TMS, exact', Math.max(...cosines), -1 / (n - 1), 1e-9),
  ];
}

export const complements: Experiment<ComplementsData> = {
  name: 'polytopes-and-matrices',
  id: 'T11',
  paper: 'toy-models',
  section: 'The geometry of superposition',
  title: 'Polytopes and low-rank matrices',
  caption:
    'n features in n − 1 dimensions are fixed by the one direction w that is lost. WᵀW and the directions, for the ' +
    'normals of the paper: w along one feature gives dimensions of their own, along a diagonal a digon, a triangle or ' +
    'a tetrahedron. The last spreads the loss most evenly: a regular simplex.',
  seconds: { quick: 1, paper: 1 },
  specs: () => [],
  data: () => ({ complements: NORMALS.map(complement) }),
  signature: ({ complements: found }) =>
    found.filter(({ w }) => w.every((value) => value === 1)).flatMap(simplexClaims),
};
