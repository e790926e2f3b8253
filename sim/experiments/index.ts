/** All experiments, in the order of the gallery. */
import { basicLarge } from './basicLarge.ts';
import { basicSmall } from './basicSmall.ts';
import type { Experiment } from './experiment.ts';
import { intro } from './intro.ts';
import { linearLike } from './linearLike.ts';
import { phaseDiagram21 } from './phaseDiagram21.ts';
import { phaseDiagram32 } from './phaseDiagram32.ts';

export type { Claim, Experiment, Scale } from './experiment.ts';

export const experiments: readonly Experiment[] = [
  intro,
  linearLike,
  basicSmall,
  basicLarge,
  phaseDiagram21,
  phaseDiagram32,
];

/** The experiment called `name`, or undefined. */
export function findExperiment(name: string): Experiment | undefined {
  return experiments.find((experiment) => experiment.name === name);
}
