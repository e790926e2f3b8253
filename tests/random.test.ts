import jstat from 'jstat';
import { test } from 'uvu';
import {
  draw,
  HELD_OUT_STEP,
  INIT_STEP,
  instanceKey,
  mix,
  normals,
  type Stream,
  sampleStream,
  sampleWord,
  sampleWords,
  stepKey,
  unit,
  WORDS,
} from '../sim/random.ts';
import { allClose } from './allClose.ts';
import { checkDistribution, checkEven, checkMean, checkRate, checkUncorrelated } from './statistics.ts';

const COUNT = 2 ** 20;
const SEED = 20_220_914;

/** Draw number `d` of a sample. */
function nth(seed: number, instance: number, step: number, sample: number, d: number): number {
  const stream = sampleStream(stepKey(instanceKey(seed, instance), step), sampleWord(sample));
  for (let k = 0; k < d; k++) draw(stream);
  return draw(stream);
}

const instance3 = instanceKey(SEED, 3);
const step7 = stepKey(instance3, 7);

/** Ways to walk through the key space; each gives draw number `d` (0-based) of its i-th sample. */
const walks: Record<string, (i: number, d: number) => number> = {
  samples: (i, d) => fromStream(sampleStream(step7, sampleWord(i)), d), // one batch of the largest size
  'batches of 1024': (i, d) => fromStream(sampleStream(stepKey(instance3, i >> 10), sampleWord(i & 1023)), d),
  steps: (i, d) => fromStream(sampleStream(stepKey(instance3, i), sampleWord(5)), d),
  instances: (i, d) => nth(SEED, i, 7, 5, d),
  seeds: (i, d) => nth(i, 3, 7, 5, d),
  'seeds 2^24 apart': (i, d) => nth(i * WORDS + 11, 3, 7, 5, d),
};

function fromStream(stream: Stream, d: number): number {
  for (let k = 0; k < d; k++) draw(stream);
  return draw(stream);
}

/** The first 2048 draws of each of 1024 samples, as many features as a large model has. */
function featureDraws(): Int32Array {
  const out = new Int32Array(COUNT);
  for (let i = 0, stream: Stream = [0, 0]; i < COUNT; i++) {
    if (i % 2048 === 0) stream = sampleStream(step7, sampleWord(i / 2048));
    out[i] = draw(stream);
  }
  return out;
}

/** Draws number `d` of the samples of a walk. */
function sequence(walk: string, d: number): Int32Array {
  if (walk === 'features') return featureDraws();
  return Int32Array.from({ length: COUNT }, (_, i) => walks[walk](i, d));
}

/** Bits of a draw that are looked at: `bits` of them from `shift` upwards. */
const windows = { top: 24, middle: 16, low: 8 };

function counts(cells: number, cellOf: (i: number) => number): Int32Array {
  const out = new Int32Array(cells);
  for (let i = 0; i < COUNT - 2; i++) out[cellOf(i)]++;
  return out;
}

for (const walk of ['features', ...Object.keys(walks)]) {
  const orders = walk === 'features' ? [0] : [0, 1, 2];
  const sequences = orders.map((d) => sequence(walk, d));

  test(`over ${walk}, each byte of a draw is even (a 1.35 % rms deviation of 256 cells is found)`, () => {
    for (const draws of sequences)
      for (const [name, upper] of Object.entries(windows))
        checkEven(
          counts(256, (i) => (draws[i] >>> (upper - 8)) & 255),
          0.0135,
          `${name} byte`,
        );
  });

  test(`over ${walk}, neighbouring draws fill a square evenly (3.2 % rms of 64 × 64 cells is found)`, () => {
    for (const draws of sequences)
      for (const [name, upper] of Object.entries(windows)) {
        const part = (i: number) => (draws[i] >>> (upper - 6)) & 63;
        checkEven(
          counts(4096, (i) => part(i) * 64 + part(i + 1)),
          0.032,
          `${name} bits, neighbours`,
        );
        checkEven(
          counts(4096, (i) => part(i) * 64 + part(i + 2)),
          0.032,
          `${name} bits, next but one`,
        );
      }
  });

  test(`over ${walk}, three draws in a row fill a cube evenly (3.2 % rms of 16³ cells is found)`, () => {
    for (const draws of sequences)
      for (const [name, upper] of Object.entries(windows)) {
        const part = (i: number) => (draws[i] >>> (upper - 4)) & 15;
        checkEven(
          counts(4096, (i) => (part(i) * 16 + part(i + 1)) * 16 + part(i + 2)),
          0.032,
          `${name} bits`,
        );
      }
  });

  test(`over ${walk}, draws are uncorrelated up to 1024 apart (|r| ≥ 0.0085 is found)`, () => {
    for (const draws of sequences)
      for (let lag = 1; lag <= 1024; lag *= 2)
        checkUncorrelated(draws.subarray(0, -lag), draws.subarray(lag), 0.0085, `lag ${lag}`);
  });

  // 1024 pairs of gates with p = 1/32 open together in this sample, and 2048 triples with p = 1/8
  test(`over ${walk}, rare gates open together as rarely as they must (a change of 25 % is found)`, () => {
    for (const draws of sequences) {
      const open = (i: number, p: number) => (draws[i] < p * WORDS ? 1 : 0);
      let pairs = 0;
      let triples = 0;
      for (let i = 0; i < COUNT - 2; i++) {
        pairs += open(i, 1 / 32) & open(i + 1, 1 / 32);
        triples += open(i, 1 / 8) & open(i + 1, 1 / 8) & open(i + 2, 1 / 8);
      }
      checkRate(pairs, COUNT - 2, 1 / 1024, 0.25, 'pairs');
      checkRate(triples, COUNT - 2, 1 / 512, 0.25, 'triples');
    }
  });
}

// Over a batch of 2^21, twice the largest, the draws of a sample depend on each other by 1.7 % rms of 64 × 64 cells: one step
// key leaves only 2^24 streams. It averages out over steps, and no batch in use sees it.
test('the draws of one sample are independent of each other (3.2 % rms of 64 × 64 cells is found)', () => {
  const draws = Array.from({ length: 4 }, (_, d) => sequence('batches of 1024', d));
  for (const [a, b] of [
    [0, 1],
    [0, 2],
    [0, 3],
    [1, 2],
    [1, 3],
  ])
    for (const [name, upper] of Object.entries(windows)) {
      const part = (x: number) => (x >>> (upper - 6)) & 63;
      const cells = counts(4096, (i) => part(draws[a][i]) * 64 + part(draws[b][i]));
      checkEven(cells, 0.032, `${name} bits of draws ${a} and ${b}`);
    }
});

/**
 * Flipping one bit of a key word must flip each bit of the first draw every other time. 2^14 keys a bit, all
 * 24 × 24 pairs of bits: a probability of 0.53 or 0.47 is found.
 */
function checkAvalanche(
  word: (i: number) => number,
  first: (word: number, i: number) => number,
  what: string,
): void {
  const trials = 2 ** 14;
  for (let input = 0; input < 24; input++) {
    const flips = new Int32Array(24);
    for (let i = 0; i < trials; i++) {
      const changed = first(word(i), i) ^ first(word(i) ^ (1 << input), i);
      for (let output = 0; output < 24; output++) flips[output] += (changed >>> output) & 1;
    }
    flips.forEach((count, output) => {
      checkMean(count / trials, 0.5, 0.5, trials, 0.035, `${what} bit ${input} to draw bit ${output}`);
    });
  }
}

const spread = (i: number) => mix(mix(i));
test('a flipped bit of sample, step, instance or seed flips each bit of the first draw with probability ½ ± 0.035', () => {
  checkAvalanche(
    (i) => i & 1023,
    (sample, i) => nth(SEED, i >> 10, 0, sample, 0),
    'sample',
  );
  checkAvalanche(
    (i) => i & 1023,
    (step, i) => nth(SEED, i >> 10, step, 0, 0),
    'step',
  );
  checkAvalanche(
    (i) => i,
    (instance) => nth(SEED, instance, 0, 0, 0),
    'instance',
  );
  checkAvalanche(spread, (low) => nth(5 * WORDS + low, 0, 0, 0, 0), 'seed');
  checkAvalanche(spread, (high) => nth(high * WORDS + 5, 0, 0, 0, 0), 'high seed');
});

/** The three bytes of the differences a ^ b of `count` pairs of words must be even; `detects` is Cohen's w. */
function checkDifferences(
  pairs: (i: number) => [a: number, b: number],
  count: number,
  detects: number,
  what: string,
): void {
  const bytes = [0, 8, 16].map(() => new Int32Array(256));
  for (let i = 0; i < count; i++) {
    const [a, b] = pairs(i);
    bytes.forEach((cells, k) => {
      cells[((a ^ b) >>> (8 * k)) & 255]++;
    });
  }
  for (const k of [0, 1, 2]) checkEven(bytes[k], detects, `${what}, byte ${k}`);
}

// Four rounds a key word instead of six fail here: three of them reach a key's first word.
test('keys of steps or instances one bit apart are unrelated (5.4 % rms of 256 cells of their difference is found)', () => {
  const base = instanceKey(SEED, 0);
  const keys: Record<string, (word: number) => Stream> = {
    step: (word) => stepKey(base, word),
    instance: (word) => instanceKey(SEED, word),
  };
  for (const [name, key] of Object.entries(keys))
    for (let bit = 0; bit < 24; bit++)
      for (const part of [0, 1]) {
        const apart = (i: number): [number, number] => [
          key(spread(i))[part],
          key(spread(i) ^ (1 << bit))[part],
        ];
        checkDifferences(apart, 2 ** 16, 0.054, `${name} bit ${bit}, word ${part} of the key`);
      }
});

// A sample's bare number in place of its word fails here.
test('samples one bit apart are unrelated (1.35 % rms of 256 cells of their difference is found)', () => {
  const batches = [7, 8].map((step) => {
    const key = stepKey(instance3, step);
    return Int32Array.from({ length: COUNT }, (_, s) => draw(sampleStream(key, sampleWord(s))));
  });
  for (let bit = 0; bit < 20; bit++) {
    const pairs = (i: number): [number, number] => {
      const half = i >>> 1;
      const sample = ((half >>> bit) << (bit + 1)) | (half & ((1 << bit) - 1)); // its bit `bit` is 0
      return [batches[i & 1][sample], batches[i & 1][sample | (1 << bit)]];
    };
    checkDifferences(pairs, COUNT, 0.0135, `sample bit ${bit}`);
  }
});

test('gates of one feature in two models, or at two steps, open together at rate p² (a change of 10 % is found)', () => {
  const p = 1 / 16;
  const [models, samples] = [512, 2048];
  const open = (instance: number, step: number, sample: number) =>
    nth(SEED, instance, step, sample, 1) < p * WORDS ? 1 : 0;
  let [acrossModels, acrossSteps] = [0, 0];
  for (let i = 0; i < models; i++)
    for (let s = 0; s < samples; s++) {
      const own = open(i, 0, s);
      if (own === 0) continue;
      acrossModels += open(i + 1, 0, s);
      acrossSteps += open(i, 1, s);
    }
  checkRate(acrossModels, models * samples, p * p, 0.13, 'models');
  checkRate(acrossSteps, models * samples, p * p, 0.13, 'steps');
});

test('F is a bijection of the 24-bit words, so each draw is exactly uniform over the key space', () => {
  const seen = new Uint8Array(WORDS);
  for (let x = 0; x < WORDS; x++) seen[mix(x)]++;
  if (!seen.every((count) => count === 1)) throw new Error('two words share an image');
});

test('a round is the Feistel step that random.ts states, computed here with big integers', () => {
  const stream: Stream = [0x123456, 0xfedcba];
  const product = (0xfedcban * 0xb5ca6dn) % 2n ** 24n;
  const next = 0x123456n ^ (product ^ (product >> 11n));
  allClose([draw(stream), ...stream], [Number(next), 0xfedcba, Number(next)], {});
});

/** The generator as random.ts states it in words, in big integers, with its own constants. */
function drawsStated(seed: bigint, instance: bigint, step: bigint, sample: bigint, count: number): number[] {
  const size = 2n ** 24n;
  const F = (x: bigint) => {
    const p = (x * 0xb5ca6dn) % size;
    return p ^ (p / 2n ** 11n);
  };
  let [a, b] = [0x5eed01n ^ (seed / size), 0n];
  const round = () => {
    [a, b] = [b, a ^ F(b)];
    return Number(b);
  };
  for (const word of [seed % size, instance, step]) {
    b ^= word;
    for (let r = 0; r < 6; r++) round();
  }
  b ^= F(F(F(sample ^ 0x2f6e2bn)));
  round();
  round();
  return Array.from({ length: count }, round);
}

test('draws are those that random.ts states: six rounds a key word, three a sample word', () => {
  for (const [seed, instance, step, sample] of [
    [0, 0, 0, 0],
    [1, 2, 3, 4],
    [SEED, 99_999, 10_000, 1023],
    [2 ** 48 - 1, WORDS - 1, WORDS - 1, 2 ** 20 - 1],
    [5 * WORDS + 17, 1, HELD_OUT_STEP, 70],
  ]) {
    const stated = drawsStated(BigInt(seed), BigInt(instance), BigInt(step), BigInt(sample), 6);
    const drawn = stated.map((_, d) => nth(seed, instance, step, sample, d));
    allClose(drawn, stated, { relative: 0, absolute: 0 }, `seed ${seed}`);
  }
});

test('the words of samples are distinct within the largest batch, and sampleWords lists them', () => {
  const words = sampleWords(2 ** 20);
  if (new Set(words).size !== 2 ** 20) throw new Error('two samples share a word');
  allClose(
    words.subarray(0, 100),
    Array.from({ length: 100 }, (_, s) => sampleWord(s)),
    {},
  );
});

test('keys of 2^20 instances are distinct, and so are those of 2^20 seeds and steps', () => {
  const distinct = (key: (i: number) => Stream, what: string) => {
    const seen = new Set<number>();
    for (let i = 0; i < COUNT; i++) seen.add(key(i)[0] * WORDS + key(i)[1]);
    if (seen.size !== COUNT) throw new Error(`${COUNT - seen.size} ${what} share a key`);
  };
  distinct((i) => instanceKey(SEED, i), 'instances');
  distinct((i) => instanceKey(i * 134_217_689, 0), 'seeds'); // up to 2^48
  distinct((i) => stepKey(instance3, i), 'steps');
});

test('draws are integers in [0, 2^24) and unit maps them to [0, 1)', () => {
  const draws = sequence('features', 0);
  if (draws.some((u) => u < 0 || u >= WORDS)) throw new Error('a draw leaves its range');
  allClose([unit(0), unit(WORDS / 2), unit(WORDS - 1)], [0, 0.5, 1 - 2 ** -24], {});
});

test('steps of training, of held-out samples and of initial weights cannot meet', () => {
  if (!(HELD_OUT_STEP === WORDS / 2 && INIT_STEP === WORDS - 1)) throw new Error('ranges moved');
});

/** `count` weights of each of `models` models. */
function weights(models: number, count: number, part = 0): Float64Array {
  const out = new Float64Array(models * count);
  for (let i = 0; i < models; i++) out.set(normals(instanceKey(SEED, i), part, count), i * count);
  return out;
}

test('normals follow the normal distribution function (a distance of 0.005 is found)', () =>
  checkDistribution(weights(2 ** 14, 32), (x) => jstat.jStat.normal.cdf(x, 0, 1), 0.0065, 'KS'));

test('normals have the moments 0, 1, 0, 3 (shifts of 0.01, 0.014, 0.04, 0.1 are found)', () => {
  const z = weights(2 ** 14, 32);
  const moment = (k: number) => z.reduce((sum, x) => sum + x ** k, 0) / z.length;
  checkMean(moment(1), 0, 1, z.length, 0.012, 'mean');
  checkMean(moment(2), 1, Math.sqrt(2), z.length, 0.016, 'variance');
  checkMean(moment(3), 0, Math.sqrt(15), z.length, 0.045, 'third moment');
  checkMean(moment(4), 3, Math.sqrt(96), z.length, 0.12, 'fourth moment');
});

test('normals of neighbouring weights, tensors and models are uncorrelated, and so are their squares (|r| ≥ 0.012)', () => {
  const z = weights(2 ** 14, 32);
  const other = weights(2 ** 14, 32, 1);
  const square = (x: Float64Array) => x.map((v) => v * v);
  const check = (a: Float64Array, b: Float64Array, what: string) => {
    checkUncorrelated(a, b, 0.012, what);
    checkUncorrelated(square(a), square(b), 0.012, `squares, ${what}`);
  };
  check(z.subarray(0, -1), z.subarray(1), 'neighbours');
  check(z.subarray(0, -2), z.subarray(2), 'next but one');
  check(z.subarray(0, -32), z.subarray(32), 'models');
  check(z, other, 'tensors');
});

test('an odd number of normals is a prefix of a longer one', () =>
  allClose(normals(instance3, 0, 5), normals(instance3, 0, 6).subarray(0, 5), {}));

test.run();
