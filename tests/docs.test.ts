import fs from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readPage } from '../bench/pages.ts';
import { experiments } from '../sim/experiments/index.ts';
import { expandGrid } from '../sim/grid.ts';
import { parseSpec, specJsonSchema } from '../sim/spec.ts';
import { cutBlocks, shardBlocks } from '../sim/sweep/blocks.ts';

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
  ['models/index.ts', 20],
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

const ROOT = path.join(SIM, '..');
const PAGE = readPage('sim/sweep/README.md');

/** The first block of the page on sweeps in a language. */
function pageBlock(language: string): string {
  const [, text] = PAGE.match(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``)) ?? [];
  assert.type(text, 'string');
  return text!;
}

test('the spec of the page on sweeps is what the page says, and is cut into the shards that it names', () => {
  const grid = expandGrid(parseSpec(JSON.parse(pageBlock('json'))));
  assert.is(grid.rows, 5120);
  assert.match(PAGE, /phase diagram of 5,120 models/);
  const commands = [...PAGE.matchAll(/superpose (?:sweep|submit) .*--block (\d+).*(?:0\/|--shards )(\d+)/g)];
  assert.is(commands.length, 2);
  for (const [, block, of] of commands) {
    const shards = Array.from({ length: Number(of) }, (_, index) =>
      shardBlocks(cutBlocks(grid, Number(block)), { index, of: Number(of) }),
    );
    assert.ok(shards.every((ranges) => ranges.length > 0));
  }
});

test('the Python of the page on sweeps is the script that a test runs', () => {
  assert.is(pageBlock('python'), fs.readFileSync(path.join(ROOT, 'bench/python/phase_diagram.py'), 'utf8'));
});

test('the JSON Schema takes the spec of the page on sweeps and every experiment, and no misspelt field', () => {
  const validate = new Ajv2020({ strict: false }).compile(specJsonSchema());
  const spec = JSON.parse(pageBlock('json'));
  const all = [spec, ...experiments.flatMap((experiment) => experiment.specs('paper'))];
  for (const one of all) assert.ok(validate(one), `${one.name}: ${JSON.stringify(validate.errors)}`);
  assert.not.ok(validate({ ...spec, replica: 3 }));
  assert.not.ok(validate({ ...spec, training: { steps: '2000' } }));
});

test.run();
