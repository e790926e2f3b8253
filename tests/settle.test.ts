import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { onlyEngine } from '../sim/engines.ts';
import { atMost } from '../sim/experiments/claims.ts';
import type { Context, Experiment } from '../sim/experiments/experiment.ts';
import { verdictOf } from '../sim/experiments/verdict.ts';
import { settleLonger } from '../sim/settle/longer.ts';
import { excess, fieldOf, meanLosses, polished, sharedLosses } from '../sim/settle/polish.ts';
import { type KeptEvidence, replaced, withKept } from '../sim/settle/settled.ts';
import { simd } from '../sim/simd/engine.ts';
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

test.run();
