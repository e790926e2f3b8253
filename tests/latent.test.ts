/** Binary features of a latent point, and the components of their moments. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type LatentSeries, latentCircle } from '../sim/experiments/latentCircle.ts';
import { expandGrid } from '../sim/grid.ts';
import { latentCovariance, placeOf, probabilityAt } from '../sim/latent.ts';
import { parseSpec } from '../sim/spec.ts';
import { readSample, tablesOf } from '../sim/table.ts';
import { fromCirculant, principal, shareAlong, tailOf } from '../sim/theory/principal.ts';
import { allClose } from './allClose.ts';
import { judges } from './judges.ts';
import { checkRate } from './statistics.ts';

const CIRCLE = { shape: 'circle', steepness: 10 } as const;

function tableOf(latent: object, count: number) {
  const spec = parseSpec({
    model: { features: 12, hidden: 1 },
    input: { density: 0.5, samples: { count, latent } },
    training: { steps: 1 },
  } as never);
  return tablesOf(expandGrid(spec).groups[0].problem).list[0];
}

test('features are 1 as often as σ(10 w·u) says, at every place of the circle', () => {
  const count = 12 * 4_000;
  const table = tableOf(CIRCLE, count);
  const x = new Float32Array(12);
  const ones = new Float64Array(12);
  for (let t = 0; t < count; t += 12) {
    readSample(table, t, x); // the point is that of feature 0
    for (let j = 0; j < 12; j++) ones[j] += x[j];
  }
  for (let j = 2; j <= 4; j++) {
    const p = 1 / (1 + Math.exp(-10 * Math.cos((2 * Math.PI * j) / 12)));
    allClose([probabilityAt(CIRCLE, placeOf(CIRCLE, 0, 12), j, 12)], [p], { relative: 1e-12 });
    checkRate(ones[j], 4_000, p, 2, `feature ${j}`);
  }
  assert.equal([ones[0], ones[6]], [4_000, 0], 'σ(±10) is 4.5e-5 from certain');
});

test('the exact covariance is circulant, and its eigenvalues are those of its Fourier modes', () => {
  const C = latentCovariance(CIRCLE, 12);
  assert.ok(fromCirculant(C, 12) < 1e-12);
  const { values, vectors } = principal(C, 12);
  const mode = (k: number) =>
    C.slice(0, 12).reduce((sum, value, j) => sum + value * Math.cos((2 * Math.PI * k * j) / 12), 0);
  const modes = Array.from({ length: 12 }, (_, k) => mode(k)).sort((a, b) => b - a);
  allClose(values, modes, { absolute: 1e-12 });
  allClose([tailOf({ values, vectors }, 10)], [modes[10] + modes[11]], { absolute: 1e-12 });
  allClose(
    [
      shareAlong(
        { values, vectors },
        vectors.map((v, at) => (at % 12 < 2 ? v : 0)),
        12,
        2,
      ),
    ],
    [1],
    {
      absolute: 1e-12,
    },
  );
});

test('a sphere gives every feature the same chance, and a figure-eight goes through its middle', () => {
  const table = tableOf({ shape: 'sphere', steepness: 10 }, 20_000);
  const ones = new Float64Array(12);
  for (const i of table.indices) ones[i]++;
  for (let j = 0; j < 12; j++) checkRate(ones[j], 20_000, 0.5, 0.06, `feature ${j}`);
  allClose(placeOf({ shape: 'figure-eight', steepness: 1 }, 3, 12), [1, 0], { absolute: 1e-12 });
  allClose(placeOf({ shape: 'figure-eight', steepness: 1 }, 6, 12), [0, 0], { absolute: 1e-12 });
  assert.throws(() => latentCovariance({ shape: 'sphere', steepness: 1 }, 12), /circle or figure-eight/);
});

const hidden = [2, 3, 4, 5, 6, 7, 8];
const series = (share: (m: number) => number, circulant: number, loss: number): LatentSeries => ({
  hidden,
  share: hidden.map(share),
  circulant: hidden.map(() => circulant),
  loss: hidden.map(() => loss),
});
const flat = { eigenvalues: [1, 1], tail: hidden.map(() => 1), gram: [] };
judges(
  latentCircle,
  {
    ...flat,
    linear: series(() => 0, 0, 1.01),
    small: series((m) => 2 / m + 0.02, 0.5, 0),
    large: series((m) => 2 / m + 0.1, 0.05, 0),
    control: series(() => 1 / 6, 0.5, 0),
  },
  {
    ...flat,
    linear: series(() => 0, 0, 1.05),
    small: series((m) => 2 / m + 0.1, 0.5, 0),
    large: series((m) => 2 / m, 0.5, 0),
    control: series(() => 0.4, 0.5, 0),
  },
);

test.run();
