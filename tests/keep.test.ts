import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { renewed } from '../plots/keep.ts';
import type { Scoreboard, ScoredFigure } from '../plots/scoreboard.ts';

const figure = (name: string, date: string): ScoredFigure => ({ name, id: name, paper: 'toy-models', title: name, models: 1, date, claims: [] }); // biome-ignore format: one line
const board = (date: string, ...figures: ScoredFigure[]): Scoreboard => ({ scale: 'quick', date, command: 'superpose figures', seconds: 60, figures }); // biome-ignore format: one line

test('a folder with some figures renews those and keeps the rest, in the order of the gallery', () => {
  const kept = board('2026-01-01', figure('intro', '2026-01-01'), figure('adversarial', '2026-01-01'));
  const fresh = board('2026-02-01', figure('adversarial', '2026-02-01'), figure('linear-like', '2026-02-01'));
  const both = renewed(kept, fresh);
  assert.equal(
    both.figures.map(({ name, date }) => [name, date]),
    [
      ['intro', '2026-01-01'],
      ['linear-like', '2026-02-01'],
      ['adversarial', '2026-02-01'],
    ],
  );
  assert.is(both.date, '2026-01-01', 'the run is still the old one');
});

test('a whole run, or the first of a scale, is kept as it is', () => {
  const fresh = board('2026-02-01', figure('intro', '2026-02-01'));
  assert.equal(renewed(null, fresh), fresh);
  assert.equal(renewed(board('2026-01-01', figure('intro', '2026-01-01')), fresh), fresh);
  assert.equal(renewed({ ...fresh, scale: 'paper' }, fresh), fresh);
});

test.run();
