/** The functions that stand in for Math's, against 50 and more digits of mathjs; and that nothing else is used. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { all, type BigNumber, create } from 'mathjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { axisPoints, perFeature } from '../sim/curves.ts';
import { cos, exp, log, sin, tanh } from '../sim/elementary.ts';
import { geometric, linearPoints, logPoints, powersOf } from '../sim/precise.ts';
import { draw, type Stream } from '../sim/random.ts';

const big = create(all, { number: 'BigNumber', precision: 60 });
const number = (text: string) => big.bignumber(text);

/** A double as the binary fraction that it is. */
function exactly(x: number): BigNumber {
  let [whole, places] = [x, 0];
  for (; !Number.isInteger(whole); places++) whole *= 2;
  return big.divide(number(BigInt(whole).toString()), big.pow(number('2'), places)) as BigNumber;
}

/** Distance of `got` from the exact value, in units of its last place. */
function errorOf(got: number, want: BigNumber): number {
  const rounded = Math.abs(big.number(want));
  const unit = 2 ** (Math.floor(Math.log2(rounded)) - 52);
  return Math.abs(big.number(big.subtract(exactly(got), want) as BigNumber)) / unit;
}

const stream: Stream = [1, 2];
const uniform = () => draw(stream) / 2 ** 24 + draw(stream) / 2 ** 48;
const between = (low: number, high: number) => low + (high - low) * uniform();

type Case = [own: (x: number) => number, exact: keyof typeof big, units: number, argument: () => number];
const CASES: Case[] = [
  [exp, 'exp', 1, () => between(-1, 1)],
  [exp, 'exp', 1, () => between(-700, 700)],
  [log, 'log', 1, () => between(0, 3)],
  [log, 'log', 1, () => between(0.9, 1.1)],
  [log, 'log', 1, () => 2 ** Math.floor(between(-1000, 1000)) * between(1, 2)],
  [sin, 'sin', 1, () => between(-7, 7)],
  [sin, 'sin', 1, () => between(-1e6, 1e6)],
  [cos, 'cos', 1, () => between(-7, 7)],
  [cos, 'cos', 1, () => Math.PI * (0.5 + Math.floor(between(0, 9))) + between(-1e-6, 1e-6)],
  [tanh, 'tanh', 3, () => between(-1, 1)],
  [tanh, 'tanh', 3, () => between(-22, 22)],
];

for (const [k, [own, name, units, argument]] of CASES.entries()) {
  test(`${name} is within ${units} of the last place (${k})`, () => {
    const exact = big[name] as (x: BigNumber) => BigNumber;
    for (let i = 0; i < 300; i++) {
      const x = argument();
      const error = errorOf(own(x), exact(exactly(x)));
      assert.ok(error <= units, `${name}(${x}): off by ${error}`);
    }
  });
}

test('the ends of the functions are those of Math', () => {
  for (const x of [0, 1e-320, 710, -800, Infinity, -Infinity, NaN]) {
    assert.ok(Object.is(exp(x), Math.exp(x)), `exp ${x}: ${exp(x)}`);
    assert.ok(Object.is(tanh(x), Math.tanh(x)), `tanh ${x}: ${tanh(x)}`);
    assert.ok(
      Object.is(log(x), Math.log(x)) || Math.abs(log(x) - Math.log(x)) < 1e-12,
      `log ${x}: ${log(x)}`,
    );
  }
  assert.equal([log(1), cos(0), sin(0)], [0, 1, 0]);
  assert.throws(() => cos(1e9), /angle: expected at most 2\^20/);
});

test('axes are decimal where their ends are', () => {
  assert.equal(logPoints(1, 1e-5, 6), [1, 0.1, 0.01, 0.001, 0.0001, 0.00001]);
  assert.equal(logPoints(0.001, 1000, 7), [0.001, 0.01, 0.1, 1, 10, 100, 1000]);
  assert.equal(logPoints(0.03, 0.48, 5), [0.03, 0.06, 0.12, 0.24, 0.48]);
  assert.equal(linearPoints(0.1, 1, 10), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
  assert.equal(linearPoints(-0.3, 0.3, 7), [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]);
  assert.equal(axisPoints({ path: 'seed', from: 1, to: 100, count: 3, scale: 'log' }), [1, 10, 100]);
  assert.equal([...perFeature({ from: 1, to: 0.001 }, 4)], [1, 0.1, 0.01, 0.001]);
  assert.equal([...perFeature({ base: 0.1, scale: 3 }, 4)], [3, 0.3, 0.03, 0.003]);
  assert.equal([...perFeature({ from: 2, to: 5 }, 1)], [2]);
});

/** A decimal of so many digits between 1e-8 and 1e4. */
const decimal = (digits: number) => Number((10 ** between(-8, 4)).toPrecision(digits));

test('every point is the double nearest to its exact value', () => {
  for (let i = 0; i < 150; i++) {
    const [from, to, count] = [decimal(1 + (i % 17)), decimal(1 + (i % 5)), 3 + (i % 7)];
    const [a, b] = [number(String(from)), number(String(to))];
    const [spread, linear] = [logPoints(from, to, count), linearPoints(-from, to, count)];
    for (let k = 1; k < count - 1; k++) {
      const t = big.divide(number(String(k)), number(String(count - 1))) as BigNumber;
      const power = big.multiply(a, big.pow(big.divide(b, a) as BigNumber, t) as BigNumber) as BigNumber;
      assert.is(spread[k], Number(power.toString()), `${from} to ${to}, log ${k} of ${count}`);
      const sum = big.add(big.multiply(big.subtract(t, 1) as BigNumber, a), big.multiply(t, b)) as BigNumber;
      assert.is(linear[k], Number(sum.toString()), `${-from} to ${to}, linear ${k} of ${count}`);
    }
  }
});

test('long axes and curves keep their last digit', () => {
  const long = logPoints(1, 1e-3, 3001); // 1,000 steps a decade, beyond the 256 of one stretch
  assert.equal([long[1000], long[2000], long[3000]], [0.1, 0.01, 0.001]);
  assert.is(long[1500], Number((big.pow(number('10'), number('-1.5')) as BigNumber).toString()));
  assert.is(geometric(1, 0.9, 1000)[700], Number((big.pow(number('0.9'), 700) as BigNumber).toString()));
  assert.equal(geometric(0, 0.5, 3), [0, 0, 0]);
  assert.equal(geometric(1, 1e30, 12).slice(10), [1e300, Infinity]);
  assert.is(geometric(1, 1e-30, 20)[19], 0);
  assert.equal(logPoints(1e-300, 1e300, 3), [1e-300, 1, 1e300]);
});

test('the powers of a β are those of the very double', () => {
  for (const beta of [0.9, 0.999, 0.5, 0.99999]) {
    const power = powersOf(beta);
    for (const n of [0, 1, 2, 3, 17, 255, 256, 257, 5000, 511, 4]) {
      assert.is(power(n), Number((big.pow(exactly(beta), n) as BigNumber).toString()), `${beta}^${n}`);
    }
  }
  assert.equal([powersOf(0)(0), powersOf(0)(3), powersOf(0.9)(1e6)], [1, 0, 0]);
});

const DATA_PATH = [
  'train.ts',
  'sweep/sweep.ts',
  'sweep/merge.ts',
  'sweep/adaptive.ts',
  'store/run.ts',
  'evaluate.ts',
];
const ENGINES = ['simd/engine.ts', 'simd/worker.js', 'reference.ts', 'gpu/engine.ts'];

/** What the standard lets engines of JavaScript round as they like. Powers of the literal 2 are exact on all. */
const APPROXIMATE =
  /Math\.(?:pow|expm?1?|log(?:2|10|1p)?|a?(?:sin|cos|tan)h?|atan2|hypot|cbrt)\b|(?<!\b2 )\*\*(?!\/)(?! \d*[Lf])/;

/** The code of a file without comments. */
const codeOf = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');

test('nothing between a spec and its bytes uses a function that engines of JavaScript round differently', async () => {
  const sim = path.join(import.meta.dirname, '../sim');
  const { metafile } = await build({
    entryPoints: [...DATA_PATH, ...ENGINES].map((name) => path.join(sim, name)),
    ...{
      bundle: true,
      write: false,
      outdir: 'unused',
      format: 'esm',
      platform: 'node',
      packages: 'external',
    },
    metafile: true,
  } as never);
  const files = Object.keys(metafile!.inputs).filter((file) => !file.includes('node_modules'));
  assert.ok(files.length > 60, `${files.length} files`);
  const wrong = files.flatMap((file) =>
    codeOf(readFileSync(file, 'utf8'))
      .split('\n')
      .filter((line) => APPROXIMATE.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
  assert.equal(wrong, []);
  for (const line of ['x ** 3', 'Math.exp(x)', 'a.map(Math.log10)', 'Math.hypot(...r)', 'base ** i']) {
    assert.ok(APPROXIMATE.test(line), line);
  }
  for (const line of ['2 ** 24', 'Math.sqrt(x)', 'Math.expand', '2 ** -k'])
    assert.not.ok(APPROXIMATE.test(line), line);
});

test.run();
