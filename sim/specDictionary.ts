/** The second stage of a spec: a dictionary trained on the hidden layer of the models of the first. */
import { z } from 'zod';
import type { SpecIssue } from './specError.ts';
import { show } from './specError.ts';
import { nonNegative, positive } from './specNumbers.ts';

const MAX_LATENTS = 65_536;
const count = (max: number) => z.int().min(1).max(max);

/** What `dictionary` may hold; its `training` is checked as that of the first stage is. */
export function dictionarySchema<Training extends z.ZodType>(training: Training) {
  return z
    .strictObject({
      kind: z
        .enum(['relu', 'topk', 'batch-topk', 'jump-relu', 'gated'])
        .default('relu')
        .describe('how a latent fires'),
      reads: z
        .enum(['model', 'random', 'orthonormal'])
        .default('model')
        .describe(
          'the hidden layer of the trained models; or features along random unit or orthonormal directions, which trains no model',
        ),
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
  model: { features: number; hidden: number; kind: string; hiddenActivation: string; hiddenBias: boolean };
  dictionary?: {
    kind: string;
    penalty: string;
    latents: number;
    active: number;
    prefixes: number[];
    reads: string;
    start: string;
  };
}

/** What must agree within a dictionary and with the model that it reads. */
export function dictionaryIssues({ model, dictionary }: Sizes): SpecIssue[] {
  if (!dictionary) return [];
  const { kind, penalty, latents, active, prefixes, reads, start } = dictionary;
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
      reads !== 'model' || isLinear,
    ),
  ];
}
