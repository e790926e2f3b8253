import { dimensionalityOf } from '../theory/polytopes.ts';
import { solveThomson } from '../theory/thomson.ts';
import { statement } from './claims.ts';
import type { Claim, Experiment } from './experiment.ts';

/** One minimum of the Thomson problem in R³. */
interface Arrangement {
  N: number;
  energy: number;
  points: number[]; // (N, 3)
  D: number[]; // (N)
}

export interface TegumData {
  arrangements: Arrangement[]; // N = 4 … 12
}

function arrangement(N: number): Arrangement {
  const { polytope, energy } = solveThomson(N);
  return { N, energy, points: [...polytope.points], D: [...dimensionalityOf(polytope)] };
}

/** D_i as counts of equal values, largest first: [[count, value], …]. */
export function levelsOf(D: readonly number[]): [count: number, value: number][] {
  const levels: [number, number][] = [];
  for (const value of [...D].sort((a, b) => b - a)) {
    const last = levels.at(-1);
    if (last && Math.abs(last[1] - value) < 1e-3) last[0]++;
    else levels.push([1, value]);
  }
  return levels;
}

const write = (levels: readonly [number, number][]) =>
  levels.map(([count, value]) => `${count} × ${value.toFixed(4)}`).join(' + ');

/** Tolerance of a minimum found numerically. */
const NUMERICAL = 2e-3;

function claim({ D }: Arrangement, name: string, expected: [number, number][]): Claim {
  const found = levelsOf(D);
  const same =
    found.length === expected.length &&
    found.every(
      ([count, value], k) => count === expected[k][0] && Math.abs(value - expected[k][1]) < NUMERICAL,
    );
  return statement(name, 'TMS, exact', write(expected), write(found), same);
}

export const tegum: Experiment<TegumData> = {
  name: 'tegum-products',
  id: 'T10',
  paper: 'toy-models',
  section: 'The geometry of superposition',
  title: 'Thomson solutions and tegum products',
  caption:
    'N repelling points on a sphere, drawn with the dimensionalities of their points as features. The triangular ' +
    'bipyramid (N = 5) is not five features of 3/5: it falls apart into a triangle and a digon that do not interfere. ' +
    'So do the octahedron (N = 6) and the pentagonal bipyramid (N = 7).',
  seconds: { quick: 1, paper: 1 },
  specs: () => [],
  data: () => ({ arrangements: Array.from({ length: 9 }, (_, k) => arrangement(k + 4)) }),
  signature: ({ arrangements: [tetrahedron, triangular, octahedron, pentagonal] }) => [
    claim(tetrahedron, 'N = 4: tetrahedron', [[4, 3 / 4]]),
    claim(triangular, 'N = 5: triangular bipyramid = triangle × digon', [
      [3, 2 / 3],
      [2, 1 / 2],
    ]),
    claim(octahedron, 'N = 6: octahedron = three digons', [[6, 1 / 2]]),
    claim(pentagonal, 'N = 7: pentagonal bipyramid = pentagon × digon', [
      [2, 1 / 2],
      [5, 2 / 5],
    ]),
  ],
};
