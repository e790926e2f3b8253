/** Hand-made models, and the test that a signature tells good data from bad. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Experiment } from '../sim/experiments/experiment.ts';
import type { TrainedModel } from '../sim/experiments/trained.ts';

/** A model with these feature directions. */
export function model(rows: number[][], rest: Partial<TrainedModel> = {}): TrainedModel {
  const n = rows.length;
  return {
    row: 0,
    features: n,
    hidden: rows[0].length,
    W: rows.flat(),
    b: new Array(n).fill(0),
    density: new Array(n).fill(0.1),
    importance: new Array(n).fill(1),
    loss: 0.01,
    ...rest,
  };
}

/** n directions, the first `kept` along axes of their own, the others 0. */
export const unit = (n: number, m: number, kept = m) =>
  Array.from({ length: n }, (_, i) => Array.from({ length: m }, (_, k) => (i === k && i < kept ? 1 : 0)));

/** Every claim holds for `good`; every claim but those whose text contains a word of `spared` fails for `bad`. */
export function judges<Data>(
  experiment: Experiment<Data>,
  good: Data,
  bad: Data,
  spared: string[] = [],
): void {
  test(`${experiment.name}: its claims hold for what the paper shows and fail for what it does not`, () => {
    const claims = experiment.signature(good, 'paper');
    assert.equal(
      claims.filter((claim) => !claim.holds).map(({ text, measured }) => `${text}: ${measured}`),
      [],
    );
    const surviving = experiment
      .signature(bad, 'paper')
      .filter((claim) => claim.holds && !spared.some((word) => claim.text.includes(word)));
    assert.equal(
      surviving.map(({ text, measured }) => `${text}: ${measured}`),
      [],
    );
  });
}
