import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { onlyEngine } from '../sim/engines.ts';
import { atMost } from '../sim/experiments/claims.ts';
import type { Context, Experiment } from '../sim/experiments/experiment.ts';
import { verdictOf } from '../sim/experiments/verdict.ts';
import { settleLonger } from '../sim/settle/longer.ts';
import { excess, fieldOf, meanLosses, polished, sharedLosses } from '../sim/settle/polish.ts';
import { SUBJECTS } from '../sim/settle/settings.ts';
import { type KeptEvidence, replaced, withKept } from '../sim/settle/settled.ts';
import { simd } from '../sim/simd/engine.ts';
import { parseSpec, type Spec } from '../sim/spec.ts';
import { trainAll } from '../sim/train.ts';
import { tinyExperiment } from './settleExperiment.ts';

const context: Context = { scale: 'quick', engine: onlyEngine(simd), threads: 1 };
const kept = (over: Partial<KeptEvidence>): KeptEvidence => ({
  figure: 'f',
  text: 'c',
  scale: 'quick',
  date: '2026-01-01',
  command: 'superpose settle f',
  evidence: [{ kind: 'exact', what: 'w', value: 2, most: 1 }],
  ...over,
});

test('kept evidence goes to the claim of its figure and text, losses that were reached at its scale only', () => {
  const claim = atMost('c', 'TMS', 2, 1);
  const [found] = withKept([claim], 'f', 'quick', [kept({})]);
  assert.is(verdictOf(found), 'contradicted');
  for (const other of [kept({ figure: 'g' }), kept({ text: 'd' })]) {
    assert.is(withKept([claim], 'f', 'quick', [other])[0], claim);
  }
  assert.is(
    verdictOf(withKept([claim], 'f', 'paper', [kept({})])[0]),
    'contradicted',
    'exact numbers hold at any scale',
  );
  const reached = kept({ evidence: [{ kind: 'shortfall', what: 'w', reached: 2, best: 1, harder: 'h' }] });
  assert.is(verdictOf(withKept([claim], 'f', 'quick', [reached])[0]), 'not reached');
  assert.is(withKept([claim], 'f', 'paper', [reached])[0], claim);
});

test('fresh evidence replaces what was kept of the same figure and scale', () => {
  const old = [kept({ text: 'old' }), kept({ figure: 'g' }), kept({ scale: 'paper' })];
  const after = replaced(old, [kept({ text: 'new' })]);
  assert.equal(
    after.map(({ figure, scale, text }) => [figure, scale, text]),
    [
      ['g', 'quick', 'c'],
      ['f', 'paper', 'c'],
      ['f', 'quick', 'new'],
    ],
  );
});

test('a model that is trained on from its weights loses less, on the same samples, by more than their spread', async () => {
  const { groups } = await trainAll(
    {
      model: { features: 5, hidden: 2 },
      input: { density: 0.1 },
      training: { steps: 100, batch: 64 },
      replicas: 2,
    },
    { engine: 'simd', threads: 1 },
  );
  const field = fieldOf(groups[0], [1, 1]);
  assert.equal(field.problem.keys.slice(0, 2), field.problem.keys.slice(2));
  const after = await polished(field, { steps: 500, batch: 256, learningRate: 3e-3 }, context);
  const params = { W: field.params.W.slice(), b: field.params.b.slice() };
  params.W.set(after.params.W.subarray(10), 10);
  params.b.set(after.params.b.subarray(5), 5);
  const losses = await sharedLosses({ problem: field.problem, params }, context);
  const { value, error } = excess(losses, 1, 0);
  assert.ok(value < -10 * error && error > 0, `${value} ± ${error}`);
  assert.ok(meanLosses(losses)[1] < meanLosses(losses)[0]);
});

test('a claim that fails after the own steps and holds after more of them was not reached', async () => {
  const [own] = await settleLonger(tinyExperiment as Experiment, 20, context);
  assert.is(own.figure, 'tiny');
  assert.is(verdictOf({ holds: false, evidence: own.evidence }), 'not reached');
});

test('settings change one thing each, and a statement is counted on the models of its own cell', () => {
  const { spec, settings } = SUBJECTS.intro;
  const own = parseSpec(spec);
  const restOf = ({ training: _, input: __, ...rest }: Spec) => rest;
  for (const [name, edit] of Object.entries(settings)) {
    const { training, input, ...rest } = parseSpec(edit(spec));
    const changed = (Object.keys(training) as (keyof typeof training)[]).filter(
      (key) => JSON.stringify(training[key]) !== JSON.stringify(own.training[key]),
    );
    assert.equal(rest, restOf(own), name);
    const moved = changed.length + Number(JSON.stringify(input) !== JSON.stringify(own.input));
    assert.is(moved, name === "the figure's own" ? 0 : 1, name);
  }
});

test('two antipodal pairs and pentagons made by hand are counted, each in its own cell', async () => {
  const star = (angles: (number | null)[]) =>
    angles.flatMap((angle) => (angle === null ? [0, 0] : [Math.cos(angle), Math.sin(angle)]));
  const pentagon = star([0, 1, 2, 3, 4].map((k) => (2 * Math.PI * k) / 5));
  const digons = star([0, Math.PI, Math.PI / 2, -Math.PI / 2, null]);
  const { spec } = SUBJECTS.intro;
  const result = await trainAll({ ...spec, training: { steps: 1, batch: 4 }, replicas: 2 });
  result.groups[0].params.W.set([digons, pentagon, pentagon, pentagon].flat());
  assert.equal(
    SUBJECTS.intro.count(result).map(({ count, of }) => [count, of]),
    [
      [1, 2],
      [2, 2],
    ],
  );
});

test.run();
