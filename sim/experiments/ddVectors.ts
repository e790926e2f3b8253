/** D1 and D2: what the hidden space holds, features or samples, as the training set grows. */
import { atMost, noted, statement } from './claims.ts';
import type { Claim, Experiment } from './experiment.ts';
import { hasFive, type Memory, mainSpecs, memoriesOf, type Vectors, vectorsOf } from './memorising.ts';

export interface VectorsData {
  vectors: Vectors[]; // of every size of the training set
  reference: Vectors; // of a set so large that nothing can be memorised
  referenceModels: Memory[];
}

function signature({ vectors, reference, referenceModels }: VectorsData): Claim[] {
  const small = vectors.filter(({ samples }) => samples === 5 || samples === 6);
  const { samples } = reference;
  const five = referenceModels.filter(hasFive).length;
  return [
    statement(
      `with endless data (T = ${samples}) five features make a pentagon, in every model`,
      'DD',
      `${referenceModels.length} of ${referenceModels.length}`,
      `${five} of ${referenceModels.length}`,
      five === referenceModels.length,
    ),
    ...small.flatMap(({ samples: T, ratio, gap }) => [
      atMost(
        `T = ${T}: the hidden vectors of the samples lie on one circle, ratio of their radii`,
        'DD; bound ours',
        ratio,
        1.15,
      ),
      noted(
        atMost(
          `T = ${T}: and evenly, largest gap between directions in turns`,
          'DD; bound ours',
          gap,
          1.15 / T,
        ),
        `a regular polygon has ${(1 / T).toFixed(3)}; norms above the least ones leave room to lose nothing without being regular`,
      ),
    ]),
  ];
}

export const ddVectors: Experiment<VectorsData> = {
  name: 'dd-vectors',
  id: 'D2',
  paper: 'double-descent',
  section: 'Memorising and generalising',
  title: 'From samples to features',
  caption:
    'Models with two hidden dimensions trained on T samples, all of them at every step. Above: the rows of W, a feature ' +
    'each. Below: the hidden vectors of the training samples. Small sets are stored sample by sample in a polygon, and ' +
    'W looks like noise; large sets are stored by five features in a pentagon. Shown is the model of least training ' +
    'loss; every panel has its own scale.',
  seconds: { quick: 100, paper: 2400 },
  specs: mainSpecs,
  data: async ([main, reference], context) => ({
    vectors: vectorsOf(main),
    reference: vectorsOf(reference)[0],
    referenceModels: await memoriesOf(reference, context),
  }),
  signature,
};
