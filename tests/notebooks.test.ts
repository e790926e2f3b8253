import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cell, toCell, transpile } from '@observablehq/notebook-kit';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { moduleOf } from '../notebooks/cells.ts';
import { checkChoice, isVerdict, readSpec } from '../notebooks/exercises/check.ts';
import { checkCode } from '../notebooks/exercises/checkCode.ts';
import { evaluate } from '../notebooks/exercises/evaluate.ts';
import type { Exercise, Verdict } from '../notebooks/exercises/exercise.ts';
import { exerciseOf, exercises } from '../notebooks/exercises/index.ts';
import { PLAN, placeInPlan } from '../notebooks/exercises/plan.ts';
import { typesetMarkdown } from '../notebooks/kit.ts';
import { bestPair } from '../notebooks/lab/pair.ts';
import { defaults, stateSchema } from '../notebooks/site/state.ts';
import { fromHash } from '../notebooks/site/url.ts';
import { candidateLosses } from '../sim/theory/phase.ts';
import { trainAll } from '../sim/train.ts';

const FOLDER = join(import.meta.dirname, '../notebooks');
const all = Object.values(exercises).flat();

async function judge(exercise: Exercise, answer: string): Promise<Verdict> {
  if (exercise.form === 'code') return checkCode(exercise, answer);
  if (exercise.form === 'choice') return checkChoice(exercise, answer);
  const spec = readSpec(exercise, answer);
  return isVerdict(spec) ? spec : exercise.judge(await trainAll(spec, { engine: 'simd', threads: 1 }));
}

/** Verdicts by exercise and answer: a box as it comes is often a listed mistake too. */
const verdicts = new Map<string, Promise<Verdict>>();

function check(exercise: Exercise, answer: string): Promise<Verdict> {
  const key = `${exercise.id} ${answer}`;
  const verdict = verdicts.get(key) ?? judge(exercise, answer);
  verdicts.set(key, verdict);
  return verdict;
}

for (const exercise of all) {
  test(`${exercise.id}: the solution passes`, async () => {
    const verdict = await check(exercise, exercise.solution);
    assert.ok(verdict.passed, verdict.message);
  });

  test(`${exercise.id}: no answer, and the box as it comes, fail with a message`, async () => {
    for (const answer of ['', exercise.stub]) {
      const verdict = await check(exercise, answer);
      assert.not(verdict.passed);
      assert.ok(verdict.message.length > 10, verdict.message);
    }
  });

  test(`${exercise.id}: each listed mistake fails and hears about itself`, async () => {
    for (const { answer, says } of exercise.mistakes) {
      const verdict = await check(exercise, answer);
      assert.not(verdict.passed, `passed: ${answer}`);
      assert.ok(verdict.message.includes(says), `${answer}\n  heard: ${verdict.message}\n  not: ${says}`);
    }
  });
}

test('every exercise has hints, mistakes and an explanation, and every wrong option is a listed mistake', () => {
  for (const exercise of all) {
    assert.ok(exercise.hints.length > 0 && exercise.mistakes.length > 0 && exercise.why, exercise.id);
    if (exercise.form !== 'choice') continue;
    const listed = [exercise.solution, ...exercise.mistakes.map(({ answer }) => answer)];
    assert.equal(listed.sort(), Object.keys(exercise.options).sort());
  }
});

test('exercise ids are distinct, and an unknown one is named', () => {
  assert.is(new Set(all.map(({ id }) => id)).size, all.length);
  assert.throws(() => exerciseOf('no-such'), /got "no-such"/);
});

test('code that does not run, or is no function where one is asked for, says so', () => {
  const exercise = exerciseOf('lower-boundary');
  assert.ok(exercise.form === 'code');
  assert.match(checkCode(exercise, '(p) => 2 p').message, /^This does not run: /);
  assert.match(checkCode(exercise, '(p) => q').message, /q is not defined/);
  assert.match(checkCode(exercise, '4 / 7').message, /should hold one function, but it holds 0.571/);
  assert.match(
    checkCode(exercise, '(p) => p').message,
    /With 0.1 your function gives 0.1; it should give 0.057/,
  );
});

test('the interpreter gives what the engine gives, on every answer of the book', () => {
  for (const exercise of all) {
    if (exercise.form !== 'code') continue;
    for (const answer of [exercise.solution, ...exercise.mistakes.map(({ answer }) => answer)]) {
      const compiled = new Function(`'use strict'; return (${answer});`)();
      const interpreted = evaluate(answer) as typeof compiled;
      if (typeof compiled !== 'function') assert.equal(interpreted, compiled, answer);
      for (const probe of exercise.probes) {
        const [ours, theirs] = [interpreted, compiled].map((f) => f(...structuredClone(probe)));
        assert.equal(ours, theirs, `${exercise.id}: ${answer}`);
      }
    }
  }
});

test('an answer is read strictly, and cannot set what was not declared', () => {
  assert.throws(() => (evaluate('() => { leaked = 1; }') as () => void)(), /leaked is not defined/);
  assert.not('leaked' in globalThis);
});

test('cells stand in their module on the lines where they stand in the page', () => {
  const page = '<x>\n  <script id="1" type="text/x-typescript" pinned>\n    const a = 1;\n  </script>\ntext';
  assert.is(moduleOf(page), '\n\n    const a = 1;\n\n\nexport {};\n');
});

test('a spec that is no JSON, or has a wrong field, says so', () => {
  const exercise = exerciseOf('five-in-two');
  assert.ok(exercise.form === 'training');
  const said = (text: string) => {
    const read = readSpec(exercise, text);
    return isVerdict(read) ? read.message : 'a spec';
  };
  assert.match(said('{ "model": '), /^This is not JSON: /);
  assert.match(
    said('{ "model": { "features": 5, "hidden": 2 } }'),
    /^input: expected an object, got nothing/,
  );
});

/** The cells of a notebook file. */
function cellsOf(file: string): Cell[] {
  const source = readFileSync(join(FOLDER, file), 'utf8');
  const cells = source.matchAll(
    /^ {2}<script id="(\d+)" type="([^"]+)"( pinned)?>\n(.*?)^ {2}<\/script>$/gms,
  );
  return Array.from(cells, ([, id, type, , value]) =>
    toCell({
      id: Number(id),
      mode: type === 'text/markdown' ? 'md' : 'ts',
      value: value.replace(/^ {4}/gm, ''),
    }),
  );
}

const files = readdirSync(FOLDER)
  .filter((file) => /^\d+-.*\.html$/.test(file))
  .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
const minutesOf = (list: Exercise[]) => list.reduce((sum, { minutes }) => sum + minutes, 0);

test('there are ten notebooks, each with its exercises', () => {
  assert.equal(files.map((file) => file.replace('.html', '')).sort(), Object.keys(exercises).sort());
  assert.is(files.length, 10);
});

for (const file of files) {
  const cells = cellsOf(file);
  const text = cells.filter(({ mode }) => mode === 'md').map(({ value }) => value);
  const list = exercises[file.replace('.html', '')];

  test(`${file}: opens with goals and minutes enough for its exercises, ends with questions and something open`, () => {
    const minutes = Number(text[0].match(/\*\*(\d+) minutes/)?.[1]);
    assert.ok(minutes > minutesOf(list), `${minutes} minutes for exercises of ${minutesOf(list)}`);
    assert.match(text[0], /Goals\. Afterwards you can\n\n- /);
    const last = text[text.length - 1];
    assert.ok(last.indexOf('## Discuss') >= 0 && last.indexOf('## Discuss') < last.indexOf('## Open end'));
  });

  test(`${file}: shows each of its exercises once`, () => {
    const shown = cells.flatMap(({ value }) =>
      [...value.matchAll(/exercise\('([^']+)'\)/g)].map(([, id]) => id),
    );
    assert.equal(shown.sort(), list.map(({ id }) => id).sort());
  });

  test(`${file}: cells have rising ids, every cell is read, and formulas are TeX`, () => {
    const source = readFileSync(join(FOLDER, file), 'utf8');
    assert.equal(
      cells.map(({ id }) => id),
      Array.from({ length: source.split('<script ').length - 1 }, (_, k) => k + 1),
    );
    for (const markdown of text) assert.not.match(typesetMarkdown(markdown), /\$|katex-error/);
  });

  test(`${file}: every name a cell uses is defined by one cell, none by a library from afar`, () => {
    const code = cells.filter(({ mode }) => mode === 'ts').map((cell) => transpile(cell));
    const defined = code.flatMap(({ outputs }) => outputs ?? []);
    assert.is(new Set(defined).size, defined.length, `defined twice among ${defined}`);
    const used = code.flatMap(({ inputs }) => inputs ?? []);
    const unknown = used.filter((name) => !defined.includes(name) && name !== 'display' && name !== 'view');
    assert.equal(unknown, []);
  });
}

test('left free, the pair of notebook 3 beats every fixed candidate at p = 0.3 from r = 0.20 on, and jumps', () => {
  const fixed = (r: number) => Math.min(...candidateLosses(2, 0.3, r).map(([, loss]) => loss));
  assert.ok(bestPair(0.3, 0.19).length < 0.01);
  const { length, loss } = bestPair(0.3, 0.21);
  assert.ok(length > 0.6 && length < 0.8, `length ${length}`);
  assert.ok(loss < 0.99 * fixed(0.21), `${loss} against ${fixed(0.21)}`);
});

/** All that the guide says. */
const guideText = () =>
  cellsOf('guide.html')
    .filter(({ mode }) => mode === 'md')
    .map(({ value }) => value)
    .join('\n\n');

test("every link of the teacher's guide leads to a page that exists, in a state that can be read", () => {
  const value = guideText();
  const links = Array.from(value.matchAll(/\]\(\.\/([^#)]+)#?([^)]*)\)/g));
  assert.ok(links.length > 6);
  for (const [, page, hash] of links) {
    assert.ok(existsSync(join(FOLDER, page)), page);
    assert.is(fromHash(hash, stateSchema, defaults, ['question']).problem, null);
  }
});

test("the teacher's guide counts the exercises right and names those of its plan as they are called", () => {
  const value = guideText();
  assert.match(value, new RegExp(`of the ${all.length} exercises`));
  const plan = value.match(/\| Minutes .*?\n\n/s)![0];
  const named = Array.from(plan.matchAll(/(?<!\*)\*([^*]+)\*(?!\*)/g), ([, title]) => title);
  for (const title of named)
    assert.ok(
      all.some((exercise) => exercise.title === title),
      title,
    );
  assert.match(value, new RegExp(`uses ${named.length} of`));
});

test("each line of the guide's plan has the minutes that its exercises ask for", () => {
  const value = guideText();
  const lines = Array.from(value.matchAll(/^\| (\d+)–(\d+) \| (.*)$/gm));
  assert.is(Number(lines[lines.length - 1][2]), 90);
  for (const [line, from, to, text] of lines) {
    const everyone = text.split('The fast ones')[0];
    const own = all.filter(({ title }) => everyone.includes(`*${title}*`));
    assert.ok(minutesOf(own) <= Number(to) - Number(from), `${minutesOf(own)} minutes of exercises: ${line}`);
  }
});

test("the guide's plan is that of the notebooks' marks, and who writes slowly has half as much time again for what is for everyone", () => {
  const value = guideText();
  const plan = value.match(/\| Minutes .*?\n\n/s)![0];
  const marked = Array.from(plan.matchAll(/([★☆]) \*([^*]+)\*/g), ([, mark, title]) => `${mark} ${title}`);
  const marks = PLAN.map(({ id }) => `${placeInPlan(id)!.mark} ${exerciseOf(id).title}`);
  assert.equal(marked, marks);
  for (const [line, from, to] of plan.matchAll(/^\| (\d+)–(\d+) \| .*$/gm)) {
    const own = all.filter(({ title }) => line.includes(`★ *${title}*`));
    assert.ok(1.5 * minutesOf(own) <= Number(to) - Number(from), line);
  }
});

test('the guide adds up the minutes of notebooks 1 to 3', () => {
  const minutes = (file: string) => Number(cellsOf(file)[0].value.match(/\*\*(\d+) minutes/)![1]);
  const sum = files.slice(0, 3).reduce((total, file) => total + minutes(file), 0);
  assert.match(guideText(), new RegExp(`allow participants ${sum} minutes`));
});

test.run();
