/** Exercises of notebook 4: dimensionality, polytopes, energy levels. */

import { featureDimensionality } from '../../sim/metrics/dimensionality.ts';
import type { Spec } from '../../sim/spec.ts';
import { kgonModel, potential, solveKgon } from '../../sim/theory/kgon.ts';
import { choice, code, type Exercise, training } from './exercise.ts';
import { CLEAN_TRAINING, keepRelu, oneSetting } from './specs.ts';
import { bestOf, modelsOf } from './trained.ts';

const shapeOf = (W: number[][]) => ({ features: W.length, hidden: W[0].length });
const dimensionality = (W: number[][]) => featureDimensionality({ W: W.flat() }, shapeOf(W));

const DIGONS = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
];
const UNEVEN = [
  [1.1, 0],
  [-0.4, 0.9],
  [-0.5, -0.7],
];

/** k unit vectors at equal angles. */
function kgon(k: number): number[][] {
  const { W } = kgonModel(k, { k, length: 1, bias: 0 });
  return Array.from({ length: k }, (_, i) => Array.from(W.subarray(2 * i, 2 * i + 2)));
}

/** n unit vectors of a regular simplex: the coordinate axes less their mean, in n coordinates of rank n − 1. */
function simplex(n: number): number[][] {
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0) - 1 / n));
}

/** A triangle in a plane and a digon upright on it. */
const BIPYRAMID = [...kgon(3).map(([x, y]) => [x, y, 0]), [0, 0, 1], [0, 0, -1]];

const BEST = solveKgon(5)!;

/** How far a pentagon is from the best, as the check and the picture say it. */
export function pentagonDistance(length: number, bias: number): string {
  const { W, b } = kgonModel(5, { k: 5, length, bias });
  const [height, least] = [potential(W, b), BEST.h];
  const times = height / least;
  const above = times > 2 ? `${times.toPrecision(2)} times the least` : `${(100 * (times - 1)).toPrecision(2)} % above the least`; // biome-ignore format: one choice
  return `H = ${height.toFixed(4)}, ${above}`;
}

const isPair = (value: unknown): value is [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every((v) => Number.isFinite(v));

const SPARSE = (features: number, hidden: number, density: string) => `{
  "model": { "features": ${features}, "hidden": ${hidden} },
  "input": { "density": ${density} },
  ${CLEAN_TRAINING(4000)},
  "replicas": 8
}`;

function keepPlane({ model, input }: Spec): string | null {
  if (model.hidden !== 2) return 'Keep hidden at 2.';
  return typeof input.density === 'number' ? null : 'Give all features one density: a single number.';
}

export const geometry: Exercise[] = [
  code({
    id: 'dimensionality',
    title: 'The share of a dimension',
    dots: 3,
    minutes: 6,
    stub: 'function dimensionality(W, i) {\n  // W[j] is the direction of feature j\n}',
    probes: [
      [DIGONS, 0],
      [UNEVEN, 0],
      [UNEVEN, 1],
      [BIPYRAMID, 4],
    ],
    expected: (W: number[][], i: number) => dimensionality(W)[i],
    solution: `function dimensionality(W, i) {
  const dot = (a, b) => a.reduce((sum, value, k) => sum + value * b[k], 0);
  const square = dot(W[i], W[i]);
  let shared = 0;
  for (const other of W) shared += dot(W[i], other) ** 2 / square;
  return square / shared;
}`,
    why: 'The numerator is how strongly the feature is there. The denominator adds up everything that lies along its direction, itself included. Alone: 1. One of an antipodal pair: ½.',
    hints: [
      'Ŵ_i is W_i divided by its length, so (Ŵ_i · W_j)² is (W_i · W_j)² / ‖W_i‖².',
      'The sum runs over all j, with j = i too.',
    ],
    mistakes: [
      {
        answer:
          '(W, i) => { const dot = (a, b) => a.reduce((s, v, k) => s + v * b[k], 0); const q = dot(W[i], W[i]); return q / W.reduce((s, w, j) => s + (j === i ? 0 : dot(W[i], w) ** 2 / q), 0); }',
        says: 'Your sum leaves out j = i. It belongs in: a feature alone must get 1, not 1/0.',
      },
      {
        answer:
          '(W, i) => { const dot = (a, b) => a.reduce((s, v, k) => s + v * b[k], 0); return dot(W[i], W[i]) / W.reduce((s, w) => s + dot(W[i], w) ** 2, 0); }',
        says: 'Use the unit vector Ŵ_i in the sum: otherwise a long lone feature would not get 1.',
      },
      {
        answer:
          '(W, i) => { const dot = (a, b) => a.reduce((s, v, k) => s + v * b[k], 0); const q = dot(W[i], W[i]); return q / W.reduce((s, w) => s + Math.abs(dot(W[i], w)) / Math.sqrt(q), 0); }',
        says: 'The overlaps are squared before they are added.',
      },
    ],
  }),
  code({
    id: 'polygon-share',
    title: 'Regular polygons',
    dots: 2,
    minutes: 4,
    stub: 'function polygonShare(k) {\n  // D of each of k ≥ 3 features at the corners of a regular k-gon in the plane\n}',
    probes: [[3], [5], [8]],
    expected: (k: number) => dimensionality(kgon(k))[0],
    solution: 'function polygonShare(k) {\n  return 2 / k;\n}',
    why: 'All D_i are equal by symmetry, and here they add up to the 2 dimensions. Triangle 2/3, square 1/2, pentagon 2/5.',
    hints: [
      'By symmetry all corners have the same D.',
      'The shares of a regular polygon add up to the dimensions used.',
    ],
    mistakes: [
      { answer: '(k) => 1 / k', says: 'The k features share a plane, which is two dimensions.' },
      { answer: '(k) => k / 2', says: 'That is features per dimension. D is dimensions per feature.' },
      {
        answer: '(k) => Math.cos((2 * Math.PI) / k)',
        says: 'That is the overlap of neighbours. D counts all features.',
      },
    ],
  }),
  code({
    id: 'simplex-share',
    title: 'The roomiest packing',
    dots: 3,
    minutes: 4,
    stub: 'function simplexShare(n) {\n  // D of each of n features that form a regular simplex in n − 1 dimensions\n}',
    probes: [[2], [3], [4], [7]],
    expected: (n: number) => dimensionality(simplex(n))[0],
    solution: 'function simplexShare(n) {\n  return (n - 1) / n;\n}',
    why: 'n features share n − 1 dimensions evenly: digon 1/2, triangle 2/3, tetrahedron 3/4. It is one feature more than fits without superposition.',
    hints: [
      'n = 2 is the antipodal pair, n = 3 the triangle, n = 4 the tetrahedron.',
      'Again all share alike.',
    ],
    mistakes: [
      { answer: '(n) => n / (n - 1)', says: 'More than 1? No feature gets more than a whole dimension.' },
      { answer: '(n) => 1 / n', says: 'They share n − 1 dimensions, not one.' },
      { answer: '(n) => 2 / n', says: 'That is the polygon in a plane. The simplex has n − 1 dimensions.' },
      { answer: '(n) => -1 / (n - 1)', says: 'That is the cosine between two of them.' },
    ],
  }),
  code({
    id: 'bipyramid',
    title: 'Five features in three dimensions',
    dots: 3,
    minutes: 5,
    stub: '[ , , , , ]',
    expected: () => Array.from(dimensionality(BIPYRAMID)),
    tolerance: 1e-3,
    solution: '[2/3, 2/3, 2/3, 1/2, 1/2]',
    why: 'A triangle in the plane and a digon upright on it: the two parts are orthogonal and do not see each other. Such a product of small shapes is what models like to build. The sum is 3.',
    hints: [
      'The triangle lies in a plane, the two tips on the line orthogonal to it.',
      'Orthogonal features do not share: look at each part by itself.',
    ],
    mistakes: [
      {
        answer: '[3/5, 3/5, 3/5, 3/5, 3/5]',
        says: 'The five corners are not alike: three have two neighbours at 120°, two have one opposite.',
      },
      { answer: '[1/2, 1/2, 2/3, 2/3, 2/3]', says: 'Right numbers; the triangle comes first.' },
      {
        answer: '[2/3, 2/3, 2/3, 1, 1]',
        says: 'The two tips lie on one line, opposite each other: they share it.',
      },
    ],
  }),
  code({
    id: 'pentagon-optimum',
    title: 'The pentagon at its best',
    dots: 4,
    minutes: 8,
    stub: '[ , ]',
    expected: () => [BEST.length, BEST.bias],
    tolerance: 0.02,
    distance: (answer) =>
      isPair(answer) ? `There ${pentagonDistance(...answer)}.` : 'Answer with two numbers, [ℓ, b].',
    solution: '[1.17046, -0.2823]',
    why: 'A negative bias cuts off the positive overlap of neighbours, cos 72° = 0.31, and longer directions make up for it. A regular pentagon at this point is a minimum of the loss in the sparse limit.',
    hints: [
      'Use the two sliders above. First lower the bias, then lengthen the directions, and repeat.',
      'The bias lies near −0.3.',
    ],
    mistakes: [
      {
        answer: '[1, 0]',
        says: 'That is the optimum of the square, where no two features overlap by a positive amount.',
      },
      { answer: '[1.17, 0.28]', says: 'The length is right. The bias must hold outputs down: which sign?' },
      { answer: '[-0.28, 1.17]', says: 'First the length, then the bias.' },
    ],
  }),
  training({
    id: 'two-digons',
    title: 'Grow two digons',
    dots: 3,
    minutes: 5,
    stub: SPARSE(4, 2, '1'),
    demand: (spec) => keepPlane(spec) ?? keepRelu(spec) ?? oneSetting(spec),
    judge: (result) => {
      const { dimensionality: D, density } = bestOf(modelsOf(result));
      if (D.length < 4) return { passed: false, message: 'A pair of digons has 4 features.' };
      const halves = D.filter((share) => Math.abs(share - 0.5) < 0.03).length;
      if (halves === D.length) return { passed: true, message: 'Every feature has half a dimension.' };
      const list = Array.from(D, (share) => share.toFixed(2)).join(', ');
      const message = `At density ${density[0]} the best model has D = ${list}. All should be ½.`;
      return { passed: false, message };
    },
    solution: SPARSE(4, 2, '0.2'),
    why: 'With four features of equal importance and sparse inputs, two orthogonal antipodal pairs win.',
    hints: ['Four features fill two dimensions as two pairs.', 'At density 1 nothing is shared. Go lower.'],
    mistakes: [
      { answer: SPARSE(4, 2, '1'), says: 'All should be ½' },
      { answer: SPARSE(5, 2, '0.05'), says: 'All should be ½' },
      { answer: SPARSE(2, 2, '0.2'), says: 'A pair of digons has 4 features.' },
      { answer: SPARSE(6, 3, '0.2'), says: 'Keep hidden at 2.' },
    ],
  }),
  choice({
    id: 'sum-of-shares',
    title: 'What the shares add up to',
    dots: 2,
    minutes: 3,
    options: {
      n: 'Always n: every feature counts.',
      m: 'At most m, the number of dimensions; exactly m when all directions are used evenly.',
      one: 'Always 1: they are shares of the whole.',
    },
    solution: 'm',
    why: 'D_i says how many dimensions feature i has to itself. All together cannot have more than there are.',
    hints: ['Add up the shares of the two digons, and of the bipyramid.'],
    mistakes: [
      { answer: 'n', says: 'A pentagon has 5 features and shares 2/5: the sum is 2.' },
      { answer: 'one', says: 'They are shares of a dimension, and there are m of those.' },
    ],
  }),
];
