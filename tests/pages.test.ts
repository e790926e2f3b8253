/** The pages: their tables are those of the stored measurements, and what they name exists. */
import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { claimsNamed, fill, filledPage, PAGES, readPage } from '../bench/pages.ts';
import packageJson from '../package.json' with { type: 'json' };
import { boards } from '../plots/scoreboard/kept.ts';
import { findExperiment } from '../sim/experiments/index.ts';
import { statements } from '../sim/experiments/statements.ts';

const names = Object.keys(PAGES);
const ROOT = new URL('../', import.meta.url);

for (const name of names) {
  test(`${name}: its tables are those of the stored measurements`, () => {
    assert.is(filledPage(name), readPage(name), 'run npm run pages');
  });

  test(`${name}: every npm script and every file that it names exists`, () => {
    const text = readPage(name);
    for (const [, script] of text.matchAll(/npm run ([a-z:]+)/g)) {
      assert.ok(script in packageJson.scripts, `npm run ${script}`);
    }
    for (const [, link] of text.matchAll(/\]\(([^)#]+)\)/g)) {
      if (!link.startsWith('http')) assert.ok(existsSync(new URL(link, new URL(name, ROOT))), link);
    }
  });
}

test('the README is a front page: it fits two screens and leads to every other page', () => {
  const text = readPage('README.md');
  assert.ok(text.split('\n').length < 120, `${text.split('\n').length} lines`);
  for (const name of names.slice(1)) assert.ok(text.includes(`](${name})`), name);
});

test('fill replaces what stands between its markers and refuses a text without them', () => {
  assert.is(fill('a<!-- x -->old<!-- /x -->b', 'x', 'new'), 'a<!-- x -->\nnew\n<!-- /x -->b');
  assert.throws(() => fill('a', 'x', 'new'), /expected the markers/);
});

/** Paths of the folder map: an indented line continues the folder above it. */
function mappedPaths(): string[] {
  const lines = readPage('sim/README.md')
    .split('## Folder map')[1]
    .match(/```\n([\s\S]*?)```/)![1]
    .trimEnd()
    .split('\n');
  let folder = '';
  return lines.flatMap((line) => {
    const found = line.trim().split(/ {2,}/)[0].split(' ');
    if (line.startsWith(' ')) return found.map((path) => folder + path);
    folder = found[0];
    return found;
  });
}

test('every folder and file that the folder map names exists', () => {
  const paths = mappedPaths();
  assert.ok(paths.length > 15);
  for (const path of paths) assert.ok(existsSync(new URL(path, ROOT)), path);
});

test('every statement of the first paper is a claim of the kept scoreboard, or says why it is none', () => {
  assert.ok(statements.length > 60, `${statements.length}`);
  const { figures } = boards.quick;
  for (const { says, claim, why } of statements) {
    assert.is(claim === undefined, why !== undefined, says);
    if (!claim) continue;
    assert.ok(findExperiment(claim.figure), claim.figure);
    const figure = figures.find(({ name }) => name === claim.figure)!;
    for (const word of claim.words)
      assert.ok(claimsNamed(figure, [word]).length > 0, `${claim.figure}: ${word}`);
  }
});

test.run();
