/** The second stage of a spec that takes the weights of the models of the first apart: sim/DECOMPOSITION.md. */
import { z } from 'zod';
import type { SpecIssue } from './specError.ts';
import { show } from './specError.ts';
import { nonNegative, positive } from './specNumbers.ts';

const count = (max: number) => z.int().min(1).max(max);

/** What comes before the rest: subcomponents that make up the weights, by AdamW on that alone. */
const faithful = (weightDecay: number) =>
  z
    .strictObject({
      steps: z
        .int()
        .min(0)
        .max(2 ** 20)
        .default(200),
      learningRate: nonNegative.default(0.01),
      weightDecay: nonNegative.default(weightDecay),
    })
    .describe('before the rest: steps of AdamW on ‖W − VU‖² alone, in which V and U move');

/** Fields of every method. */
const shared = {
  identity: z
    .boolean()
    .default(false)
    .describe('a third map is taken apart, an m × m identity between encoder and decoder'),
  subcomponents: count(1024).describe('C of every map: rank-one maps v → U_c (V_c · v)'),
  reconstruction: nonNegative.default(1).describe('weight of the errors under masks'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 24 - 1)
    .default(0)
    .describe('another start and other samples on the same model'),
};

const misfit = 'weight of the mean over maps of ‖W − VU‖² / ‖W‖²';

function spdSchema<Training extends z.ZodType>(training: Training) {
  return z.strictObject({
    method: z.literal('spd').default('spd').describe('stochastic parameter decomposition'),
    ...shared,
    units: count(64).default(16).describe('of the perceptron that makes a causal importance'),
    minimality: nonNegative.default(3e-3).describe('c of c Σ g^p over all subcomponents'),
    power: z.literal([1, 2]).default(1).describe('p'),
    faithfulness: nonNegative.default(0).describe(`${misfit}; 0 since a mask of its own took its place`),
    faithful: faithful(0.1).prefault({}),
    training: training.describe('of the decomposition; training.* beside it is of the model'),
  });
}

const sharpness = z
  .strictObject({ from: positive.default(1), to: positive.default(0.01) })
  .describe('γ of ψ = g² / (g² + γ²), on a line over the steps');

/** A β of the sources, such that the sums of Adam do not forget what they are asked. */
const beta = z.number().min(0).max(0.9999);

const adversary = z
  .strictObject({
    share: z.number().min(0).max(1).default(0.5).describe('of the samples that get masks from sources'),
    ascents: z
      .int()
      .min(0)
      .max(16)
      .default(2)
      .describe('of all sources before the loss; one more follows where they were used'),
    learningRate: nonNegative.default(0.01).describe('of the Adam by which sources climb'),
    warmup: z.number().min(0).max(1).default(0.025).describe('share of the steps in which that rate rises'),
    beta1: beta.default(0.01),
    beta2: beta.default(0.99),
  })
  .describe('sources in [0, 1] of masks g + (1 − g) s, kept for every place in the batch');

function vpdSchema<Training extends z.ZodType>(training: Training) {
  return z.strictObject({
    method: z.literal('vpd').describe('adversarial parameter decomposition'),
    ...shared,
    units: count(1024)
      .default(50)
      .describe('of the perceptron of a map that makes its causal importances from what the map reads'),
    minimality: nonNegative.default(8e-4).describe('c of c Σ f, f the mean of ψ over the batch'),
    frequency: nonNegative.default(4e-4).describe('c of c Σ f log2(1 + frequencyScale · f)'),
    frequencyScale: nonNegative.default(32768),
    sharpness: sharpness.prefault({}),
    adversary: adversary.prefault({}),
    faithfulness: nonNegative.default(1).describe(misfit),
    faithful: faithful(0).prefault({}),
    training: training.describe('of the decomposition; training.* beside it is of the model'),
  });
}

/** What `decomposition` may hold; its `training` is checked as that of the first stage is. */
export function decompositionSchema<Spd extends z.ZodType, Vpd extends z.ZodType>(spd: Spd, vpd: Vpd) {
  return z
    .discriminatedUnion('method', [spdSchema(spd), vpdSchema(vpd)], { unionFallback: true }) // without a method it is spd
    .describe('the maps of the trained model are taken apart into rank-one subcomponents');
}

interface Sizes {
  input: { target: string; samples?: unknown };
  model: {
    kind: string;
    tied: boolean;
    hiddenActivation: string;
    outputActivation: string;
    hiddenBias: boolean;
  };
  dictionary?: unknown;
  decomposition?: { method: 'spd' | 'vpd'; training: { attack?: unknown; optimizer: string } };
}

/** What must agree between a decomposition and the model that it takes apart. */
export function decompositionIssues({ model, input, dictionary, decomposition }: Sizes): SpecIssue[] {
  if (!decomposition) return [];
  const { kind, tied, hiddenActivation, outputActivation, hiddenBias } = model;
  const { method, training } = decomposition;
  const { attack, optimizer } = training;
  const issue = (path: string, expected: string, got: unknown, holds: boolean): SpecIssue[] =>
    holds ? [] : [{ path, expected, got: show(got) }];
  return [
    ...issue('model.kind', 'toy, of a model that is taken apart', kind, kind === 'toy'),
    ...issue('model.tied', 'true for a model that is taken apart', tied, tied),
    ...issue(
      'model.hiddenActivation',
      'identity for a model that is taken apart',
      hiddenActivation,
      hiddenActivation === 'identity',
    ),
    ...issue('model.hiddenBias', 'false for a model that is taken apart', hiddenBias, !hiddenBias),
    ...issue(
      'model.outputActivation',
      'relu or identity for vpd, whose slopes are written out',
      outputActivation,
      method === 'spd' || ['relu', 'identity'].includes(outputActivation),
    ),
    ...issue('input.target', 'x for a model that is taken apart', input.target, input.target === 'x'),
    ...issue(
      'input.samples',
      'none for vpd, whose sources belong to places in fresh batches',
      input.samples,
      method === 'spd' || !input.samples,
    ),
    ...issue('decomposition', 'none beside a dictionary', decomposition, !dictionary),
    ...issue('decomposition.training.attack', 'none', attack, !attack),
    ...issue('decomposition.training.optimizer', 'adamw, adam or sgd', optimizer, optimizer !== 'sgld'),
  ];
}
