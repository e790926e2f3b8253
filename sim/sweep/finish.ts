/**
 * The end of a sweep: its blocks become tables, and every file's checksum is listed. One block is in memory at
 * a time, and of a table one piece. The list comes last, so a folder that has one is finished.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Grid } from '../grid.ts';
import { type Output, openOutput, replaceFile, StoreError, utf8 } from '../store/files.ts';
import { lossTables, metricsTable } from '../store/metrics.ts';
import { NPZ_LIMIT, type NpzArray, writeNpz } from '../store/npz.ts';
import { beginParquet } from '../store/parquet.ts';
import { CHECKSUMS, hashFile, readSums, type Sums, sumsBytes } from '../store/sums.ts';
import { csvHeader, csvRows, type FileTable, pieces } from '../store/table.ts';
import { paramTensors } from '../store/tensors.ts';
import { blockName, checkBlock, readBlock, type StoredBlock } from './blockFile.ts';
import { type BlockRange, blockGroup, weightBytes } from './blocks.ts';
import { createCellCollector } from './cells.ts';
import { FORMATS, MANIFEST, type Manifest, manifestBytes } from './manifest.ts';

/** Work beside the training, writing or reading files for the most part: `done` of its `of` pieces. */
export interface Finishing {
  kind: 'finishing';
  what: string;
  done: number;
  of: number;
}

/** A sweep whose blocks are all there, and who may write. */
interface Finished {
  folder: string;
  manifest: Manifest;
  grid: Grid;
  ranges: BlockRange[]; // of this folder
  /** Called often, and before anything is renamed or removed: renews the lock, or throws if it is lost. */
  renew(): void;
  signal?: AbortSignal;
}

/** Lets signals and timers through. @throws the signal's reason when aborted */
export async function pause({ renew, signal }: Pick<Finished, 'renew' | 'signal'>): Promise<void> {
  await breathe();
  signal?.throwIfAborted();
  renew();
}

const TABLES = ['metrics', 'losses', 'cells'] as const;
const ARRAYS = 'weights.npz';

/** Names of the tables of a sweep in these formats; those of a shard come with the merge. */
export function tableNames({ shard, formats }: Pick<Manifest, 'shard' | 'formats'>): string[] {
  if (shard) return [];
  const tables = formats.filter((format) => format !== 'npz');
  return [
    ...TABLES.flatMap((name) => tables.map((format) => `${name}.${format}`)),
    ...(formats.includes('npz') ? [ARRAYS] : []),
  ];
}

/** @throws StoreError, before any training, if the weights are too many for the one file of an archive. */
export function checkArchive(grid: Grid, { formats, shard }: Pick<Manifest, 'formats' | 'shard'>): void {
  const bytes = grid.groups.reduce((sum, group) => sum + group.rows.length * (weightBytes(group) + 4), 0);
  if (shard || !formats.includes('npz') || bytes < NPZ_LIMIT) return;
  const size = (bytes / 2 ** 30).toFixed(1);
  throw new StoreError(
    `formats: an npz file ends at 4 GB, got weights of ${size} GB; read the safetensors blocks`,
  );
}

/** Every file of a finished folder, beside the list of their checksums. */
export function expectedFiles(manifest: Manifest, ranges: BlockRange[]): string[] {
  return [MANIFEST, ...ranges.map(blockName), ...tableNames(manifest)];
}

/** A table that grows on disk in one format. */
interface TableFile {
  name: string;
  output: Output;
  append(table: FileTable): void;
  end(): void;
}

function beginCsv(output: Output, columns: FileTable) {
  output.write(utf8(csvHeader(columns)));
  return { append: (table: FileTable) => output.write(utf8(csvRows(table))), end: () => {} };
}

const BEGINNERS = { csv: beginCsv, parquet: beginParquet } as const;

/** The tables of a sweep, in every format asked for, while they grow. */
interface Tables {
  append(table: TableName, part: FileTable): void;
  /** Gives the files their names if they have all models, and all of `losses` recorded losses. */
  commit(losses: number): Sums;
  discard(): void;
}

type TableName = (typeof TABLES)[number];

/** One table in every format; `columns` is its first part. */
function beginTable(
  { folder, manifest, renew }: Finished,
  table: TableName,
  columns: FileTable,
): TableFile[] {
  const kinds = (['csv', 'parquet'] as const).filter((kind) => manifest.formats.includes(kind));
  return kinds.map((kind) => {
    const name = `${table}.${kind}`;
    const output = openOutput(path.join(folder, name), renew);
    return { name, output, ...BEGINNERS[kind](output, columns) };
  });
}

/** @throws StoreError if a table has not one row for each of what it is of */
function checkRows({ grid, folder }: Finished, rows: Record<TableName, number>, losses: number): void {
  const expected = { metrics: grid.rows, losses, cells: grid.rows / grid.spec.replicas };
  const wrong = TABLES.find((table) => rows[table] !== expected[table]);
  if (!wrong) return;
  throw new StoreError(
    `${path.join(folder, wrong)}: expected ${expected[wrong]} rows, got ${rows[wrong]}; --resume writes it again`,
  );
}

function commitAll(files: TableFile[]): Sums {
  const sums: Sums = {};
  for (const { name, output, end } of files) {
    end();
    sums[name] = output.commit();
  }
  return sums;
}

/** Tables whose files open with their first parts, which give the columns. */
function createTables(sweep: Finished): Tables {
  const files = new Map<TableName, TableFile[]>();
  const rows = { metrics: 0, losses: 0, cells: 0 };
  const all = () => [...files.values()].flat();
  return {
    append(table, part) {
      if (!files.has(table)) files.set(table, beginTable(sweep, table, part));
      if (part[0].values.length === 0) return;
      rows[table] += part[0].values.length;
      for (const file of files.get(table)!) file.append(part);
    },
    commit(losses) {
      checkRows(sweep, rows, losses);
      return commitAll(all());
    },
    discard() {
      for (const { output } of all()) output.discard();
    },
  };
}

/** Metrics of a block; where diverged models are retried, what the first training did and the retry's rate. */
export function blockMetrics(
  grid: Grid,
  range: BlockRange,
  block: StoredBlock,
  retry: number | null,
): FileTable {
  const { problem } = blockGroup(grid, range);
  const table = metricsTable(grid, { ...block, problem }, block.heldOut);
  if (retry === null) return table;
  return [
    ...table,
    {
      name: 'first_diverged_at',
      unit: 'step',
      description: 'step at which the first training diverged, before any retry; −1 if it did not',
      values: block.firstDivergedAt,
    },
    {
      name: 'retry_learning_rate',
      unit: '1',
      description: 'learning rate of the retry that these numbers are of; empty if there was none',
      values: block.retryRate,
    },
  ];
}

/** Writes the tables of all blocks. Returns the checksums of the tables and of the blocks as they were read. */
async function* writeTables(sweep: Finished): AsyncGenerator<Finishing, Sums> {
  const { folder, manifest, grid, ranges } = sweep;
  const tables = createTables(sweep);
  const collect = createCellCollector(grid);
  const sums: Sums = {};
  let losses = 0;
  try {
    for (const [done, range] of ranges.entries()) {
      yield { kind: 'finishing', what: 'tables', done, of: ranges.length };
      await pause(sweep);
      const { block, sha256 } = checkBlock(folder, range, manifest);
      sums[blockName(range)] = sha256;
      for (const part of pieces(blockMetrics(grid, range, block, manifest.retry)))
        tables.append('metrics', part);
      losses += block.losses.length;
      for (const part of lossTables(block)) {
        tables.append('losses', part);
        await pause(sweep);
      }
      const cells = collect(block);
      if (cells[0].values.length === 0) tables.append('cells', cells);
      for (const part of pieces(cells)) tables.append('cells', part);
    }
    return { ...sums, ...tables.commit(losses) };
  } finally {
    tables.discard();
  }
}

/** The weights of each group as arrays over all its instances, read block by block. */
function* weightArrays({ folder, manifest, grid, ranges }: Finished): Generator<NpzArray> {
  for (const [g, { problem, rows }] of grid.groups.entries()) {
    const suffix = grid.groups.length === 1 ? '' : `.group${g}`;
    const own = ranges.filter(({ group }) => group === g);
    const read = function* (pick: (block: StoredBlock) => NpzArray['parts']) {
      for (const range of own) yield* pick(readBlock(folder, range, manifest));
    };
    yield { name: `rows${suffix}`, shape: [rows.length], parts: read((block) => [block.rows]) };
    const first = paramTensors(readBlock(folder, own[0], manifest).params, problem.family, '');
    for (const [name, { shape }] of Object.entries(first)) {
      const parts = read((block) => [block.params[name]]);
      yield { name: name + suffix, shape: [rows.length, ...shape.slice(1)], parts };
    }
  }
}

async function* writeArrays(sweep: Finished): AsyncGenerator<Finishing, Sums> {
  const output = openOutput(path.join(sweep.folder, ARRAYS), sweep.renew);
  const of = 4 * sweep.ranges.length; // rows, W, V, b at most
  let done = 0;
  try {
    for (const _ of writeNpz(output, weightArrays(sweep))) {
      yield { kind: 'finishing', what: ARRAYS, done: Math.min(++done, of), of };
      await pause(sweep);
    }
    return { [ARRAYS]: output.commit() };
  } finally {
    output.discard();
  }
}

/** Checksums of the blocks of a shard, which has no tables. */
async function* sumBlocks(sweep: Finished): AsyncGenerator<Finishing, Sums> {
  const sums: Sums = {};
  for (const [done, range] of sweep.ranges.entries()) {
    yield { kind: 'finishing', what: 'checksums', done, of: sweep.ranges.length };
    await pause(sweep);
    sums[blockName(range)] = checkBlock(sweep.folder, range, sweep.manifest).sha256;
  }
  return sums;
}

/**
 * Writes the tables (for a whole sweep, not for a shard) and the list of checksums, as `sha256sum -c` reads it.
 * Rows stand in the order of the blocks. Tables in formats that the manifest does not name are removed.
 * @throws DamageError if a block is not as it was written; StoreError if the lock is lost, or rows are missing.
 */
export async function* finishSweep(sweep: Finished): AsyncGenerator<Finishing, void> {
  const { folder, manifest, renew } = sweep;
  renew();
  fs.rmSync(path.join(folder, CHECKSUMS), { force: true });
  const names = tableNames(manifest);
  for (const name of tableNames({ shard: null, formats: [...FORMATS] })) {
    renew();
    if (!names.includes(name)) fs.rmSync(path.join(folder, name), { force: true });
  }
  const sums = { [MANIFEST]: replaceFile(path.join(folder, MANIFEST), [manifestBytes(manifest)], renew) };
  Object.assign(sums, yield* manifest.shard ? sumBlocks(sweep) : writeTables(sweep));
  if (names.includes(ARRAYS)) Object.assign(sums, yield* writeArrays(sweep));
  replaceFile(path.join(folder, CHECKSUMS), [sumsBytes(sums)], renew);
}

/** What is wrong with a folder's files, by name: those that changed, are missing, or are on no list. */
export type Damage = Record<string, string>;

/**
 * Compares the files of a finished folder with its list, which must name all of `expected`. `known` are checksums
 * of files that were read and checked before.
 * @returns null if there is no list, else what is wrong; nothing if all is as it was.
 * @throws the signal's reason when aborted; the system's error if a file cannot be read.
 */
export async function* compareSums(
  folder: string,
  expected: string[],
  known: Sums = {},
  signal?: AbortSignal,
): AsyncGenerator<Finishing, Damage | null> {
  const sums = readSums(folder);
  if (sums === null) return null;
  if (sums === 'damaged') return { [CHECKSUMS]: 'the list is not as it was written' };
  const damage: Damage = {};
  for (const [done, name] of expected.entries()) {
    yield { kind: 'finishing', what: 'checksums', done, of: expected.length };
    await pause({ renew: () => {}, signal });
    const hash = known[name] ?? hashFile(path.join(folder, name));
    if (sums[name] === undefined) damage[name] = `not in ${CHECKSUMS}`;
    else if (hash === null) damage[name] = 'missing';
    else if (hash !== sums[name]) damage[name] = 'not as it was written';
  }
  const names = new Set(expected);
  for (const name of Object.keys(sums)) {
    if (!names.has(name)) damage[name] = `in ${CHECKSUMS}, but no file of this folder`;
  }
  return damage;
}
