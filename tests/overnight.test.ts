/** Specs without figures: that they are specs, and what stands behind the one with drawn correlations. */
import { eigs } from 'mathjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { countRows } from '../sim/axes.ts';
import { findExperiment } from '../sim/experiments/index.ts';
import { overnight, randomCorrelations } from '../sim/experiments/overnight.ts';
import { parseSpec } from '../sim/spec.ts';

test('every overnight spec is one, with a name that no figure has', () => {
  for (const { name, spec } of overnight) {
    const parsed = parseSpec(spec());
    assert.is(parsed.name, name);
    assert.is(findExperiment(name), undefined);
  }
  const models = overnight.map(({ spec }) => countRows(parseSpec(spec())));
  assert.equal(models, [3 * 4, 4 * 9, 25 * 5]);
});

test('five of 512 directions are active on average, and some eleven of the fifty', () => {
  const means = overnight.slice(1).map(({ spec }) => {
    const density = spec().input.density as number[];
    return density.reduce((sum, p) => sum + p, 0);
  });
  assert.ok(Math.abs(means[0] - 5) < 1e-9);
  assert.ok(Math.abs(means[1] - 11) < 0.1, `${means[1]}`);
});

test('drawn correlations are those of normals: symmetric, 1 on the diagonal, no eigenvalue below 0, both signs', () => {
  const C = randomCorrelations(50);
  const values = eigs(C).values as number[];
  assert.ok(Math.min(...values) > 0, `${Math.min(...values)}`);
  C.forEach((row, i) => {
    assert.is(row[i], 1);
    row.forEach((value, j) => {
      assert.is(value, C[j][i]);
      assert.ok(i === j || Math.abs(value) < 1);
    });
  });
  const off = C.flatMap((row, i) => row.slice(0, i));
  const [up, down] = [off.filter((value) => value > 0.1).length, off.filter((value) => value < -0.1).length];
  assert.ok(up > 150 && down > 150, `${up} and ${down} of ${off.length}`);
});

test.run();
