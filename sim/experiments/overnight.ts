/** Specs with a name and no figure: what takes hours. `superpose sweep NAME` trains them and resumes where it stopped. */
import type { SpecInput } from '../spec.ts';
import { LARGE, samplesSpec } from './memorising.ts';

/** A named spec, and how long it takes. */
export interface Overnight {
  name: string; // kebab-case
  title: string;
  hours: number; // on two idle cores, from a slice
  spec: SpecInput;
}

export const overnight: readonly Overnight[] = [
  {
    name: 'dd-night',
    title: 'Double descent at 10,000 features, T to 20,000',
    hours: 5,
    spec: { name: 'dd-night', ...samplesSpec(LARGE, 2, [5_000, 10_000, 20_000], 50_000, 4) },
  },
];

/** The overnight spec called `name`, or undefined. */
export function findOvernight(name: string): Overnight | undefined {
  return overnight.find((own) => own.name === name);
}
