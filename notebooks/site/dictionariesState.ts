/** Everything the page of dictionaries can be set to, and the specs it stands for. */
import * as z from 'zod/mini';
import type { SpecInput } from '../../sim/spec.ts';
import { hide, question, seed, whole, within } from './fields.ts';

export const DICTIONARIES_HIDEABLE = ['measure', 'model', 'dictionary', 'cell', 'share'] as const;
/** What the map can show, names of scores. */
export const MEASURES = ['mmcs', 'found', 'r2', 'dead_share'] as const;

export const dictionariesSchema = z.strictObject({
  features: z._default(whole(3, 8), 5), // in two dimensions
  density: z._default(within(0.01, 1), 0.05),
  start: z._default(z.enum(['tied', 'untied']), 'tied'),
  seeds: z._default(whole(1, 16), 4), // dictionaries in a cell
  seed: seed(),
  measure: z._default(z.enum(MEASURES), 'mmcs'),
  hide: hide(DICTIONARIES_HIDEABLE),
  question: question(),
});

export type DictionariesState = z.output<typeof dictionariesSchema>;
export const dictionariesDefaults: DictionariesState = dictionariesSchema.parse({});

export const MODEL_STEPS = 2_000;
export const DICTIONARY_STEPS = 3_000;
/** λ of the columns of the map. */
export const LAMBDAS = [0.003, 0.01, 0.03, 0.06, 0.1, 0.2, 0.4, 0.8];

/** Latents of the rows of the map, from too few to twice as many as features and more. */
export function sizesOf({ features: n }: DictionariesState): number[] {
  return [n - 2, n - 1, n, n + 1, n + 3, 2 * n + 2];
}

/** Models of which the best is read. */
const MODELS = 8;

/** The models of which the best, by its exact loss, is on the screen. */
export function modelSpec({ features, density, seed }: DictionariesState): SpecInput {
  return {
    model: { features, hidden: 2 },
    input: { density },
    training: { steps: MODEL_STEPS, batch: 512, learningRate: 0.01, schedule: 'cosine', weightDecay: 0 },
    replicas: MODELS,
    seed,
    record: { lossEvery: 100 },
  };
}

function dictionarySpec(state: DictionariesState, latents: number, sizes: number[]): SpecInput {
  const { density, features, start, seeds, seed } = state;
  return {
    ...modelSpec({ ...state, features, density }),
    name: 'dictionaries',
    dictionary: {
      latents,
      penalty: 'unit-norm',
      start,
      training: { steps: DICTIONARY_STEPS, batch: 128, learningRate: 5e-3, schedule: 'last-fifth' },
    },
    sweep: [
      ...(sizes.length > 0 ? [{ path: 'dictionary.latents', values: sizes }] : []),
      { path: 'dictionary.sparsity', values: LAMBDAS },
      { path: 'dictionary.seed', values: Array.from({ length: seeds }, (_, k) => k) },
    ],
    replicas: 1,
    seed,
  };
}

/** The dictionaries of one row of the map, λ outermost, seeds innermost. */
export const rowSpec = (state: DictionariesState, latents: number): SpecInput =>
  dictionarySpec(state, latents, []);

/** The whole map as one sweep, which trains a model of its own; what is saved. */
export const mapSpec = (state: DictionariesState): SpecInput =>
  dictionarySpec(state, state.features, sizesOf(state));
