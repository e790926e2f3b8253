/** The gallery becomes a part of the site where it was made, and the front page has a door to it then alone. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { copyGallery, figures, figuresDoor } from '../notebooks/site/figures.ts';

test('a folder with a gallery has a door, another has none, and the build without one copies nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'superpose-figures-'));
  assert.is(figuresDoor(folder), '');
  writeFileSync(join(folder, 'index.html'), 'figures');
  assert.match(figuresDoor(folder), /href="\.\/figures\/index\.html"/);
  rmSync(folder, { recursive: true });
  assert.is(figures().name, 'figures');
});

test('in the site a figure leads to the playground beside it and back to the workshop, and its files come along', () => {
  const [from, to] = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'superpose-figures-')));
  const page =
    '<main>\n<a href="http://localhost:4173/play.html#features=5&amp;seed=1">x</a> <a href="intro.json">data</a>';
  writeFileSync(join(from, 'intro.html'), page);
  for (const name of ['intro.svg', 'SHA256SUMS', 'gallery.json']) writeFileSync(join(from, name), '');
  copyGallery(from, to);
  const copied = readFileSync(join(to, 'intro.html'), 'utf8');
  assert.match(copied, 'href="../play.html#features=5&amp;seed=1"');
  assert.match(copied, 'href="../index.html"');
  assert.match(copied, 'href="intro.json"');
  assert.is(existsSync(join(to, 'intro.svg')), true);
  assert.is(existsSync(join(to, 'SHA256SUMS')), false, 'it would not be true of the copy');
  assert.is(readFileSync(join(from, 'intro.html'), 'utf8'), page, 'the gallery itself stays as it is');
  for (const folder of [from, to]) rmSync(folder, { recursive: true });
});

test.run();
