/** The second stage of a spec that takes the weights of the models of the first apart: sim/DECOMPOSITION.md. */
import { z } from 'zod';
import type { SpecIssue } from './specError.ts';
import { show } from './specError.ts';
import { nonNegative } from './specNumbers.ts';

const count = (max: number) => z.int().min(1).max(max);

const faithful = z
  .strictObject({
    steps: z
      .int()
      .min(0)
      .max(2 ** 20)
      .default(200),
    learningRate: nonNegative.default(0.01),
    weightDecay: nonNegative.default(0.1),
  })
  .describe('before the rest: steps of AdamW on ‖W − VU‖² alone, in which V and U move');

/** What `decomposition` may hold; its `training` is checked as that of the first stage is. */
export function decompositionSchema<Training extends z.ZodType>(training: Training) {
  return z
    .strictObject({
      method: z.enum(['spd']).default('spd').describe('stochastic parameter decomposition'),
      identity: z
        .boolean()
        .default(false)
        .describe('a third map is taken apart, an m × m identity between encoder and decoder'),
      subcomponents: count(1024).describe('C of every map: rank-one maps v → U_c (V_c · v)'),
      units: count(64).default(16).describe('of the perceptron that makes a causal importance'),
      minimality: nonNegative.default(3e-3).describe('c of c Σ g^p over all subcomponents'),
      power: z.literal([1, 2]).default(1).describe('p'),
      reconstruction: nonNegative.default(1).describe('weight of the errors under masks'),
      faithfulness: nonNegative
        .default(0)
        .describe(
          'weight of the mean over maps of ‖W − VU‖² / ‖W‖²; 0 since a mask of its own took its place',
        ),
      faithful: faithful.prefault({}),
      seed: z
        .int()
        .min(0)
        .max(2 ** 24 - 1)
        .default(0)
        .describe('another start and other samples on the same model'),
      training: training.describe('of the decomposition; training.* beside it is of the model'),
    })
    .describe('the maps of the trained model are taken apart into rank-one subcomponents');
}

interface Sizes {
  input: { target: string };
  model: { kind: string; tied: boolean; hiddenActivation: string; hiddenBias: boolean };
  dictionary?: unknown;
  decomposition?: { training: { attack?: unknown; optimizer: string } };
}

/** What must agree between a decomposition and the model that it takes apart. */
export function decompositionIssues({ model, input, dictionary, decomposition }: Sizes): SpecIssue[] {
  if (!decomposition) return [];
  const { kind, tied, hiddenActivation, hiddenBias } = model;
  const { attack, optimizer } = decomposition.training;
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
    ...issue('input.target', 'x for a model that is taken apart', input.target, input.target === 'x'),
    ...issue('decomposition', 'none beside a dictionary', decomposition, !dictionary),
    ...issue('decomposition.training.attack', 'none', attack, !attack),
    ...issue('decomposition.training.optimizer', 'adamw, adam or sgd', optimizer, optimizer !== 'sgld'),
  ];
}
