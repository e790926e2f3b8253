import jstat from 'jstat';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { settled, shareAtLeast, shareText, statement } from '../sim/experiments/claims.ts';
import { experiments } from '../sim/experiments/index.ts';
import { counts, kindOf, tally, verdictOf } from '../sim/experiments/verdict.ts';
import { shareOf } from '../sim/metrics/share.ts';

const failing = statement('c', 'TMS; bound ours', '1', '2', false);
const exact = { kind: 'exact', what: 'optimum', value: 3.7, least: 2, most: 3 } as const;
const shortfall = { kind: 'shortfall', what: 'w', reached: 2, best: 1, harder: 'h' } as const;

test('the interval of a share is that of Clopper and Pearson', () => {
  const { beta } = jstat.jStat;
  for (const [count, of] of [
    [0, 7],
    [3, 5],
    [1, 1000],
    [353, 1000],
    [19, 20],
    [20, 20],
  ]) {
    const { low, high } = shareOf(count, of);
    const expected = [
      count === 0 ? 0 : beta.inv(0.025, count, of - count + 1),
      count === of ? 1 : beta.inv(0.975, count + 1, of - count),
    ];
    assert.ok(Math.abs(low - expected[0]) < 1e-9, `${count} of ${of}: ${low} against ${expected[0]}`);
    assert.ok(Math.abs(high - expected[1]) < 1e-9, `${count} of ${of}: ${high} against ${expected[1]}`);
  }
  for (const [count, of] of [[1.5, 2], [3, 2], [-1, 2], [0, 0]]) assert.throws(() => shareOf(count, of), /share/); // biome-ignore format: one line
});

test('a share below its bound is undecided while its interval reaches it', () => {
  assert.is(shareText(3, 5), '3 of 5, 60 % (15 to 95)');
  assert.match(shareAtLeast('c', 'TMS', 3, 5, 0.9).measured, /undecided/);
  assert.not.match(shareAtLeast('c', 'TMS', 30, 50, 0.9).measured, /undecided/);
  assert.is(shareAtLeast('c', 'TMS', 5, 5, 0.9).holds, true);
  assert.is(shareAtLeast('c', 'TMS', 0, 0, 0.9).holds, false);
});

test('a claim belongs to whom its source names', () => {
  assert.is(kindOf({ source: 'TMS; bound ours' }), 'statement');
  assert.is(kindOf({ source: 'exact; tolerance ours' }), 'exact');
  assert.is(kindOf({ source: 'CHEN-F; tolerance ours' }), 'exact');
  assert.is(kindOf({ source: 'NB-check: 26 %' }), 'calibration');
  assert.is(kindOf({ source: 'ARENA copy' }), 'other');
  assert.throws(() => kindOf({ source: 'nobody' as 'TMS' }), /source: expected TMS/);
});

test('a word is earned by numbers: without them, or with numbers that do not say it, a claim is open', () => {
  assert.is(verdictOf({ ...failing, holds: true }), 'holds');
  assert.is(verdictOf(failing), 'open');
  assert.is(verdictOf(settled(failing, exact)), 'contradicted');
  assert.is(verdictOf(settled(failing, { ...exact, value: 2.5 })), 'open');
  assert.is(verdictOf(settled(failing, shortfall)), 'not reached');
  assert.is(verdictOf(settled(failing, { ...shortfall, best: 2 })), 'open');
  assert.is(verdictOf(settled(failing, { kind: 'trial', what: 't', count: 0, of: 9 })), 'open');
  assert.is(verdictOf(settled(failing, shortfall, exact)), 'contradicted');
});

test('counts stand apart by kind, and each verdict is named where it occurs', () => {
  const claims = [
    { ...failing, holds: true },
    settled(failing, exact),
    failing,
    statement('c', 'exact', '1', '1', true),
  ];
  assert.equal(tally(claims), { of: 4, holds: 2, contradicted: 1, 'not reached': 0, open: 1 });
  assert.equal(counts(claims), [
    '1 of 3 statements of the paper hold, 1 contradicted by calculation, 1 open',
    '1 of 1 exact result holds',
  ]);
});

test('every experiment has a name, a number and a paper of its own', () => {
  assert.is(new Set(experiments.map(({ name }) => name)).size, experiments.length);
  assert.is(new Set(experiments.map(({ id }) => id)).size, experiments.length);
});

test.run();
