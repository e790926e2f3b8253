/** Right answers in the forms that people write them in pass, and near misses are told what they are. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkCode } from '../notebooks/exercises/checkCode.ts';
import { evaluate } from '../notebooks/exercises/evaluate.ts';
import { type CodeExercise, code } from '../notebooks/exercises/exercise.ts';
import { exercises } from '../notebooks/exercises/index.ts';

const power: CodeExercise = code({
  id: 'power',
  title: 'A power',
  dots: 1,
  minutes: 1,
  stub: 'function power(n, p) {\n  // p to the n\n}',
  probes: [
    [2, 0.5],
    [3, 0.2],
  ],
  expected: (n, p) => p ** n,
  solution: 'function power(n, p) {\n  return p ** n;\n}',
  why: 'That is it.',
  hints: [],
  mistakes: [],
});

const FORMS = {
  'as it was asked': 'function power(n, p) {\n  return p ** n;\n}',
  'an arrow': '(n, p) => p ** n',
  'an arrow with a semicolon and a comment': '(n, p) => p ** n; // mine',
  'a const': 'const f = (n, p) => p ** n;',
  'a let, assigned later': 'let f;\nf = (n, p) => p ** n;',
  'a helper before it':
    'function times(a, b) { return a * b; }\nfunction power(n, p) {\n  let y = 1;\n  for (let k = 0; k < n; k++) y = times(y, p);\n  return y;\n}',
  'two tries, the last counts':
    'function power(n, p) { return n; }\nfunction power2(n, p) { return p ** n; }',
  'a bare return': 'return p ** n;',
  'statements and a bare return': 'const y = Math.log(p) * n;\nreturn Math.exp(y);',
  'a bare expression': 'p ** n',
  'Math.pow': 'Math.pow(p, n)',
};

for (const [name, text] of Object.entries(FORMS)) {
  test(`the right answer passes as ${name}`, () => {
    const { passed, message } = checkCode(power, text);
    assert.is(passed, true, message);
  });
}

test('a wrong answer fails in every one of these forms', () => {
  for (const text of Object.values(FORMS)) {
    const wrong = text.replaceAll('p ** n', 'p * n').replace('Math.pow(p, n)', 'Math.pow(n, p)').replace('Math.log(p) * n', 'Math.log(p) + n').replace('a * b', 'a + b'); // biome-ignore format: one chain
    assert.is.not(wrong, text);
    assert.is(checkCode(power, wrong).passed, false, wrong);
  }
});

test('^ is explained, but not in a comment; a missing return too', () => {
  assert.match(checkCode(power, '(n, p) => p ^ n').message, /A power is written a \*\* b in JavaScript; \^/);
  assert.not.match(checkCode(power, '(n, p) => p * n // not p ^ n').message, /compares bits/);
  assert.match(
    checkCode(power, 'function power(n, p) { p ** n }').message,
    /returns nothing. Is there a return\?/,
  );
});

test('a rounded number is close, another is not', () => {
  const value = { ...power, stub: '', probes: [], expected: () => 4 / 7 };
  assert.match(checkCode(value, '0.571').message, /Close: give two more digits\./);
  assert.not.match(checkCode(value, '0.6').message, /Close/);
  assert.is(checkCode(value, '4 / 7').passed, true);
});

test('a typed array is a list', () => {
  const list = { ...power, expected: (n: number, p: number) => [n, [p]] };
  assert.is(checkCode(list, '(n, p) => [n, Float64Array.of(p)]').passed, true);
  assert.is(checkCode(list, '(n, p) => [n, Float64Array.of(n)]').passed, false);
});

test('every solution of the notebooks passes as a const and, where it has parameters, after a helper', () => {
  const all = Object.values(exercises).flat().filter((exercise) => exercise.form === 'code'); // biome-ignore format: one list
  assert.ok(all.length > 20);
  for (const exercise of all) {
    const forms = [exercise.solution, `const mine = ${exercise.solution.replace(/;\s*$/, '')};`, `const helper = 1;\nconst mine = ${exercise.solution.replace(/;\s*$/, '')};`]; // biome-ignore format: one list
    for (const text of forms) assert.is(checkCode(exercise, text).passed, true, `${exercise.id}: ${text}`);
  }
});

test('what does not run says why', () => {
  assert.throws(() => evaluate('(n, p => p', 'function f(n, p) {'), /Unexpected token|unexpected/i);
  assert.match(checkCode(power, '(n, p) => q').message, /This does not run: q is not defined/);
});

test.run();
