/** Everything the playground can be set to: one flat object, checked by one schema, the same in the page and in a link. */
import * as z from 'zod/mini';
import { type Family, reluOutputFamily } from '../../sim/family.ts';
import type { Spec, SpecInput } from '../../sim/spec.ts';
import { hide, question, seed, whole, within } from './fields.ts';

const MODELS = ['relu', 'linear', 'relu-hidden', 'abs'] as const;
const PAIRS = ['none', 'correlated', 'anticorrelated'] as const;
/** 'opening' is slow until the first shape is born, then normal. */
const SPEEDS = ['opening', 'slow', 'normal', 'fast'] as const;
export const ENGINES = ['auto', 'simd', 'webgpu', 'webgl2', 'reference'] as const;
/** Parts of the page that a link may hide. */
export const HIDEABLE = [
  'presets',
  'model',
  'density',
  'importance',
  'lists',
  'pairs',
  'rate',
  'seed',
  'speed',
  'engine',
  'diagram',
  'gram',
  'loss',
  'dimensions',
  'ends',
  'own',
  'share',
] as const;

/** Whole page, one picture for a room, one picture in a frame of other pages. */
export const VIEWS = ['page', 'present', 'embed'] as const;
/** The one picture and the one slider of a view that has one. */
export const PICTURES = ['directions', 'diagram', 'dimensions', 'loss', 'gram'] as const;
export const SLIDERS = ['density', 'importance', 'rate', 'none'] as const;

/** The page pauses here: an hour at normal speed, and below the step numbers that feed held-out samples. */
export const LAST_STEP = 8_000_000;

/** What may change while a model trains: Adam's moments restart then, the weights stay. */
const live = { density: within(0.001, 1), importance: within(0.3, 1), rate: within(1e-5, 0.1) };

/** A live change made when so many updates were done: [step, density, importance, learning rate]. */
const edit = z.tuple([whole(1, LAST_STEP), live.density, live.importance, live.rate]);

export const MAX_EDITS = 100;

export const stateSchema = z.strictObject({
  features: z._default(whole(2, 12), 5),
  hidden: z._default(whole(1, 8), 2),
  model: z._default(z.enum(MODELS), 'relu'),
  pairs: z._default(z.enum(PAIRS), 'none'),
  density: z._default(live.density, 0.05),
  importance: z._default(live.importance, 0.9), // of feature i: importance^i
  densities: z._default(z.array(live.density).check(z.maxLength(12)), []), // one a feature instead of one for all
  importances: z._default(z.array(within(0, 100)).check(z.maxLength(12)), []), // one a feature instead of powers
  rate: z._default(live.rate, 0.003),
  seed: seed(),
  speed: z._default(z.enum(SPEEDS), 'opening'),
  engine: z._default(z.enum(ENGINES), 'auto'),
  edits: z._default(z.array(edit).check(z.maxLength(MAX_EDITS)), []),
  stop: z._default(whole(0, LAST_STEP), 0), // pause when so many updates are done; 0 = never
  on: z._default(z.array(whole(1, 12)).check(z.maxLength(12)), []), // features switched on in the diagram
  beside: z._default(whole(0, 1), 0), // 1: a second model, freshly started, stands beside
  story: z._default(whole(0, 9), 0), // step of the story, 0 = none
  hide: hide(HIDEABLE),
  view: z._default(z.enum(VIEWS), 'page'),
  picture: z._default(z.enum(PICTURES), 'directions'),
  slider: z._default(z.enum(SLIDERS), 'density'),
  question: question(),
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

/** The family that a state's models belong to, without the engines' flags. */
export function familyOf({ features, hidden, model }: State): Family {
  const { model: flags, input } = FAMILIES[model];
  return { ...reluOutputFamily(features, hidden), ...flags, ...input } as Family;
}

function setsOf({ pairs, features }: State): Spec['input']['sets'] {
  if (pairs === 'none') return [];
  return Array.from({ length: Math.floor(features / 2) }, () => ({ kind: pairs, size: 2 }));
}

/** A list with a number for each feature, the last one repeated where it is too short; null if it is empty. */
export function perFeature(list: readonly number[], features: number): number[] | null {
  return list.length === 0
    ? null
    : Array.from({ length: features }, (_, i) => list[Math.min(i, list.length - 1)]);
}

/** The experiment that a state describes, with live settings `live` and ending after `steps` updates. */
export function specOf(state: State, live: Live = state, steps: number = LAST_STEP): SpecInput {
  const family = FAMILIES[state.model];
  return {
    name: 'playground',
    model: { features: state.features, hidden: state.hidden, ...family.model },
    input: {
      density: perFeature(state.densities, state.features) ?? live.density,
      importance: perFeature(state.importances, state.features) ?? { base: live.importance },
      sets: setsOf(state),
      ...family.input,
    },
    training: { steps, batch: 1024, learningRate: live.rate },
    seed: state.seed,
    record: { lossEvery: 10 },
  };
}
