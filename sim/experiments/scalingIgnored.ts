/** LS3: in weak superposition a model loses what it ignores. */
import { median } from 'mathjs/number';
import type { TrainedModels } from '../join.ts';
import { atLeast, atMost, digits, noted } from './claims.ts';
import type { Claim, Context, Experiment } from './experiment.ts';
import { EXPONENTS, regimeSpec, type Scaled, scaledModels, shortened } from './scaling.ts';

export interface IgnoredData {
  models: Scaled[];
}

async function data([result]: TrainedModels[], context: Context): Promise<IgnoredData> {
  return { models: await scaledModels(result, EXPONENTS[context.scale], context) };
}

function signature({ models }: IgnoredData): Claim[] {
  const off = models
    .filter(({ ignored }) => ignored > 0)
    .map(({ loss, ignored }) => Math.abs(loss / ignored - 1));
  return [
    noted(
      atMost(
        'the loss is that of the ignored features, (4/3) Σ p_i over i > φ½ n: relative difference, median',
        'LIU; tolerance ours',
        Number(median(off)),
        0.2,
      ),
      `at worst ${digits(Math.max(...off))}; constants in place of 0 would save at most ¾ p_i of the share of feature i`,
    ),
    atLeast(
      'the features that are kept are the most frequent, where frequencies differ: share of them among the first φ½ n, least',
      'LIU; bound ours',
      Math.min(...models.filter(({ kept, exponent }) => kept > 0 && exponent > 0).map(({ first }) => first)),
      0.9,
    ),
  ];
}

export const scalingIgnored: Experiment<IgnoredData> = {
  name: 'scaling-ignored',
  id: 'LS3',
  paper: 'scaling',
  section: 'Two regimes of scaling',
  title: 'In weak superposition a model loses what it ignores',
  caption:
    'Models with a weight decay of γ = 1. Left: held-out loss over (4/3) Σ p_i of all features but the first φ½ n, the ' +
    'loss of a model that returns 0 for these and the others exactly; on the line they agree. Right: features whose ' +
    'direction is longer than ½, over the number of dimensions; dotted: as many as dimensions.',
  seconds: { quick: 25, paper: 15_000 },
  specs: (scale) => [regimeSpec(scale, 1)],
  data,
  signature: (data, scale) => shortened(signature(data), scale),
};
