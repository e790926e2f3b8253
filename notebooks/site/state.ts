/** Everything the playground can be set to: one flat object, checked by one schema, the same in the page and in a link. */
import { z } from 'zod';
import type { Spec, SpecInput } from '../../sim/spec.ts';

export const MODELS = ['relu', 'linear', 'relu-hidden', 'abs'] as const;
export const PAIRS = ['none', 'correlated', 'anticorrelated'] as const;
export const SPEEDS = ['slow', 'normal', 'fast'] as const;
export const ENGINES = ['auto', 'simd', 'webgpu', 'webgl2', 'webasm', 'reference'] as const;
/** Parts of the page that a link may hide. */
export const HIDEABLE = [
  'presets',
  'model',
  'density',
  'importance',
  'pairs',
  'rate',
  'seed',
  'speed',
  'engine',
  'gram',
  'loss',
  'dimensions',
  'share',
] as const;

/** The page pauses here: an hour at normal speed, and below the step numbers that feed held-out samples. */
export const LAST_STEP = 8_000_000;

/** What may change while a model trains: Adam's moments restart then, the weights stay. */
const live = {
  density: z.number().min(0.001).max(1),
  importance: z.number().min(0.3).max(1),
  rate: z.number().min(1e-5).max(0.1),
};

/** A live change made when so many updates were done: [step, density, importance, learning rate]. */
const edit = z.tuple([z.int().min(1).max(LAST_STEP), live.density, live.importance, live.rate]);

export const MAX_EDITS = 100;

export const stateSchema = z.strictObject({
  features: z.int().min(2).max(12).default(5),
  hidden: z.int().min(1).max(8).default(2),
  model: z.enum(MODELS).default('relu'),
  pairs: z.enum(PAIRS).default('none'),
  density: live.density.default(0.05),
  importance: live.importance.default(0.9),
  rate: live.rate.default(0.003),
  seed: z.int().min(0).max(999_999).default(1),
  speed: z.enum(SPEEDS).default('normal'),
  engine: z.enum(ENGINES).default('auto'),
  edits: z.array(edit).max(MAX_EDITS).default([]),
  stop: z.int().min(0).max(LAST_STEP).default(0).describe('pause when so many updates are done; 0 = never'),
  hide: z.array(z.enum(HIDEABLE)).max(HIDEABLE.length).default([]),
  question: z.string().max(500).default(''),
});

export type State = z.output<typeof stateSchema>;
export type Edit = z.output<typeof edit>;
/** The settings that may change while training. */
export type Live = Pick<State, 'density' | 'importance' | 'rate'>;

/** The settings that an edit switches to. */
export function liveOf([, density, importance, rate]: Edit): Live {
  return { density, importance, rate };
}

export const defaults: State = stateSchema.parse({});

const FAMILIES: Record<
  State['model'],
  { model: Partial<SpecInput['model']>; input: Partial<SpecInput['input']> }
> = {
  relu: { model: {}, input: {} },
  linear: { model: { outputActivation: 'identity' }, input: {} },
  'relu-hidden': { model: { hiddenActivation: 'relu' }, input: {} },
  abs: {
    model: { hiddenActivation: 'relu', tied: false },
    input: { magnitude: 'signed', target: 'abs' },
  },
};

function setsOf({ pairs, features }: State): Spec['input']['sets'] {
  if (pairs === 'none') return [];
  return Array.from({ length: Math.floor(features / 2) }, () => ({ kind: pairs, size: 2 }));
}

/** The experiment that a state describes, with live settings `live` and ending after `steps` updates. */
export function specOf(state: State, live: Live = state, steps: number = LAST_STEP): SpecInput {
  const family = FAMILIES[state.model];
  return {
    name: 'playground',
    model: { features: state.features, hidden: state.hidden, ...family.model },
    input: {
      density: live.density,
      importance: { base: live.importance },
      sets: setsOf(state),
      ...family.input,
    },
    training: { steps, batch: 1024, learningRate: live.rate },
    seed: state.seed,
    record: { lossEvery: 10 },
  };
}
