/** The line that a participant hands in, and what the guide's page makes of a room's lines. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkCode } from '../notebooks/exercises/checkCode.ts';
import { exerciseOf } from '../notebooks/exercises/index.ts';
import { handInLine, readLine, readLines } from '../notebooks/lab/progress.ts';

const KNOWN = new Set(['all-silent', 'five-in-two', 'pair-cost']);

test('a line says a name and what was passed, and is read back', () => {
  const line = handInLine({ name: 'Ada: L.\n', ids: ['five-in-two', 'all-silent'] });
  assert.is(line, 'superpose: Ada L.: all-silent five-in-two');
  assert.equal(readLine(line, KNOWN), { name: 'Ada L.', ids: ['all-silent', 'five-in-two'] });
  assert.equal(readLine(handInLine({ name: '', ids: [] }), KNOWN), { name: 'nameless', ids: [] });
});

test('a line that is none, or of another workshop, is refused by name', () => {
  assert.throws(() => readLine('hello', KNOWN), /expected "superpose: name: exercises", got "hello"/);
  assert.throws(() => readLine('superpose: Ada: all-silent nonsense', KNOWN), /Ada: .* got "nonsense"/);
});

test('lines of a room: a person counts once, with all that was handed in; bad lines do not stop the rest', () => {
  const text =
    'superpose: Ada: all-silent\n\nnonsense\nsuperpose: Bo: pair-cost\nsuperpose: Ada: five-in-two all-silent\n';
  const { people, problems } = readLines(text, KNOWN);
  assert.equal(people, [
    { name: 'Ada', ids: ['all-silent', 'five-in-two'] },
    { name: 'Bo', ids: ['pair-cost'] },
  ]);
  assert.is(problems.length, 1);
});

test('the best pentagon tells how far an answer is', () => {
  const exercise = exerciseOf('pentagon-optimum');
  assert.ok(exercise.form === 'code');
  // at length 1 and bias 0 the first of five is wrong by cos 72° at two neighbours: H = 5 · 2 cos²72° = 0.9549
  assert.match(checkCode(exercise, '[1.1, 0]').message, /is not the answer\. There H = .* times the least\./);
  assert.match(checkCode(exercise, '[1.2, -0.3]').message, /There H = 0\.\d{4}, [\d.]+ % above the least\./);
  assert.match(checkCode(exercise, '"x"').message, /Answer with two numbers/);
});

test.run();
