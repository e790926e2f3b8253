/** The components of the moments of features of a latent point, and what the figure says of them. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LatentSeries } from '../sim/experiments/latent.ts';
import { latentCircle } from '../sim/experiments/latentCircle.ts';
import { evenShare, latentShapes } from '../sim/experiments/latentShapes.ts';
import { expandGrid } from '../sim/grid.ts';
import { parseSpec } from '../sim/spec.ts';
import { readSample, tablesOf } from '../sim/table.ts';
import {
  covarianceOf,
  fromCirculant,
  latentMoments,
  linearLoss,
  principal,
  shareAlong,
  tailOf,
} from '../sim/theory/principal.ts';
import { allClose } from './allClose.ts';
import { judges } from './judges.ts';

test('the covariance is that of samples', () => {
  const spec = parseSpec({
    model: { features: 12, hidden: 1 },
    input: { density: 1, magnitude: 'one', latent: { shape: 'circle' }, samples: { count: 40_000 } },
    training: { steps: 1 },
  });
  const [table] = tablesOf(expandGrid(spec).groups[0].problem).list;
  const both = new Float64Array(144);
  const x = new Float32Array(12);
  for (let t = 0; t < 40_000; t++) {
    readSample(table, t, x);
    for (let at = 0; at < 144; at++) both[at] += (x[Math.floor(at / 12)] * x[at % 12]) / 40_000;
  }
  const C = covarianceOf(latentMoments('circle', 10, 12)); // every mean is ½; a mean of products has an error of at most 0.0025
  allClose(
    both.map((value) => value - 0.25),
    C,
    { absolute: 5 * 0.0025 },
  );
});

test('the exact covariance is circulant, and its eigenvalues are those of its Fourier modes', () => {
  const C = covarianceOf(latentMoments('circle', 10, 12));
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

test('a linear model of the first components and the means loses the tail, another what it leaves', () => {
  const moments = latentMoments('figure-eight', 10, 12);
  const parts = principal(covarianceOf(moments), 12);
  const nothing = new Float64Array(144);
  const A = nothing.map((_, at) => {
    const [i, j] = [Math.floor(at / 12), at % 12];
    return [0, 1, 2].reduce((sum, c) => sum + parts.vectors[i * 12 + c] * parts.vectors[j * 12 + c], 0);
  });
  const b = moments.mean.map(
    (mean, i) => mean - moments.mean.reduce((sum, own, j) => sum + A[i * 12 + j] * own, 0),
  );
  const tail = tailOf(parts, 3);
  allClose([linearLoss(moments, A, b)], [tail], { absolute: 1e-12 });
  const shifted = b.map((value, i) => value + (i < 2 ? 0.3 : 0));
  allClose([linearLoss(moments, A, shifted)], [tail + 2 * 0.09], { absolute: 1e-12 });
  const squares = moments.mean.reduce((sum, mean) => sum + mean, 0); // of features that are 0 or 1
  allClose([linearLoss(moments, nothing, new Float64Array(12))], [squares], { absolute: 1e-12 });
});

test('the loss of a linear model by hand: x is (1, 0) or (0, 2), half and half', () => {
  const moments = { mean: Float64Array.of(0.5, 1), second: Float64Array.of(0.5, 0, 0, 2) };
  const A = [0.5, 0.25, 0.25, 0]; // x' = (0.5, 0.25) + b or (0.5, 0) + b
  const wanted = 0.5 * ((1 - 0.6) ** 2 + 0.15 ** 2) + 0.5 * (0.6 ** 2 + (2 + 0.1) ** 2);
  allClose([linearLoss(moments, A, [0.1, -0.1])], [wanted], { absolute: 1e-12 });
});

const hidden = [2, 3, 4, 5, 6, 7, 8];
const series = (share: (m: number) => number, circulant: number): LatentSeries => ({
  hidden,
  share: hidden.map(share),
  circulant: hidden.map(() => circulant),
});
const losing = (loss: number) => ({ hidden, loss: hidden.map(() => loss) });
const flat = { eigenvalues: [1, 1], tail: hidden.map(() => 1), gram: [] };
judges(
  latentCircle,
  {
    ...flat,
    linear: losing(1.01),
    small: series((m) => 2 / m + 0.02, 0.5),
    large: series((m) => 2 / m + 0.1, 0.05),
    control: series(() => 1 / 6, 0.5),
  },
  {
    ...flat,
    linear: losing(1.05),
    small: series((m) => 2 / m + 0.1, 0.5),
    large: series((m) => 2 / m, 0.5),
    control: series(() => 0.4, 0.5),
  },
);

const shapes = (linear: number, small: (m: number) => number, large: (m: number) => number) => ({
  shapes: [2, 3].map((components) => ({
    name: `${components} components`,
    components,
    eigenvalues: [1, 1, 1],
    tail: hidden.map(() => 1),
    linear: losing(linear),
    small: series((m) => small(evenShare(components, m)), 0),
    large: series((m) => large(evenShare(components, m)), 0),
  })),
});
const shifted = (by: number) => (even: number) => even + by;
judges(latentShapes, shapes(1.01, shifted(0.02), shifted(0.1)), shapes(1.05, shifted(0.1), shifted(0)));

test('moments of points on a sphere and on a figure-eight are those of samples', () => {
  for (const [shape, points] of [
    ['sphere', 'uniform'],
    ['figure-eight', 'places'],
    ['figure-eight', 'uniform'],
  ] as const) {
    const spec = parseSpec({
      model: { features: 5, hidden: 1 },
      input: { density: 1, magnitude: 'one', latent: { shape, points }, samples: { count: 40_000 } },
      training: { steps: 1 },
    });
    const [table] = tablesOf(expandGrid(spec).groups[0].problem).list;
    const both = new Float64Array(25);
    const x = new Float32Array(5);
    for (let t = 0; t < table.samples; t++) {
      readSample(table, t, x);
      for (let at = 0; at < 25; at++) both[at] += (x[Math.floor(at / 5)] * x[at % 5]) / table.samples;
    }
    const { mean, second } = latentMoments(shape, 10, 5, points);
    allClose(both, second, { absolute: 5 * 0.0025 }, `${shape}, ${points}`);
    allClose(mean, [0.5, 0.5, 0.5, 0.5, 0.5], { absolute: shape === 'sphere' ? 1e-3 : 1e-7 });
  }
});

test.run();
