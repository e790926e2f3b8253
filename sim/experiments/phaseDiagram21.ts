import type { Experiment } from './experiment.ts';
import { type PhaseData, phaseData, phaseSpec } from './phaseDiagram.ts';
import { phaseSignature } from './phaseSignature.ts';

export const phaseDiagram21: Experiment<PhaseData> = {
  name: 'phase-diagram-2-1',
  id: 'T6',
  paper: 'toy-models',
  section: 'Superposition as a phase change',
  title: 'Phase diagram, two features in one dimension',
  caption:
    'Fate of the second feature over density and relative importance: trained models, ten a cell, the worst dropped ' +
    'and the rest averaged as in the paper; the best of the ten; the best of three closed-form solutions, whose ' +
    'boundaries are drawn in all maps; and the exact optimum over all weights and biases. Below: losses of the best ' +
    'trained models (dots), the closed forms and the exact optimum (lines), over relative importance at one density ' +
    'and over density at equal importance. Where the lowest lines cross, the best loss has a kink.',
  seconds: { quick: 14, paper: 610 },
  revision: 1,
  specs: (scale) => [phaseSpec(2, scale)],
  data: (results) => phaseData(2, results),
  signature: phaseSignature,
};
