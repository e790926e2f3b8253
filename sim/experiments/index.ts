/** All experiments, in the order of the gallery. */
import { basicLarge } from './basicLarge.ts';
import { basicSmall } from './basicSmall.ts';
import { complements } from './complements.ts';
import { dimensionsPerFeature } from './dimensionsPerFeature.ts';
import type { Experiment } from './experiment.ts';
import { featureGeometry } from './featureGeometry.ts';
import { intro } from './intro.ts';
import { linearLike } from './linearLike.ts';
import { lossAlgebra } from './lossAlgebra.ts';
import { pentagonDigons } from './pentagonDigons.ts';
import { phaseDiagram21 } from './phaseDiagram21.ts';
import { phaseDiagram32 } from './phaseDiagram32.ts';
import { tegum } from './tegum.ts';

export type { Claim, Experiment, Scale } from './experiment.ts';

export const experiments: readonly Experiment[] = [
  intro,
  linearLike,
  basicSmall,
  basicLarge,
  lossAlgebra,
  phaseDiagram21,
  phaseDiagram32,
  dimensionsPerFeature,
  featureGeometry,
  tegum,
  complements,
  pentagonDigons,
];

/** The experiment called `name`, or undefined. */
export function findExperiment(name: string): Experiment | undefined {
  return experiments.find((experiment) => experiment.name === name);
}
