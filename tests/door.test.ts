import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaults, specOf, stateSchema } from '../notebooks/site/state.ts';
import { fromHash } from '../notebooks/site/url.ts';
import { doorOf, playgroundLink } from '../plots/door.ts';
import { ranges } from '../plots/page.ts';
import { experiments, findExperiment } from '../sim/experiments/index.ts';
import { expandGrid } from '../sim/grid.ts';
import { takeRows } from '../sim/problem.ts';
import { parseSpec } from '../sim/spec.ts';

const near = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).every((value, i) => Math.abs(value - b[i]) < 1e-6);

test('the playground link of every figure that has one leads to models of the same kind, density and importance', () => {
  let links = 0;
  for (const experiment of experiments) {
    for (const spec of experiment.specs('quick')) {
      const { groups, rows } = expandGrid(parseSpec(spec));
      const link = playgroundLink(spec, rows - 1);
      if (!link) continue;
      links++;
      const { state, problem } = fromHash(link.slice(link.indexOf('#')), stateSchema, defaults);
      assert.is(problem, null, link);
      const [own] = expandGrid(parseSpec(specOf(state))).groups;
      const group = groups.find((one) => one.rows.includes(rows - 1))!;
      const last = takeRows(group.problem, [group.rows.indexOf(rows - 1)]);
      assert.equal(own.problem.family, last.family, link);
      assert.ok(
        near(own.problem.density, last.density) && near(own.problem.importance, last.importance),
        link,
      );
    }
  }
  assert.ok(links >= 8, `${links}`);
});

test('a model that the playground cannot hold has no link', () => {
  assert.is(playgroundLink({ model: { features: 20, hidden: 5 }, input: { density: 0.1 } }, 0), null);
  assert.is(
    playgroundLink({ model: { features: 3, hidden: 2 }, input: { density: [0.1, 0.2, 0.1] } }, 0),
    null,
  );
});

test('the door of a claim names its spec, its rows and the command that trains them', () => {
  const experiment = findExperiment('intro')!;
  const claim = { text: 'c', expected: '', source: 'TMS', measured: '', holds: true, models: { spec: 1, rows: [49] } } as const; // biome-ignore format: one line
  const door = doorOf({ ...claim, models: { spec: 1, rows: [49] } }, {
    experiment,
    scale: 'quick',
  } as never)!;
  assert.equal(door.specs, [1]);
  assert.equal(door.rows, [49]);
  assert.match(door.command, /^superpose train intro --scale quick/);
  assert.match(door.playground!, /density=0.05/);
});

test('runs of rows are shortened', () => {
  assert.is(ranges([0, 1, 2, 3, 7, 9, 10]), '0–3, 7, 9, 10');
});

test.run();
