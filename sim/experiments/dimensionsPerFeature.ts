import { plateau } from '../metrics/lines.ts';
import { atLeast, near } from './claims.ts';
import type { Experiment } from './experiment.ts';
import { geometrySpec, type Levels, levelsOf, NOTEBOOK_SPARSITY } from './geometry.ts';

/** Share of the levels of the notebook's range at which D* is within 0.03 of 1/2. */
function stuck(dStar: readonly number[], sparsity: readonly number[]): number {
  const inRange = dStar.filter((_, level) => sparsity[level] <= NOTEBOOK_SPARSITY * (1 + 1e-6));
  return plateau(inRange).count / inRange.length;
}

export const dimensionsPerFeature: Experiment<Levels> = {
  name: 'dimensions-per-feature',
  id: 'T8',
  paper: 'toy-models',
  section: 'The geometry of superposition',
  title: 'Hidden dimensions per feature',
  caption:
    'D* = m/‖W‖²_F of models with many equally important features, over sparsity. It sticks at 1, a dimension each, ' +
    'and at 1/2, antipodal pairs.',
  seconds: { quick: 8, paper: 1_500 },
  revision: 1,
  specs: (scale) => [geometrySpec(scale)],
  data: ([result]) => levelsOf(result),
  signature: ({ dStar, sparsity }) => [
    near('density 1: a dimension each, D*', 'TMS; tolerance ours', dStar[0], 1, 0.03),
    atLeast(
      `D* sticks at 1/2: share of the levels with 1/(1 − S) ≤ ${NOTEBOOK_SPARSITY} within 0.03 of it`,
      "TMS, rule of NB-check: 3 of the notebook's 20 levels from 1 to 20",
      stuck(dStar, sparsity),
      3 / 20,
    ),
  ],
};
