import { type BasicData, basicData, basicSignature, basicSpecs } from './basicResults.ts';
import type { Experiment } from './experiment.ts';

export const basicSmall: Experiment<BasicData> = {
  name: 'basic-small',
  id: 'T3',
  paper: 'toy-models',
  section: 'Demonstrating superposition',
  title: 'Basic results, 20 features in 5 dimensions',
  caption:
    'Columns: the linear model, then ReLU-output models as features become sparse; importance 0.7^i. Top: WᵀW with ' +
    'the bias beside it. Bottom: norms of the feature directions, coloured by superposition. The linear model keeps ' +
    'five features whatever the density; the ReLU-output model packs in more and more.',
  seconds: { quick: 6, paper: 60 },
  specs: (scale) => basicSpecs(20, 5, 0.7, scale),
  data: basicData,
  signature: (data, scale) => basicSignature(data, scale, 13, 'SARD (13–14 in five seeds)'),
};
