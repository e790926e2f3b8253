import { featureCosine } from '../metrics/gram.ts';
import { atMost, decidedBy, statement } from './claims.ts';
import type { Claim, Experiment } from './experiment.ts';
import { type PairsData, pairsData, pairsSpec } from './pairs.ts';

/** Within a set at right angles; the opposite of a feature comes from the other set. */
function signature({ models }: PairsData): Claim[] {
  const within = models.flatMap((model) => [
    Math.abs(featureCosine(model, model, 0, 1)),
    Math.abs(featureCosine(model, model, 2, 3)),
  ]);
  const across = models.map((model) => Math.min(...[2, 3].map((j) => featureCosine(model, model, 0, j))));
  return [
    atMost(
      'features of a correlated set are orthogonal; largest |cosine| over all models',
      'TMS; bound ours',
      Math.max(...within),
      0.15,
    ),
    statement(
      'so antipodal partners come from different sets',
      'TMS, by inference',
      'in every model feature 0 has an opposite (cosine below −0.95) in the other set',
      across.map((value) => value.toFixed(2)).join(', '),
      across.every((value) => value < -0.95),
    ),
  ];
}

export const correlatedPairs: Experiment<PairsData> = {
  name: 'correlated-pairs',
  id: 'T13',
  paper: 'toy-models',
  section: 'Correlated and anticorrelated features',
  title: 'Correlated pairs become orthogonal',
  caption:
    'Four features in two dimensions: two sets of two that are active together. Colour is the set. Each panel is the ' +
    'best of several models at its density. Features that occur together do not share a direction.',
  seconds: { quick: 1, paper: 30 },
  specs: (scale) => [pairsSpec(2, 'correlated', [1 / 20, 1 / 36, 1 / 63, 1 / 120, 1 / 200, 1 / 400], scale)],
  data: pairsData,
  signature: (data) => decidedBy(0, data.models, signature(data)),
};
