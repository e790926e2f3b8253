/** The second stage of a spec: a dictionary trained on the hidden layer of the models of the first. */
import { z } from 'zod';
import type { SpecIssue } from './specError.ts';
import { show } from './specError.ts';
import { nonNegative, positive } from './specNumbers.ts';

const MAX_LATENTS = 65_536;
const count = (max: number) => z.int().min(1).max(max);

const resample = z
  .strictObject({
    every: count(2 ** 23).describe('steps between two times'),
    times: count(1024).default(4),
    samples: count(2 ** 16)
      .default(4096)
      .describe('a latent that fires on none of so many held-out samples is dead'),
    encoder: positive.default(0.2).describe('length of a new encoder row, over the mean of those alive'),
  })
  .describe('dead latents point again at samples drawn by the square of their loss; absent: they stay dead');

const auxiliary = z
  .strictObject({
    active: positive.describe('k of the dead latents'),
    weight: positive.default(1 / 32),
    every: count(2 ** 23)
      .default(100)
      .describe('steps between two looks at which latents are dead'),
    samples: count(2 ** 16)
      .default(4096)
      .describe('a latent that fires on none of so many held-out samples is dead'),
  })
  .describe(
    'topk and batch-topk: weight · ‖e − ê‖², e = h − ĥ held still, ê of the k largest dead latents; absent: none',
  );

const drawnPrefixes = z
  .strictObject({
    count: count(16).default(10),
    exponent: positive
      .default(0.5)
      .describe('α: a prefix is the whole part of a Pareto(α) number on [1, latents)'),
    every: count(2 ** 23)
      .default(1)
      .describe('steps for which a draw holds'),
  })
  .describe('Matryoshka with prefixes that are drawn during training, in place of prefixes');

/** What `dictionary` may hold; its `training` is checked as that of the first stage is. */
export function dictionarySchema<Training extends z.ZodType>(training: Training) {
  return z
    .strictObject({
      kind: z
        .enum(['relu', 'topk', 'batch-topk', 'jump-relu', 'gated'])
        .default('relu')
        .describe('how a latent fires'),
      reads: z
        .enum(['model', 'stored', 'random', 'orthonormal'])
        .default('model')
        .describe(
          'the hidden layer of the trained models; or, which trains no model, that of the models that training.init gives as they are, or features along random unit or orthonormal directions',
        ),
      scaling: z
        .enum(['mean-norm', 'mean-square'])
        .optional()
        .describe('h times one number: so that E‖h‖ = √m; so that E‖h‖² = 1; absent: h as it is'),
      latents: count(MAX_LATENTS).describe('L'),
      sparsity: nonNegative
        .default(0.1)
        .describe('λ: relu and gated, of the penalty; jump-relu, of each firing latent'),
      sparsityWarmup: z.int().min(0).default(0).describe('steps over which λ rises to its value'),
      penalty: z
        .enum(['decoder-norm', 'unit-norm', 'plain', 'tanh'])
        .default('decoder-norm')
        .describe(
          'relu and gated: λ Σ z_i ‖d_i‖; λ Σ z_i with directions kept at length 1; λ Σ z_i; λ Σ tanh(z_i ‖d_i‖)',
        ),
      active: positive
        .default(1)
        .describe('k: latents that fire, of a sample (topk) or on average over a batch (batch-topk)'),
      threshold: nonNegative.default(0.1).describe('jump-relu: where thresholds start'),
      bandwidth: positive.default(0.1).describe('jump-relu: width of the straight-through window'),
      prefixes: z
        .array(count(MAX_LATENTS))
        .max(16)
        .default([])
        .describe(
          'Matryoshka: the first so many latents must reconstruct alone too; ascending, below latents',
        ),
      innerWeight: nonNegative.default(1).describe('weight of the error of every prefix'),
      start: z
        .enum(['tied', 'untied', 'truth'])
        .default('tied')
        .describe('encoder = decoder of random directions; both random; or both along the true features'),
      startNorm: positive.default(1).describe('length of the first decoder directions'),
      decoderBias: z
        .boolean()
        .default(true)
        .describe('learned from 0, taken off the input and added to the output'),
      resample: resample.optional(),
      auxiliary: auxiliary.optional(),
      drawnPrefixes: drawnPrefixes.optional(),
      seed: z
        .int()
        .min(0)
        .max(2 ** 24 - 1)
        .default(0)
        .describe('another start and other samples on the same model; dictionaries of one seed share both'),
      training: training.describe('of the dictionary; training.* beside it is of the model'),
    })
    .describe('a dictionary that reads the hidden layer: h = Wᵀx is reconstructed by L latents');
}

interface Sizes {
  training: { init: unknown };
  model: { features: number; hidden: number; kind: string; hiddenActivation: string; hiddenBias: boolean };
  dictionary?: {
    kind: string;
    penalty: string;
    latents: number;
    active: number;
    prefixes: number[];
    reads: string;
    start: string;
    resample?: { every: number };
    auxiliary?: { active: number };
    drawnPrefixes?: object;
    training: { steps: number };
  };
}

/** What must agree within a dictionary and with the model that it reads. */
export function dictionaryIssues({ model, training: { init }, dictionary }: Sizes): SpecIssue[] {
  if (!dictionary) return [];
  const { kind, penalty, latents, active, prefixes, reads, start, training } = dictionary;
  const { resample, auxiliary, drawnPrefixes } = dictionary;
  const issue = (field: string, expected: string, got: unknown, holds: boolean): SpecIssue[] =>
    holds ? [] : [{ path: `dictionary.${field}`, expected, got: show(got) }];
  const isLinear = model.kind === 'toy' && model.hiddenActivation === 'identity' && !model.hiddenBias;
  const ascend = prefixes.every((prefix, k) => prefix < (prefixes[k + 1] ?? latents));
  return [
    ...issue('active', `at most dictionary.latents = ${latents}`, active, active <= latents),
    ...issue(
      'penalty',
      'unit-norm for gated: the error of its gate does not hold up the length of directions',
      penalty,
      kind !== 'gated' || penalty === 'unit-norm',
    ),
    ...issue(
      'resample.every',
      `below dictionary.training.steps = ${training.steps}`,
      resample?.every,
      !resample || resample.every < training.steps,
    ),
    ...issue(
      'auxiliary',
      'only of topk and batch-topk, which choose among latents',
      auxiliary,
      !auxiliary || kind === 'topk' || kind === 'batch-topk',
    ),
    ...issue(
      'auxiliary.active',
      `at most dictionary.latents = ${latents}`,
      auxiliary?.active,
      !auxiliary || auxiliary.active <= latents,
    ),
    ...issue('drawnPrefixes', 'none beside prefixes', drawnPrefixes, !drawnPrefixes || prefixes.length === 0),
    ...issue('drawnPrefixes', 'none of one latent', drawnPrefixes, !drawnPrefixes || latents > 1),
    ...issue('prefixes', `ascending numbers below dictionary.latents = ${latents}`, prefixes, ascend),
    ...issue(
      'reads',
      `model or random where model.features = ${model.features} exceeds model.hidden = ${model.hidden}`,
      reads,
      reads !== 'orthonormal' || model.features <= model.hidden,
    ),
    ...issue(
      'start',
      `tied or untied where dictionary.latents exceeds model.features = ${model.features}`,
      start,
      start !== 'truth' || latents <= model.features,
    ),
    ...issue(
      'reads',
      'random or orthonormal where the hidden layer is not Wᵀx (kind toy, hiddenActivation identity, no hiddenBias)',
      reads,
      reads === 'random' || reads === 'orthonormal' || isLinear,
    ),
    ...issue(
      'reads',
      'model, random or orthonormal where training.init gives no weights',
      reads,
      reads !== 'stored' ||
        (typeof init === 'object' && init !== null && ('from' in init || 'values' in init)),
    ),
  ];
}
