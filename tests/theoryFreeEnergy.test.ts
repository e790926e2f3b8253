import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { freeEnergy, type Phase, phaseTransitions, preferredPhase } from '../sim/theory/freeEnergy.ts';

const phase = (name: string, level: number, lambda: number, offset = 0): Phase => ({
  name,
  level,
  lambda,
  offset,
});

test('the free energy is n L + λ ln n + c', () => {
  const own = phase('a', 0.5, 3, 7);
  assert.is(freeEnergy(own, 1), 7.5);
  assert.ok(Math.abs(freeEnergy(own, Math.E ** 2) - (0.5 * Math.E ** 2 + 6 + 7)) < 1e-12);
});

test('a phase of less loss and larger λ takes over where n / ln n is the ratio of their differences', () => {
  // chosen to cross at n = e^5: ΔL e^5 = Δλ 5
  const phases = [phase('simple', 5 / Math.E ** 5, 1), phase('complex', 0, 2)];
  assert.is(preferredPhase(phases, 100).name, 'simple');
  assert.is(preferredPhase(phases, 200).name, 'complex');
  const [only, ...others] = phaseTransitions(phases, [20, 50, 100, 1000, 10_000]);
  assert.equal([only.from, only.to, others.length], ['simple', 'complex', 0]);
  assert.ok(Math.abs(only.n - Math.E ** 5) < 1e-6, String(only.n));
});

test('an offset moves the crossing, and a phase that is nowhere least has none', () => {
  // with c = 5 more: ΔL n = ln n + 5 at n = e^5 for ΔL = 10 / e^5
  const phases = [phase('simple', 10 / Math.E ** 5, 1), phase('complex', 0, 2, 5), phase('never', 0, 2, 6)];
  const all = phaseTransitions(phases, [20, 50, 100, 1000, 10_000]);
  assert.equal(
    all.map(({ from, to }) => `${from} ${to}`),
    ['simple complex'],
  );
  assert.ok(Math.abs(all[0].n - Math.E ** 5) < 1e-6);
});

test.run();
