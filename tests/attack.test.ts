/** Adversarial training: where samples are moved, by hand and by finite differences of the model's own loss. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { resolveAttack, shownBatch } from '../sim/attack.ts';
import type { Attack } from '../sim/family.ts';
import { drawBatch } from '../sim/features.ts';
import { expandGrid } from '../sim/grid.ts';
import { forward, type Model, sampleLoss } from '../sim/model.ts';
import { initParams, takeModel } from '../sim/params.ts';
import { parseSpec } from '../sim/spec.ts';
import { allClose } from './allClose.ts';
import './zoo.ts';

/** A problem of one instance under an attack, its weights as a model, and its first batch. */
function attacked(kind: Attack['kind'], of: Attack['of'], length: number, density = 0.7) {
  const spec = parseSpec({
    model: { features: 4, hidden: 2, tied: false },
    input: { density, importance: { base: 0.8 } },
    training: { steps: 1, batch: 8, attack: { kind, length, of } },
  });
  const [{ problem, initStd }] = expandGrid(spec).groups;
  const model = takeModel(initParams(problem, initStd), problem.family, 0);
  model.b.set([0.1, 0.2, 0.05, 0.3]); // some outputs are on for every sample
  const resolved = resolveAttack(problem);
  const batch = drawBatch(resolved, 0, 0);
  const shown = shownBatch(resolved, 0, 7, { ...model } as Record<string, Float64Array>, batch);
  return { problem: resolved, model, batch, shown };
}

const rowOf = (array: ArrayLike<number>, s: number) => Array.from({ length: 4 }, (_, j) => array[4 * s + j]);
const lengthOf = (vector: number[]) => Math.hypot(...vector);

test('a feature attack moves sample s of word t along row (⌊s/4⌋ + t) mod n of V Wᵀ', () => {
  const { model, batch, shown } = attacked('feature', 'own', 0.5);
  const { W, V = W } = model;
  for (let s = 0; s < 8; s++) {
    const [x, seen] = [rowOf(batch, s), rowOf(shown, s)];
    const i = (Math.floor(s / 4) + 7) % 4;
    const G = [0, 1, 2, 3].map((j) => V[2 * i] * W[2 * j] + V[2 * i + 1] * W[2 * j + 1]);
    const expected = x.map((value, j) => value + (0.5 * lengthOf(x) * G[j]) / lengthOf(G));
    allClose(seen, expected, { relative: 1e-12, absolute: 1e-12 }, `sample ${s}`);
  }
});

/** Loss of one sample x of a model that is shown `seen`. */
function lossOf(model: Model, { problem }: ReturnType<typeof attacked>, x: number[], seen: number[]): number {
  const { family, importance } = problem;
  return sampleLoss(family, forward(family, model, seen), x, importance, 0);
}

test('a gradient attack moves a sample along the gradient of its own loss, by finite differences', () => {
  const own = attacked('gradient', 'own', 0.5);
  for (let s = 0; s < 8; s++) {
    const [x, seen] = [rowOf(own.batch, s), rowOf(own.shown, s)];
    const slope = x.map((_, j) => {
      const at = (step: number) => x.map((value, k) => (k === j ? value + step : value));
      return (lossOf(own.model, own, x, at(1e-6)) - lossOf(own.model, own, x, at(-1e-6))) / 2e-6;
    });
    const expected = x.map((value, j) => value + (0.5 * lengthOf(x) * slope[j]) / (lengthOf(slope) || 1));
    allClose(seen, expected, { absolute: 1e-6 }, `sample ${s}`);
  }
});

test('a share of the mean input is the same length for every sample: of one dense feature it is a half', () => {
  const { problem } = attacked('feature', 'mean', 0.4, 1);
  const { batch, shown } = attacked('feature', 'mean', 0.4, 1);
  for (let s = 0; s < 8; s++) {
    const moved = rowOf(shown, s).map((value, j) => value - rowOf(batch, s)[j]);
    allClose([lengthOf(moved)], [problem.attack[0]], { relative: 1e-12 });
  }
  const single = parseSpec({
    model: { features: 1, hidden: 1 },
    input: { density: 1 },
    training: { steps: 1, attack: { kind: 'feature', length: 0.4 } },
  });
  const [group] = expandGrid(single).groups;
  // the mean of 4,096 draws of U(0, 1) has a standard deviation of 0.0045
  allClose(resolveAttack(group.problem).attack, [0.4 * 0.5], { absolute: 0.4 * 4 * 0.0045 });
});

test('lengths are a column, kinds are not, and nothing is moved without an attack', () => {
  const groups = (sweep: object[], attack?: object) =>
    expandGrid(
      parseSpec({
        model: { features: 2, hidden: 1 },
        input: { density: 1 },
        training: { steps: 1, ...(attack && { attack }) },
        sweep,
      } as never),
    ).groups;
  const lengths = { path: 'training.attack.length', values: [0, 0.5, 1] };
  const [group, ...others] = groups([lengths], { kind: 'gradient', length: 0 });
  assert.is(others.length, 0);
  allClose(group.problem.attack, [0, 0.5, 1], {});
  const [plain] = groups([]);
  assert.is(plain.problem.training.attack, undefined);
  const batch = drawBatch(plain.problem, 0, 0);
  assert.is(shownBatch(plain.problem, 0, 0, {}, batch), batch);
});

test('a model that does not say what it is shown cannot be attacked', () => {
  const spec = {
    model: { kind: 'double', features: 2, hidden: 1 },
    input: { density: 1 },
    training: { attack: { kind: 'feature', length: 1 } },
  };
  assert.throws(() => parseSpec(spec), /training\.attack: expected no attack on a model of kind double/);
});

test.run();
