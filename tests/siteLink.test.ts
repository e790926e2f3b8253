/** State in a link, and the training that a link replays, without a browser. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PHASE_STEPS } from '../notebooks/site/phaseAxes.ts';
import { phaseDefaults, phaseSchema, phaseSpec, zoomed } from '../notebooks/site/phaseState.ts';
import { PRESETS, presetState } from '../notebooks/site/presets.ts';
import { startRun } from '../notebooks/site/run.ts';
import { defaults, type State, specOf, stateSchema } from '../notebooks/site/state.ts';
import type { Trainer } from '../notebooks/site/trainer.ts';
import { fromHash, toHash } from '../notebooks/site/url.ts';
import type { Session } from '../sim/engine.ts';
import { chooseEngine } from '../sim/engines.ts';
import { expandGrid } from '../sim/grid.ts';
import { initParams } from '../sim/params.ts';
import { parseSpec } from '../sim/spec.ts';

const read = (hash: string) => fromHash(hash, stateSchema, defaults, ['question']);

test('the defaults are an empty link, and an empty link the defaults', () => {
  assert.is(toHash(defaults, defaults), '');
  assert.equal(read(''), { state: defaults, problem: null });
  assert.equal(read('#'), { state: defaults, problem: null });
});

test('every state survives its link', () => {
  const states: State[] = [
    { ...defaults, density: 0.3, seed: 12, question: 'What is 1 + 1? [100 % & more] #2' },
    { ...defaults, question: '17', hide: ['density', 'gram'], edits: [[30, 0.1, 0.9, 0.003], [90, 1, 1, 0.1]] }, // biome-ignore format: one state a line
    ...PRESETS.map((preset) => presetState(preset, defaults)),
  ];
  for (const state of states) assert.equal(read(toHash(state, defaults)), { state, problem: null });
});

const HOSTILE = [
  ['density=2', 'density'],
  ['density=NaN', 'density'],
  ['density=null', 'density'],
  ['features=1e9', 'features'],
  ['features=5.5', 'features'],
  ['features=[5]', 'features'],
  ['colour=red', 'colour'],
  ['__proto__=1', '__proto__'],
  ['constructor=1', 'constructor'],
  ['seed=1&seed=2', 'seed'],
  ['model=%3Cscript%3Ealert(1)%3C/script%3E', 'model'],
  ['edits=[[1,2,3]]', 'edits'],
  [`edits=[${'[1,0.1,0.9,0.003],'.repeat(200)}[1,0.1,0.9,0.003]]`, 'edits'],
  [`edits=${'['.repeat(2_000)}`, 'edits'],
  ['hide=["everything"]', 'hide'],
  ['engine=cpu', 'engine'],
  [`question=${'x'.repeat(501)}`, 'question'],
  [`density=${'9'.repeat(9_000)}`, 'characters'],
];

test('a hostile link is refused with the name of the field, and gives the defaults', () => {
  for (const [hash, field] of HOSTILE) {
    const { state, problem } = read(hash);
    assert.is(state, defaults, hash);
    assert.ok(problem?.includes(field), `${hash.slice(0, 60)}: ${problem}`);
    assert.ok(problem!.length <= 400);
  }
  assert.is(({} as Record<string, unknown>).polluted, undefined);
});

test('no text whatever breaks the reading of a link', () => {
  const entry = fc.tuple(fc.constantFrom(...Object.keys(defaults), '__proto__', 'x'), fc.string());
  const link = fc.oneof(
    fc.string(),
    fc.array(entry).map((e) => new URLSearchParams(e).toString()),
  );
  fc.assert(
    fc.property(link, (hash) => {
      const { state, problem } = read(hash);
      assert.ok(problem === null || state === defaults);
      stateSchema.parse(state);
    }),
    { numRuns: 2_000, seed: 5 },
  );
});

test('every state that a link can hold is a valid spec', () => {
  const choice = fc.record({
    features: fc.integer({ min: 2, max: 12 }),
    hidden: fc.integer({ min: 1, max: 8 }),
    model: fc.constantFrom('relu', 'linear', 'relu-hidden', 'abs'),
    pairs: fc.constantFrom('none', 'correlated', 'anticorrelated'),
    density: fc.double({ min: 0.001, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(choice, (part) => {
      parseSpec(specOf(stateSchema.parse(part)));
    }),
    { seed: 5 },
  );
});

test('a zoomed phase diagram is a sweep whose axes end at the chosen cells', () => {
  const spec = parseSpec(phaseSpec(phaseSchema.parse(zoomed(phaseDefaults, 0, 47, 0, 47))));
  assert.equal(
    spec.sweep.map((axis) => 'from' in axis && [axis.from, axis.to]),
    [[0.1, 10], [0.01, 1]], // biome-ignore format: importance, density
  );
  assert.is(spec.training.steps, PHASE_STEPS);
  const { density } = zoomed({ ...phaseDefaults, cells: 3 }, 1, 2, 0, 2);
  assert.equal(density, [0.1, 1]); // the middle of 0.01 … 1 on a log axis
});

/** The trainer of a page, without its worker. */
async function localTrainer(): Promise<Trainer> {
  const { engine, why } = await chooseEngine('simd');
  let session: Session | null = null;
  return {
    async open({ spec, firstStep, params }) {
      await session?.close();
      const { problem, initStd } = expandGrid(parseSpec(spec)).groups[0];
      const weights = params ?? initParams(problem, initStd);
      session = await engine.open({ ...problem, firstStep }, weights, { lossEvery: 10, threads: 1 });
      const group = { rows: new Int32Array(1), features: problem.family.features, hidden: problem.family.hidden, steps: problem.training.steps, work: [] }; // biome-ignore format: one group
      return { report: { ...session.report, why }, params: weights, group, references: [] };
    },
    async advance(to) {
      const { lossSteps, losses } = await session!.run(to);
      const [params, diverged] = [await session!.read(), await session!.diverged()];
      return { report: session!.report, params, lossSteps, losses, diverged };
    },
    exact: async () => new Float64Array(),
    score: async () => [],
    close: () => void session?.close(),
  };
}

/** Weights after `steps` of a state, trained `pace` steps at a time. */
async function replay(state: State, steps: number, pace: number): Promise<number[]> {
  const trainer = await localTrainer();
  const run = await startRun(trainer, state);
  while (run.now.step < steps) await run.advance(Math.min(steps, run.now.step + pace));
  trainer.close();
  return [...run.now.params.W, ...run.now.params.b];
}

test('what a link replays does not depend on how many steps a frame takes', async () => {
  const state: State = { ...defaults, edits: [[130, 0.3, 0.9, 0.003], [260, 1, 0.5, 0.01]] }; // biome-ignore format: two edits
  const whole = await replay(state, 400, 400);
  assert.equal(await replay(state, 400, 7), whole);
  assert.equal(await replay(state, 400, 30), whole);
  assert.not.equal(await replay({ ...state, edits: [] }, 400, 30), whole);
});

test('an edit while training is what its link replays', async () => {
  const trainer = await localTrainer();
  const run = await startRun(trainer, defaults);
  await run.advance(120);
  await run.edit({ density: 0.5, importance: 0.9, rate: 0.01 });
  await run.advance(200);
  trainer.close();
  const shown = [...run.now.params.W, ...run.now.params.b];
  const linked = read(toHash({ ...defaults, edits: [...run.edits] }, defaults)).state;
  assert.equal(await replay(linked, 200, 30), shown);
});

test.run();
