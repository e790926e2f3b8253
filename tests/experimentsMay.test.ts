/** The claims on the updates of May 2023, judged on good and bad data; breaks of circles that are made by hand. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { featureManifold } from '../sim/experiments/featureManifold.ts';
import { weightSuperposition } from '../sim/experiments/weightSuperposition.ts';
import { breaksAround } from '../sim/metrics/breaks.ts';
import { judges } from './judges.ts';

const around = (counts: number[]) => ({
  features: 4,
  around: counts.map((breaks, k) => ({
    extent: 2 ** -k,
    breaks: [breaks, breaks, breaks + 3],
    loss: [0.1, 0.1, 0.1],
    W: [1, 0, 0, 1, -1, 0, 0, -1],
  })),
});
judges(featureManifold, around([0, 1, 4, 8]), around([9, 8, 4, 1]));
judges(featureManifold, around([0, 2, 3, 4]), around([1, 2, 2, 4]));

const layer = (count: number, found: number, off = 0) => ({
  count,
  wanted: off > 0 ? [0.9, 0.8] : [1.2, 0.9],
  interference: new Array<number>(60).fill(1 / 60),
  found,
  square: (1 + off) * count,
  expected: count,
  off,
});
judges(
  weightSuperposition,
  { features: [80, 80], hidden: 20, layers: [layer(20, 0.9), layer(80, 0.5)], identity: 1e-16 },
  { features: [10, 10], hidden: 20, layers: [layer(20, 0.3, 0.5), layer(80, 0.5, 0.5)], identity: 0.1 },
);

/** Directions at these angles in degrees, of these lengths. */
const at = (degrees: number[], lengths = degrees.map(() => 1)) =>
  degrees.flatMap((angle, i) => [Math.cos, Math.sin].map((f) => lengths[i] * f((angle * Math.PI) / 180)));
const shape = (features: number) => ({ features, hidden: 2 });

test('breaks of circles: smooth, in three clusters, with a short direction, two models at once', () => {
  const smooth = Array.from({ length: 36 }, (_, i) => 10 * i);
  assert.equal([...breaksAround({ W: at(smooth) }, shape(36))], [0]);
  assert.equal([...breaksAround({ W: at([0, 5, 120, 125, 240, 245]) }, shape(6))], [3]);
  assert.equal([...breaksAround({ W: at([0, 170, 20, 40], [1, 0.05, 1, 1]) }, shape(4))], [1]); // 40° back to 0°
  assert.equal([...breaksAround({ W: [...at([0, 180]), ...at([0, 10])] }, shape(2))], [2, 0]);
  assert.equal([...breaksAround({ W: at([0, 25.8]) }, shape(2))], [0]); // cos 25.84° = 0.9
  assert.equal([...breaksAround({ W: at([0, 25.9]) }, shape(2))], [2]);
});

test.run();
