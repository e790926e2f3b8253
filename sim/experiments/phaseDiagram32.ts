import type { Experiment } from './experiment.ts';
import { type PhaseData, phaseData, phaseSignature, phaseSpec } from './phaseDiagram.ts';

export const phaseDiagram32: Experiment<PhaseData> = {
  name: 'phase-diagram-3-2',
  paper: 'T7',
  section: 'Superposition as a phase change',
  title: 'Phase diagram, three features in two dimensions',
  caption:
    'Fate of the third feature; the other two have importance 1. Left: trained models, ten a cell, the worst dropped ' +
    'and the rest averaged. Middle: the best of four closed-form solutions. Right: a cut at one density; dots are ' +
    'trained models, lines the closed forms.',
  seconds: { quick: 20, paper: 1_200 },
  specs: (scale) => [phaseSpec(3, scale)],
  data: (results, context) => phaseData(3, results, context),
  signature: phaseSignature,
};
