import { featureCosine } from '../metrics/gram.ts';
import { atMost, decidedBy } from './claims.ts';
import type { Experiment } from './experiment.ts';
import { type PairsData, pairsData, pairsSpec } from './pairs.ts';

export const anticorrelatedPairs: Experiment<PairsData> = {
  name: 'anticorrelated-pairs',
  id: 'T14',
  paper: 'toy-models',
  section: 'Correlated and anticorrelated features',
  title: 'Anticorrelated pairs become antipodal',
  caption:
    'Four features in two dimensions: two sets of two that are never active together. Colour is the set. Each panel ' +
    'is the best of several models at its density. Features that exclude each other share a direction, with opposite ' +
    'signs.',
  seconds: { quick: 1, paper: 30 },
  specs: (scale) => [pairsSpec(2, 'anticorrelated', [0.32, 0.25, 0.2, 0.16, 0.13, 0.1], scale)],
  data: pairsData,
  signature: ({ models }) =>
    decidedBy(0, models, [
      atMost(
        'members of an anticorrelated set are antipodal; largest cosine over all models',
        'TMS; bound ours',
        Math.max(
          ...models.flatMap((model) => [
            featureCosine(model, model, 0, 1),
            featureCosine(model, model, 2, 3),
          ]),
        ),
        -0.95,
      ),
    ]),
};
