/**
 * Where everything stands in a worker's memory: scratch that each instance reuses in turn, then one record an
 * instance, then the recorded losses. All offsets are bytes; every array starts at a multiple of 16.
 */
import type { Family } from '../family.ts';
import { unitsOf } from '../gates.ts';
import { clocksFor, isMatrix, programFor, sizeOf, tensorsOf } from '../models/models.ts';
import { areRowsPulled, type Problem } from '../problem.ts';
import { sourceWidth } from '../program/ops.ts';

/**
 * program: made from the model's program, four samples a vector. rows: the toy model by hand in sparse rows, four
 * hidden units a vector. fixed: the tied toy model on a whole training set at every step, four samples a vector; outputs
 * that are off or on for all samples cost nothing.
 */
export type KernelKind = 'program' | 'rows' | 'fixed';

/** Steps that one call of the kernel can do: rows of its coefficient table. */
export const STEPS_PER_CALL = 256;

/** Offsets into the table of hyperparameters, float32 each. */
export const HYPER = {
  beta1: 0,
  rest1: 4, // 1 − β1
  beta2: 8,
  rest2: 12, // 1 − β2
  epsilon: 16,
  momentum: 20,
  penalty: 24, // λ / batch: dL/dh of an active hidden unit
  penaltyTwice: 28, // 2λ / batch, since kernels sum twice the loss
};

/** Offsets into a row of the coefficient table: one row a step, float32 except `slot`; behind it the program's clocks. */
export const STEP = { rate: 0, correct1: 4, correct2: 8, slot: 12, rise: 16, clocks: 32 };

/** Bytes of a feature's state in a tree: its gate, and the draw for its children, of four samples. */
export const TREE_STATE = 32;

/** Whether samples of a family take normal draws. */
export const usesNormals = ({ gating, magnitude }: Family): boolean =>
  gating === 'copula' || gating === 'gaussian' || magnitude === 'normal';

/** Numbers of the Cholesky factor of an instance's correlated gates. */
export const factorSize = ({ gating, features: n }: Family): number =>
  gating === 'gaussian' ? (n * (n + 1)) / 2 : 0;

/** Where a tensor stands among the weights of an instance, in floats: `rows` rows of `columns`, `stride` apart. */
export interface Place {
  name: string;
  at: number;
  rows: number;
  columns: number;
  stride: number;
  trained: boolean;
  isMatrix: boolean;
  clip: string; // tensors of one name here are clipped together
}

/** Where a column of the problem stands in a record, in bytes, and its numbers an instance. */
interface ColumnPlace {
  name: string;
  at: number;
  width: number;
}

export interface Layout {
  shape: KernelKind;
  features: number;
  hidden: number;
  units: number;
  batch: number;
  /** Floats from one row of W to the next. */
  stride: number;
  /** Floats of weights, and of each moment: the tensors in order, each padded to a multiple of 4. */
  weights: number;
  places: Place[];
  V: number; // float index of V in the weights; 0 when tied
  b: number; // float index of b
  /** Offsets inside a record. U = units, n = features. */
  record: {
    key: number; // (2) int32
    diverged: number; // int32
    sparse: number; // int32, 1 if gram.ts suits the instance
    rate: number; // (T) float32 learning rates of the tensors
    decay: number; // (T) float32 weight decays
    pull: number; // float32, strength of the pull of rows to length 1
    langevin: number; // (2) float32 nβ and γ, of sgld
    floor: number; // (U) int32 first[k + 1] − 1: unit k or one before it is the first active one if u0 > floor
    open: number; // (U) int32
    scale: number; // (U) float32
    table: number; // int32 address of the instance's table
    magnitude: number; // (2) float32 mean and sd of normal magnitudes
    factor: number; // (n (n + 1) / 2) float32, of correlated gates
    importance: number; // (n) float32 2 I / (n · batch)
    columns: ColumnPlace[]; // those that a program reads, as they are
    weights: number; // float32
    first: number; // float32 first moments; of sgld the weights that it began with
    second: number; // float32 second moments
    sources: number; // (places + 1, 3, sourceWidth) float32 sources of a program, and their moments
    size: number;
  };
  /** Offsets of the scratch. */
  compact: number; // (16, 16) bytes: swizzle that moves the lanes of a 4-bit mask to the front
  hyper: number;
  table: number; // (STEPS_PER_CALL) rows of STEP
  entry: number; // bytes of such a row
  clock: number; // (clocks) float32, those of this step
  sourceWidth: number; // numbers of all sources of a place, padded; 0 without any
  placeOf: number; // (batch) int32 places of the surviving samples, padded
  idle: number; // (batch) int32 places of the others
  idleEnd: number; // int32, bytes of these
  words: number; // (batch) int32, padded
  streamA: number; // (batch) int32 surviving samples' words, padded
  streamB: number;
  gradient: number; // (weights) float32
  langevin: number; // (weights) float32 noise of an update, of sgld; 0 where nothing is trained
  rise: number; // float32, share of a dictionary's λ at this step
  loss: number; // (4) float32, twice the loss of the last samples
  total: number; // (2) float64, twice the loss of the surviving samples before them
  word: number; // int32, the step's word
  sampleWeight: number; // (4) float32, how much each of the four samples counts
  normal: { middle: number; tail: number }; // the table of normal.ts, where it is used
  tree: { parents: number; states: number }; // (n) int32 addresses of states; (n + 1) states
  noise: number; // (n) vectors of normals, of correlated gates
  work: number; // the kernel's own
  records: number; // first record
}

const ceil4 = (count: number): number => Math.ceil(count / 4) * 4;

/** Hands out offsets from 0 on, all of them multiples of 16. */
function allocator(): (bytes: number) => number {
  let at = 0;
  return (bytes) => {
    const from = at;
    at += Math.ceil(bytes / 16) * 16;
    return from;
  };
}

/** Places of the tensors; the rows kernel wants the rows of a matrix to start at whole vectors. */
function placeTensors(family: Family, shape: KernelKind): Place[] {
  let at = 0;
  return tensorsOf(family).map(({ name, shape: sides, trained, clip = '' }) => {
    const columns = sides.length > 1 ? sides[sides.length - 1] : 1;
    const rows = sizeOf({ shape: sides }) / columns;
    const stride = shape === 'rows' && columns > 1 ? ceil4(columns) : columns;
    const place = { name, at, rows, columns, stride, trained, isMatrix: isMatrix({ shape: sides }), clip };
    at += ceil4(rows * stride);
    return place;
  });
}

/** Floats of the parameters and of each moment, and where the toy model's V and b stand. */
function placeWeights(
  family: Family,
  shape: KernelKind,
): Pick<Layout, 'stride' | 'weights' | 'V' | 'b' | 'places'> {
  const places = placeTensors(family, shape);
  const last = places[places.length - 1];
  const startOf = (name: string) => places.find((place) => place.name === name)?.at ?? 0;
  return {
    stride: places[0].stride,
    weights: last.at + ceil4(last.rows * last.stride),
    V: startOf('V'),
    b: startOf('b'),
    places,
  };
}

/** Bytes of one instance: key and hyperparameters, gates, importances, parameters and moments. */
function placeRecord(
  problem: Problem,
  units: number,
  weights: number,
  tensors: number,
  columns: Omit<ColumnPlace, 'at'>[],
  sources: number,
): Layout['record'] {
  const take = allocator();
  const { optimizer } = problem.training;
  const isLangevin = optimizer === 'sgld';
  return {
    key: take(16),
    diverged: 8,
    sparse: 12,
    rate: take(4 * tensors),
    decay: take(4 * tensors),
    pull: take(areRowsPulled(problem) ? 4 : 0),
    langevin: take(isLangevin ? 8 : 0),
    floor: take(4 * units),
    open: take(4 * units),
    scale: take(4 * units),
    magnitude: take(8),
    factor: take(4 * factorSize(problem.family)),
    table: take(4),
    importance: take(4 * problem.family.features),
    columns: columns.map((column) => ({ ...column, at: take(4 * column.width) })),
    weights: take(4 * weights),
    first: take(4 * weights),
    second: isLangevin || optimizer === 'sgd' ? 0 : take(4 * weights),
    sources: take(12 * sources * (ceil4(problem.training.batch) + 1)),
    size: take(0),
  };
}

/** Bytes that all instances of a worker share, up to the first record. */
function placeScratch(
  { family, training }: Problem,
  weights: number,
  workBytes: number,
  entry: number,
  sources: number,
) {
  const { batch } = training;
  const take = allocator();
  const padded = ceil4(batch) + 4;
  const places = sources > 0 ? 4 * padded : 0;
  const [normals, tree] = [Number(usesNormals(family)), Number(family.gating === 'tree')];
  return {
    compact: take(256),
    hyper: take(64),
    table: take(STEPS_PER_CALL * entry),
    entry,
    clock: take(entry - STEP.clocks),
    sourceWidth: sources,
    placeOf: take(places),
    idle: take(places),
    idleEnd: take(places > 0 ? 4 : 0),
    words: take(4 * padded),
    streamA: take(4 * padded),
    streamB: take(4 * padded),
    gradient: take(4 * weights),
    langevin: take(training.optimizer === 'sgld' ? 4 * weights : 0),
    rise: take(16),
    loss: take(16),
    total: take(16),
    word: take(16),
    sampleWeight: take(16),
    normal: { middle: take(normals * 4 * 4100), tail: take(normals * 4 * 4096) },
    tree: {
      parents: take(tree * 4 * family.features),
      states: take(tree * TREE_STATE * (family.features + 1)),
    },
    noise: take(family.gating === 'gaussian' ? 16 * family.features : 0),
    work: take(workBytes),
    records: take(0),
  };
}

/** Layout for a kernel shape that keeps `workBytes` for itself and reads `columns` as they are. */
export function layoutOf(
  problem: Problem,
  shape: KernelKind,
  workBytes: number,
  columns: Omit<ColumnPlace, 'at'>[] = [],
): Layout {
  const { family, training } = problem;
  const { features, hidden } = family;
  const units = unitsOf(family).length;
  const places = placeWeights(family, shape);
  const clocks = Object.keys(clocksFor(family, training, 0)).length;
  const entry = STEP.clocks + 16 * Math.ceil(clocks / 4);
  const sources = shape === 'program' ? ceil4(sourceWidth(programFor(family, training))) : 0;
  return {
    shape,
    features,
    hidden,
    units,
    batch: training.batch,
    ...places,
    record: placeRecord(problem, units, places.weights, places.places.length, columns, sources),
    ...placeScratch(problem, places.weights, workBytes, entry, sources),
  };
}
