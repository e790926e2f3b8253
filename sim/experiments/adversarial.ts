import { corr } from 'mathjs/number';
import type { Attack, Family } from '../family.ts';
import { drawBatch } from '../features.ts';
import type { TrainedGroup, TrainedModels } from '../join.ts';
import {
  type AttackedLoss,
  attackedLoss,
  meanInputNorm,
  relativeVulnerability,
} from '../metrics/adversarial.ts';
import { dimensionsPerFeature } from '../metrics/dimensionality.ts';
import type { Model } from '../model.ts';
import { HELD_OUT_STEP } from '../random.ts';

import { atLeast, digits, near, noted } from './claims.ts';
import type { Claim, Experiment } from './experiment.ts';
import { geometrySpec } from './geometry.ts';
import { freedAt, type Hardened, hardenedModels, hardenedSpec } from './hardened.ts';
import { modelAt, onlyGroup } from './trained.ts';

/** L = levels of sparsity. */
export interface AdversarialData {
  features: number;
  hidden: number;
  sparsity: number[]; // (L) 1/(1 − S), rising
  vulnerability: number[]; // (L) (L' − L) / (L'₀ − L₀)
  featuresPerDimension: number[]; // (L) 1/D* = ‖W‖²_F / m
  hardened: Record<Attack['of'], Hardened>; // small models trained against attacks, by what their length is a share of
}

const BATCH = 512;
/** Length of the attack over the mean length of the inputs. */
const BUDGET = 0.1;

/** A model without superposition: a dimension each for m features, and the mean p/2 for the others. */
function withoutSuperposition({ features: n, hidden: m }: Family, p: number): Model {
  const W = new Float64Array(n * m);
  for (let i = 0; i < m; i++) W[i * m + i] = 1;
  return { W, b: Float64Array.from({ length: n }, (_, i) => (i < m ? 0 : p / 2)) };
}

/** Vulnerability of instance i, on held-out inputs of its own density. */
function vulnerabilityOf(group: TrainedGroup, i: number): number {
  const problem = {
    ...group.problem,
    firstStep: HELD_OUT_STEP,
    training: { ...group.problem.training, batch: BATCH },
  };
  const { family } = problem;
  const batch = drawBatch(problem, i, 0);
  const { W, b, importance, density } = modelAt(group, i, 0);
  const budget = BUDGET * meanInputNorm(batch, family.features);
  const attack = (model: Model): AttackedLoss => attackedLoss(family, model, batch, importance, budget);
  return relativeVulnerability(
    attack({ W: Float64Array.from(W), b: Float64Array.from(b) }),
    attack(withoutSuperposition(family, density[0])),
  );
}

function data([result, own, mean]: TrainedModels[]): AdversarialData {
  const group = onlyGroup(result);
  const { family } = group.problem;
  return {
    features: family.features,
    hidden: family.hidden,
    sparsity: [...result.grid.axisValues[0]].map((density) => 1 / density),
    vulnerability: Array.from(group.rows, (_, i) => vulnerabilityOf(group, i)),
    featuresPerDimension: [...dimensionsPerFeature(group.params, family)].map((d) => 1 / d),
    hardened: { own: hardenedModels(own), mean: hardenedModels(mean) },
  };
}

/**
 * The models trained against attacks. Superposition is removed fully where no feature shares its direction: 1/D* falls
 * to 1 earlier, with features that are short and still shared. The statement speaks of the input's norm: its own is
 * taken, so that an input in which nothing is active is not attacked at all; the mean input's is told.
 */
function hardenedClaim({ own, mean }: AdversarialData['hardened']): Claim {
  const half = (lengths: number[], perDimension: number[]) =>
    digits(lengths.find((_, k) => perDimension[k] <= 1) ?? Number.NaN);
  return noted(
    near(
      'adversarial training removes superposition fully only with attacks of about 80 % of the input length',
      'TMS; tolerance one step of the lengths tried',
      freedAt(own),
      0.8,
      0.1,
    ),
    `least share of each input's own length from which on most of ${own.replicas} models have no feature in ` +
      `superposition; as a share of the mean input it is ${digits(freedAt(mean))}. Their median 1/D* is at most 1 from ` +
      `${half(own.lengths, own.featuresPerDimension)} and ${half(mean.lengths, mean.featuresPerDimension)} on; ` +
      '20 features in 5 dimensions, density 0.1, all ours',
  );
}

function signature({ vulnerability, featuresPerDimension, hardened }: AdversarialData): Claim[] {
  return [
    atLeast(
      'vulnerability rises more than threefold with superposition',
      'TMS',
      Math.max(...vulnerability) / vulnerability[0],
      3,
    ),
    atLeast(
      'it tracks the number of features per dimension: correlation with 1/D*',
      'TMS; bound ours',
      Number(corr(vulnerability, featuresPerDimension)),
      0.9,
    ),
    hardenedClaim(hardened),
  ];
}

export const adversarial: Experiment<AdversarialData> = {
  name: 'adversarial',
  id: 'T20',
  paper: 'toy-models',
  section: 'Superposition and adversarial robustness',
  title: 'Superposition makes models vulnerable',
  caption:
    'The models of the geometry figures under an L2 attack of a tenth of the mean input length, along the worst row of ' +
    'WᵀW. Top: rise of the loss over that of a model without superposition at the same density. Below: features per ' +
    'dimension, 1/D*. Right: one against the other, coloured by sparsity; and what is left of superposition in small ' +
    'models that are trained against attacks, over the length of the attack as a share of each input’s own length or ' +
    'of the mean input’s: medians of 100 models with half of them in the bands, and the share in which no feature is in ' +
    'superposition.',
  seconds: { quick: 40, paper: 300 },
  revision: 1,
  specs: (scale) => [geometrySpec(scale), hardenedSpec(scale, 'own'), hardenedSpec(scale, 'mean')],
  data,
  signature,
};
