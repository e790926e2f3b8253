import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Figure } from '../plots/figure.ts';
import { figures } from '../plots/figures/index.ts';
import { experiments } from '../sim/experiments/index.ts';
import { parseSpec } from '../sim/spec.ts';
import { tinyData } from './tinyData.ts';

/** Every string inside a value. */
function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(strings);
}

/** Names of layout axes that traces draw in, x2 → xaxis2. */
function axesUsed({ data }: Figure): string[] {
  return data.flatMap((trace) =>
    ['xaxis', 'yaxis'].flatMap((key) => {
      const name = trace[key];
      return typeof name === 'string' ? [`${name[0]}axis${name.slice(1)}`] : [];
    }),
  );
}

/** Numbers of a trace's coordinates, heatmaps flattened. */
function coordinates(trace: Record<string, unknown>): unknown[] {
  return ['x', 'y', 'z'].flatMap((key) =>
    Array.isArray(trace[key]) ? (trace[key] as unknown[]).flat() : [],
  );
}

test('every experiment has a picture, and every picture an experiment', () => {
  assert.equal(Object.keys(figures).sort(), experiments.map(({ name }) => name).sort());
});

test('names and numbers of the inventory are not used twice', () => {
  for (const key of ['name', 'id'] as const) {
    const all = experiments.map((experiment) => experiment[key]);
    assert.is(new Set(all).size, all.length);
  }
});

for (const experiment of experiments) {
  test(`${experiment.name}: its specs are valid at both scales`, () => {
    for (const scale of ['quick', 'paper'] as const) experiment.specs(scale).map((spec) => parseSpec(spec));
  });

  test(`${experiment.name}: its picture is whole and its signature can be judged`, async () => {
    const data = JSON.parse(JSON.stringify(await tinyData(experiment))); // as a later run reads it back
    const figure = figures[experiment.name](data);
    assert.ok(figure.layout.width > 0 && figure.layout.height > 0);
    assert.ok(figure.data.length > 0);
    for (const axis of axesUsed(figure)) assert.ok(axis in figure.layout, `${axis} is not in the layout`);
    for (const [name, axis] of Object.entries(figure.layout)) {
      if (!/^[xy]axis/.test(name)) continue;
      const [from, to] = (axis as { domain: [number, number] }).domain;
      assert.ok(from >= 0 && to <= 1 && from < to, `${name} lies at ${from} to ${to}`);
    }
    for (const trace of figure.data) {
      for (const value of coordinates(trace)) {
        assert.ok(
          value === null || typeof value === 'string' || Number.isFinite(value),
          `a coordinate is ${value}`,
        );
      }
    }
    const wrong = strings([figure.data, figure.layout]).filter((text) => /undefined|NaN|\[object/.test(text));
    assert.equal(wrong, []);
    const claims = experiment.signature(data, 'quick');
    assert.ok(claims.length > 0);
    for (const claim of claims) {
      assert.type(claim.holds, 'boolean');
      for (const key of ['text', 'expected', 'source', 'measured'] as const)
        assert.ok(claim[key].length > 0, key);
    }
  });
}

test.run();
