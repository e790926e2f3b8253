/** Captions and claims are written in a little TeX; the pages lower and raise what it says. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { maths } from '../plots/maths.ts';
import { experiments } from '../sim/experiments/index.ts';

test('indices are lowered, powers raised, letters in italics', () => {
  for (const [text, html] of [
    ['|W_i·W_j| > 0.3', '|<i>W</i><sub>i</sub>·<i>W</i><sub>j</sub>| &gt; 0.3'],
    ['importance 0.75^i.', 'importance 0.75<sup>i</sup>.'],
    ['a D_{ij} of 2^-24', 'a <i>D</i><sub>ij</sub> of 2<sup>-24</sup>'],
    ['1 − (1 − S)^k, S^(n−1)', '1 − (1 − S)<sup>k</sup>, <i>S</i><sup>n−1</sup>'],
    ['λ‖h‖_1', 'λ‖h‖<sub>1</sub>'],
  ])
    assert.is(maths(text).html, html);
});

test('names of fields and files are no maths, and no text becomes markup', () => {
  for (const name of ['decoder_cosine', 'true_l0', 'file_a.json', 'SHA256_SUMS', 'a_ b', '^', '_i'])
    assert.is(maths(name).html, name);
  assert.is(maths('<b>W_i</b>').html, '&lt;b&gt;<i>W</i><sub>i</sub>&lt;/b&gt;');
  assert.is(maths('x_{<b>}').html, '<i>x</i><sub>&lt;b&gt;</sub>');
});

test('no caption has an index or a power left over', () => {
  for (const { id, caption } of experiments)
    assert.not.match(maths(caption).html.replace(/<[^>]*>/g, ''), /[_^]/, id);
});

test.run();
