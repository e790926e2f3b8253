/** A whole figure against its stored JSON, numbers to four digits: nothing of it changes unnoticed. */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { introFigure } from '../plots/figures/intro.ts';
import { handMade } from './handMadeIntro.ts';

const rounded = (value: unknown) =>
  JSON.parse(
    JSON.stringify(value, (_, part) => (typeof part === 'number' ? Number(part.toPrecision(4)) : part)),
  );

test('the intro figure of a hand-made pair of models is the stored one', () => {
  const stored = JSON.parse(readFileSync(new URL('./fixtures/plots/intro.json', import.meta.url), 'utf8'));
  assert.equal(rounded(introFigure(handMade)), stored);
});

test.run();
