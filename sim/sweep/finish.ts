/**
 * The end of a sweep: its blocks become tables, and every file's checksum is listed. One block is in memory at
 * a time. The list comes last, so a folder that has one is finished.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Grid } from '../grid.ts';
import { commitFile, replaceFile, StoreError, UNFINISHED, utf8 } from '../store/files.ts';
import { lossTable, metricsTable } from '../store/metrics.ts';
import { type NpzArray, writeNpz } from '../store/npz.ts';
import { openParquet } from '../store/parquet.ts';
import { csvHeader, csvRows, type Table } from '../store/table.ts';
import { paramTensors } from '../store/tensors.ts';
import { BLOCK_FOLDER, readBlock, type StoredBlock } from './blockFile.ts';
import { type BlockRange, blockGroup } from './blocks.ts';
import { createCellCollector } from './cells.ts';
import { MANIFEST, type Manifest } from './manifest.ts';

export const CHECKSUMS = 'SHA256SUMS';
const CHECKSUM_LINE = /^[0-9a-f]{64} {2}./;

/** A table that grows on disk, in every format asked for. */
interface TableFile {
  append(table: Table): void;
  close(): void;
}

function openCsv(file: string, columns: Table): TableFile {
  fs.writeFileSync(file, csvHeader(columns));
  return { append: (table) => fs.appendFileSync(file, csvRows(table)), close: () => {} };
}

const OPENERS = { csv: openCsv, parquet: openParquet } as const;

function syncFile(file: string): void {
  const open = fs.openSync(file, 'r');
  fs.fsyncSync(open);
  fs.closeSync(open);
}

/** A table under `name` in CSV and Parquet as the manifest says. It opens with its first part, which gives the columns. */
function createTable(folder: string, name: string, { formats }: Manifest): TableFile {
  const kinds = (['csv', 'parquet'] as const).filter((kind) => formats.includes(kind));
  const files = kinds.map((kind) => path.join(folder, `${name}.${kind}`));
  let open: TableFile[] | undefined;
  return {
    append(table) {
      open ??= kinds.map((kind, k) => OPENERS[kind](files[k] + UNFINISHED, table));
      if (table[0].values.length > 0) for (const file of open) file.append(table);
    },
    close() {
      open?.forEach((file, k) => {
        file.close();
        syncFile(files[k] + UNFINISHED);
        commitFile(files[k] + UNFINISHED, files[k]);
      });
    },
  };
}

/** Metrics of a block; where diverged models are retried, what the first training did and the retry's rate. */
export function blockMetrics(grid: Grid, range: BlockRange, block: StoredBlock, retry: number | null): Table {
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

function writeTables(
  folder: string,
  manifest: Manifest,
  grid: Grid,
  ranges: BlockRange[],
  onBlock: () => void,
): void {
  const [metrics, losses, cells] = ['metrics', 'losses', 'cells'].map((name) =>
    createTable(folder, name, manifest),
  );
  const collect = createCellCollector(grid);
  for (const range of ranges) {
    onBlock();
    const block = readBlock(folder, range, manifest.specHash);
    metrics.append(blockMetrics(grid, range, block, manifest.retry));
    losses.append(lossTable(block));
    cells.append(collect(block));
  }
  for (const table of [metrics, losses, cells]) table.close();
}

/** The weights of each group as arrays over all its instances, read block by block. */
function* weightArrays(
  folder: string,
  manifest: Manifest,
  grid: Grid,
  ranges: BlockRange[],
): Generator<NpzArray> {
  for (const [g, { problem, rows }] of grid.groups.entries()) {
    const suffix = grid.groups.length === 1 ? '' : `.group${g}`;
    const own = ranges.filter(({ group }) => group === g);
    const read = function* (pick: (block: StoredBlock) => NpzArray['parts']) {
      for (const range of own) yield* pick(readBlock(folder, range, manifest.specHash));
    };
    yield { name: `rows${suffix}`, shape: [rows.length], parts: read((block) => [block.rows]) };
    const first = paramTensors(readBlock(folder, own[0], manifest.specHash).params, problem.family, '');
    for (const [name, { shape }] of Object.entries(first)) {
      const parts = read((block) => [block.params[name]]);
      yield { name: name + suffix, shape: [rows.length, ...shape.slice(1)], parts };
    }
  }
}

function writeArrays(folder: string, manifest: Manifest, grid: Grid, ranges: BlockRange[]): void {
  const file = path.join(folder, 'weights.npz');
  writeNpz(file + UNFINISHED, weightArrays(folder, manifest, grid, ranges));
  syncFile(file + UNFINISHED);
  commitFile(file + UNFINISHED, file);
}

/** SHA-256 of a file, read in pieces. */
export function hashFile(file: string): string {
  const hash = createHash('sha256');
  const open = fs.openSync(file, 'r');
  const buffer = Buffer.alloc(2 ** 20);
  try {
    for (let read = 1; read > 0; ) {
      read = fs.readSync(open, buffer);
      hash.update(buffer.subarray(0, read));
    }
  } finally {
    fs.closeSync(open);
  }
  return hash.digest('hex');
}

/** Files of a finished folder beside the list itself, in order. */
function listFiles(folder: string): string[] {
  const top = fs.readdirSync(folder).filter((name) => /\.(csv|parquet|npz)$/.test(name) || name === MANIFEST);
  const blocks = fs.readdirSync(path.join(folder, BLOCK_FOLDER)).map((name) => `${BLOCK_FOLDER}/${name}`);
  return [...blocks, ...top].sort();
}

/**
 * Writes the tables (for a whole sweep, not for a shard) and the list of checksums, as `sha256sum -c` reads it.
 * Rows stand in the order of the blocks. `onBlock` is called before each block, so that a lock can be renewed.
 */
export function finishSweep(
  folder: string,
  manifest: Manifest,
  grid: Grid,
  ranges: BlockRange[],
  onBlock: () => void = () => {},
): void {
  if (!manifest.shard) {
    writeTables(folder, manifest, grid, ranges, onBlock);
    if (manifest.formats.includes('npz')) writeArrays(folder, manifest, grid, ranges);
  }
  const lines = listFiles(folder).map((name) => {
    onBlock();
    return `${hashFile(path.join(folder, name))}  ${name}\n`;
  });
  replaceFile(path.join(folder, CHECKSUMS), [utf8(lines.join(''))]);
}

/**
 * Whether a folder is finished and all its files are as they were then.
 * @returns false if it is not finished, or the names of files that changed.
 */
export function damagedFiles(folder: string): string[] | false {
  const list = path.join(folder, CHECKSUMS);
  if (!fs.existsSync(list)) return false;
  const lines = fs.readFileSync(list, 'utf8').trimEnd().split('\n');
  return lines.flatMap((line) => {
    if (!CHECKSUM_LINE.test(line)) return [CHECKSUMS];
    const [hash, name] = [line.slice(0, 64), line.slice(66)];
    const file = path.join(folder, name);
    return fs.existsSync(file) && hashFile(file) === hash ? [] : [name];
  });
}

/** @throws StoreError unless the folder is finished and undamaged. */
export function checkFinished(folder: string): void {
  const damaged = damagedFiles(folder);
  if (damaged === false)
    throw new StoreError(`${folder}: expected a finished sweep; continue it with --resume`);
  if (damaged.length > 0) {
    throw new StoreError(`${folder}: damaged: ${damaged.join(', ')}; repair it with --resume`);
  }
}
