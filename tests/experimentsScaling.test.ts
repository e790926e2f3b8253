/** The claims on scaling, judged on data that show what the paper says and on data that do not; and their exact numbers. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HIDDEN, type Scaled, scalingExponent, scalingSpec } from '../sim/experiments/scaling.ts';
import { scalingDecay } from '../sim/experiments/scalingDecay.ts';
import { scalingIgnored } from '../sim/experiments/scalingIgnored.ts';
import { scalingOverlaps } from '../sim/experiments/scalingOverlaps.ts';
import { exactExponent, scalingRegimes } from '../sim/experiments/scalingRegimes.ts';
import { expandGrid } from '../sim/grid.ts';
import { parseSpec } from '../sim/spec.ts';
import { allClose } from './allClose.ts';
import { judges } from './judges.ts';

const scaled = (more: Partial<Scaled>): Scaled => ({
  row: 0,
  hidden: 25,
  exponent: 1,
  gamma: -1,
  loss: 1,
  kept: 1000,
  first: 1,
  long: 300,
  ignored: 0,
  ...more,
});

const lengths = (at: number) => new Array<number>(1000).fill(at);
const over = (kept: number[]) => kept.map((own, k) => scaled({ gamma: -1 + k, kept: own, ignored: 1 }));
judges(
  scalingDecay,
  { models: over([1000, 40, 26]), gammas: [-1, 0, 1], norms: [lengths(1), lengths(0.9), lengths(0)] },
  { models: over([300, 900, 400]), gammas: [-1, 0, 1], norms: [lengths(1), lengths(0.5), lengths(0)] },
);

/** Models whose losses fall as m^−a(α). */
const falling = (exponents: number[], a: (alpha: number) => number): Scaled[] =>
  HIDDEN.flatMap((hidden) =>
    exponents.map((exponent) => scaled({ hidden, exponent, loss: hidden ** -a(exponent) })),
  );
const ALPHAS = [0, 1, 1.5, 2];
judges(
  scalingRegimes,
  {
    strong: falling(ALPHAS, (alpha) => Math.max(1, 2 * (alpha - 1))),
    weak: falling(ALPHAS, (alpha) => Math.max(0.1, alpha - 1)),
  },
  { strong: falling(ALPHAS, () => 0.3), weak: falling(ALPHAS, () => 1.8) },
);

judges(
  scalingIgnored,
  {
    models: [
      scaled({ loss: 0.5, ignored: 0.48, kept: 30 }),
      scaled({ loss: 1.33, ignored: 1.333, kept: 0 }),
      scaled({ loss: 0.5, ignored: 0.5, kept: 30, first: 0.1, exponent: 0 }), // equal frequencies have no order
    ],
  },
  { models: [scaled({ loss: 0.5, ignored: 0.2, first: 0.5, kept: 30 })] },
);

const overlapping = (mean: (m: number) => number, variance: (m: number) => number, long: number) =>
  HIDDEN.map((m) => ({
    ...scaled({ hidden: m, long: (long * m * m) / 2 }),
    mean: mean(m),
    variance: variance(m),
  }));
judges(
  scalingOverlaps,
  {
    models: overlapping(
      (m) => 1 / m,
      (m) => 1 / m ** 2,
      0.8,
    ),
  },
  {
    models: overlapping(
      (m) => 0.5 / m,
      (m) => 3 / m ** 2,
      0.1,
    ),
  },
);

test('exponents of exact powers are found, and those of finitely many ignored features by hand', () => {
  const L = HIDDEN.map((m) => 7 * m ** -1.3);
  allClose([scalingExponent(HIDDEN, L)], [1.3], { relative: 1e-12 });
  const tail = HIDDEN.map((m) => {
    let sum = 0;
    for (let i = 1000; i > m; i--) sum += i ** -1.5;
    return Math.log(sum);
  });
  const x = HIDDEN.map(Math.log);
  const n = x.length;
  const of = (values: number[]) => values.reduce((a, b) => a + b, 0);
  const [sx, sy] = [of(x), of(tail)];
  const byHand = (n * of(x.map((v, k) => v * tail[k])) - sx * sy) / (n * of(x.map((v) => v * v)) - sx * sx);
  allClose([exactExponent(1.5)], [-byHand], { relative: 1e-6 });
});

test('a spec of the figures is the setting of the paper, in halves: one group for each m', () => {
  const spec = scalingSpec('quick', { exponent: 1 }, { hidden: [10, 25], gamma: [-1, 0.5] });
  const { groups } = expandGrid(parseSpec(spec));
  assert.equal(
    groups.map(({ problem }) => problem.family.hidden),
    [10, 25],
  );
  for (const { problem, initStd } of groups) {
    assert.equal([...problem.unitPull], [1, 0]);
    assert.equal([...problem.weightDecay], [0, 0, 0.5, 0]); // W and b of two models
    assert.equal([...problem.learningRate], [0.01, 0.005, 0.01, 0.005]);
    allClose(
      initStd,
      [1, 1].map((one) => one / Math.sqrt(problem.family.hidden)),
      {},
    );
    const first = problem.density.slice(0, 1000);
    allClose([first.reduce((a, b) => a + b, 0), first[9] / first[0]], [1, 0.1], { relative: 1e-9 });
  }
});

test.run();
