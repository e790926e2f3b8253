import type { Experiment } from './experiment.ts';
import { type PhaseData, phaseData, phaseSpec } from './phaseDiagram.ts';
import { phaseSignature } from './phaseSignature.ts';

export const phaseDiagram32: Experiment<PhaseData> = {
  name: 'phase-diagram-3-2',
  id: 'T7',
  paper: 'toy-models',
  section: 'Superposition as a phase change',
  title: 'Phase diagram, three features in two dimensions',
  caption:
    'Fate of the third feature over density and relative importance; the other two have importance 1. Maps and ' +
    'losses as in the two-feature diagram, with four closed-form solutions. The closed forms leave out three features ' +
    'at 120°, as the paper does; the exact optimum finds them.',
  seconds: { quick: 40, paper: 1_250 },
  revision: 1,
  specs: (scale) => [phaseSpec(3, scale)],
  data: (results) => phaseData(3, results),
  signature: phaseSignature,
};
