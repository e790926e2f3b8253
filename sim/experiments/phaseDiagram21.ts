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
    'and the rest averaged as in the paper; the best of the ten; and the best of three closed-form solutions, whose ' +
    'boundaries are drawn in all maps. Right: a cut at one density; dots are trained models, lines the closed forms and the best known solution; ' +
    'where the lowest lines cross, the best loss has a kink.',
  seconds: { quick: 10, paper: 600 },
  specs: (scale) => [phaseSpec(2, scale)],
  data: (results) => phaseData(2, results),
  signature: phaseSignature,
};
