/** Files that a spec names, read at the border: samples, and weights to begin with. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { parseSpec, type Spec } from '../spec.ts';
import { hasWeights, type NamedArrays, provideWeights } from '../start.ts';
import { makeTable, providedSamples, provideSamples, type Table } from '../table.ts';
import { type Matrix, readJsonMatrix, readNpy, readParquetMatrix, readSafetensorsMatrix } from './arrays.ts';
import { readBytes, StoreError } from './files.ts';
import { readRun } from './run.ts';
import { decodeSafetensors } from './safetensors.ts';

/** What reads a file of samples, by the end of its name. */
const READERS: Record<string, (bytes: Uint8Array<ArrayBuffer>) => Matrix | Promise<Matrix>> = {
  '.json': readJsonMatrix,
  '.npy': readNpy,
  '.safetensors': readSafetensorsMatrix,
  '.parquet': readParquetMatrix,
};

const MOST_SAMPLES = 2 ** 20;

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** All bytes of a file that a spec names. @throws StoreError */
function bytesOf(file: string): Uint8Array<ArrayBuffer> {
  try {
    return readBytes(file);
  } catch (error) {
    throw new StoreError(`${file}: cannot be read (${(error as Error).message})`);
  }
}

/** Numbers of a file as samples. @throws StoreError */
function asTable(file: string, { rows, columns, data }: Matrix): Table {
  if (rows < 1 || rows > MOST_SAMPLES)
    throw new StoreError(`${file}: expected 1 to ${MOST_SAMPLES} samples, got ${rows}`);
  return makeTable(rows, columns, (t, x) => {
    for (let j = 0; j < columns; j++) {
      x[j] = data[t * columns + j];
      if (Number.isFinite(x[j])) continue;
      throw new StoreError(`${file}: sample ${t}, feature ${j}: expected a finite number of float32`);
    }
  });
}

/** Reads a file of samples (T, n), and the SHA-256 of its bytes. @throws StoreError naming the file and what is wrong. */
export async function readSamples(file: string): Promise<{ table: Table; sha256: string }> {
  const read = READERS[path.extname(file)];
  if (!read)
    throw new StoreError(`${file}: expected a file of samples, one of ${Object.keys(READERS).join(', ')}`);
  const bytes = bytesOf(file);
  let matrix: Matrix;
  try {
    matrix = await read(bytes);
  } catch (error) {
    throw new StoreError(`${file}: ${(error as Error).message}`);
  }
  return { table: asTable(file, matrix), sha256: sha256Of(bytes) };
}

/** The weights of a run folder, which must have models of one shape and all of them. */
function readRunWeights(folder: string): NamedArrays {
  const { tensors, complete } = readRun(folder);
  if (!complete) throw new StoreError(`${folder}: expected a run with all its models; it was interrupted`);
  const groups = Object.keys(tensors).filter((name) => name.endsWith('.group0'));
  if (groups.length === 0) return tensors;
  throw new StoreError(`${folder}: expected models of one shape, got several groups`);
}

/** Reads weights: a run folder, or a safetensors file. @throws StoreError */
export function readWeights(from: string): { arrays: NamedArrays; sha256: string } {
  const isFolder = fs.existsSync(from) && fs.statSync(from).isDirectory();
  const file = isFolder ? path.join(from, 'weights.safetensors') : from;
  const bytes = bytesOf(file);
  if (isFolder) return { arrays: readRunWeights(from), sha256: sha256Of(bytes) };
  try {
    return { arrays: decodeSafetensors(bytes).tensors, sha256: sha256Of(bytes) };
  } catch (error) {
    throw new StoreError(`${from}: ${(error as Error).message}`);
  }
}

/** Reads the samples that a spec names; the hash of what was read. */
async function loadSamples({ input: { samples } }: Spec): Promise<string | null> {
  if (!samples || !('file' in samples)) return null;
  if (!fs.existsSync(samples.file) && providedSamples(samples.file)) return null; // a script has handed them over
  const { table, sha256 } = await readSamples(samples.file);
  provideSamples(samples.file, table, sha256);
  return sha256;
}

/** Reads the weights that a spec names; the hash of what was read. */
function loadWeights({ training: { init } }: Spec): string | null {
  if (typeof init !== 'object' || !('from' in init)) return null;
  if (!fs.existsSync(init.from) && hasWeights(init.from)) return null;
  const { arrays, sha256 } = readWeights(init.from);
  provideWeights(init.from, arrays, sha256);
  return sha256;
}

/**
 * Reads the files that a spec names and hands them over; the spec that comes back says the hashes of what was read, so
 * that its own hash and every manifest speak of these very bytes. @throws StoreError
 */
export async function loadInputs(spec: Spec): Promise<Spec> {
  const [samples, weights] = [await loadSamples(spec), loadWeights(spec)];
  if (samples === null && weights === null) return spec;
  const read = structuredClone(spec);
  if (samples !== null) Object.assign(read.input.samples!, { sha256: samples, ...spec.input.samples });
  if (weights !== null)
    Object.assign(read.training.init, { sha256: weights, ...(spec.training.init as object) });
  return parseSpec(read); // its fields in order: manifests are compared as text
}
