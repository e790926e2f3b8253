/**
 * Samples drawn once, or given, and kept sparse: what a model is trained on when its data are fixed. A table is drawn
 * from the distribution of an instance's inputs by its data key (seed of the samples, replica), so that cells of a
 * sweep with the same replica share their data, and engines only read it.
 */
import { batchKey, type Drawing, drawingOf, drawSample } from './features.ts';
import type { Problem } from './problem.ts';
import { draw, type Stream, sampleStream, sampleWord, stepKey, WORDS } from './random.ts';

/** T samples of n features in sparse rows: entries of sample t stand at starts[t] … starts[t + 1] − 1. */
export interface Table {
  samples: number; // T
  features: number; // n
  starts: Int32Array; // (T + 1)
  indices: Int32Array; // (entries) features, rising within a sample
  values: Float32Array; // (entries)
}

/** How a group of instances gets its table. */
export interface Source {
  count: number; // T
  unitLength: boolean; // every sample that is not all zero is divided by its length
  redrawEmpty: boolean; // samples in which nothing is active are drawn again
  batches: 'full' | 'drawn'; // all samples at every step, or `batch` of them, each drawn from all
  repeats: readonly number[]; // how often each of the first samples counts; the others once
  given: Table | null; // the same for all instances
}

/** Step number, outside of any training, whose key draws the samples of a table. */
const TABLE_STEP = 0xfffffd;
/** Draws of one sample before an input that is always empty is reported. */
const MOST_DRAWS = 1000;

/** Divides a sample by its Euclidean length, in float32. */
function toUnitLength(x: Float32Array): void {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
  const length = Math.sqrt(sum);
  if (length > 0) for (let i = 0; i < x.length; i++) x[i] = x[i] / length;
}

/** Draws sample t of a table into x; each further attempt takes a stream of its own. */
function drawRow(own: Drawing, key: Stream, t: number, source: Source, x: Float32Array): void {
  for (let attempt = 0; attempt < MOST_DRAWS; attempt++) {
    const stream = attempt === 0 ? key : stepKey(key, attempt);
    drawSample(own, sampleStream(stream, sampleWord(t)), x);
    if (!source.redrawEmpty || x.some((value) => value !== 0)) break;
    if (attempt === MOST_DRAWS - 1) {
      throw new RangeError(`input.samples.empty: sample ${t} stayed empty in ${MOST_DRAWS} draws`);
    }
  }
  if (source.unitLength) toUnitLength(x);
}

/** Rows of numbers, made one by one, as a table of `samples` samples. */
export function makeTable(
  samples: number,
  features: number,
  row: (t: number, x: Float32Array) => void,
): Table {
  const starts = new Int32Array(samples + 1);
  const [indices, values]: [number[], number[]] = [[], []];
  const x = new Float32Array(features);
  for (let t = 0; t < samples; t++) {
    row(t, x);
    for (let i = 0; i < features; i++) {
      if (x[i] === 0) continue;
      indices.push(i);
      values.push(x[i]);
    }
    starts[t + 1] = indices.length;
  }
  return { samples, features, starts, indices: Int32Array.from(indices), values: Float32Array.from(values) };
}

/** The table of the instance i of a problem that trains on one. */
function drawTable(problem: Problem, source: Source, i: number): Table {
  const own = drawingOf(problem, i);
  const [a, b] = problem.dataKeys!.subarray(2 * i);
  const key = stepKey([a, b], TABLE_STEP);
  return makeTable(source.count, problem.family.features, (t, x) => drawRow(own, key, t, source, x));
}

/** The tables of a problem, each once, and which of them an instance reads. */
export interface Tables {
  list: Table[];
  of: Int32Array; // (I)
}

/** What an instance's table depends on. */
function tableKey(problem: Problem, i: number): string {
  const { density, loading, factor, alone, curveWidth, sharpness, magnitude } = problem;
  const columns = [density, loading, factor, alone, curveWidth, sharpness, magnitude];
  const rows = [problem.dataKeys!, ...columns].map((column) => {
    const width = column.length / problem.instances;
    return column.subarray(i * width, (i + 1) * width).join();
  });
  return rows.join(';');
}

/** Draws the tables of a problem, or hands on the one that was given. */
export function tablesOf(problem: Problem): Tables {
  const { source, instances } = problem;
  if (!source) throw new RangeError('source: expected a table, got a stream');
  if (source.given) return { list: [source.given], of: new Int32Array(instances) };
  const known = new Map<string, number>();
  const list: Table[] = [];
  const of = Int32Array.from({ length: instances }, (_, i) => {
    const key = tableKey(problem, i);
    if (!known.has(key)) known.set(key, list.push(drawTable(problem, source, i)) - 1);
    return known.get(key)!;
  });
  return { list, of };
}

/** How much each sample of a full batch counts: its repeats over the mean of all. Shape (T), of mean 1. */
export function sampleWeights({ count, repeats }: Source): Float64Array {
  const own = Float64Array.from({ length: count }, (_, t) => repeats[t] ?? 1);
  const total = own.reduce((sum, value) => sum + value, 0);
  return own.map((value) => (value * count) / total);
}

/** The sample of a table that the first draw of a stream stands for. */
export function sampleAt(word: number, samples: number): number {
  return Math.min(samples - 1, Math.trunc(Math.fround(word * Math.fround(samples / WORDS))));
}

/** Writes sample t into x (n). */
export function readSample({ starts, indices, values }: Table, t: number, x: Float32Array): void {
  x.fill(0);
  for (let e = starts[t]; e < starts[t + 1]; e++) x[indices[e]] = values[e];
}

/** Numbers (T, n), or as many rows, as a table. */
export function tableOfRows(rows: ArrayLike<ArrayLike<number>>): Table {
  const features = rows[0]?.length ?? 0;
  return makeTable(rows.length, features, (t, x) => {
    if (rows[t].length !== features) {
      throw new RangeError(
        `samples.${t}: expected ${features} numbers as in the first, got ${rows[t].length}`,
      );
    }
    x.set(rows[t]);
  });
}

/**
 * The batch that instance `row` sees at step `step` of its table: all samples, or as many as the batch has, each the
 * one that its stream's first draw stands for. Shape (batch, n).
 */
export function readBatch(problem: Problem, table: Table, row: number, step: number): Float32Array {
  const { training, source } = problem;
  const { features: n } = table;
  const isFull = source!.batches === 'full';
  const key = batchKey(problem, row, step);
  const batch = new Float32Array((isFull ? table.samples : training.batch) * n);
  for (let s = 0; s < batch.length / n; s++) {
    const t = isFull ? s : sampleAt(draw(sampleStream(key, sampleWord(s))), table.samples);
    readSample(table, t, batch.subarray(s * n, (s + 1) * n));
  }
  return batch;
}

/** Samples of a file, and the SHA-256 of its bytes. */
interface Provided {
  table: Table;
  sha256: string;
}

const provided = new Map<string, Provided>();

/**
 * Hands over the samples that specs name as `input.samples.file`: reading is for whoever has files. The command line and
 * sweeps do it themselves (store/samples.ts); a page, or a script that calls `train`, must do it first.
 */
export function provideSamples(file: string, table: Table, sha256 = ''): void {
  provided.set(file, { table, sha256 });
}

export const providedSamples = (file: string): Provided | undefined => provided.get(file);
