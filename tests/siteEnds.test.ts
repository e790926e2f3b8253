/** Where seeds end: shapes counted, the cheapest first. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { endsOf, endsSvg } from '../notebooks/site/ends.ts';
import { LIGHT } from '../notebooks/site/palette.ts';

const DIGONS = [1, 0, -1, 0, 0, 1, 0, -1];
const TWO = [1, 0, 0, 1, 0, 0, 0, 0];
const W = Float32Array.from([...TWO, ...DIGONS, ...TWO]);

test('shapes are counted; the commonest first while losses are unknown, then the cheapest with its loss', () => {
  const names = ['2 of 4 kept: two with a dimension of their own', '4 of 4 kept: two digons'];
  assert.equal(endsOf(W, null, 4, 2), [
    { name: names[0], count: 2, loss: null },
    { name: names[1], count: 1, loss: null },
  ]);
  assert.equal(endsOf(W, [0.3, 0.1, 0.2], 4, 2), [
    { name: names[1], count: 1, loss: 0.1 },
    { name: names[0], count: 2, loss: 0.2 },
  ]);
  assert.match(
    endsSvg(endsOf(W, [0.3, 0.1, 0.2], 4, 2), LIGHT),
    /aria-label="Where the seeds end: 1 4 of 4 kept: two digons; 2 2 of/,
  );
});

test.run();
