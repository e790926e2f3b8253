/** The identity of weight superposition, and virtual weights against sums written out. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { normals } from '../sim/random.ts';
import {
  byOverlaps,
  expectedSquare,
  layerOf,
  outerProduct,
  type Rows,
  virtualWeights,
} from '../sim/theory/virtualWeights.ts';
import { allClose } from './allClose.ts';

const random = (part: number, count: number, size: number): Rows => ({
  values: normals([3, 4], part, count * size),
  count,
  size,
});
const row = ({ values, size }: Rows, i: number) =>
  Array.from({ length: size }, (_, k) => values[i * size + k]);
const dot = (a: number[], b: number[]) => a.reduce((sum, value, k) => sum + value * b[k], 0);

test('⟨Uˣ_i ⊗ Uʸ_j, Uˣ_k ⊗ Uʸ_l⟩ = ⟨Uˣ_i, Uˣ_k⟩ ⟨Uʸ_j, Uʸ_l⟩, for all of some random features', () => {
  const [x, y] = [random(0, 4, 3), random(1, 3, 5)];
  for (let at = 0; at < 144; at++) {
    const [i, j, k, l] = [at % 4, Math.floor(at / 4) % 3, Math.floor(at / 12) % 4, Math.floor(at / 48)];
    const left = outerProduct([row(x, i), row(y, j)], [row(x, k), row(y, l)]);
    allClose([left], [dot(row(x, i), row(x, k)) * dot(row(y, j), row(y, l))], { absolute: 1e-12 }, `${at}`);
  }
  assert.is(outerProduct([[1, 2], [3, 0, 1]], [[1, 1], [1, 5, 2]]), (1 + 2) * (3 + 2)); // biome-ignore format: two pairs
});

test('a layer is the sum of outer products, and its virtual weights are read one by one', () => {
  const [x, y] = [random(0, 4, 3), random(1, 2, 5)];
  const wanted = normals([3, 4], 2, 8); // (2, 4)
  const layer = new Float64Array(15);
  for (let i = 0; i < 2; i++)
    for (let j = 0; j < 4; j++)
      for (let a = 0; a < 5; a++)
        for (let b = 0; b < 3; b++) layer[a * 3 + b] += wanted[i * 4 + j] * row(y, i)[a] * row(x, j)[b];
  allClose(layerOf(wanted, x, y), layer, { absolute: 1e-12 });
  const read = Array.from({ length: 8 }, (_, at) => {
    const [i, j] = [Math.floor(at / 4), at % 4];
    return dot(row(y, i), Array.from({ length: 5 }, (_, a) => dot([...layer.subarray(a * 3, a * 3 + 3)], row(x, j)))); // biome-ignore format: one sum
  });
  allClose(virtualWeights(layer, x, y), read, { absolute: 1e-12 });
  allClose(byOverlaps(wanted, x, y), read, { absolute: 1e-10 });
});

test('orthonormal features give every weight back as it was', () => {
  const axes = (n: number): Rows => ({
    values: Array.from({ length: n * n }, (_, at) => Number(at % (n + 1) === 0)),
    count: n,
    size: n,
  });
  const wanted = normals([5, 6], 0, 12);
  allClose(virtualWeights(layerOf(wanted, axes(4), axes(3)), axes(4), axes(3)), wanted, {});
  allClose([expectedSquare(6, axes(4), axes(3))], [6 / 12], { relative: 1e-12 });
});

test('the expected mean square is that over all places and signs of one weight', () => {
  const [x, y] = [random(0, 5, 3), random(1, 4, 2)];
  let sum = 0;
  for (let at = 0; at < 20; at++) {
    const one = Float64Array.from({ length: 20 }, (_, k) => Number(k === at));
    for (const value of virtualWeights(layerOf(one, x, y), x, y)) sum += value * value;
  }
  allClose([expectedSquare(3, x, y)], [(3 * sum) / 20 / 20], { relative: 1e-12 });
});

test.run();
