/** An experiment whose one claim needs more steps than it takes. */
import { atMost } from '../sim/experiments/claims.ts';
import type { Experiment } from '../sim/experiments/experiment.ts';
import { groupLoss, onlyGroup } from '../sim/experiments/trained.ts';

export const tinyExperiment: Experiment<number> = {
  name: 'tiny',
  id: 'X1',
  paper: 'toy-models',
  section: 'none',
  title: 'Two features in two dimensions',
  caption: 'none',
  seconds: { quick: 1, paper: 1 },
  specs: () => [
    { model: { features: 2, hidden: 2 }, input: { density: 0.3 }, training: { steps: 50, batch: 128, learningRate: 1e-2 } }, // biome-ignore format: one line
  ],
  data: async ([result], context) => (await groupLoss(onlyGroup(result), context))[0],
  signature: (loss) => [atMost('held-out loss', 'exact; a dimension each loses nothing', loss, 1e-4)], // biome-ignore format: one line
};
