import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkChoice, checkCode, isVerdict, readSpec } from '../notebooks/exercises/check.ts';
import type { Exercise, Verdict } from '../notebooks/exercises/exercise.ts';
import { exercises } from '../notebooks/exercises/index.ts';
import { trainAll } from '../sim/train.ts';

async function check(exercise: Exercise, answer: string): Promise<Verdict> {
  if (exercise.form === 'code') return checkCode(exercise, answer);
  if (exercise.form === 'choice') return checkChoice(exercise, answer);
  const spec = readSpec(exercise, answer);
  return isVerdict(spec) ? spec : exercise.judge(await trainAll(spec, { engine: 'simd', threads: 1 }));
}

const all = Object.values(exercises).flat();

for (const exercise of all) {
  test(`${exercise.id}: the solution passes`, async () => {
    const verdict = await check(exercise, exercise.solution);
    assert.ok(verdict.passed, verdict.message);
  });

  test(`${exercise.id}: no answer, and the box as it comes, fail with a message`, async () => {
    for (const answer of ['', exercise.stub]) {
      const verdict = await check(exercise, answer);
      assert.not(verdict.passed);
      assert.ok(verdict.message.length > 10, verdict.message);
    }
  });

  test(`${exercise.id}: each listed mistake fails and hears about itself`, async () => {
    for (const { answer, says } of exercise.mistakes) {
      const verdict = await check(exercise, answer);
      assert.not(verdict.passed, `passed: ${answer}`);
      assert.ok(verdict.message.includes(says), `${answer}\n  heard: ${verdict.message}\n  not: ${says}`);
    }
  });
}

test.run();
