import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fill, filledReadme } from '../plots/readme.ts';

const text = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const scripts = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).scripts;

test('the tables of the README are those of the stored measurements', () => {
  assert.is(filledReadme(text), text, 'run npm run readme');
});

test('fill replaces what stands between its markers and refuses a text without them', () => {
  assert.is(fill('a<!-- x -->old<!-- /x -->b', 'x', 'new'), 'a<!-- x -->\nnew\n<!-- /x -->b');
  assert.throws(() => fill('a', 'x', 'new'), /expected the markers/);
});

test('every npm script that the README names exists', () => {
  const named = [...text.matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name);
  assert.ok(named.length > 3);
  for (const name of named) assert.ok(name in scripts, `npm run ${name}`);
});

test('every file that the README links to exists', () => {
  const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => link);
  for (const link of links.filter((one) => !one.startsWith('http'))) {
    assert.ok(existsSync(new URL(`../${link}`, import.meta.url)), link);
  }
});

/** Paths of the folder map: an indented line continues the folder above it. */
function mappedPaths(): string[] {
  const lines = text
    .split('## Folder map')[1]
    .match(/```\n([\s\S]*?)```/)![1]
    .trimEnd()
    .split('\n');
  let folder = '';
  return lines.flatMap((line) => {
    const names = line.trim().split(/ {2,}/)[0].split(' ');
    if (line.startsWith(' ')) return names.map((name) => folder + name);
    folder = names[0];
    return names;
  });
}

test('every folder and file that the folder map names exists', () => {
  const paths = mappedPaths();
  assert.ok(paths.length > 15);
  for (const path of paths) assert.ok(existsSync(new URL(`../${path}`, import.meta.url)), path);
});

test.run();
