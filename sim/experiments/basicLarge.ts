import { type BasicData, basicData, basicSignature, basicSpecs } from './basicResults.ts';
import type { Experiment } from './experiment.ts';

export const basicLarge: Experiment<BasicData> = {
  name: 'basic-large',
  id: 'T4',
  paper: 'toy-models',
  section: 'Demonstrating superposition',
  title: 'Basic results, 80 features in 20 dimensions',
  caption:
    'The same as with 20 features, four times as large and with importance 0.9^i: a rescaled copy, says the paper.',
  seconds: { quick: 20, paper: 400 },
  specs: (scale) => basicSpecs(80, 20, 0.9, scale),
  data: basicData,
  signature: (data, scale) =>
    basicSignature(data, scale, 52, 'TMS: "rescaled copy"; 4 × the 13 of 20 features in 5 dimensions'),
};
