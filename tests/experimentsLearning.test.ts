/** The claims on k-gons and learning coefficients, judged on data that show what the paper says and on data that do not. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ChainCell } from '../sim/experiments/chains.ts';
import { kgonLevels } from '../sim/experiments/kgonLevels.ts';
import { coefficientsByLevel, type Descent, kgonStaircase } from '../sim/experiments/kgonStaircase.ts';
import { levelAt, paperPhases, phasesFrom, placeOf, weightsOf } from '../sim/experiments/kgons.ts';
import { kgonTransition } from '../sim/experiments/kgonTransition.ts';
import { type CalibrationMap, llcCalibration } from '../sim/experiments/llcCalibration.ts';
import { llcKgons } from '../sim/experiments/llcKgons.ts';
import { phaseTransitions } from '../sim/theory/freeEnergy.ts';
import { judges } from './judges.ts';

const phases = phasesFrom(1);
/** A model on the level of phase p, moved by some loss and as a share of ½‖w‖². */
const on = (p: number, loss = 0, half = 0) => ({
  row: 0,
  loss: phases[p].level + loss,
  half: phases[p].half * (1 + half),
  phase: loss === 0 ? p : -1,
});
judges(
  kgonLevels,
  { phases, models: [on(20), on(19), on(19, 0, 0.01)] },
  {
    phases: phases.map((own) => ({
      ...own,
      level: own.level * (1 + own.positive / 9) + 1e-5,
      half: 3,
      lambda: 9,
    })),
    models: [on(20, -0.01), on(19, 0, 0.3), on(18, 2e-3)],
  },
);

const data = () => kgonTransition.data([], { scale: 'quick', engine: {} as never, threads: 1 });
const good = (await data()) as Awaited<ReturnType<typeof data>>;
const wrong = good.phases.map((own) => (own.name === '5⁺' ? { ...own, lambda: 5, level: 0.07 } : own));
const late = { ...good.plain, transitions: phaseTransitions(wrong, good.n) };
judges(kgonTransition, good, { ...good, phases: wrong, plain: late, prior: late }, ['as n grows']);
const none = { ...good.plain, transitions: [] };
judges(kgonTransition, good, { ...good, plain: none, prior: none });

/** A cell whose ten chains all stayed, or all left. */
const cell = (lambda: number, left = 0): ChainCell => ({
  stepSize: 1e-3,
  inverseTemperature: 100,
  localization: 1,
  status: left === 10 ? 'not at a minimum' : 'estimate',
  lambda,
  sd: 0.1,
  stayed: 10 - left,
  left,
  diverged: 0,
});

const map = (name: string, limit: number, exact: number, lambdas: number[]): CalibrationMap => ({
  name,
  limit,
  exact: [exact],
  cells: lambdas.map((lambda) => cell(lambda)),
  expected: lambdas.map(() => exact),
});
const grid = { stepSizes: [1e-4, 3e-4, 1e-3, 1e-2], localizations: [1], inverseTemperature: 100 };
judges(
  llcCalibration,
  { ...grid, squares: map('squares', 2, 2, [1.95, 2.02, 2.05, 2]), crossing: map('crossing', 0.5, 0.48, [0.2, 0.47, 0.48, 0.49]) },
  { ...grid, squares: map('squares', 2, 2, [1, 1.5, 2.6, 4]), crossing: map('crossing', 0.5, 0.48, [0.1, 0.3, 0.32, 0.31]) },
); // biome-ignore format: two maps

/** λ̂ at all step sizes of 5, 5⁺ and 6 at each n. */
const kgonChains = (few: number[], many: number[], left = 0) => ({
  parts: [few, many].flatMap((lambdas, at) =>
    ['5', '5⁺', '6'].map((name, k) => ({
      name,
      samples: [5_000, 500_000][at],
      lambda: [7, 8.5, 8.5][k],
      paper: [
        [7.71, 9.91, 9.03],
        [6.9, 8.41, 8.46],
      ][at][k],
      cells: [0.98, 1, 1.02].map((share) => cell(share * lambdas[k], left)),
      steps: [0, 10],
      traces: [[0, 5]],
    })),
  ),
});
judges(llcKgons, kgonChains([7.5, 9.7, 9], [7, 8.4, 8.5]), kgonChains([11, 7, 7], [3, 12, 4]));
judges(llcKgons, kgonChains([7.5, 9.7, 9], [7, 8.4, 8.5]), kgonChains([-70, -80, -90], [-3, -12, -4], 10));

/** A run on places `phase` with λ̂ there. */
const descent = (phase: number[], lambda: (number | null)[]): Descent => ({
  row: 0,
  loss: phase.map(() => 0.1),
  phase,
  lambda,
  left: 0,
  chains: 10,
});
const staircase = (counts: number[], off: number, upward: number, one: Descent) => ({
  phases: paperPhases(),
  steps: one.phase.map((_, k) => k),
  runs: 10,
  counts,
  off,
  upward,
  stairs: [],
  histogram: { from: 0, width: 1, counts: [] },
  fresh: { on: off < 5 ? 40 : 20, all: 40 },
  descents: [one],
});
judges(
  kgonStaircase,
  staircase([10, 40, 10, 38, 1, 0], 1, 0, descent([-1, 1, 1, 1, 3, 3], [9, 4, 4.2, 4.4, 6.6, 7])),
  staircase([0, 40, 10, 38, 1, 0], 30, 8, descent([-1, 1, 1, 1, 3, 3], [9, 8, 8.2, 8.4, 2, 2.2])),
);

test('λ̂ of a run is its mean on each level, from high to low, without places where all chains left', () => {
  const own = descent([1, 1, 1, -1, 3, 3, 4], [99, 4, null, 50, 6, 8, 9]);
  assert.equal(
    coefficientsByLevel(own, paperPhases()).map(({ name, lambda, count }) => [name, lambda, count]),
    [['5', 7, 2]], // one on 4⁺ behind the start, one on 5⁺: too few
  );
});

test('among six features there are 21 phases of k-gons, and the paper speaks of six', () => {
  assert.is(phases.length, 21);
  assert.equal(
    paperPhases().map(({ name }) => name),
    ['4', '4⁺', '4⁺⁺', '5', '5⁺', '6'],
  );
});

test('weights of a phase stand on its level, whatever its free biases below 0 are', () => {
  const own = paperPhases();
  for (const [p, phase] of own.entries()) {
    for (const free of [-1, -0.3]) {
      const { W, b } = weightsOf(phase, free);
      const placed = placeOf(7, W.flat(), b, own);
      assert.equal([placed.row, placed.phase], [7, p], phase.name);
      assert.ok(Math.abs(placed.half - phase.half) < 1e-9, `${phase.name}: ${placed.half}`);
    }
  }
});

test('a loss further than 3e-4 from every level is on none', () => {
  const own = paperPhases();
  assert.is(levelAt(1 / 9 + 2.9e-4, own), 0);
  assert.is(levelAt(1 / 9 + 3.1e-4, own), -1);
  assert.is(levelAt(0.0618 - 2e-4, own), 4);
});

test('the pentagon gives way to the hexagon at 445 samples, and with the prior at 601', () => {
  // by hand from the table: n 0.02055 = 1.5 ln n, and with 6.37769 − 3.62417 on the right
  for (const [{ transitions: all }, more] of [
    [good.plain, 0],
    [good.prior, 6.37769 - 3.62417],
  ] as const) {
    const { n } = all.find(({ to }) => to === '6')!;
    assert.ok(Math.abs(n * (0.06874 - 0.04819) - 1.5 * Math.log(n) - more) < 0.01, String(n));
  }
});

test.run();
