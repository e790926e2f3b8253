/** The story tells no tales: each step, trained from its link to the end, is what its sentences say. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { respond } from '../notebooks/site/diagram.ts';
import { defaults, familyOf, type State, specOf, stateSchema } from '../notebooks/site/state.ts';
import { baseOf, retold, STORY, storyState } from '../notebooks/site/story.ts';
import { fromHash, toHash } from '../notebooks/site/url.ts';
import { keptInWords, shapesOf } from '../notebooks/site/words.ts';
import { chooseEngine } from '../sim/engines.ts';
import { expandGrid } from '../sim/grid.ts';
import type { Model } from '../sim/model.ts';
import { initParams } from '../sim/params.ts';
import { parseSpec } from '../sim/spec.ts';

const STEPS = 8_000;

async function trained(state: State): Promise<Model> {
  const { problem, initStd } = expandGrid(parseSpec(specOf(state))).groups[0];
  const { engine } = await chooseEngine('simd');
  const session = await engine.open(problem, initParams(problem, initStd), { lossEvery: 1_000, threads: 1 });
  await session.run(STEPS);
  const { W, V, b } = await session.read();
  await session.close();
  return { W: Float64Array.from(W), b: Float64Array.from(b), ...(V && { V: Float64Array.from(V) }) };
}

const words = ({ W }: Model, { features, hidden }: State) => keptInWords(shapesOf(W, features, hidden));
const answer = (model: Model, state: State) =>
  respond({ family: familyOf(state), model, on: state.on.map((i) => i - 1) });

/** What the sentences of each step promise. */
const PROMISES: Record<string, (model: Model, state: State) => void> = {
  'A feature': (model, state) => {
    assert.is(words(model, state), '2 of 2 kept: two with a dimension of their own');
    const { xHat, interference } = answer(model, state);
    assert.ok(xHat[0] > 0.9 && interference.length === 0, `${xHat}`);
  },
  'Two in one dimension': (model, state) => {
    assert.is(words(model, state), '1 of 2 kept: one with a dimension of its own');
    assert.ok(Math.abs(model.b[1] - 0.5) < 0.05, 'the mean of the other is its bias');
  },
  'Sparse, so they share': (model, state) => {
    assert.is(words(model, state), '2 of 2 kept: a digon');
    assert.equal(answer(model, state).cut, [1]);
  },
  'The pentagon': (model, state) => assert.is(words(model, state), '5 of 5 kept: a pentagon'),
  'The price': (model, state) => {
    const { interference, cut, xHat } = answer(model, state);
    assert.is(interference.length, 2, `${xHat}`);
    assert.is(cut.length, 2);
  },
  'The phase change': (model, state) => assert.is(words(model, state), '4 of 5 kept: two digons'),
  'Correlated, and collapsed': (model, state) =>
    assert.match(words(model, state), /^6 of 6 kept: three merged pairs: /),
  'Absolute values': ({ W, V }, { features, hidden }) => {
    for (let i = 0; i < features; i++) {
      const row = [...W.subarray(i * hidden, (i + 1) * hidden)].filter((w) => Math.abs(w) > 0.3);
      assert.is(row.length, 2, `${row}`);
      assert.ok(row[0] * row[1] < 0 && V, 'one unit for each sign');
    }
  },
  'Why it matters': ({ W }, { features, hidden }) => {
    const { kept } = shapesOf(W, features, hidden);
    assert.ok(kept.length > hidden, `${kept.length} features in ${hidden} dimensions`);
  },
};

test('every step has a promise that is kept below', () => {
  assert.equal(
    STORY.map(({ title }) => title),
    Object.keys(PROMISES),
  );
});

STORY.forEach(({ title }, k) => {
  test(`${title}: trained from its seed it is that`, async () => {
    const state = storyState(k + 1, defaults);
    PROMISES[title](await trained(state), state);
  });
});

test('a link to a step is its number, and what a visitor changed of it', () => {
  const read = (hash: string) => retold(fromHash(hash, stateSchema, defaults).state, hash);
  const state = storyState(6, defaults);
  assert.is(toHash(state, baseOf(state)), 'story=6');
  assert.equal(read('#story=6'), state);
  const changed = { ...state, density: defaults.density, seed: 5 };
  assert.equal(read(`#${toHash(changed, baseOf(changed))}`), changed);
});

test.run();
