import fs from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const SIM = path.join(import.meta.dirname, '../sim');

/** Names that an index file exports, each with the file that declares it. */
function exportsOf(index: string): { name: string; file: string }[] {
  const text = fs.readFileSync(path.join(SIM, index), 'utf8');
  return [...text.matchAll(/^export (?:type )?\{([^}]*)\} from '([^']*)';/gm)].flatMap(([, names, from]) =>
    names
      .split(',')
      .map((name) => name.replace('type ', '').trim())
      .filter((name) => name !== '')
      .map((name) => ({ name, file: path.join(SIM, path.dirname(index), from) })),
  );
}

/** The last line above a declaration. */
function lineAbove(file: string, name: string): string | undefined {
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  const declaration = new RegExp(`^export (async )?(function\\*?|interface|type|const|class) ${name}\\b`);
  return lines[lines.findIndex((line) => declaration.test(line)) - 1];
}

for (const [index, least] of [
  ['index.ts', 60],
  ['sweep/index.ts', 20],
] as const) {
  test(`everything that ${index} exports says what it is`, () => {
    const names = exportsOf(index);
    assert.ok(names.length >= least, `${names.length} names`);
    const bare = names.filter(({ name, file }) => !lineAbove(file, name)?.endsWith('*/'));
    assert.equal(
      bare.map(({ name }) => name),
      [],
    );
  });
}

test.run();
