/**
 * The plain data that flows between rooms: which instances, which numbers. Arrays are flat and row-major; shapes
 * stand beside them. The paper writes W as m × n; here row i of W is feature i's direction, so W is
 * (instances, n, m) and the paper's W_i is W[i·m … i·m + m − 1].
 */
import { COLUMN_NAMES, COLUMNS, type ColumnName, type Columns } from './columns.ts';
import type { Family, Training } from './family.ts';
import { sizeOf, tensorsOf } from './models/models.ts';
import type { Source } from './table.ts';

/** A group of instances of one family that train side by side; a row of each column (columns.ts) an instance. */
export interface Problem extends Columns {
  family: Family;
  training: Training; // what all instances share
  firstStep: number; // step number of the first update: 0 in training, HELD_OUT_STEP in evaluation
  instances: number; // I
  keys: Int32Array; // (I, 2) instance keys of random.ts
  dataKeys?: Int32Array; // (I, 2) keys of the tables, the same for all cells of one replica
  source?: Source; // the table that instances train on; absent: fresh samples
}

/**
 * Weights of I models of one family by the names of its tensors, each (I, ...shape). Of the toy model: W (I, n, m)
 * the encoder's rows, V (I, n, m) the decoder's if it is untied, b (I, n), c (I, m) if it has a hidden bias.
 */
export type Params = Record<string, Float32Array>;

type Numbers = Float32Array | Float64Array | Int32Array;

/** Rows `rows` of an array (any, width), in that order. */
export function takeFrom<T extends Numbers>(array: T, rows: ArrayLike<number>, width: number): T {
  const out = new (array.constructor as new (length: number) => T)(rows.length * width);
  for (let k = 0; k < rows.length; k++) {
    out.set(array.subarray(rows[k] * width, (rows[k] + 1) * width) as never, k * width);
  }
  return out;
}

/** The instances `rows` of a problem, in that order; a row may come more than once. */
export function takeRows(problem: Problem, rows: ArrayLike<number>): Problem {
  const taken = COLUMN_NAMES.map((name) => [
    name,
    takeFrom(problem[name], rows, COLUMNS[name].width(problem.family)),
  ]);
  return {
    ...problem,
    ...Object.fromEntries(taken),
    instances: rows.length,
    keys: takeFrom(problem.keys, rows, 2),
    ...(problem.dataKeys && { dataKeys: takeFrom(problem.dataKeys, rows, 2) }),
  };
}

/** The columns `names` of instance i, as views. */
export function columnsAt(
  problem: Problem,
  names: Iterable<string>,
  i: number,
): Record<string, Float64Array> {
  const own = [...names].map((name) => {
    const values = problem[name as ColumnName];
    const width = values.length / problem.instances;
    return [name, values.subarray(i * width, (i + 1) * width)];
  });
  return Object.fromEntries(own);
}

/** The weights of instances `rows` of models of a family, in that order. */
export function takeParams(params: Params, family: Family, rows: ArrayLike<number>): Params {
  return mapTensors(family, (name, size) => takeFrom(params[name], rows, size));
}

/** Weights made tensor by tensor: `make` gets its name and the numbers of one instance. */
export function mapTensors(family: Family, make: (name: string, size: number) => Float32Array): Params {
  return Object.fromEntries(
    tensorsOf(family).map((tensor) => [tensor.name, make(tensor.name, sizeOf(tensor))]),
  );
}

/**
 * What instance i's squared errors count: w_j in the loss Σ_j w_j (t_j − x'_j)² / n, the importances, n times those if
 * the loss is summed over the features. Shape (n).
 */
export function lossWeights(
  { family: { features: n }, training, importance }: Problem,
  i: number,
): Float64Array {
  const own = importance.subarray(i * n, (i + 1) * n);
  return training.reduction === 'sum' ? own.map((weight) => weight * n) : own;
}

/** Whether the tensors of an instance have learning rates or decays of their own. */
export function ratesDiffer({ instances, learningRate, weightDecay }: Problem): boolean {
  const tensors = learningRate.length / instances;
  return [learningRate, weightDecay].some((column) =>
    column.some((value, at) => value !== column[at - (at % tensors)]),
  );
}

/** Whether rows of matrices are pulled to length 1. */
export function areRowsPulled({ training, unitPull }: Problem): boolean {
  return training.optimizer === 'adamw' && unitPull.some((strength) => strength > 0);
}

/** from, from + 1, … to − 1 */
export function rowRange(from: number, to: number): Int32Array {
  return Int32Array.from({ length: to - from }, (_, k) => from + k);
}

/** One array after the other, of at least one. */
export function concatenate<T extends Numbers>(parts: readonly T[]): T {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const out = new (parts[0].constructor as new (length: number) => T)(length);
  let at = 0;
  for (const part of parts) {
    out.set(part as never, at);
    at += part.length;
  }
  return out;
}

/**
 * Instances of several problems side by side; what instances share is as in the first.
 * @throws RangeError if they are not of one family.
 */
export function joinProblems(problems: readonly Problem[]): Problem {
  const families = new Set(problems.map(({ family }) => JSON.stringify(family)));
  if (families.size !== 1) throw new RangeError(`problems: expected one family, got ${families.size}`);
  const columns = COLUMN_NAMES.map((name) => [name, concatenate(problems.map((own) => own[name]))]);
  const { dataKeys } = problems[0];
  return {
    ...problems[0],
    ...Object.fromEntries(columns),
    instances: problems.reduce((sum, own) => sum + own.instances, 0),
    keys: concatenate(problems.map((own) => own.keys)),
    ...(dataKeys && { dataKeys: concatenate(problems.map((own) => own.dataKeys!)) }),
  };
}

/** Weights of several ranges of instances of one family, in order, as one. */
export function joinParams(parts: Params[]): Params {
  const names = Object.keys(parts[0]);
  return Object.fromEntries(names.map((name) => [name, concatenate(parts.map((part) => part[name]))]));
}

/** Writes instances of `source`, in order, to places `at` of `target`. */
export function placeParams(target: Params, source: Params, at: ArrayLike<number>): void {
  for (const [name, values] of Object.entries(source)) {
    const width = values.length / at.length;
    for (let k = 0; k < at.length; k++) {
      target[name].set(values.subarray(k * width, (k + 1) * width), at[k] * width);
    }
  }
}

/** Samples that training a problem takes. */
export function samplesOf({ instances, training }: Problem): number {
  return instances * training.batch * training.steps;
}
