/** The gallery becomes a part of the site where it was made, and the front page has a door to it then alone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { figures, figuresDoor } from '../notebooks/site/figures.ts';

test('a folder with a gallery has a door, another has none, and the build without one copies nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'superpose-figures-'));
  assert.is(figuresDoor(folder), '');
  writeFileSync(join(folder, 'index.html'), 'figures');
  assert.match(figuresDoor(folder), /href="\.\/figures\/index\.html"/);
  rmSync(folder, { recursive: true });
  assert.is(figures().name, 'figures');
});

test.run();
