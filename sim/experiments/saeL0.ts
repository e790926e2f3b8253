/** A dictionary with too few firing latents mixes correlated features, and reconstructs better for it. */
import type { TrainedModels } from '../join.ts';
import { overGrid } from '../overGrid.ts';
import type { SpecInput } from '../spec.ts';
import { axisCosine } from '../theory/dictionary.ts';
import { atMost, statement } from './claims.ts';
import { byRow, inFeatureAxes, meanOf, runs, scoreAt } from './dictionaries.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';

/** Correlations (R) by k (K); all (R, K), means over seeds. */
export interface L0Data {
  correlations: number[]; // of features 1 … 4 with feature 0
  active: number[]; // k, rising
  trueL0: number;
  cosine: number[]; // mean cos of the latents of features 1 … 4 with feature 0
  r2: number[];
}

const CORRELATIONS = [-0.4, 0.4];
const ACTIVE = [1.7, 1.8, 1.9, 2, 2.2];
const FEATURES = 5;
const DENSITY = 0.4;

function spec(scale: Scale): SpecInput {
  const quick = scale === 'quick';
  return overGrid({ correlation: CORRELATIONS, active: ACTIVE }, ({ correlation, active }) => ({
    model: { features: FEATURES, hidden: FEATURES },
    input: {
      density: DENSITY,
      magnitude: { mean: 1, sd: 0.15 },
      loading: [1, ...new Array<number>(FEATURES - 1).fill(correlation)],
    },
    dictionary: {
      kind: 'batch-topk' as const,
      reads: 'orthonormal' as const,
      latents: FEATURES,
      active,
      start: 'truth' as const,
      training: quick
        ? { steps: 2_500, batch: 512, learningRate: 1e-3 }
        : { steps: 15_000, batch: 1024, learningRate: 3e-4 },
    },
    replicas: quick ? 2 : 5,
  }));
}

function data([result]: TrainedModels[]): L0Data {
  const { replicas } = result.spec;
  const mixed = byRow(result, (group, i) => {
    const own = inFeatureAxes(group, i);
    return meanOf(Array.from({ length: FEATURES - 1 }, (_, k) => axisCosine(own, k + 1, 0))) ?? 0;
  });
  return {
    correlations: CORRELATIONS,
    active: ACTIVE,
    trueL0: FEATURES * DENSITY,
    cosine: runs(mixed, replicas).map((cell) => meanOf(cell) ?? 0),
    r2: runs(byRow(result, scoreAt), replicas).map((cell) => meanOf(cell.map(({ r2 }) => r2)) ?? 0),
  };
}

function signature({ correlations, active, trueL0, cosine, r2 }: L0Data): Claim[] {
  const row = (values: number[], r: number) => values.slice(r * active.length, (r + 1) * active.length);
  const right = active.indexOf(trueL0);
  const below = correlations.map((_, r) => row(cosine, r).slice(0, right));
  const strongest = below.map((values) => values.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a)));
  return [
    atMost(
      'with k the true number no latent mixes: largest |cos| with feature 0',
      'SBW',
      Math.max(...correlations.map((_, r) => Math.abs(row(cosine, r)[right]))),
      0.05,
    ),
    statement(
      'below it latents take up the correlated feature with the sign of the correlation (strongest mixing)',
      'SBW; bound ours',
      correlations.map((rho) => (rho > 0 ? 'above 0.02' : 'below −0.02')).join(', '),
      strongest.map((value) => value.toFixed(3)).join(', '),
      correlations.every((rho, r) => strongest[r] * Math.sign(rho) > 0.02),
    ),
    ...correlations.map((rho, r) =>
      statement(
        `and the more the smaller k is, correlation ${rho}`,
        'SBW figure',
        '|cos| falls as k rises',
        below[r].map((value) => value.toFixed(3)).join(', '),
        below[r].every((value, k, all) => k === 0 || Math.abs(value) < Math.abs(all[k - 1])),
      ),
    ),
    statement(
      'R² does not show it: it only rises with k up to the true number',
      'SBW',
      'rising in every row',
      correlations
        .map((_, r) =>
          row(r2, r)
            .slice(0, right + 1)
            .map((value) => value.toFixed(3))
            .join(', '),
        )
        .join('; '),
      correlations.every((_, r) =>
        row(r2, r)
          .slice(0, right + 1)
          .every((value, k, all) => k === 0 || value > all[k - 1]),
      ),
    ),
  ];
}

export const saeL0: Experiment<L0Data> = {
  name: 'sae-l0',
  id: 'S9',
  paper: 'dictionaries',
  section: 'Features that come together',
  title: 'The wrong number of firing latents mixes features',
  caption:
    'Five orthonormal features of probability 0.4, so two active on average; the others are correlated with the first, ' +
    'positively or negatively. BatchTopK dictionaries of five latents start at the truth. With k = 2 they stay there; ' +
    'with less, the latents of the others take up a part of the first. Variance explained gives no hint of it.',
  seconds: { quick: 25, paper: 120 },
  specs: (scale) => [spec(scale)],
  data,
  signature,
};
