import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { figures } from '../plots/figures/index.ts';
import { experiments } from '../sim/experiments/index.ts';
import { parseSpec } from '../sim/spec.ts';

test('every experiment has a picture, and every picture an experiment', () => {
  assert.equal(Object.keys(figures).sort(), experiments.map(({ name }) => name).sort());
});

test('names and numbers of the inventory are not used twice', () => {
  for (const key of ['name', 'id'] as const) {
    const all = experiments.map((experiment) => experiment[key]);
    assert.is(new Set(all).size, all.length);
  }
});

for (const experiment of experiments) {
  test(`${experiment.name}: its specs are valid at both scales`, () => {
    for (const scale of ['quick', 'paper'] as const) experiment.specs(scale).map((spec) => parseSpec(spec));
  });
}

test.run();
