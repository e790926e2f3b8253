/** The two stages of a spec with a dictionary or a decomposition: the models, and what reads them or takes them apart. */
import type { DecompositionShape, Family, Gating, Training } from './family.ts';
import { instanceKey, type Stream, stepKey } from './random.ts';
import type { Spec } from './spec.ts';
import { SpecError } from './specError.ts';
import { providedSamples, type Source, type Table, tableOfRows } from './table.ts';

/** The spec of the models that are read. */
export const modelSpec = (spec: Spec): Spec => ({ ...spec, dictionary: undefined, decomposition: undefined });

/** The second stage of a spec, if it has one, and the field that says it. */
export function secondOf({ dictionary, decomposition }: Spec) {
  if (dictionary) return { field: 'dictionary', seed: dictionary.seed, training: dictionary.training };
  return (
    decomposition && { field: 'decomposition', seed: decomposition.seed, training: decomposition.training }
  );
}

/** The spec of what is trained last: its `training` is that of the second stage, if there is one. */
export function lastSpec(spec: Spec): Spec {
  const second = secondOf(spec);
  return second ? { ...spec, training: second.training } : spec;
}

/** The rule that says which gates open together. */
function gatingOf(input: Spec['input']): Gating {
  const { density, loading, correlation, latent, tree, manifold, trigrams } = input;
  if (typeof density === 'object' && 'exactly' in density) return 'exactly';
  if (loading !== undefined) return 'copula';
  if (correlation) return 'gaussian';
  if (latent) return 'latent';
  if (trigrams) return 'trigrams';
  if (tree) return 'tree';
  return manifold?.curve ?? 'independent';
}

/** What a decomposition's kernel is compiled for; the rest are columns. */
function shapeOf(own: NonNullable<Spec['decomposition']>): DecompositionShape {
  const { identity, subcomponents, units, faithful } = own;
  const shape = { identity, subcomponents, units, faithful };
  if (own.method === 'spd') return { method: own.method, ...shape, power: own.power };
  const { method, frequencyScale, sharpness, adversary } = own;
  return { method, ...shape, frequencyScale, sharpness, adversary };
}

/** The family of what a spec trains last. */
export function familyOf({ model, input, dictionary, decomposition }: Spec): Family {
  const { target, sets, tree, latent, trigrams } = input;
  const magnitude = typeof input.magnitude === 'string' ? input.magnitude : 'normal';
  const rule = tree && { parents: tree.parents, exclusive: tree.exclusive };
  const family: Family = { ...model, magnitude, target, sets, gating: gatingOf(input), ...rule };
  if (latent) family.latent = { shape: latent.shape, points: latent.points };
  if (trigrams) family.trigrams = trigrams;
  if (decomposition) {
    return { ...family, kind: 'parts', decomposition: shapeOf(decomposition) };
  }
  if (!dictionary) return family;
  const {
    sparsity: _sparsity,
    sparsityWarmup: _warmup,
    active: _active,
    innerWeight: _inner,
    seed: _seed,
    training: _training,
    auxiliary,
    ...shape
  } = dictionary;
  if (!auxiliary) return { ...family, kind: 'sae', dictionary: shape };
  const { active: _dead, ...aux } = auxiliary;
  return { ...family, kind: 'sae', dictionary: { ...shape, auxiliary: aux } };
}

/** What all instances of a group share in their training. */
export function trainingOf(spec: Spec): Training {
  const {
    learningRate: _rate,
    weightDecay: _decay,
    unitPull: _pull,
    perTensor: _own,
    init: _init,
    attack,
    langevin: _langevin,
    ...shared
  } = lastSpec(spec).training;
  return {
    ...shared,
    ...(attack && { attack: { kind: attack.kind, of: attack.of } }),
    ...(spec.dictionary && { sparsityWarmup: spec.dictionary.sparsityWarmup }),
  };
}

/** Step number, beside that of initial weights, that turns the key of a model into that of what reads it. */
const SECOND_STEP = 0xfffffe;

/** Key of a second stage on the model of row `row`: dictionaries of one `dictionary.seed` share start and samples. */
export function secondKey(spec: Spec, row: number): Stream {
  return stepKey(stepKey(instanceKey(spec.seed, row), SECOND_STEP), secondOf(spec)!.seed);
}

/** A stage of a spec as checks see it: whose `training`, at which path, trains which weights. */
export interface Stage {
  path: string;
  training: Spec['training'];
  family: Family;
}

/** The stages of a spec, that of the models first. */
export function stagesOf(spec: Spec): Stage[] {
  const stage = (own: Spec, path: string): Stage => ({
    path,
    training: lastSpec(own).training,
    family: familyOf(own),
  });
  const models = stage(modelSpec(spec), 'training');
  const second = secondOf(spec);
  return second ? [models, stage(spec, `${second.field}.training`)] : [models];
}

/** Seed of the fixed samples of a spec. */
export function samplesSeed({ input: { samples } }: Spec): number {
  return samples && 'seed' in samples ? samples.seed : 0;
}

type Given = Exclude<NonNullable<Spec['input']['samples']>, { count: number }>;

/** Samples that a spec lists, or those of the file that it names. @throws SpecError if they were not provided, or do not fit. */
function givenTable(samples: Given, features: number): Table {
  const isFile = 'file' in samples;
  const wrong = (expected: string, got: string) =>
    new SpecError([{ path: `input.samples.${isFile ? 'file' : 'values'}`, expected, got }]);
  const own = isFile ? providedSamples(samples.file) : { table: tableOfRows(samples.values), sha256: '' };
  if (!own) throw wrong('samples that were read before (provideSamples)', 'none');
  if (isFile && samples.sha256 !== undefined && samples.sha256 !== own.sha256)
    throw wrong(`bytes of SHA-256 ${samples.sha256}`, own.sha256 || 'samples that were handed over without');
  if (own.table.features === features) return own.table;
  throw wrong(`samples of model.features = ${features} numbers`, `${own.table.features} numbers`);
}

/** What a spec says of fixed samples. @throws SpecError */
export function sourceOf({ model, input: { samples } }: Spec): Source | null {
  if (!samples) return null;
  if (!('count' in samples)) {
    const given = givenTable(samples, model.features);
    const plain = { unitLength: false, redrawEmpty: false, repeats: [] };
    return { ...plain, count: given.samples, batches: samples.batches, given };
  }
  const { count, unitLength, empty, batches, repeats } = samples;
  return { count, unitLength, redrawEmpty: empty === 'redraw', batches, repeats, given: null };
}
