/** The models by name. A model is one short file here; a test or a script adds its own with `defineModel`. */
import type { Family, Training } from '../family.ts';
import type { Params } from '../problem.ts';
import { entries, input, type Node, type Program, param, programOf } from '../program/ops.ts';
import type { Stream } from '../random.ts';
import { attention } from './attention.ts';
import { circuit } from './circuit.ts';
import { parts } from './parts.ts';
import { residual } from './residual.ts';
import { sae } from './sae.ts';
import { toy } from './toy.ts';

/** A named array of weights of one instance. */
export interface Tensor {
  name: string;
  shape: readonly number[];
  init: 'normal' | 'zero'; // normal: with the spec's standard deviation
  trained: boolean;
  clip?: string; // tensors of one name here are clipped together, apart from others
}

/** What tensors depend on: what a spec's `model` says. */
export type Sizes = Omit<Family, 'magnitude' | 'target' | 'sets'>;

/** A model: its weights, in the order in which they are stored, and what it loses on a sample. */
export interface Model {
  name: string;
  /** Whether its losses use what is `seen`, so that it can be trained against attacks. */
  canBeAttacked?: true;
  /**
   * Whether its losses on a sample in which nothing is active do not depend on its uniform numbers and sources, which climb
   * no slope there.
   */
  silent?: true;
  tensors(sizes: Sizes): Tensor[];
  /**
   * Losses of a sample x (n), of operations (program/ops.ts) on the tensors by name. `seen` is what the model is
   * shown: x, or in adversarial training x moved by an attack.
   */
  losses(family: Family, tensors: Record<string, Node>, x: Node, training: Training, seen: Node): Node[];
  /** Numbers of a step (0-based) that its clocks stand for, by name: the same names at every step. */
  clocks?(family: Family, training: Training, step: number): Record<string, number>;
  /** Sets those first weights of an instance that `init` does not say, in place; tensors by name. `key`: the instance's. */
  start?(weights: Params, sizes: Sizes, key: Stream): void;
}

const models = new Map<string, Model>();

/** Adds a model, so that specs can name it as `model.kind`. A later one of the same name replaces it. */
export function defineModel(model: Model): void {
  models.set(model.name, model);
}

for (const model of [toy, sae, parts, attention, residual, circuit]) defineModel(model);

/** @throws RangeError if there is no such model. */
export function modelOf({ kind }: Pick<Family, 'kind'>): Model {
  const model = models.get(kind);
  if (model) return model;
  throw new RangeError(`model.kind: expected one of ${modelNames().join(', ')}, got "${kind}"`);
}

/** Models that a spec can name as `model.kind`; those of a second stage have a field of their own. */
export const modelNames = (): string[] =>
  [...models.keys()].filter((name) => name !== sae.name && name !== parts.name);

/** The weights of a family's models, in storage order. */
export const tensorsOf = (sizes: Sizes): Tensor[] => modelOf(sizes).tensors(sizes);

/** Names of the trained tensors whose gradients are clipped together. */
export function clipTogether(sizes: Sizes): string[][] {
  const sets = new Map<string, string[]>();
  for (const { name, trained, clip = '' } of tensorsOf(sizes))
    if (trained) sets.set(clip, [...(sets.get(clip) ?? []), name]);
  return [...sets.values()];
}

/** Numbers of one instance's tensor. */
export const sizeOf = ({ shape }: Pick<Tensor, 'shape'>): number => entries(shape);

/** Whether a tensor is a matrix, whose rows are directions. */
export const isMatrix = ({ shape }: Pick<Tensor, 'shape'>): boolean => shape.length > 1;

/** The input that an attack has moved. */
export const SEEN = 'seen';

function lossesOf(family: Family, training: Training, x: Node, seen: Node, frozen: boolean): Program {
  const nodes = tensorsOf(family).map(({ name, shape, trained }) => [
    name,
    param(name, shape, trained && !frozen),
  ]);
  return programOf(modelOf(family).losses(family, Object.fromEntries(nodes), x, training, seen));
}

/** The loss of a family's models as a program; under an attack it has a second input, SEEN. */
export function programFor(family: Family, training: Training): Program {
  const x = input(family.features);
  return lossesOf(family, training, x, training.attack ? input(family.features, SEEN) : x, false);
}

/** The numbers of a step that the family's program asks for. */
export const clocksFor = (family: Family, training: Training, step: number): Record<string, number> =>
  modelOf(family).clocks?.(family, training, step) ?? {};

/** The same with all weights as they are, and SEEN as what moves: its gradient is the attack's direction. */
export function probeFor(family: Family, training: Training): Program {
  return lossesOf(family, training, input(family.features), input(family.features, SEEN, true), true);
}
