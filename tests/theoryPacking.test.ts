/** Bounds on overlaps against codes that are known, and what ignored features cost against a model that ignores them. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { heldOutLoss } from '../sim/evaluate.ts';
import { expandGrid } from '../sim/grid.ts';
import { overlaps } from '../sim/metrics/overlaps.ts';
import { normals } from '../sim/random.ts';
import { reference } from '../sim/reference.ts';
import { parseSpec } from '../sim/spec.ts';
import { ignoredLoss, randomOverlap, welchBound } from '../sim/theory/packing.ts';
import { allClose } from './allClose.ts';

const shape = (features: number, hidden: number) => ({ features, hidden });

test('overlaps of a pentagon, whatever its lengths, by its angles', () => {
  const W = Array.from({ length: 5 }, (_, i) => [0, 1].map((k) => (1 + i) * Math.cos(0.4 * Math.PI * i - k * (Math.PI / 2)))); // biome-ignore format: one matrix
  const squares = [Math.cos(0.4 * Math.PI) ** 2, Math.cos(0.8 * Math.PI) ** 2]; // of five pairs each
  const mean = (squares[0] + squares[1]) / 2;
  const [own] = overlaps({ W: W.flat() }, shape(5, 2));
  allClose([own.mean, own.variance], [mean, ((squares[0] - squares[1]) / 2) ** 2], { relative: 1e-12 });
});

test("tight frames reach Welch's bound: simplex, pentagon, orthogonal bases side by side", () => {
  const simplex = [[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]; // biome-ignore format: one matrix
  const [own] = overlaps({ W: simplex.flat() }, shape(4, 3));
  allClose([own.mean, own.variance, welchBound(4, 3)], [1 / 9, 0, 1 / 9], { absolute: 1e-15 });
  assert.is(welchBound(5, 2), 3 / 8); // the mean of cos² 72° and cos² 144°
  allClose([(Math.cos(0.4 * Math.PI) ** 2 + Math.cos(0.8 * Math.PI) ** 2) / 2], [3 / 8], { relative: 1e-12 });
  const bases = [1, 0, 0, 1, Math.SQRT1_2, Math.SQRT1_2, Math.SQRT1_2, -Math.SQRT1_2];
  allClose([overlaps({ W: bases }, shape(4, 2))[0].mean], [welchBound(4, 2)], { relative: 1e-12 });
  assert.is(welchBound(3, 3), 0);
});

test('directions without length do not count, and one alone has no pair', () => {
  const [two, one] = overlaps({ W: [1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0] }, shape(3, 2));
  allClose([two.mean, two.variance], [0.5, 0], { absolute: 1e-12 });
  assert.ok(Number.isNaN(one.mean));
});

test('random directions have the mean and variance that their formula says', () => {
  const [n, m] = [2000, 6];
  const [own] = overlaps({ W: normals([7, 8], 0, n * m) }, shape(n, m));
  const { mean, variance } = randomOverlap(m);
  allClose([own.mean, own.variance], [mean, variance], { relative: 0.02 }); // 2 million pairs
  allClose([mean, variance], [1 / 6, 10 / (36 * 8)], { relative: 1e-12 });
});

test('a model that keeps its first features exactly loses what the formula says of the others', async () => {
  const spec = { model: { features: 12, hidden: 4 }, input: { density: { exponent: 1, expected: 1 } } };
  const [{ problem }] = expandGrid(parseSpec(spec)).groups;
  const W = Float32Array.from({ length: 48 }, (_, at) => Number(Math.floor(at / 4) === at % 4));
  const [loss] = await heldOutLoss(reference, problem, { W, b: new Float32Array(12) }, 40_000, 1);
  allClose([12 * loss], [ignoredLoss(problem.density, 4, 1 / 3)], { relative: 0.02 }); // v uniform on (0, 1)
  let tail = 0;
  for (let i = 5; i <= 12; i++) tail += 1 / i;
  let all = tail;
  for (let i = 1; i <= 4; i++) all += 1 / i;
  allClose([ignoredLoss(problem.density, 4, 3)], [(3 * tail) / all], { relative: 1e-9 });
});

test.run();
