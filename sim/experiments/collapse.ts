import { featureNorms } from '../metrics/norms.ts';
import { bestCollapse, collapsedPairs } from '../theory/collapse.ts';
import { decidedBy, settled, statement } from './claims.ts';
import type { Claim, Experiment } from './experiment.ts';
import { type PairsData, pairsData, pairsSpec } from './pairs.ts';
import type { TrainedModel } from './trained.ts';
import type { ExactNumber } from './verdict.ts';

/** Densities inside the paper's regimes and how many pairs have collapsed in each; null where it says only PCA-like. */
const REGIMES: readonly [density: number, collapsed: number | null][] = [
  [0.02, 0],
  [0.04, 0],
  [0.08, 1],
  [0.12, 1],
  [0.175, 2],
  [0.3, 3],
  [0.45, 3],
  [0.7, null],
];

export interface CollapseData extends PairsData {
  collapsed: number[]; // pairs collapsed in each model
  exact: number[]; // in the solution of least exact loss
}

/** Largest distance of ‖W_a‖ and ‖W_b‖ from 1/√2 over collapsed pairs. */
function offUnit(models: readonly TrainedModel[]): number {
  const distances = models.flatMap((model) => {
    const norms = featureNorms(model, model);
    return collapsedPairs(model.W).flatMap((i) => [norms[i], norms[i + 1]]);
  });
  return Math.max(0, ...distances.map((norm) => Math.abs(norm - Math.SQRT1_2)));
}

/** At the densities of a regime of the paper, so many pairs have collapsed. */
function regimeClaim(count: number, { models, collapsed: found, exact }: CollapseData): Claim {
  const regime = [...REGIMES.keys()].filter((k) => REGIMES[k][1] === count);
  const claim = statement(
    `density ${regime.map((k) => REGIMES[k][0]).join(' and ')}: ${count} of three pairs collapsed into their principal component`,
    'TMS, "approximately"',
    regime.map(() => count).join(', '),
    regime.map((k) => found[k]).join(', '),
    regime.every((k) => found[k] === count),
  );
  const numbers = regime.map(
    (k): ExactNumber => ({
      kind: 'exact',
      what: `density ${REGIMES[k][0]}: pairs collapsed in the exact optimum`,
      value: exact[k],
      least: count,
      most: count,
    }),
  );
  const rows = regime.map((k) => models[k].row);
  return settled({ ...claim, models: { spec: 0, rows } }, ...numbers);
}

function signature(data: CollapseData): Claim[] {
  const { models, collapsed: found, exact } = data;
  const superposed = models.slice(0, -1); // without the last density: PCA keeps any plane of three equal components
  const off = offUnit(superposed);
  return [
    ...[0, 1, 2, 3].map((count) => regimeClaim(count, data)),
    statement(
      'trained models collapse as many pairs as the solution of least exact loss',
      'exact',
      exact.join(', '),
      found.join(', '),
      found.join() === exact.join(),
    ),
    statement(
      'the sparser, the fewer pairs collapse',
      'TMS',
      'counts rise with density',
      found.slice(0, -1).join(', '),
      found.slice(1, -1).every((count, k) => count >= found[k]),
    ),
    statement(
      'a collapsed pair stores (a + b)/√2: both norms 1/√2, at densities below 0.5',
      'TMS; tolerance 0.15, ours',
      '0.707 ± 0.15',
      `off by ${off.toFixed(3)} at most`,
      off < 0.15,
    ),
  ];
}

export const collapse: Experiment<CollapseData> = {
  name: 'pca-collapse',
  id: 'T17',
  paper: 'toy-models',
  section: 'Correlated and anticorrelated features',
  title: 'Superposition and principal components',
  caption:
    'Three pairs of features that are active together, in two dimensions; colour is the pair. Sparse pairs keep their ' +
    'features apart; as they become dense, one pair after the other collapses into its principal component ' +
    '(a + b)/√2, until the model does principal component analysis.',
  seconds: { quick: 8, paper: 60 },
  specs: (scale) => [
    pairsSpec(
      3,
      'correlated',
      REGIMES.map(([density]) => density),
      scale,
    ),
  ],
  data: async (results, context) => {
    const { models } = await pairsData(results, context);
    return {
      models,
      collapsed: models.map((model) => collapsedPairs(model.W).length),
      exact: REGIMES.map(([density]) => bestCollapse(density).collapsed),
    };
  },
  signature: (data) => decidedBy(0, data.models, signature(data)),
};
