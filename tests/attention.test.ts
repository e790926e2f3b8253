/** Attention heads on skip trigrams, against sums written out here with Math.exp over all sequences of a kind. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawBatch } from '../sim/features.ts';
import { expandGrid } from '../sim/grid.ts';
import {
  headOutputs,
  headsAt,
  scoreTrigrams,
  sequenceOf,
  sharesOf,
  surprises,
} from '../sim/metrics/attention.ts';
import { programFor } from '../sim/models/models.ts';
import { evaluate, type Named } from '../sim/program/evaluate.ts';
import * as ops from '../sim/program/ops.ts';
import { parseSpec, type SpecInput } from '../sim/spec.ts';
import { metricsTable } from '../sim/store/metrics.ts';
import { pairEntropy, pairExcess, pairHead, pairToken } from '../sim/theory/pairs.ts';
import {
  blindExcess,
  constructionExcess,
  sharpnessBound,
  trigramFloor,
  twoHeads,
} from '../sim/theory/trigrams.ts';
import { trainAll } from '../sim/train.ts';
import { allClose } from './allClose.ts';

const specOf = (destinations: number, heads: number, noise = 4, density = 0.5, length = 8): SpecInput => ({
  model: { kind: 'attention', features: 1 + 2 * destinations + noise, hidden: heads },
  input: { density, trigrams: { destinations, length } },
});
const problemOf = (spec: SpecInput) => expandGrid(parseSpec(spec)).groups[0].problem;

/** All ways to share `total` tokens among `kinds`. */
function multisets(kinds: number, total: number): number[][] {
  if (kinds === 1) return [[total]];
  return Array.from({ length: total + 1 }, (_, first) =>
    multisets(kinds - 1, total - first).map((rest) => [first, ...rest]),
  ).flat();
}

/** Every sequence of K = 2, one noise token (V = 6) and L = 5, with or without a source: counts and last token. */
function allSequences(source: boolean): { counts: number[]; last: number }[] {
  return [1, 2].flatMap((last) =>
    multisets(5, source ? 3 : 4).map((others) => {
      const counts = [Number(source), ...others];
      counts[last]++;
      return { counts, last };
    }),
  );
}

/** −ln of the probability of `next`, by the formulas of models/attention.ts. */
function lossByHand(weights: Named, heads: number, counts: number[], last: number, next: number): number {
  const V = counts.length;
  const logits = new Array<number>(V).fill(0);
  for (let h = 0; h < heads; h++) {
    const looks = counts.map((c, v) => c * Math.exp(weights[`QK${h}`][last * V + v]));
    const sum = looks.reduce((a, b) => a + b);
    for (let o = 0; o < V; o++)
      logits[o] += looks.reduce((own, look, v) => own + (look / sum) * weights[`OV${h}`][v * V + o], 0);
  }
  return Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0)) - logits[next];
}

const encode = (counts: number[], last: number, next: number) =>
  counts.map((c, v) => c + 16 * Number(v === last) + 256 * Number(v === next));

test('softmax weights by counts, and is nothing where there are none; cross-entropy is that of the logits', () => {
  const x = ops.input(3);
  const a = ops.param('a', [3]);
  const p = ops.softmax(a, ops.digit(x, 0));
  const z = ops.param('z', [3]);
  const program = ops.programOf([ops.squared(ops.sub(p, z)), ops.crossEntropy(z, ops.digit(x, 2), 2)]);
  const tensors = { a: [0.5, 300, -1], z: [0.2, -0.3, 1] };
  const looks = [2 * Math.exp(0.5), 0, Math.exp(-1)];
  const shares = looks.map((look) => look / (looks[0] + looks[2]));
  const square = shares.reduce((sum, share, j) => sum + (share - tensors.z[j]) ** 2, 0);
  const entropy = Math.log(Math.exp(0.2) + Math.exp(-0.3) + Math.exp(1)) + 0.3;
  const { loss } = evaluate(program, tensors, {}, Float64Array.of(2, 256, 1));
  allClose([loss], [square + 2 * entropy], { relative: 1e-14 });
  const none = evaluate(program, tensors, {}, Float64Array.of(0, 256, 16));
  allClose([none.loss], [0.2 ** 2 + 0.3 ** 2 + 1 + 2 * entropy], { relative: 1e-14 });
  assert.equal([...none.gradients.a], [0, 0, 0]);
  const far = evaluate(program, { a: [1e4, -1e4, 0], z: [1e4, -1e4, 0] }, {}, Float64Array.of(1, 257, 1));
  allClose([far.loss], [(1e4 - 1) ** 2 + 1e8 + 2 * 2e4], { relative: 1e-14 }, 'no overflow');
});

test('digits are those of base 16, fractions left out', () => {
  const digits = [0, 1, 2].map((place) => ops.digit(ops.input(4), place));
  for (const [place, wanted] of [
    [5, 0, 15, 0],
    [0, 1, 15, 0],
    [0, 1, 15, 0],
  ].entries()) {
    const program = ops.programOf([ops.crossEntropy(ops.param('z', [4]), digits[place])]);
    const z = [1, 2, 4, 8];
    const { loss } = evaluate(program, { z }, {}, Float64Array.of(5.9, 272, 4095, 0.5));
    const whole = Math.log(z.reduce((sum, own) => sum + Math.exp(own), 0));
    allClose([loss], [wanted.reduce((sum, t, j) => sum + t * (whole - z[j]), 0)], { relative: 1e-14 });
  }
});

test('the model is its formula, and the metric is the model', async () => {
  const { groups } = await trainAll(
    { ...specOf(2, 3, 1, 0.5, 5), training: { steps: 3, batch: 16, learningRate: 0.1, init: { std: 1 } } },
    { engine: 'reference' },
  );
  const [{ params, problem }] = groups;
  const program = programFor(problem.family, problem.training);
  const heads = headsAt(params, problem.family, 0);
  for (const { counts, last } of [...allSequences(true), ...allSequences(false)].filter(
    (_, k) => k % 7 === 0,
  )) {
    const sample = encode(counts, last, 4);
    const wanted = lossByHand(params, 3, counts, last, 4);
    allClose([evaluate(program, params, {}, Float64Array.from(sample)).loss], [wanted], { relative: 1e-12 });
    const sequence = sequenceOf(sample);
    assert.equal([...sequence.counts], counts);
    assert.is(sequence.last, last);
    assert.is(sequence.next, 4);
    allClose([surprises(heads, sequence)[4]], [wanted], { relative: 1e-12 });
    for (const shares of sharesOf(heads, sequence))
      allClose([shares.reduce((a, b) => a + b)], [1], { absolute: 1e-14 });
    assert.is(headOutputs(heads, sequence).length, 3);
  }
});

test('samples are skip trigrams: counts, places and shares as specified', () => {
  const [K, V, T, p] = [3, 9, 40_000, 0.3];
  const problem = problemOf({ ...specOf(K, 1, 2, p, 6), training: { batch: T } });
  const batch = drawBatch(problem, 0, 0);
  const tallies = {
    source: 0,
    last: new Array(V).fill(0),
    next: new Array(V).fill(0),
    others: new Array(V).fill(0),
  };
  for (let s = 0; s < T; s++) {
    const values = [...batch.subarray(s * V, (s + 1) * V)];
    const [counts, lasts, nexts] = [0, 1, 2].map((place) =>
      values.map((x) => Math.floor(x / 16 ** place) % 16),
    );
    assert.is(
      counts.reduce((a, b) => a + b),
      6,
    );
    assert.equal(
      [lasts, nexts].map((list) => list.reduce((a, b) => a + b)),
      [1, 1],
    );
    const [last, next] = [lasts.indexOf(1), nexts.indexOf(1)];
    assert.ok(last >= 1 && last <= K && counts[last] >= 1);
    assert.ok(counts[0] <= 1, 'at most one source');
    tallies.last[last]++;
    if (counts[0] === 1) {
      tallies.source++;
      assert.is(next, K + last);
    } else {
      tallies.next[next]++;
      counts.forEach((count, v) => {
        tallies.others[v] += count - Number(v === last);
      });
    }
  }
  /** Within five standard errors of a share. */
  const near = (count: number, of: number, share: number, name: string) =>
    assert.ok(
      Math.abs(count - of * share) < 5 * Math.sqrt(of * share * (1 - share)),
      `${name}: ${count} of ${of}`,
    );
  near(tallies.source, T, p, 'source');
  for (let k = 1; k <= K; k++) near(tallies.last[k], T, 1 / K, `last ${k}`);
  const rest = T - tallies.source;
  for (let v = 0; v < V; v++) near(tallies.next[v], rest, 1 / V, `next ${v}`);
  assert.is(tallies.others[0], 0);
  for (let v = 1; v < V; v++) near(tallies.others[v], 5 * rest, 1 / (V - 1), `earlier ${v}`);
});

test('two heads keep their bound on every sequence there is, at any a, and cancel without a source', () => {
  const V = 6;
  for (const a of [0, 0.75, 3, 12, 40])
    for (const b of [3, 5, 9, 60]) {
      const weights = twoHeads(V, 2, a, b);
      const most = b === 60 ? constructionExcess(V, a) : sharpnessBound(V, 5, a, b);
      for (const { counts, last } of allSequences(true)) {
        const loss = lossByHand(weights, 2, counts, last, 2 + last);
        assert.ok(loss <= most + 1e-6, `a = ${a}, b = ${b}: ${counts}: ${loss} above ${most}`);
        if (b === 60) allClose([loss], [Math.log(1 + (V - 1) * Math.exp(-a))], { absolute: 1e-12 });
      }
      for (const { counts, last } of allSequences(false))
        for (let next = 0; next < V; next++)
          allClose([lossByHand(weights, 2, counts, last, next)], [Math.log(V)], { absolute: 1e-12 });
    }
});

test('what the last token alone cannot say is what it misses of the source: one way and the other', () => {
  for (const [V, p] of [
    [9, 0.5],
    [21, 0.1],
    [5, 0.9],
  ]) {
    const q = 1 - p;
    const [own, other] = [p + q / V, q / V];
    const gained =
      p * Math.log(1 / own) + (q / V) * (Math.log(1 / V / own) + (V - 1) * Math.log(1 / V / other));
    allClose([blindExcess(V, p)], [gained], { relative: 1e-12 }, 'Σ p(source) KL(next | source ‖ next)');
    allClose([trigramFloor(V, p)], [q * Math.log(V)], { relative: 1e-14 });
  }
  const blank = { QK0: new Float32Array(81), OV0: new Float32Array(81) };
  const { trigram, rest, excess } = scoreTrigrams(problemOf(specOf(2, 1)), blank, 0, 256);
  allClose([trigram, rest, excess], [Math.log(9), 0, Math.log(9) / 2], { absolute: 1e-12 });
});

test('three trained heads do four trigrams, one does not; the table of a run says so', async () => {
  const training = {
    steps: 1500,
    batch: 128,
    learningRate: 0.01,
    optimizer: 'adam',
    weightDecay: 0,
  } as const;
  const found = [];
  for (const heads of [1, 3]) {
    const result = await trainAll({ ...specOf(4, heads), training, seed: 1 });
    const [group] = result.groups;
    const table = metricsTable(result.grid, group, Float64Array.of(0));
    const value = (name: string) => table.find((column) => column.name === name)!.values[0];
    const { trigram, rest, excess } = scoreTrigrams(group.problem, group.params, 0, 4096);
    assert.equal([value('trigram_loss'), value('rest_excess'), value('excess')], [trigram, rest, excess]);
    found.push(excess / blindExcess(13, 0.5));
  }
  assert.ok(found[0] > 0.2, `one head: ${found[0]}`);
  assert.ok(found[1] < 0.05, `three heads: ${found[1]}`);
});

test('one head tells which two signals came, as the closed form says, on every sequence', () => {
  for (const s of [0, 1.5, 9, 30]) {
    const weights = pairHead(s, 60);
    const { mixed, same } = pairExcess(s);
    const tokens = new Set<number>();
    for (let a = 1; a <= 4; a++)
      for (let b = 1; b <= a; b++) {
        tokens.add(pairToken(a, b));
        assert.is(pairToken(b, a), pairToken(a, b));
        const counts = new Array(22).fill(0);
        for (const token of [0, a, b, 5, 5, 11]) counts[token]++;
        const loss = lossByHand(weights, 1, counts, 0, pairToken(a, b));
        allClose([loss], [a === b ? same : mixed], { absolute: 1e-12 }, `${a}, ${b}`);
      }
    assert.equal(
      [...tokens].sort((p, q) => p - q),
      [12, 13, 14, 15, 16, 17, 18, 19, 20, 21],
    );
  }
  const shares = [...new Array(4).fill(1 / 16), ...new Array(6).fill(2 / 16)];
  allClose([pairEntropy()], [shares.reduce((sum, p) => sum - p * Math.log(p), 0)], { relative: 1e-14 });
});

test('sequences that are given train the same heads on simd as on the reference, and others are refused', async () => {
  const values = [
    [18, 2, 256],
    [17, 257, 1],
    [2, 17, 256],
  ];
  const spec: SpecInput = {
    model: { kind: 'attention', features: 3, hidden: 2 },
    input: { density: 1, samples: { values } },
    training: { steps: 60, learningRate: 0.05, optimizer: 'adam', weightDecay: 0 },
    record: { lossEvery: 1 },
  };
  const [own, wanted] = [
    await trainAll(spec, { engine: 'simd' }),
    await trainAll(spec, { engine: 'reference' }),
  ];
  allClose(own.groups[0].losses, wanted.groups[0].losses, { relative: 1e-3 });
  const { params, losses } = wanted.groups[0];
  const first = values.map((row) => {
    const { counts, last, next } = sequenceOf(row);
    return lossByHand(params, 2, [...counts], last, next);
  });
  assert.ok(
    first.reduce((a, b) => a + b) / 3 < losses[59] + 1e-6,
    'the weights are those after the last loss',
  );
  assert.ok(losses[59] < losses[0] / 4);
  for (const row of [
    [2, 2, 256],
    [18, 2, 0],
    [18, 18, 256],
    [18.5, 2, 256],
    [18, -1, 256],
    [16, 0, 256],
  ])
    assert.throws(
      () => parseSpec({ ...spec, input: { density: 1, samples: { values: [row] } } }),
      /input\.samples\.values\.0: expected counts below 16, 16 more for one last token and 256 more/,
    );
});

test('heads without trigrams, trigrams without heads, and too few tokens are refused by name', () => {
  const refused = (change: object) => {
    try {
      parseSpec({ ...specOf(4, 2), ...change });
    } catch (error) {
      return (error as Error).message;
    }
    return 'accepted';
  };
  const trigrams = { destinations: 4 };
  assert.match(
    refused({ input: { density: 0.5 } }),
    /input\.trigrams: expected skip trigrams for attention, or input\.samples that are given, got "none"/,
  );
  assert.match(
    refused({ model: { features: 13, hidden: 2 } }),
    /input\.trigrams: expected none but for attention, got/,
  );
  assert.match(
    refused({ model: { kind: 'attention', features: 8, hidden: 2 } }),
    /model\.features: expected at least 1 \+ 2 · destinations = 9 tokens, got 8/,
  );
  assert.match(
    refused({ input: { density: [0.5], trigrams } }),
    /input\.density: expected one number for skip trigrams/,
  );
  assert.match(
    refused({ input: { density: 0.5, trigrams: { ...trigrams, length: 16 } } }),
    /input\.trigrams\.length: expected at most 15, got 16/,
  );
  assert.match(
    refused({ input: { density: 0.5, trigrams, loading: 0.5 } }),
    /input\.trigrams: expected nothing beside input\.loading/,
  );
  assert.match(
    refused({ training: { attack: { kind: 'feature', length: 1 } } }),
    /training\.attack: expected no attack on a model of kind attention/,
  );
});

test.run();
