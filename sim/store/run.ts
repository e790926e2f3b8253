/**
 * A finished training as a folder: run.json says what made it, weights.safetensors holds the numbers,
 * metrics.csv one row an instance. Written whole or not at all.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { EngineReport } from '../engine.ts';
import { heldOutSamples } from '../evaluate.ts';
import type { Grid } from '../grid.ts';
import { tensorsOf } from '../models/models.ts';
import { parseSpec, type Spec } from '../spec.ts';
import type { TrainResult } from '../train.ts';
import {
  checkFree,
  DamageError,
  jsonBytes,
  placeOf,
  readBytes,
  StoreError,
  textOf,
  utf8,
  writeFolder,
} from './files.ts';
import { metricsTable, stackTables } from './metrics.ts';
import { SEED_RULE, specHash, versions } from './provenance.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.ts';
import { CHECKSUMS, readSums, type Sums } from './sums.ts';
import { columnDocs, csvHeader, csvRows, type FileTable, pieces } from './table.ts';
import { trainedTensors } from './tensors.ts';

const RUN_FORMAT = 2; // 1 had no list of checksums

/** Files of a run, beside the list of their checksums. */
export const RUN_FILES = ['run.json', 'weights.safetensors', 'metrics.csv'] as const;

/** What a run folder is made from; `heldOut` has one array (I) for each group. */
export interface FinishedRun extends TrainResult {
  heldOut: Float64Array[];
  started: Date;
  complete: boolean; // false: interrupted, only the instances that were finished are here
}

/** Behind the tensor names of group g: nothing for the only group, else ".group0", ".group1" … */
export function groupSuffix(grid: Grid, g: number): string {
  return grid.groups.length === 1 ? '' : `.group${g}`;
}

function describeGroups(run: FinishedRun): object[] {
  return run.groups.map(({ problem, rows }, g) => ({
    suffix: groupSuffix(run.grid, g),
    family: problem.family,
    instances: rows.length,
    shapes: Object.fromEntries(
      tensorsOf(problem.family).map(({ name, shape }) => [name, [rows.length, ...shape]]),
    ),
    heldOutSamples: heldOutSamples(problem),
  }));
}

function listDiverged(run: FinishedRun): { row: number; step: number }[] {
  return run.groups.flatMap(({ rows, divergedAt }) =>
    Array.from(rows, (row, i) => ({ row, step: divergedAt[i] })).filter(({ step }) => step >= 0),
  );
}

/** What run.json holds. */
function summarise(run: FinishedRun, table: FileTable, hash: string): object {
  const { seconds, samples, samplesPerSecond } = run;
  return {
    format: 'superpose-run',
    formatVersion: RUN_FORMAT,
    complete: run.complete,
    rows: run.grid.rows,
    instances: table[0].values.length,
    engine: run.engine,
    versions: versions(),
    timing: { started: run.started.toISOString(), seconds, samples, samplesPerSecond },
    seedRule: SEED_RULE,
    groups: describeGroups(run),
    diverged: listDiverged(run),
    columns: columnDocs(table),
    specHash: hash,
    spec: run.spec,
  };
}

/** The weights of all groups by name. */
function allTensors({ groups, grid }: FinishedRun): Record<string, StoredTensor> {
  const parts = groups.map((group, g) => trainedTensors(group, group.problem.family, groupSuffix(grid, g)));
  return Object.assign({}, ...parts);
}

/**
 * Says no, before any training, to a place where `writeRun` could not write.
 * @throws StoreError if it is taken (with `force`: by anything but a run); the system's error if it cannot be written.
 */
export function checkRunPlace(folder: string, force: boolean): void {
  checkFree(folder, RUN_FILES, force);
}

function* csvPieces(table: FileTable): Generator<Uint8Array> {
  yield utf8(csvHeader(table));
  for (const piece of pieces(table)) yield utf8(csvRows(piece));
}

/** Writes a run folder. @throws StoreError if it exists and not `force`; the system's error if it cannot be written. */
export function writeRun(folder: string, run: FinishedRun, force = false): void {
  const table = stackTables(run.groups.map((group, g) => metricsTable(run.grid, group, run.heldOut[g])));
  const hash = specHash(run.spec);
  const weights = encodeSafetensors(allTensors(run), { format: 'superpose-run', specHash: hash });
  const files = {
    'run.json': [jsonBytes(summarise(run, table, hash))],
    'weights.safetensors': weights,
    'metrics.csv': csvPieces(table),
  };
  writeFolder(folder, files, force);
}

const summarySchema = z.looseObject({
  format: z.literal('superpose-run'),
  formatVersion: z.union([z.literal(1), z.literal(RUN_FORMAT)]),
  complete: z.boolean(),
  rows: z.int(),
  instances: z.int(),
  engine: z.custom<EngineReport>((value) => typeof value === 'object'),
  columns: z.array(z.object({ name: z.string(), unit: z.string(), description: z.string() })),
  diverged: z.array(z.object({ row: z.int(), step: z.int() })),
  specHash: z.string(),
  spec: z.unknown(), // as it was written: an older version knew fewer fields
});

/** A run folder read back. */
export interface StoredRun extends z.output<typeof summarySchema> {
  spec: Spec;
  tensors: Record<string, StoredTensor>;
  metrics: Record<string, Float64Array>; // (instances) by column name; NaN where the file has no number
}

/** A file of a run, as its list of checksums says that it was. */
function readFile(folder: string, name: string, sums: Sums | null): Uint8Array {
  const file = path.join(folder, name);
  let bytes: Uint8Array;
  try {
    bytes = readBytes(file);
  } catch (error) {
    throw new StoreError(`${file}: cannot be read (${(error as Error).message})`);
  }
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (sums && hash !== sums[name]) {
    throw new DamageError(`${file}: expected SHA-256 ${sums[name]}, got ${hash}: the file is damaged`);
  }
  return bytes;
}

/** The list of a run's checksums; null for a run of the first format, which has none. */
function readList(folder: string, isFirst: boolean): Sums | null {
  const sums = readSums(folder);
  const wrong = (text: string) => new DamageError(`${path.join(folder, CHECKSUMS)}: ${text}`);
  if (sums === 'damaged') throw wrong('the list is not as it was written');
  if (sums === null && !isFirst) throw wrong('missing');
  if (sums && String(Object.keys(sums).sort()) !== String([...RUN_FILES].sort())) {
    throw wrong(`expected ${RUN_FILES.join(', ')}, got ${Object.keys(sums).join(', ')}`);
  }
  return sums;
}

/** Runs a reader; whatever it throws becomes a StoreError that names the file. */
function reading<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new StoreError(`${file}: ${reason}`);
  }
}

/** Columns of a CSV file as numbers. */
export function parseMetrics(text: string): Record<string, Float64Array> {
  const [names, ...rows] = parse(text) as string[][];
  return Object.fromEntries(
    names.map((name, c) => [
      name,
      Float64Array.from(rows, (row) =>
        row[c] === '' ? Number.NaN : Number(row[c].replace('inf', 'Infinity')),
      ),
    ]),
  );
}

const isFirstFormat = (text: string) => /"formatVersion": 1,/.test(text);

/**
 * Reads a run folder and checks that its files are as they were written and belong together. A run that waits
 * aside because its replacement was interrupted is read from there.
 * @throws StoreError naming the file, what was expected and what is there.
 */
export function readRun(folder: string): StoredRun {
  const place = placeOf(folder);
  const at = (name: string) => path.join(place, name);
  const sums = readList(place, isFirstFormat(textOf(readFile(place, 'run.json', null))));
  const summaryText = textOf(readFile(place, 'run.json', sums));
  const summary = reading(at('run.json'), () => summarySchema.parse(JSON.parse(summaryText)));
  const weights = readFile(place, 'weights.safetensors', sums);
  const { tensors, metadata } = reading(at('weights.safetensors'), () => decodeSafetensors(weights));
  const csv = textOf(readFile(place, 'metrics.csv', sums));
  const metrics = reading(at('metrics.csv'), () => parseMetrics(csv));
  const spec = reading(at('run.json'), () => parseSpec(summary.spec));
  const hash = specHash(summary.spec);
  const expect = (name: string, expected: unknown, got: unknown) => {
    if (expected !== got) throw new StoreError(`${at(name)}: expected ${expected}, got ${got}`);
  };
  expect('run.json', `the spec with hash ${summary.specHash}`, `the spec with hash ${hash}`);
  expect('weights.safetensors', `weights of spec ${hash}`, `weights of spec ${metadata.specHash}`);
  expect('metrics.csv', summary.columns.map((c) => c.name).join(), Object.keys(metrics).join());
  expect('metrics.csv', `${summary.instances} rows`, `${metrics.row.length} rows`);
  return { ...summary, spec, tensors, metrics };
}
