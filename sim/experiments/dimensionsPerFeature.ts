import { plateau } from '../metrics/lines.ts';
import { atLeast, near } from './claims.ts';
import type { Experiment } from './experiment.ts';
import { geometrySpec, type Levels, levelsOf } from './geometry.ts';

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
  specs: (scale) => [geometrySpec(scale)],
  data: ([result]) => levelsOf(result),
  signature: ({ dStar }) => [
    near('density 1: a dimension each, D*', 'TMS; tolerance ours', dStar[0], 1, 0.03),
    atLeast(
      'D* sticks at 1/2: share of the levels within 0.03 of it',
      'NB-check: 3 of 20 levels',
      plateau(dStar).count / dStar.length,
      3 / 20,
    ),
  ],
};
