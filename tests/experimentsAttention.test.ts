import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Trial } from '../sim/experiments/attention.ts';
import { builtHeads, sequencesOf } from '../sim/experiments/attention.ts';
import { attentionCoherent, type CoherentData } from '../sim/experiments/attentionCoherent.ts';
import { attentionConstruction, type ConstructionData } from '../sim/experiments/attentionConstruction.ts';
import { attentionSuccess, type SuccessData } from '../sim/experiments/attentionSuccess.ts';
import { attentionWiring, type WiringData } from '../sim/experiments/attentionWiring.ts';
import { headEdges, headPulls } from '../sim/metrics/wiring.ts';
import { blindExcess } from '../sim/theory/trigrams.ts';
import { judges } from './judges.ts';

/** Heads that keep their bounds, or that lose a hundredth more and prefer a token where they should not. */
function constructionData(right: boolean): ConstructionData {
  const bound = [2, 0.1, 1e-5];
  const lost = bound.map((loss) => loss + (right ? 0 : 0.01));
  const one = { trigram: lost, rest: [0, 0, right ? 0 : 0.1], bound, blurred: lost, blurredBound: bound };
  return {
    strengths: [0, 8, 16],
    sharpnesses: [4, 8, 12],
    strength: 12,
    heads: [2, 32].map((destinations) => ({ destinations, tokens: 2 * destinations + 5, ...one })),
  };
}
judges(attentionConstruction, constructionData(true), constructionData(false));

/** A model that misses this share of what the source can tell. */
const trial = (destinations: number, heads: number, missed: number): Trial => {
  const excess = missed * blindExcess(2 * destinations + 5, 0.5);
  return { row: 0, destinations, heads, trigram: excess, rest: excess, excess };
};

/** Ten models a cell: one head misses half, three nothing, two as often as K says; or all cells alike and one head does it. */
function successData(right: boolean): SuccessData {
  const [destinations, heads] = [
    [2, 4, 8],
    [1, 2, 3],
  ];
  const misses = (K: number, H: number, i: number) => {
    if (!right) return H === 1 || i > 4 ? 0.01 : 0.3;
    return H === 1 || (H === 2 && i >= 12 - (3 * K) / 2) ? 0.5 : 0.01;
  };
  const cell = (K: number, H: number) => Array.from({ length: 10 }, (_, i) => trial(K, H, misses(K, H, i)));
  const begun = Array.from({ length: 10 }, () => trial(8, 2, right ? 0.01 : 0.2));
  return {
    destinations,
    heads,
    trials: destinations.flatMap((K) => heads.flatMap((H) => cell(K, H))),
    begun,
  };
}
judges(attentionSuccess, successData(true), successData(false));

/** Two models of four trigrams: pairs that cancel but for one trigram, or one head that does it all. */
function wiringData(right: boolean): WiringData {
  const pair = [
    { withSource: 3, without: 3 },
    { withSource: 7, without: -2.5 },
  ];
  const plain = [
    { withSource: 5, without: 0.1 },
    { withSource: 5, without: -0.1 },
  ];
  const alone = [
    { withSource: 10, without: 0 },
    { withSource: 0.5, without: 0.1 },
  ];
  const pulls = (last: number) => (right ? (last === 4 ? plain : pair) : alone);
  return {
    destinations: 4,
    models: [],
    tallies: [0, 1].flatMap((row) =>
      [1, 2, 3, 4].map((last) => ({ row, heads: 2, last, pulls: pulls(last) })),
    ),
  };
}
judges(attentionWiring, wiringData(true), wiringData(false));

/** Single heads and pairs that all read the signals, on their closed form; or single heads that do not, and one that is off. */
function coherentData(right: boolean): CoherentData {
  const exact = [3, 0.1, 1e-4];
  const lost = exact.map((loss) => loss + (right ? 0 : 0.01));
  const reader = (heads: number) => {
    const loss = right || heads === 2 ? 0.01 : 0.5;
    return { row: 0, heads, mixed: loss, same: loss, loss };
  };
  return {
    strengths: [0, 12, 30],
    built: { mixed: lost, same: lost },
    bound: { mixed: exact, same: exact },
    entropy: 2.25,
    readers: [1, 1, 1, 2, 2, 2].map(reader),
  };
}
judges(attentionCoherent, coherentData(true), coherentData(false));

test('the wiring of the built heads is what they were built to be', () => {
  const [K, a, V] = [3, 6, 11];
  const own = builtHeads(K, a, 60);
  const sequences = sequencesOf(K, 256);
  const above = a - a / V; // above the mean of what a head adds to all logits
  for (let last = 1; last <= K; last++) {
    const [adds, takes] = headPulls(own, sequences, last, K);
    for (const [got, wanted] of [
      [adds.withSource, above],
      [adds.without, above],
      [takes.withSource, 0],
      [takes.without, -above],
    ])
      assert.ok(Math.abs(got - wanted) < 1e-12, `${got}, not ${wanted}`);
  }
  const edges = headEdges(own, sequences, K);
  assert.is(edges.length, 2 * 2 * K);
  const find = (head: number, from: number, to: number) =>
    edges.find((edge) => edge.head === head && edge.from === from && edge.to === to)!;
  const rounded = ({ logit, withSource, without }: ReturnType<typeof find>) =>
    [logit - Math.sign(logit) * above, withSource, without].map((value) => Math.round(1e9 * value) / 1e9 + 0);
  assert.equal(rounded(find(0, 2, 5)), [0, 1, 1]);
  assert.equal(rounded(find(0, 0, 5)), [0, 0, 0]);
  assert.equal(rounded(find(1, 2, 5)), [0, 0, 1]);
  assert.equal(rounded(find(1, 0, 5)), [0, 1, 0]);
  assert.ok(find(1, 2, 5).logit < 0);
});

test.run();
