/** Each preset of the playground, trained to the end from its own seed, is the geometry that its name promises. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PRESETS, presetState } from '../notebooks/site/presets.ts';
import { defaults, specOf } from '../notebooks/site/state.ts';
import { chooseEngine } from '../sim/engines.ts';
import { expandGrid } from '../sim/grid.ts';
import { nameComponents, namePolytope } from '../sim/metrics/polytope.ts';
import { initParams } from '../sim/params.ts';
import { parseSpec } from '../sim/spec.ts';

/** Rows of W. */
type Rows = Float64Array[];

/** W of a preset after each of `stops` updates, with the very spec that the playground trains. */
async function trained(name: string, stops: number[]): Promise<Rows[]> {
  const state = presetState(PRESETS.find((preset) => preset.name === name)!, defaults);
  const { problem, initStd } = expandGrid(parseSpec(specOf(state))).groups[0];
  const { engine } = await chooseEngine('simd');
  const session = await engine.open(problem, initParams(problem, initStd), { lossEvery: 1_000, threads: 1 });
  const all: Rows[] = [];
  for (const stop of stops) {
    await session.run(stop);
    const { W } = await session.read();
    all.push(rowsOf(W, state.hidden));
  }
  await session.close();
  return all;
}

function rowsOf(W: ArrayLike<number>, m: number): Rows {
  return Array.from({ length: W.length / m }, (_, i) =>
    Float64Array.from({ length: m }, (_, k) => W[i * m + k]),
  );
}

const flat = (rows: Rows) => Float64Array.from(rows.flatMap((row) => [...row]));
const named = (rows: Rows) => namePolytope(flat(rows), rows.length, rows[0].length);
const cosine = (a: Float64Array, b: Float64Array) =>
  a.reduce((sum, x, k) => sum + x * b[k], 0) / (Math.hypot(...a) * Math.hypot(...b));
const near = (value: number, target: number, reach: number, what: string) =>
  assert.ok(Math.abs(value - target) < reach, `${what}: ${value}, not ${target}`);

/** Components of features that touch, named, in order. */
function parts(rows: Rows): string[] {
  const shape = { features: rows.length, hidden: rows[0].length };
  return nameComponents({ W: flat(rows) }, shape, 0, 0.3).map(({ name }) => name);
}

/** What each preset's weights must be, in the picture on its button as well as after training. */
const PROMISES: Record<string, (rows: Rows) => void> = {
  Pentagon: (rows) => assert.is(named(rows), 'pentagon'),
  Digons: (rows) => assert.equal(parts(rows), ['digon', 'digon']),
  Triangle: (rows) => assert.is(named(rows), 'triangle'),
  Octahedron: (rows) => assert.is(named(rows), 'octahedron'),
  'Correlated pairs': (rows) => {
    near(cosine(rows[0], rows[1]), 0, 0.1, 'first pair');
    near(cosine(rows[2], rows[3]), 0, 0.1, 'second pair');
    assert.equal(parts(rows), ['digon', 'digon']); // across the pairs
  },
  'Collapse to PCA': (rows) => {
    for (const i of [0, 2, 4]) near(cosine(rows[i], rows[i + 1]), 1, 0.01, `pair ${i / 2 + 1}`);
  },
  'Privileged basis': (rows) => {
    const learned = rows.filter((row) => Math.hypot(...row) > 0.5);
    assert.is(learned.length, 4);
    for (const w of learned.flatMap((row) => [...row.map((x) => Math.abs(x) / Math.hypot(...row))])) {
      assert.ok(w < 0.1 || w > 0.5, `${w} of a feature lies along a neuron`);
    }
  },
  'Absolute value': (rows) => {
    const heard = rows.map((row) => [...row].filter((w) => Math.abs(w) > 0.3));
    for (const [a, b, ...more] of heard) {
      assert.ok(a * b < 0 && more.length === 0, 'a neuron for each sign');
    }
    for (let k = 0; k < rows[0].length; k++) {
      assert.is(rows.filter((row) => Math.abs(row[k]) > 0.3).length, 1, `neuron ${k + 1}`);
    }
  },
};

test('the playground offers the presets of the workshop', () => {
  assert.equal(
    PRESETS.map(({ name }) => name),
    Object.keys(PROMISES),
  );
});

for (const { name, picture } of PRESETS) {
  test(`${name}: the picture on the button is what it promises`, () => {
    PROMISES[name](rowsOf(picture.W, picture.m));
  });
  test(`${name}: trained from its seed it is that, and stays so`, async () => {
    for (const rows of await trained(name, [6_000, 20_000])) PROMISES[name](rows);
  });
}

test.run();
