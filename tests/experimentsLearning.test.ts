/** The claims on k-gons and learning coefficients, judged on data that show what the paper says and on data that do not. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { kgonLevels } from '../sim/experiments/kgonLevels.ts';
import { levelAt, paperPhases, phasesFrom, placeOf, weightsOf } from '../sim/experiments/kgons.ts';
import { kgonTransition } from '../sim/experiments/kgonTransition.ts';
import { transitions } from '../sim/theory/freeEnergy.ts';
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
const late = { ...good.plain, transitions: transitions(wrong, good.n) };
judges(kgonTransition, good, { ...good, phases: wrong, plain: late, prior: late }, ['as n grows']);
const none = { ...good.plain, transitions: [] };
judges(kgonTransition, good, { ...good, plain: none, prior: none });

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
