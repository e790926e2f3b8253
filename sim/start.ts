/**
 * Warm starts: weights that a spec gives, or that were trained before, as those that a training begins with. Where they
 * come from is for whoever has files (store/inputs.ts); here they are named arrays, fitted to the tensors of a model.
 *
 * A tensor is looked for by its own name, (…shape) for one model or (K, …shape) for K of them. The toy model's are also
 * taken by the names of a PyTorch state dict, whose nn.Linear keeps its weight as (out, in): encoder.weight (m, n) is
 * W transposed, decoder.weight (n, m) is V, decoder.bias is b and encoder.bias is c; linear1 and linear2 mean the same.
 * Of K = 1 models all begin alike; of as many as replicas, replica r begins with model r; of as many as rows, row by row.
 */
import type { Family } from './family.ts';
import { sizeOf, type Tensor, tensorsOf } from './models/models.ts';
import type { Params } from './problem.ts';
import { SpecError } from './specError.ts';

/** An array by its shape, row-major. */
export interface NamedArray {
  shape: readonly number[];
  data: ArrayLike<number>;
}

/** What a file of weights, or a caller, holds by name. */
export type NamedArrays = Readonly<Record<string, NamedArray>>;

/** The weights that the instances of a group begin with: K models, and which of them is an instance's. */
export interface Start {
  params: Params; // each (K, …shape)
  of: Int32Array; // (I)
}

interface OtherName {
  name: string;
  turned: boolean; // kept with its two sides exchanged
}

/** Names of state dicts, by the tensor of the toy model that they are. */
const OTHER_NAMES: Readonly<Record<string, readonly OtherName[]>> = {
  W: ['encoder.weight', 'linear1.weight'].map((name) => ({ name, turned: true })),
  V: ['decoder.weight', 'linear2.weight'].map((name) => ({ name, turned: false })),
  b: ['decoder.bias', 'linear2.bias', 'b_final'].map((name) => ({ name, turned: false })),
  c: ['encoder.bias', 'linear1.bias'].map((name) => ({ name, turned: false })),
};

const inBrackets = (shape: readonly number[]): string => `(${shape.join(', ')})`;

/** Stands in errors for the place from which weights came. */
function refuse(path: string, expected: string, got: string): never {
  throw new SpecError([{ path, expected, got }]);
}

/** Copies K matrices (columns, rows) as (rows, columns). */
function turn(data: ArrayLike<number>, models: number, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: models * rows * columns }, (_, at) => {
    const [k, entry] = [Math.floor(at / (rows * columns)), at % (rows * columns)];
    return data[k * rows * columns + (entry % columns) * rows + Math.floor(entry / columns)];
  });
}

/** A tensor's numbers, (K, …shape). */
function fit(path: string, tensor: Tensor, { name, turned }: OtherName, { shape, data }: NamedArray) {
  const own = turned ? [...tensor.shape].reverse() : tensor.shape;
  const stacked = shape.length === own.length + 1 ? shape.slice(1) : shape;
  if (String(stacked) !== String(own)) {
    const expected = `tensor ${name} of shape ${inBrackets(own)}, or of several models (K, ${own.join(', ')})`;
    refuse(path, expected, inBrackets(shape));
  }
  const models = data.length / sizeOf(tensor);
  const wrong = Array.prototype.findIndex.call(data, (value) => !Number.isFinite(Math.fround(value)));
  if (wrong >= 0) refuse(path, `finite numbers in tensor ${name}`, `${data[wrong]} at ${wrong}`);
  const [rows, columns] = tensor.shape;
  return turned ? turn(data, models, rows, columns) : Float32Array.from(data);
}

/** Whether a model begins with zeros there if nothing is said: a bias that is not trained. */
const mayBeAbsent = ({ init, trained }: Tensor): boolean => init === 'zero' && !trained;

/** The weights of K models of a family out of named arrays, `path` saying in errors whence. @throws SpecError */
function fitArrays(arrays: NamedArrays, family: Family, path: string): Params {
  const params: Params = {};
  for (const tensor of tensorsOf(family)) {
    const others = family.kind === 'toy' ? (OTHER_NAMES[tensor.name] ?? []) : [];
    const found = [{ name: tensor.name, turned: false }, ...others].find(({ name }) => arrays[name]);
    if (found) params[tensor.name] = fit(path, tensor, found, arrays[found.name]);
    else if (!mayBeAbsent(tensor)) {
      const names = Object.entries(arrays).map(([name, { shape }]) => `${name} ${inBrackets(shape)}`);
      const expected = `a tensor ${tensor.name} of shape ${inBrackets(tensor.shape)}`;
      refuse(path, expected, names.join(', ') || 'no tensors');
    }
  }
  return params;
}

/** Weights of some models as arrays with shapes. */
export function arraysOf(params: Params, family: Family): NamedArrays {
  const shapes = new Map(tensorsOf(family).map((tensor) => [tensor.name, tensor]));
  const entries = Object.entries(params).map(([name, data]) => {
    const tensor = shapes.get(name);
    const models = tensor ? data.length / sizeOf(tensor) : 0;
    const isWhole = tensor && Number.isInteger(models);
    return [name, { shape: isWhole ? [models, ...tensor.shape] : [data.length], data }];
  });
  return Object.fromEntries(entries);
}

/** Models in fitted weights. @throws SpecError if tensors disagree. */
function countModels(params: Params, family: Family, path: string): number {
  const counts = tensorsOf(family).flatMap((tensor) => {
    const own = params[tensor.name];
    return own ? [{ name: tensor.name, models: own.length / sizeOf(tensor) }] : [];
  });
  const [first] = counts;
  const other = counts.find(({ models }) => models !== first.models);
  if (other) refuse(path, `${first.models} models in each tensor`, `${other.models} in ${other.name}`);
  return first.models;
}

/** What `rows` (I) of a sweep with so many rows and replicas begin with. @throws SpecError */
export function startFrom(
  arrays: NamedArrays,
  family: Family,
  path: string,
  rows: Int32Array,
  { count, replicas }: { count: number; replicas: number },
): Start {
  const params = fitArrays(arrays, family, path);
  const models = countModels(params, family, path);
  const choices = [...new Set([1, replicas, count])];
  if (!choices.includes(models)) {
    refuse(path, `weights of ${choices.join(' or ')} models (one, as replicas, as rows)`, `${models} models`);
  }
  return { params, of: rows.map((row) => row % models) };
}

/** Weights (I, …shape) of what a group begins with. */
export function startParams({ params, of }: Start, family: Family): Params {
  const entries = tensorsOf(family).flatMap((tensor) => {
    const [all, size] = [params[tensor.name], sizeOf(tensor)];
    if (!all) return [];
    const own = new Float32Array(of.length * size);
    of.forEach((k, i) => {
      own.set(all.subarray(k * size, (k + 1) * size), i * size);
    });
    return [[tensor.name, own] as const];
  });
  return Object.fromEntries(entries);
}

/** Lists in lists, as deep as the shape of what they hold. */
export type Nested = readonly number[] | readonly Nested[];

/** Shape of nested lists, by the first of each; null if others are of another. */
function shapeOf(nested: Nested): number[] | null {
  if (typeof nested[0] === 'number') return [nested.length];
  const inner = (nested as readonly Nested[]).map(shapeOf);
  if (inner.some((shape) => shape === null || String(shape) !== String(inner[0]))) return null;
  return [nested.length, ...inner[0]!];
}

/** Tensors written out as nested lists. `path` says in errors where. @throws SpecError if lists differ in length */
export function nestedArrays(values: Readonly<Record<string, Nested>>, path: string): NamedArrays {
  const entries = Object.entries(values).map(([name, nested]) => {
    const shape = shapeOf(nested);
    if (!shape) refuse(`${path}.${name}`, 'lists of one length', 'lists of several');
    return [name, { shape, data: (nested as number[]).flat(Number.POSITIVE_INFINITY) as number[] }] as const;
  });
  return Object.fromEntries(entries);
}

const provided = new Map<string, { arrays: NamedArrays; sha256: string }>();

/**
 * Hands over the weights that specs name as `training.init.from`. The command line and sweeps read files themselves
 * (store/inputs.ts); a page, or a script that calls `train`, must hand them over first, or use the option `start`.
 */
export function provideWeights(from: string, arrays: NamedArrays, sha256 = ''): void {
  provided.set(from, { arrays, sha256 });
}

export const hasWeights = (from: string): boolean => provided.has(from);

/** The weights that were handed over as `from`. @throws SpecError if none were, or others than the spec's. */
export function providedWeights(from: string, sha256: string | undefined, path: string): NamedArrays {
  const own = provided.get(from);
  if (!own) refuse(path, 'weights that were read before (provideWeights)', 'none');
  if (sha256 !== undefined && own.sha256 !== sha256) refuse(path, `bytes of SHA-256 ${sha256}`, own.sha256);
  return own.arrays;
}
