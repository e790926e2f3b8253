/**
 * Samples against their exact distribution, worked out from the densities alone: independent gates are products
 * of probabilities, a correlated set is one gate, an anticorrelated one a gate and a fair choice.
 */
import { combinations } from 'mathjs/number';
import { test } from 'uvu';
import { emptyColumns } from '../sim/columns.ts';
import { type Family, reluOutputFamily } from '../sim/family.ts';
import { drawBatch, drawingOf, drawSample } from '../sim/features.ts';
import { gatesOf, unitsOf } from '../sim/gates.ts';
import type { Problem } from '../sim/problem.ts';
import { draw, HELD_OUT_STEP, instanceKey, sampleStream, sampleWord, stepKey, WORDS } from '../sim/random.ts';
import { ADAMW } from './adamw.ts';
import { allClose } from './allClose.ts';
import { perTensor } from './perTensor.ts';
import { checkCells, checkDistribution, checkMean, checkRate, checkUncorrelated } from './statistics.ts';

const BATCH = 1024;
const STEPS = 256;
const COUNT = BATCH * STEPS;

function familyOf(features: number, more: Partial<Family> = {}): Family {
  return { ...reluOutputFamily(features, 1), ...more };
}

/** Instances of one family with the densities given for each. */
function problemOf(family: Family, densities: number[][], batch = BATCH): Problem {
  const keys = densities.flatMap((_, i) => instanceKey(7, i));
  return {
    family,
    training: { ...ADAMW, batch, steps: STEPS, optimizer: 'sgd' },
    firstStep: 0,
    ...emptyColumns(family, densities.length),
    instances: densities.length,
    keys: Int32Array.from(keys),
    ...emptyColumns(family, densities.length),
    density: Float64Array.from(densities.flat()),
    importance: new Float64Array(densities.flat().length).fill(1),
    learningRate: perTensor(
      family,
      densities.map(() => 0),
    ),
    weightDecay: perTensor(
      family,
      densities.map(() => 0),
    ),
  };
}

/** All samples of the first STEPS batches of one model. Shape (COUNT, n). */
function samplesOf(family: Family, density: number[]): Float32Array {
  const problem = problemOf(family, [density]);
  const out = new Float32Array(COUNT * family.features);
  for (let step = 0; step < STEPS; step++) {
    out.set(drawBatch(problem, 0, step), step * BATCH * family.features);
  }
  return out;
}

/** Counts of the 2^n patterns of active features; bit i of a pattern is feature i. */
function patternCounts(x: Float32Array, n: number): Int32Array {
  const counts = new Int32Array(2 ** n);
  for (let s = 0; s < x.length; s += n) {
    let pattern = 0;
    for (let i = 0; i < n; i++) if (x[s + i] !== 0) pattern |= 1 << i;
    counts[pattern]++;
  }
  return counts;
}

/** Probability of each pattern of independent features. */
function independentPatterns(density: number[]): Float64Array {
  return Float64Array.from({ length: 2 ** density.length }, (_, pattern) =>
    density.reduce((product, p, i) => product * ((pattern >> i) & 1 ? p : 1 - p), 1),
  );
}

/** The values of feature i where it is active. */
function activeValues(x: Float32Array, n: number, i: number): Float64Array {
  const values: number[] = [];
  for (let s = i; s < x.length; s += n) if (x[s] !== 0) values.push(x[s]);
  return Float64Array.from(values);
}

const uniform = (v: number) => Math.min(1, Math.max(0, v));

const mixed = [0.5, 0.05, 1, 0.9, 0, 0.3, 0.01];
for (const density of [mixed, [1, 1, 1], [0, 0, 0], [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], [0.7]]) {
  test(`independent features of density ${density} have the product's pattern frequencies (w ≥ 0.03 is found)`, () => {
    const counts = patternCounts(samplesOf(familyOf(density.length), density), density.length);
    checkCells(counts, independentPatterns(density), 0.03, 'patterns');
  });
}

test('ten features open in pairs and triples as often as independent ones (changes of 8 % and 26 % are found)', () => {
  const n = 10;
  const p = 0.05;
  const x = samplesOf(familyOf(n), new Array(n).fill(p));
  const active = Array.from(
    { length: COUNT },
    (_, s) => x.subarray(s * n, (s + 1) * n).filter((v) => v > 0).length,
  );
  const binomial = Array.from({ length: n + 1 }, (_, k) => combinations(n, k) * p ** k * (1 - p) ** (n - k));
  for (const [size, change] of [
    [2, 0.08],
    [3, 0.26],
  ]) {
    const expected = combinations(n, size) * p ** size; // of the number of groups of `size` that are all active
    const square = binomial.reduce((sum, q, k) => sum + q * (k < size ? 0 : combinations(k, size)) ** 2, 0);
    const mean = active.reduce((sum, k) => sum + (k < size ? 0 : combinations(k, size)), 0) / COUNT;
    checkMean(
      mean,
      expected,
      Math.sqrt(square - expected ** 2),
      COUNT,
      change * expected,
      `groups of ${size}`,
    );
  }
});

test('an active value is uniform on [0, 1), for first and for later units alike (a distance of 0.02 is found)', () => {
  const density = [0.3, 0.3, 1, 0.3];
  const x = samplesOf(familyOf(4), density);
  for (const i of [0, 1, 2, 3]) {
    const values = activeValues(x, 4, i);
    checkDistribution(values, uniform, 0.02, `feature ${i}`);
    if (values.some((v) => v >= 1)) throw new Error(`feature ${i} reaches 1`);
  }
});

test('a signed active value is uniform on [−1, 1) (a distance of 0.02 is found)', () => {
  const x = samplesOf(familyOf(3, { magnitude: 'signed' }), [0.3, 0.5, 1]);
  for (const i of [0, 1, 2]) {
    checkDistribution(activeValues(x, 3, i), (v) => uniform((v + 1) / 2), 0.02, `feature ${i}`);
  }
});

test("a value says nothing about the other features' gates and values (|r| ≥ 0.05 is found)", () => {
  const n = 4;
  const x = samplesOf(familyOf(n), [0.3, 0.4, 0.5, 0.6]);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      const own: number[] = [];
      const gates: number[] = [];
      const values: number[] = [];
      const beside: number[] = [];
      for (let s = 0; s < COUNT; s++) {
        const [a, b] = [x[s * n + i], x[s * n + j]];
        if (a === 0) continue;
        own.push(a);
        gates.push(b === 0 ? 0 : 1);
        if (b === 0) continue;
        values.push(a);
        beside.push(b);
      }
      checkUncorrelated(own, gates, 0.05, `value ${i} and gate ${j}`);
      checkUncorrelated(values, beside, 0.05, `values ${i} and ${j}`);
    }
});

test('samples of neighbouring models, steps and places in the batch are uncorrelated (|r| ≥ 0.04 is found)', () => {
  const density = new Array(3).fill(0.2);
  const problem = problemOf(familyOf(3), [density, density], 2 ** 15);
  const x = drawBatch(problem, 0, 0);
  checkUncorrelated(x, drawBatch(problem, 1, 0), 0.04, 'models');
  checkUncorrelated(x, drawBatch(problem, 0, 1), 0.04, 'steps');
  for (const apart of [1, 2, 3, 4, 8, 64]) {
    checkUncorrelated(x.subarray(0, -3 * apart), x.subarray(3 * apart), 0.04, `${apart} samples apart`);
  }
});

for (const p of [1e-3, 1e-4]) {
  test(`a tiny density ${p} of 50 features gives that many active ones, evenly spread and uniform (10 % of rate is found)`, () => {
    const n = 50;
    const x = samplesOf(familyOf(n), new Array(n).fill(p));
    let active = 0;
    const perFeature = new Int32Array(n);
    const values: number[] = [];
    x.forEach((v, at) => {
      if (v === 0) return;
      active++;
      perFeature[at % n]++;
      values.push(v);
    });
    checkRate(active, COUNT * n, p, p === 1e-3 ? 0.075 : 0.23, 'rate');
    checkCells(perFeature, new Float64Array(n).fill(1 / n), p === 1e-3 ? 0.11 : 0.33, 'features');
    checkDistribution(values, uniform, p === 1e-3 ? 0.05 : 0.13, 'values');
  });
}

test('a correlated set is all or none, its values independent and uniform (w ≥ 0.03, distance 0.03)', () => {
  const family = familyOf(4, { sets: [{ kind: 'correlated', size: 3 }] });
  const x = samplesOf(family, [0.2, 0.2, 0.2, 0.5]);
  const expected = new Float64Array(16); // bits 0–2 are the set, bit 3 is independent
  for (const [pattern, p] of [
    [0b0000, 0.8 * 0.5],
    [0b0111, 0.2 * 0.5],
    [0b1000, 0.8 * 0.5],
    [0b1111, 0.2 * 0.5],
  ])
    expected[pattern] = p;
  checkCells(patternCounts(x, 4), expected, 0.03, 'patterns');
  const [a, b, c] = [0, 1, 2].map((i) => activeValues(x, 4, i));
  for (const values of [a, b, c]) checkDistribution(values, uniform, 0.03, 'values');
  checkUncorrelated(a, b, 0.04, 'values 0 and 1');
  checkUncorrelated(b, c, 0.04, 'values 1 and 2');
});

test('an anticorrelated set has one active member at most, each as often (w ≥ 0.03, distance 0.05)', () => {
  const family = familyOf(4, { sets: [{ kind: 'anticorrelated', size: 3 }] });
  const x = samplesOf(family, [0.3, 0.3, 0.3, 0.5]);
  const expected = new Float64Array(16);
  for (const other of [0, 8]) {
    expected[other] = 0.7 * 0.5;
    for (const member of [1, 2, 4]) expected[other + member] = 0.1 * 0.5;
  }
  checkCells(patternCounts(x, 4), expected, 0.03, 'patterns');
  for (const i of [0, 1, 2]) checkDistribution(activeValues(x, 4, i), uniform, 0.05, `values ${i}`);
});

test('mixed sets and loners keep to the product of their units (w ≥ 0.03 is found)', () => {
  const sets: Family['sets'] = [
    { kind: 'anticorrelated', size: 2 },
    { kind: 'correlated', size: 2 },
    { kind: 'anticorrelated', size: 2 },
  ];
  const density = [0.1, 0.1, 0.6, 0.6, 1, 1, 0.25];
  const pair: Record<string, (p: number) => number[]> = {
    anticorrelated: (p) => [1 - p, p / 2, p / 2, 0], // patterns 00, 01, 10, 11
    correlated: (p) => [1 - p, 0, 0, p],
  };
  const parts = [pair.anticorrelated(0.1), pair.correlated(0.6), pair.anticorrelated(1), [0.75, 0.25]];
  const expected = Float64Array.from(
    { length: 128 },
    (_, k) => parts[0][k & 3] * parts[1][(k >> 2) & 3] * parts[2][(k >> 4) & 3] * parts[3][k >> 6],
  );
  checkCells(patternCounts(samplesOf(familyOf(7, { sets }), density), 7), expected, 0.03, 'patterns');
});

test('thresholds of densities ½ and ¼, by hand', () => {
  const { ints, floats } = gatesOf(problemOf(familyOf(2), [[0.5, 0.25]]), 0);
  allClose(ints.subarray(0, 2), [2 ** 23 - 1, 0.375 * 2 ** 24 - 1], {}, 'floor');
  allClose(ints.subarray(2, 4), [2 ** 23, 2 ** 22], {}, 'open');
  allClose(floats.subarray(4), [2 ** -23, 2 ** -22], {}, 'scale');
});

test('a sample read off its draws by hand: closed, first, later', () => {
  const family = familyOf(3);
  const drawing = drawingOf(problemOf(family, [[0.5, 0.5, 0.5]]), 0);
  const key = stepKey(instanceKey(1, 2), 3);
  const seen = new Set<string>();
  for (let s = 0; s < 200; s++) {
    const stream = sampleStream(key, sampleWord(s));
    const [u0, ...u] = [0, 1, 2, 3].map(() => draw(stream));
    const first = [0.5, 0.25, 0.125].findIndex((p) => u0 >= p * WORDS); // u₀ ≥ ½: unit 0; ≥ ¼: unit 1; …
    const expected = u.map((word, k) => {
      if (first < 0 || k < first) return 0;
      return k === first ? word / WORDS : word < WORDS / 2 ? word / (WORDS / 2) : 0;
    });
    const x = new Float32Array(3);
    drawSample(drawing, sampleStream(key, sampleWord(s)), x);
    allClose(x, expected.map(Math.fround), {}, `sample ${s}`);
    seen.add(`${first} ${expected.filter((v) => v !== 0).length}`);
  }
  if (seen.size < 7) throw new Error(`only ${[...seen]} occurred`);
});

test('units are the sets in order and then the loners', () => {
  const units = unitsOf(
    familyOf(6, {
      sets: [
        { kind: 'correlated', size: 2 },
        { kind: 'anticorrelated', size: 3 },
      ],
    }),
  );
  const seen = units.map(({ kind, start, size }) => `${kind} ${start} ${size}`).join(', ');
  if (seen !== 'correlated 0 2, anticorrelated 2 3, independent 5 1') throw new Error(seen);
});

test('a batch depends on seed, instance and step alone: not on the batch size, nor on the neighbours', () => {
  const density = [0.4, 0.4];
  const alone = drawBatch(problemOf(familyOf(2), [density], 16), 0, 5);
  allClose(
    drawBatch(problemOf(familyOf(2), [density, density, density], 64), 0, 5).subarray(0, 32),
    alone,
    {},
  );
  const later = { ...problemOf(familyOf(2), [density], 16), firstStep: 3 };
  allClose(drawBatch(later, 0, 2), alone, {}, 'firstStep 3, step 2');
  const heldOut = { ...problemOf(familyOf(2), [density], 16), firstStep: HELD_OUT_STEP };
  if (drawBatch(heldOut, 0, 5).every((v, i) => v === alone[i]))
    throw new Error('held-out samples are training ones');
});

test.run();
