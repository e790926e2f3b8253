/**
 * Gates that do not open independently, and magnitudes, against what they are said to be: counts and conditional
 * probabilities by hand, correlations from the bivariate normal. Each test states the smallest defect that it finds.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawBatch } from '../sim/features.ts';
import { expandGrid } from '../sim/grid.ts';
import { placeOf } from '../sim/latent.ts';
import { normalCdf, normalOf, normalQuantile, normalTable } from '../sim/normal.ts';
import type { Problem } from '../sim/problem.ts';
import { WORDS } from '../sim/random.ts';
import { simd } from '../sim/simd/engine.ts';
import { parseSpec, type SpecInput } from '../sim/spec.ts';
import { tablesOf } from '../sim/table.ts';
import { trainAll } from '../sim/train.ts';
import { allClose } from './allClose.ts';
import { drawSurvivors } from './draws.ts';
import { checkCells, checkMean, checkRate } from './statistics.ts';

const SAMPLES = 2 ** 18;

function problemOf(features: number, input: SpecInput['input'], batch = SAMPLES): Problem {
  const spec = parseSpec({ model: { features, hidden: 1 }, input, training: { batch, steps: 1 } });
  return expandGrid(spec).groups[0].problem;
}

/** SAMPLES samples (SAMPLES, n) of an input. */
const samplesOf = (features: number, input: SpecInput['input']) =>
  drawBatch(problemOf(features, input), 0, 0);

const meanOf = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Number of samples in which `is` holds, of the rows x of a batch. */
function count(x: Float32Array, n: number, is: (row: Float32Array) => boolean): number {
  let found = 0;
  for (let s = 0; s < x.length; s += n) if (is(x.subarray(s, s + n))) found++;
  return found;
}

test('the quantiles of the table are those of the normal, and its draws have its moments', () => {
  allClose([normalCdf(0), normalCdf(1), normalCdf(-1.959963984540054)], [0.5, 0.8413447460685429, 0.025], {
    absolute: 1e-15,
  });
  allClose([normalQuantile(0.975), normalQuantile(1e-7)], [1.959963984540054, -5.199337582192816], {
    absolute: 1e-9,
  });
  let [sum, squares, fourths] = [0, 0, 0];
  for (let word = 0; word < WORDS; word += 16) {
    const z = normalOf(word + 8);
    sum += z;
    squares += z * z;
    fourths += z ** 4;
  }
  const total = WORDS / 16; // errors of the sums are those of the table, not of a sample
  allClose([sum / total, squares / total], [0, 1], { absolute: 2e-4 });
  allClose([fourths / total], [3], { absolute: 2e-3 });
  for (const word of [0, 1, 4095, 4096, 123_456, WORDS - 1]) {
    const exact = normalQuantile((word + 0.5) / WORDS);
    assert.ok(Math.abs(normalOf(word) - exact) < 0.005, `${word}: ${normalOf(word)} ${exact}`);
  }
  assert.is(normalTable().middle[2048], 0);
});

test('magnitudes: 1, and a normal clipped at 0 with the mean and second moment of the formula', () => {
  const ones = samplesOf(3, { density: 0.3, magnitude: 'one' });
  assert.equal([...new Set(ones)].sort(), [0, 1]);
  checkRate(
    count(ones, 3, ([a]) => a === 1),
    SAMPLES,
    0.3,
    0.03,
    'rate of 1',
  );
  const [mean, sd] = [0.5, 0.4];
  const x = samplesOf(1, { density: 1, magnitude: { mean, sd } });
  const ratio = mean / sd; // E max(0, X) = μ Φ(μ/σ) + σ φ(μ/σ), E max(0, X)² = (μ² + σ²) Φ + μ σ φ
  const [cdf, density] = [normalCdf(ratio), Math.exp((-ratio * ratio) / 2) / Math.sqrt(2 * Math.PI)];
  const first = mean * cdf + sd * density;
  const second = (mean * mean + sd * sd) * cdf + mean * sd * density;
  checkMean(meanOf(x), first, Math.sqrt(second - first * first), SAMPLES, 0.01, 'mean');
  checkRate(
    count(x, 1, ([a]) => a === 0),
    SAMPLES,
    1 - cdf,
    0.05,
    'rate of the clipped',
  );
});

test('exactly k are active, and every choice of them is as likely as any other', () => {
  for (const k of [0, 1, 2, 5]) {
    const x = samplesOf(5, { density: { exactly: k }, magnitude: 'one' });
    assert.is(
      count(x, 5, (row) => row.reduce((sum, value) => sum + value, 0) === k),
      SAMPLES,
      `k = ${k}`,
    );
  }
  const pairs = new Array(10).fill(0);
  const x = samplesOf(5, { density: { exactly: 2 }, magnitude: 'one' });
  const codes = new Map<number, number>();
  for (let s = 0; s < x.length; s += 5) {
    const code = x.subarray(s, s + 5).reduce((sum, value, i) => sum + value * 2 ** i, 0);
    if (!codes.has(code)) codes.set(code, codes.size);
    pairs[codes.get(code)!]++;
  }
  assert.is(codes.size, 10);
  checkCells(pairs, new Array(10).fill(0.1), 0.02, 'pairs');
});

test('a power law has the exponent and the expected count that were asked for', () => {
  const { density } = problemOf(20, { density: { exponent: 1.5, expected: 3 } });
  const ratios = [1, 2, 3, 9].map((i) => density[i] / density[i - 1] / ((i + 1) / i) ** -1.5);
  assert.ok(Math.abs(density.reduce((a, b) => a + b, 0) - 3) < 1e-12);
  allClose(ratios.slice(1), [1, 1, 1], { relative: 1e-12 });
  assert.ok(density[0] === 1, 'what would be active more than always is active always');
});

/** P(Z₁ < s, Z₂ < t) of normals with correlation ρ: ∫ φ(z) Φ((t − ρz)/√(1 − ρ²)) dz by Simpson's rule. */
function bothBelow(s: number, t: number, rho: number): number {
  const steps = 2000;
  const width = (s + 8) / steps;
  let sum = 0;
  for (let k = 0; k <= steps; k++) {
    const z = -8 + k * width;
    const weight = k === 0 || k === steps ? 1 : k % 2 === 1 ? 4 : 2;
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    const cut = Math.max(-5.9, Math.min(5.9, (t - rho * z) / Math.sqrt(1 - rho * rho)));
    sum += weight * density * normalCdf(cut);
  }
  return (sum * width) / 3;
}

test('a copula: marginals as asked, and pairs as the bivariate normal of correlation λ_i λ_j has them', () => {
  const [density, loading] = [
    [0.4, 0.4, 0.2, 0.1],
    [1, 0.4, -0.4, 0.6],
  ];
  const x = samplesOf(4, { density, loading, magnitude: 'one' });
  density.forEach((p, i) => {
    checkRate(
      count(x, 4, (row) => row[i] > 0),
      SAMPLES,
      p,
      0.06,
      `marginal ${i}`,
    );
  });
  for (const [i, j] of [
    [0, 1],
    [0, 2],
    [1, 2],
    [2, 3],
  ]) {
    const both = bothBelow(normalQuantile(density[i]), normalQuantile(density[j]), loading[i] * loading[j]);
    const found = count(x, 4, (row) => row[i] > 0 && row[j] > 0);
    checkRate(found, SAMPLES, both, 0.18, `pair ${i}, ${j}`);
  }
});

/** Correlation of gates with open probabilities p and q over normals of correlation ρ, and the spread of one sample's estimate. */
function gateCorrelation(p: number, q: number, rho: number): { r: number; deviation: number } {
  const both = bothBelow(normalQuantile(p), normalQuantile(q), rho);
  const scale = Math.sqrt(p * (1 - p) * q * (1 - q));
  const cells = [
    [both, 1 - p, 1 - q],
    [p - both, 1 - p, -q],
    [q - both, -p, 1 - q],
    [1 - p - q + both, -p, -q],
  ];
  const r = (both - p * q) / scale;
  const square = cells.reduce((sum, [share, a, b]) => sum + share * ((a * b) / scale) ** 2, 0);
  return { r, deviation: Math.sqrt(square - r * r) };
}

/** Checks marginals (6 % is found) and the achieved correlation of every pair of gates (a change of 0.03 is found). */
function checkGates(density: number[], rho: (i: number, j: number) => number, x: Float32Array): void {
  const n = density.length;
  for (let i = 0; i < n; i++) {
    const [p, hits] = [density[i], count(x, n, (row) => row[i] > 0)];
    checkRate(hits, SAMPLES, p, 0.06, `marginal ${i}`);
    for (let j = 0; j < i; j++) {
      const q = density[j];
      const { r, deviation } = gateCorrelation(p, q, rho(i, j));
      const scale = Math.sqrt(p * (1 - p) * q * (1 - q));
      let sum = 0;
      for (let s = 0; s < x.length; s += n)
        sum += ((Number(x[s + i] > 0) - p) * (Number(x[s + j] > 0) - q)) / scale;
      checkMean(sum / SAMPLES, r, deviation, SAMPLES, 0.03, `gates ${i}, ${j}`);
    }
  }
}

test('gates of any correlations: those of the bivariate normal, at their marginals (0.03 is found)', () => {
  const correlation = [
    [1, 0.5, -0.3, 0],
    [0.5, 1, 0.2, 0.7],
    [-0.3, 0.2, 1, 0.1],
    [0, 0.7, 0.1, 1],
  ];
  const density = [0.4, 0.2, 0.5, 0.3];
  const x = samplesOf(4, { density, correlation, magnitude: 'one' });
  checkGates(density, (i, j) => correlation[i][j], x);
});

test('a hub: features 1 to 4 correlate ±0.4 with feature 0 and not with each other (0.03 is found)', () => {
  for (const hub of [0.4, -0.4]) {
    const density = new Array(5).fill(0.4);
    const x = samplesOf(5, { density, correlation: { hub }, magnitude: 'one' });
    checkGates(density, (_, j) => (j === 0 ? hub : 0), x);
  }
  const spec = { model: { features: 5, hidden: 1 }, input: { density: 0.4, correlation: { hub: 0 } } };
  const sweep = [{ path: 'input.correlation.hub', values: [-0.4, 0, 0.4] }];
  const { groups } = expandGrid(parseSpec({ ...spec, sweep }));
  assert.is(groups.length, 1, 'correlations are columns');
  assert.throws(
    () => expandGrid(parseSpec({ ...spec, sweep: [{ path: 'input.correlation.hub', values: [0.4, 0.6] }] })),
    /input\.correlation: expected correlations that normals can have together/,
  );
});

test('a tree: children only with their parent, at their rates, and alone at the rate of that', () => {
  const tree = { parents: [-1, 0, 0, 1], alone: [0, 0, 0.1, 0] };
  const x = samplesOf(4, { density: [0.5, 0.3, 0.6, 0.5], tree, magnitude: 'one' });
  assert.is(
    count(x, 4, (row) => row[1] > 0 && row[0] === 0),
    0,
  );
  assert.is(
    count(x, 4, (row) => row[3] > 0 && row[1] === 0),
    0,
  );
  const given = (is: (row: Float32Array) => boolean, i: number, p: number, what: string) =>
    checkRate(
      count(x, 4, (row) => is(row) && row[i] > 0),
      count(x, 4, is),
      p,
      0.08,
      what,
    );
  given(() => true, 0, 0.5, 'root');
  given((row) => row[0] > 0, 1, 0.3, 'child given parent');
  given((row) => row[0] > 0, 2, 0.6, 'other child given parent');
  given((row) => row[0] === 0, 2, 0.1, 'child alone');
  given((row) => row[1] > 0, 3, 0.5, 'grandchild');
  given((row) => row[0] > 0 && row[1] > 0, 2, 0.6, 'siblings are independent');
});

test('a tree with rates total: a child is active as often as asked, a share of that alone (8 % is found)', () => {
  // the parent is active in 1/4 of samples, the child in 1/10: 30 % of these, 0.03, without the parent
  const tree = { parents: [-1, 0], alone: 0.3, rates: 'total' as const };
  const input = { density: [0.25, 0.1], tree, magnitude: 'one' as const };
  const { density, alone } = problemOf(2, input);
  allClose([...density, ...alone], [0.25, 0.07 / 0.25, 0, 0.03 / 0.75], { relative: 1e-15 });
  const x = samplesOf(2, input);
  const rates = [0.75 - 0.03, 0.25 - 0.07, 0.03, 0.07]; // of the patterns 00, 10, 01, 11
  const counts = [0, 1, 2, 3].map((code) => count(x, 2, ([a, b]) => a + 2 * b === code));
  checkCells(counts, rates, 0.02, 'patterns');
  const swept = { ...input, tree: { ...tree, alone: 0 } };
  const sweep = [{ path: 'input.tree.alone', values: [0, 1] }];
  const { groups } = expandGrid(parseSpec({ model: { features: 2, hidden: 1 }, input: swept, sweep }));
  allClose(groups[0].problem.density, [0.25, 0.4, 0.25, 0], { relative: 1e-15 }, 'strict, and only alone');
});

test('children that exclude each other: never two, each at its rate', () => {
  const tree = { parents: [-1, 0, 0, 0, -1], exclusive: true };
  const x = samplesOf(5, { density: [0.6, 0.2, 0.3, 0.4, 0.5], tree, magnitude: 'one' });
  assert.is(
    count(x, 5, ([, a, b, c]) => a + b + c > 1),
    0,
  );
  const withParent = count(x, 5, ([parent]) => parent > 0);
  [0.2, 0.3, 0.4].forEach((p, k) => {
    checkRate(
      count(x, 5, (row) => row[k + 1] > 0),
      withParent,
      p,
      0.05,
      `child ${k}`,
    );
  });
  checkRate(
    count(x, 5, ([a, , , , e]) => a > 0 && e > 0),
    SAMPLES,
    0.3,
    0.05,
    'roots are independent',
  );
});

test('bumps on a circle: a cos(π d/(2 w)) around a uniform point, of mean 4 w/π · E a (a shift of 0.01 is found)', () => {
  const [n, width] = [8, 0.25];
  const x = samplesOf(n, { density: 1, manifold: { curve: 'circle', width }, magnitude: 'one' });
  for (let i = 0; i < n; i++) {
    const own = x.filter((_, at) => at % n === i);
    // over |u| < 1, ∫ cos(πu/2) is 4/π and ∫ cos²(πu/2) is 1
    const [mean, square] = [(width * 4) / Math.PI, width];
    checkMean(meanOf(own), mean, Math.sqrt(square - mean * mean), SAMPLES, 0.01, `feature ${i}`);
  }
  // a point between two neighbours, 1/8 apart, has phases π d/(2 w) that sum to π/(2 w) · 1/8 = π/4
  const phase = (value: number) => Math.acos(value); // π d/(2 w)
  const between = rowsOf(x, n).filter(([a, b]) => a > 0.7072 && b > 0.7072);
  assert.ok(between.length > 1000);
  for (const [a, b] of between.slice(0, 1000))
    allClose([phase(a) + phase(b)], [Math.PI / 4], { absolute: 1e-3 });
  // every row is what one point of the circle makes of all features: the neighbours of the highest are the next
  const highest = (row: Float32Array) => row.indexOf(Math.max(...row));
  const isBump = (row: Float32Array) => {
    const i = highest(row);
    return row[(i + 4) % n] === 0 && row[(i + 1) % n] + row[(i + n - 1) % n] > 0;
  };
  assert.is(count(x, n, isBump), SAMPLES);
});

test('a figure-eight: two circles that touch, and features of both only near where they do', () => {
  const n = 16;
  const x = samplesOf(n, { density: 0.5, manifold: { curve: 'figure-eight', width: 0.1 }, magnitude: 'one' });
  checkRate(
    count(x, n, (row) => row.some((value) => value > 0)),
    SAMPLES,
    0.5,
    0.03,
    'a point',
  );
  const far = (row: Float32Array, loop: number) => row[8 * loop + 4] > 0; // opposite the touching point
  assert.is(
    count(x, n, (row) => far(row, 0) && row.subarray(8).some((value) => value > 0)),
    0,
  );
  assert.ok(count(x, n, (row) => row[1] > 0 && row[15] > 0) > 0, 'across the touching point');
});

const logistic = (s: number) => 1 / (1 + Math.exp(-s));

test('latent points: rates and pairs are means of σ(10 w·u) over the points (8 % is found)', () => {
  const n = 12;
  const turns = Array.from({ length: n }, (_, j) => (2 * Math.PI * j) / n);
  const curves = {
    circle: (t: number) => [Math.cos(t), Math.sin(t)],
    'figure-eight': (t: number) => [Math.sin(t), Math.sin(2 * t)],
  };
  for (const [shape, at] of Object.entries(curves))
    for (const points of ['places', 'uniform'] as const) {
      const input = { density: 1, magnitude: 'one' as const, latent: { shape: shape as 'circle', points } };
      const x = samplesOf(n, input);
      const fine = Array.from({ length: 4800 }, (_, k) => (2 * Math.PI * k) / 4800);
      const over = points === 'places' ? turns : fine;
      const chance = (j: number, t: number) =>
        logistic(10 * at(turns[j]).reduce((sum, w, k) => sum + w * at(t)[k], 0));
      for (const [i, j] of [[0, 0], [3, 3], [0, 1], [1, 4], [2, 5]]) // biome-ignore format: one line
        checkRate(
          count(x, n, (row) => row[i] > 0 && row[j] > 0),
          SAMPLES,
          over.reduce((sum, t) => sum + chance(i, t) * (i === j ? 1 : chance(j, t)), 0) / over.length,
          0.08,
          `${shape} ${points}: ${i}, ${j}`,
        );
    }
});

test('latent points on a sphere: places on it, half of all features active, less with fewer points (3 % is found)', () => {
  const n = 12;
  const latent = { shape: 'sphere', points: 'uniform' } as const;
  const x = samplesOf(n, { density: 0.5, magnitude: 'one', latent });
  const places = Array.from({ length: n }, (_, j) => placeOf('sphere', j, n));
  for (const place of places) allClose([Math.hypot(...place)], [1], { relative: 1e-12 });
  // on a sphere w·u is uniform on [−1, 1], so that σ(s w·u) has the mean 1/2 whatever s and w are
  for (let j = 0; j < n; j++) {
    const hits = count(x, n, (row) => row[j] > 0);
    checkRate(hits, SAMPLES, 0.25, 0.03, `feature ${j}`);
  }
  const apart = (i: number, j: number) => Math.hypot(...places[i].map((w, k) => w - places[j][k]));
  const nearest = [...Array(n).keys()].slice(1).sort((p, q) => apart(0, p) - apart(0, q));
  const both = (j: number) => count(x, n, (row) => row[0] > 0 && row[j] > 0);
  assert.ok(both(nearest[0]) > 3 * both(nearest[n - 2]), 'near features are active together');
});

test('latent points train where samples are fixed, and are refused by name in kernels where they are not', async () => {
  const latent = { shape: 'circle' } as const;
  const spec = (samples: object): SpecInput => ({
    model: { features: 12, hidden: 2 },
    input: { density: 1, magnitude: 'one', latent, ...samples },
    training: { steps: 3, batch: 16 },
  });
  const fresh = expandGrid(parseSpec(spec({}))).groups[0].problem;
  assert.is(simd.refuses(fresh), 'latent points without fixed samples (input.samples)');
  const fixed = spec({ samples: { count: 50, batches: 'drawn' } });
  const [own] = (await trainAll(fixed, { engine: 'simd' })).groups;
  const [theirs] = (await trainAll(fixed, { engine: 'reference' })).groups;
  allClose(own.losses, theirs.losses, { relative: 1e-5 });
  const sweep = [{ path: 'input.latent.sharpness', values: [1, 10] }];
  const { groups } = expandGrid(parseSpec({ ...fixed, sweep }));
  assert.equal([groups.length, ...groups[0].problem.sharpness], [1, 1, 10]);
  assert.is(tablesOf(groups[0].problem).list.length, 2, 'other sharpness, other samples');
});

const INPUTS: [string, number, SpecInput['input']][] = [
  ['one', 9, { density: 0.3, magnitude: 'one' }],
  ['normal', 9, { density: 0.3, magnitude: { mean: 0.4, sd: 0.5 } }],
  ['exactly', 9, { density: { exactly: 3 }, magnitude: 'signed' }],
  ['exactly none', 9, { density: { exactly: 0 } }],
  ['copula', 9, { density: 0.2, loading: [1, 0.4, -0.4, 0.6, 0, 0.9, -0.9, 0.1, 0.3] }],
  ['copula of ends', 9, { density: [0, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5], loading: 0.5 }],
  ['hub', 9, { density: 0.3, correlation: { hub: -0.3 } }],
  ['gaussian', 3, { density: [0, 0.5, 0.9], correlation: [[1, 1, 0.5], [1, 1, 0.5], [0.5, 0.5, 1]], magnitude: 'one' }], // biome-ignore format: one line
  ['tree', 9, { density: 0.5, tree: { parents: [-1, 0, 0, 1, -1, 4, 4, 6, -1], alone: 0.05 } }],
  ['exclusive', 9, { density: 0.3, tree: { parents: [-1, 0, 0, 0, -1, 4, 4, 6, -1], exclusive: true } }],
  ['circle', 9, { density: 0.7, manifold: { curve: 'circle', width: 0.2 } }],
  ['figure-eight', 9, { density: 0.7, manifold: { curve: 'figure-eight', width: 0.2 }, magnitude: { mean: 1, sd: 0.2 } }], // biome-ignore format: one line
];

const rowsOf = (x: Float32Array, n: number) =>
  Array.from({ length: x.length / n }, (_, s) => [...x.subarray(s * n, (s + 1) * n)]);
const isAny = (row: number[]) => row.some((value) => value !== 0);

for (const [name, n, input] of INPUTS)
  test(`${name}: the kernels draw the samples of features.ts to the bit`, async () => {
    for (const [features, hidden] of [
      [n, 1],
      [n, 12],
    ] as const) {
      const spec = { model: { features, hidden }, input, training: { batch: 103, steps: 1 } };
      const [{ problem }] = expandGrid(parseSpec(spec)).groups;
      const wanted = rowsOf(drawBatch(problem, 0, 4), n);
      for (const shape of ['program', 'rows'] as const) {
        const drawn = rowsOf(await drawSurvivors(problem, 0, 4, shape), n);
        assert.equal(drawn.filter(isAny), wanted.filter(isAny), `${shape} (${features}, ${hidden})`);
      }
    }
  });

test('rules that exclude each other, lists that do not fit and parents that come late are refused by name', () => {
  const issue = (features: number, input: object) => {
    try {
      problemOf(features, input as SpecInput['input']);
    } catch (error) {
      return (error as Error).message;
    }
    return 'accepted';
  };
  assert.match(
    issue(3, { density: { exactly: 4 } }),
    /input\.density\.exactly: expected at most model\.features = 3/,
  );
  assert.match(issue(3, { density: 0.1, loading: [1, 2, 0] }), /input\.loading/);
  assert.match(
    issue(3, { density: 0.1, loading: [1, 0] }),
    /input\.loading: expected a list of model\.features = 3/,
  );
  assert.match(
    issue(2, { density: 1, tree: { parents: [-1, 1] } }),
    /input\.tree\.parents\.1: expected a feature before 1/,
  );
  assert.match(
    issue(3, { density: 0.6, tree: { parents: [-1, 0, 0], exclusive: true } }),
    /input\.density\.2: expected at most 1 for all children of feature 0 together.*got 1\.2/,
  );
  assert.match(
    issue(2, { density: 1, loading: 0.5, tree: { parents: [-1, 0] } }),
    /input\.tree: expected nothing beside input\.loading/,
  );
  assert.match(
    issue(2, { density: [0.1, 0.2], tree: { parents: [-1, 0], rates: 'total' } }),
    /input\.density\.1: expected a probability in \[0, 1\] given the parent, got 2/,
  );
  const matrix = (...rows: number[][]) => issue(2, { density: 0.5, correlation: rows });
  assert.match(
    matrix([1, 0]),
    /input\.correlation: expected model\.features = 2 lists of as many numbers, got 1/,
  );
  assert.match(
    matrix([1, 0.1], [0.2, 1]),
    /input\.correlation\.0\.1: expected 0\.2 as on the other side, got 0\.1/,
  );
  assert.match(
    matrix([1, 0.1], [0.1, 0.9]),
    /input\.correlation\.1\.1: expected 1 on the diagonal, got 0\.9/,
  );
  const far = [[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]; // biome-ignore format: a table
  assert.match(issue(3, { density: 0.5, correlation: far }), /correlations that normals can have together/);
  assert.match(
    issue(2, { density: [1, 1], manifold: { curve: 'circle', width: 0.1 } }),
    /input\.density: expected one number/,
  );
});

test.run();
