/** Absorption as a phase diagram: trained dictionaries beside the exact optimum. */

import type { TrainedModels } from '../join.ts';
import { overGrid } from '../overGrid.ts';
import type { SpecInput } from '../spec.ts';
import { fateOf, kinshipSupport, PUBLISHED, parentFate } from '../theory/absorption.ts';
import { lossOf, plain } from '../theory/dictionary.ts';
import { atMost, near } from './claims.ts';
import { byRow, inFeatureAxes, leastOf, runs } from './dictionaries.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';

/** λ (S) by share of the child's appearances that are alone (Q); all (S, Q). */
export interface AbsorptionData {
  sparsities: number[]; // (S)
  shares: number[]; // (Q)
  exact: number[]; // response of the parent's latent to parent and child over that to the parent: 0 absorbed, 1 clean
  trained: number[]; // of the replica of least exact loss
  excess: number[]; // its exact loss over the least, minus 1
  childCosine: number[]; // cos(child's latent, parent), trained
  reached: number[]; // share of replicas within 1 % of the least exact loss
}

const SPARSITIES = [0.003, 0.01, 0.03, 0.1];
const SHARES = [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

function spec(scale: Scale): SpecInput {
  const { parent, child } = PUBLISHED;
  const quick = scale === 'quick';
  return overGrid({ sparsity: SPARSITIES, alone: SHARES }, ({ sparsity, alone }) => ({
    model: { features: 2, hidden: 2 },
    input: {
      density: [parent, ((1 - alone) * child) / parent],
      magnitude: 'one' as const,
      tree: { parents: [-1, 0], alone: (alone * child) / (1 - parent) },
    },
    dictionary: {
      reads: 'orthonormal' as const,
      latents: 2,
      sparsity,
      training: quick
        ? { steps: 10_000, batch: 256, learningRate: 3e-3, schedule: 'cosine' as const }
        : { steps: 50_000, batch: 1024, learningRate: 3e-3, schedule: 'cosine' as const },
    },
    replicas: quick ? 8 : 50,
  }));
}

function data([result]: TrainedModels[]): AbsorptionData {
  const cells = SPARSITIES.flatMap((sparsity) => SHARES.map((alone) => ({ sparsity, alone })));
  const dictionaries = runs(byRow(result, inFeatureAxes), result.spec.replicas);
  const best = cells.map(({ sparsity, alone }) => parentFate({ ...PUBLISHED, alone }, sparsity));
  const losses = cells.map(({ sparsity, alone }, k) =>
    dictionaries[k].map((own) => ({
      loss: lossOf(kinshipSupport({ ...PUBLISHED, alone }), plain(2, sparsity), own),
      ...fateOf(own),
    })),
  );
  const chosen = losses.map(leastOf);
  return {
    sparsities: SPARSITIES,
    shares: SHARES,
    exact: best.map(({ response }) => response),
    trained: chosen.map(({ response }) => response),
    excess: chosen.map(({ loss }, k) => loss / best[k].loss - 1),
    childCosine: chosen.map(({ childCosine }) => childCosine),
    reached: losses.map((own, k) => own.filter(({ loss }) => loss < 1.01 * best[k].loss).length / own.length),
  };
}

function signature({ sparsities, shares, exact, trained, childCosine }: AbsorptionData): Claim[] {
  const strict = sparsities.map((_, s) => s * shares.length);
  const least = strict[0];
  const differences = trained.map((value, k) => Math.abs(value - exact[k]));
  return [
    atMost(
      'strict hierarchy: the parent’s latent is silent where the child is there, at every λ (largest response)',
      'ABS; bound ours',
      Math.max(...strict.map((cell) => trained[cell])),
      0.03,
    ),
    near(
      'and the child’s latent points along both: cos with the parent at the smallest λ',
      'exact, 1/√2 as λ → 0; tolerance ours',
      childCosine[least],
      Math.SQRT1_2,
      0.03,
    ),
    atMost(
      'trained responses follow the exact map: mean |difference|',
      'exact; tolerance ours',
      differences.reduce((sum, value) => sum + value, 0) / differences.length,
      0.1,
    ),
    near(
      'cells in which the parent is absorbed (response under 0.03), trained',
      'exact; tolerance one cell of a row',
      trained.filter((value) => value < 0.03).length,
      exact.filter((value) => value < 0.03).length,
      sparsities.length,
    ),
  ];
}

export const saeAbsorption: Experiment<AbsorptionData> = {
  name: 'sae-absorption',
  id: 'S3',
  paper: 'dictionaries',
  section: 'Features that come together',
  title: 'Absorption is a phase',
  caption:
    'A parent feature (probability 1/4) and a child (1/20 in all) on orthonormal axes, read by two latents. Colour: ' +
    'how strongly the parent’s latent answers when both are there, over its answer to the parent alone. Where the ' +
    'child hardly ever comes alone, or λ is large, one latent for both is cheaper and the parent’s falls silent: the ' +
    'boundary lies near λ proportional to the share alone. Left the exact optimum, middle the best trained dictionary ' +
    'of each cell, right how many dictionaries find that optimum.',
  seconds: { quick: 12, paper: 840 },
  specs: (scale) => [spec(scale)],
  data,
  signature,
};
