/** All experiments, in the order of the gallery. */
import type { Experiment } from './experiment.ts';

export const experiments: readonly Experiment[] = [];

/** The experiment called `name`, or undefined. */
export function findExperiment(name: string): Experiment | undefined {
  return experiments.find((experiment) => experiment.name === name);
}
