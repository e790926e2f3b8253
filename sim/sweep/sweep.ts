/**
 * A sweep: every model of a spec, trained block by block into a folder that survives anything. Whatever
 * happens, the blocks that were finished stay, and the folder in the end holds the same bytes.
 */
import fs from 'node:fs';
import path from 'node:path';
import { layoutNote } from '../axes.ts';
import type { Block } from '../block.ts';
import type { Engine, EngineReport } from '../engine.ts';
import { engineFor, type Running, settle } from '../engines.ts';
import { evaluate } from '../evaluate.ts';
import type { Grid, Group } from '../grid.ts';
import { joinBlocks } from '../join.ts';
import type { Progress } from '../progress.ts';
import { parseSpec, type Spec, type SpecInput } from '../spec.ts';
import { DamageError, makeFolder, StoreError, syncFolder, UNFINISHED } from '../store/files.ts';
import { loadInputs } from '../store/inputs.ts';
import { CHECKSUMS, type Sums } from '../store/sums.ts';
import { keepResult, type TrainOptions, type TrainSummary, trainBlocks } from '../train.ts';
import {
  BLOCK_FOLDER,
  blockName,
  type CheckedBlock,
  checkBlock,
  readBlock,
  type StoredBlock,
  writeBlock,
} from './blockFile.ts';
import { type BlockRange, blockGroup, cutBlocks, type Shard, shardBlocks } from './blocks.ts';
import {
  checkArchive,
  compareSums,
  expectedFiles,
  type Finishing,
  finishSweep,
  pause,
  tableNames,
} from './finish.ts';
import { layOut } from './layOut.ts';
import { awaitSilence, holderOf, LOCK, type Lock, lockFolder, untilSilent } from './lock.ts';
import {
  checkSame,
  createManifest,
  FORMATS,
  type Format,
  MANIFEST,
  type Manifest,
  readManifest,
  type SweepChoices,
  writeManifest,
} from './manifest.ts';
import { retryDiverged } from './retry.ts';

/** How to sweep. Only engine, retryDiverged and formats change what is in the folder, and blockInstances how it is cut. */
export interface SweepOptions extends Running {
  resume?: boolean; // continue what is in the folder
  blockInstances?: number | null; // models in a block; null or absent = by their cost
  shard?: Shard | null; // only this part; null or absent = the whole
  retryDiverged?: number | null; // factor on the learning rate of models that diverged
  formats?: Format[]; // of the tables; default parquet and csv; `resume` can change them
}

/** A block is safely on disk: stored just now, or found there. */
export interface BlockStored {
  kind: 'block';
  range: BlockRange;
  rows: Int32Array; // (I)
  heldOut: Float64Array; // (I)
}

/** Something that the user should know. */
export interface SweepNote {
  kind: 'note';
  text: string;
}

/** What `sweep` yields. */
export type SweepEvent = Progress | BlockStored | Finishing | SweepNote;

/** What a sweep came to. */
export interface SweepSummary {
  folder: string;
  models: number; // of this folder
  diverged: number; // of this folder
  trained: number; // models trained by this call, retries of stored ones included; the others were there
  engine: EngineReport | null; // null if no block was left to train
  seconds: number; // of this call
  samplesPerSecond: number; // of this call, all its work included
}

/** All that the steps of one sweep share. */
interface Work {
  folder: string;
  manifest: Manifest;
  grid: Grid;
  ranges: BlockRange[]; // of this folder
  engine: Engine;
  options: TrainOptions;
  lock: Lock;
  sums: Sums; // of the blocks that were found whole or written
  diverged: number; // models in them
}

/** Removes a file of the folder, if it is there and the folder is still this process's. */
function remove(folder: string, name: string, lock: Lock): void {
  lock.renew();
  fs.rmSync(path.join(folder, name), { force: true });
}

/** Names that a sweep folder without its manifest may have: it was begun, or its sweep.json was lost. */
function isOwn(name: string, names: string[]): boolean {
  if (name === LOCK || name.startsWith(`${LOCK}.`) || name === BLOCK_FOLDER || name.endsWith(UNFINISHED))
    return true;
  const finished = [CHECKSUMS, ...tableNames({ shard: null, formats: [...FORMATS] })];
  return names.includes(BLOCK_FOLDER) && finished.includes(name);
}

/** Puts a manifest into a new folder, or checks it against the one that is there. */
function agreeOnManifest(folder: string, wanted: Manifest, resume: boolean, lock: Lock): Manifest {
  if (!fs.existsSync(path.join(folder, MANIFEST))) {
    const names = fs.readdirSync(folder);
    const other = names.find((name) => !isOwn(name, names));
    if (other) throw new StoreError(`${folder} holds other files (${other} …); choose an empty folder`);
    writeManifest(folder, wanted, lock.renew);
    return wanted;
  }
  const found = readManifest(folder);
  if (!resume) throw new StoreError(`${folder} holds a sweep already; continue it with --resume`);
  checkSame(folder, found, wanted);
  const retry = wanted.retry ?? found.retry;
  if (retry === found.retry && String(wanted.formats) === String(found.formats)) return found;
  remove(folder, CHECKSUMS, lock);
  writeManifest(folder, { ...wanted, retry }, lock.renew);
  return { ...wanted, retry };
}

/** Removes what a killed process left half done. */
function removeUnfinished(folder: string, lock: Lock): void {
  lock.clean();
  for (const place of ['', BLOCK_FOLDER]) {
    for (const name of fs.readdirSync(path.join(folder, place))) {
      if (name.endsWith(UNFINISHED)) remove(folder, path.join(place, name), lock);
    }
  }
}

/** Names in the folder of the blocks that are no block of this sweep. */
function foreignFiles({ folder, ranges }: Work): string[] {
  const own = new Set(ranges.map(blockName));
  const names = fs.readdirSync(path.join(folder, BLOCK_FOLDER)).map((name) => `${BLOCK_FOLDER}/${name}`);
  return names.filter((name) => !own.has(name) && !name.endsWith(UNFINISHED));
}

/** What is to be done for one block of the folder, and what stands there. */
interface Inspection {
  state: 'done' | 'missing' | 'retry';
  found?: CheckedBlock;
  damage?: string; // why what stands there cannot be used
}

function wantsRetry({ firstDivergedAt, retry }: StoredBlock, { retry: wanted }: Manifest): boolean {
  return wanted !== null && retry !== wanted && firstDivergedAt.some((step) => step >= 0);
}

/** @throws what kept the block from being read: only a checksum that does not fit is damage. */
function inspectBlock({ folder, manifest }: Work, range: BlockRange): Inspection {
  try {
    const found = checkBlock(folder, range, manifest);
    return { state: wantsRetry(found.block, manifest) ? 'retry' : 'done', found };
  } catch (error) {
    if (error instanceof DamageError) return { state: 'missing', damage: error.message };
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { state: 'missing' };
    throw error;
  }
}

const countDiverged = (steps: Int32Array) =>
  steps.reduce((count, step) => (step >= 0 ? count + 1 : count), 0);

/** Keeps account of a block that is safely on disk. */
function account(work: Work, range: BlockRange, { block, sha256 }: CheckedBlock): BlockStored {
  work.sums[blockName(range)] = sha256;
  work.diverged += countDiverged(block.divergedAt);
  return stored(range, block);
}

function stored(range: BlockRange, { rows, heldOut }: StoredBlock): BlockStored {
  return { kind: 'block', range, rows, heldOut };
}

/** Evaluates a block, gives its diverged models their second chance, and stores it. */
async function storeBlock(work: Work, range: BlockRange, trained: StoredBlock): Promise<BlockStored> {
  const { folder, manifest, grid, engine, options, lock } = work;
  const group = blockGroup(grid, range);
  if (manifest.retry !== null) await retryDiverged(grid, group, trained, manifest.retry, options);
  const { params, divergedAt } = trained;
  trained.heldOut = await evaluate(engine, group.problem, params, divergedAt, options.threads ?? 0);
  lock.renew();
  const sha256 = writeBlock(folder, range, trained, group.problem.family, manifest, lock.renew);
  return account(work, range, { block: trained, sha256 });
}

/** A block of the sweep from the parts that memory allowed to train at once. */
function freshBlock(group: Group, parts: Block[]): StoredBlock {
  const { problem: _problem, ...block } = joinBlocks(group, parts);
  const instances = block.rows.length;
  return {
    ...block,
    heldOut: new Float64Array(instances),
    firstDivergedAt: block.divergedAt,
    retryRate: new Float64Array(instances).fill(Number.NaN),
    retry: null,
  };
}

interface Trained {
  models: number;
  engine: EngineReport | null; // null if blocks were only retried
  samples: number;
}

/** Trains the blocks that are missing, each as a group of its own. */
async function* trainMissing(
  work: Work,
  missing: BlockRange[],
): AsyncGenerator<SweepEvent, Pick<Trained, 'engine' | 'samples'>> {
  if (missing.length === 0) return { engine: null, samples: 0 };
  const grid = { ...work.grid, groups: missing.map((range) => blockGroup(work.grid, range)) };
  let ran!: TrainSummary;
  const keep = (summary: TrainSummary) => {
    ran = summary;
  };
  let parts: Block[] = [];
  for await (const event of keepResult(trainBlocks(grid, work.options), keep)) {
    if (event.kind === 'progress') {
      yield event;
      continue;
    }
    const { block } = event;
    const range = missing[block.group];
    parts.push(block);
    if (block.from + block.rows.length < range.to - range.from) continue;
    yield await storeBlock(work, range, freshBlock(grid.groups[block.group], parts));
    parts = [];
  }
  return { engine: ran.engine, samples: ran.samples };
}

/** Retries the diverged models of blocks that were stored without, or with another factor. Returns how many. */
async function* retryStored(work: Work, ranges: BlockRange[]): AsyncGenerator<SweepEvent, number> {
  let models = 0;
  for (const range of ranges) {
    const block = readBlock(work.folder, range, work.manifest);
    models += countDiverged(block.firstDivergedAt);
    yield await storeBlock(work, range, block);
  }
  return models;
}

const countModels = (ranges: BlockRange[]) => ranges.reduce((sum, { from, to }) => sum + to - from, 0);

/** Looks at every block of the folder, and says what it found. */
async function* inspectBlocks(
  work: Work,
): AsyncGenerator<SweepEvent, Record<Inspection['state'], BlockRange[]>> {
  const { folder, lock, ranges, options } = work;
  const found: Record<Inspection['state'], BlockRange[]> = { done: [], missing: [], retry: [] };
  for (const [done, range] of ranges.entries()) {
    const { state, found: block, damage } = inspectBlock(work, range);
    found[state].push(range);
    if (state === 'done') yield account(work, range, block!);
    if (damage) {
      yield { kind: 'note', text: `${damage}; it is trained again` };
      remove(folder, blockName(range), lock);
    }
    if (state === 'missing') continue;
    yield { kind: 'finishing', what: 'reading blocks', done, of: ranges.length };
    await pause({ renew: lock.renew, signal: options.signal });
  }
  return found;
}

/** Trains what is missing or damaged of the blocks of the folder. */
async function* completeBlocks(work: Work): AsyncGenerator<SweepEvent, Trained> {
  const { done, missing, retry } = yield* inspectBlocks(work);
  for (const name of foreignFiles(work)) {
    yield {
      kind: 'note',
      text: `${path.join(work.folder, name)} is no block of this sweep; it is left alone`,
    };
  }
  if (done.length > 0) {
    yield { kind: 'note', text: `${done.length} of ${work.ranges.length} blocks were finished before` };
  }
  if (missing.length + retry.length > 0) remove(work.folder, CHECKSUMS, work.lock);
  const trained = yield* trainMissing(work, missing);
  return { ...trained, models: countModels(missing) + (yield* retryStored(work, retry)) };
}

/** Tables and checksums, unless they are there and right. */
async function* finishFolder(work: Work): AsyncGenerator<SweepEvent, void> {
  const { folder, manifest, grid, ranges, lock, sums, options } = work;
  const { signal } = options;
  const damage = yield* compareSums(folder, expectedFiles(manifest, ranges), sums, signal);
  if (damage && Object.keys(damage).length === 0) return;
  if (damage) {
    const [[name, what]] = Object.entries(damage);
    yield { kind: 'note', text: `${path.join(folder, name)}: ${what}; the tables are written again` };
  }
  yield* finishSweep({ folder, manifest, grid, ranges, renew: lock.renew, signal });
}

/** What the user chose, and where nothing was said, what the folder was begun with. */
function choicesOf(options: SweepOptions, found: Manifest | null): Omit<SweepChoices, 'engine'> {
  const { shard = null, retryDiverged: retry = null } = options;
  const { blockInstances = found?.blockInstances ?? null, formats = found?.formats ?? ['parquet', 'csv'] } =
    options;
  return { shard, retry, blockInstances, formats };
}

/** Opens the folder (already locked) and settles what is to be done in it. */
async function* prepare(
  spec: Spec,
  folder: string,
  options: SweepOptions,
  lock: Lock,
): AsyncGenerator<Finishing, Work> {
  const found = options.resume && fs.existsSync(path.join(folder, MANIFEST)) ? readManifest(folder) : null;
  const { threads, signal, engine: named = 'auto' } = options;
  const grid = yield* layOut(spec, signal, lock.renew);
  const choice = await settle(named === 'auto' && found ? found.engine : named);
  const { engine, why } = engineFor(choice, ...grid.groups.map(({ problem }) => problem));
  const wanted = createManifest(spec, { engine: engine.name, ...choicesOf(options, found) });
  const ranges = shardBlocks(cutBlocks(grid, wanted.blockInstances), wanted.shard);
  checkArchive(grid, wanted);
  const manifest = agreeOnManifest(folder, wanted, options.resume ?? false, lock);
  fs.mkdirSync(path.join(folder, BLOCK_FOLDER), { recursive: true });
  removeUnfinished(folder, lock);
  syncFolder(folder);
  const own = { engine: { engine, why, others: [] }, threads, signal };
  return { folder, manifest, grid, ranges, engine, lock, options: own, sums: {}, diverged: 0 };
}

/** Waits until a holder that cannot be seen from here is taken for dead, and says so. */
async function* awaitHolder(folder: string, signal?: AbortSignal): AsyncGenerator<SweepNote, void> {
  const seconds = Math.ceil(untilSilent(folder) / 1000);
  if (seconds === 0) return;
  const holder = `${holderOf(folder)}, which cannot be seen from here`;
  const text = `${folder} was in use by ${holder}: ${seconds} s without a sign of it, and it goes on here`;
  yield { kind: 'note', text };
  await awaitSilence(folder, signal);
}

/**
 * Trains a sweep into a folder and yields progress and stored blocks. Stop it in any way you like (an abort,
 * kill -9, a power cut): `resume` continues, and the finished folder has the same bytes as one that was never
 * interrupted, whatever the number of threads.
 * @throws SpecError; StoreError if the folder is in use, of another spec, version, engine or block size, or
 * holds a sweep already and not `resume`; the system's error if the disk is full; the signal's reason.
 */
export async function* sweep(
  input: SpecInput | Spec,
  folder: string,
  options: SweepOptions = {},
): AsyncGenerator<SweepEvent, SweepSummary> {
  const started = performance.now();
  const spec = await loadInputs(parseSpec(input));
  makeFolder(folder);
  if (options.resume) yield* awaitHolder(folder, options.signal);
  const lock = lockFolder(folder);
  try {
    if (options.resume && !fs.existsSync(path.join(folder, MANIFEST))) {
      yield { kind: 'note', text: `${folder} held no sweep; it begins there` };
    }
    const note = layoutNote(spec);
    if (note) yield { kind: 'note', text: note };
    const work = yield* prepare(spec, folder, options, lock);
    const trained = yield* completeBlocks(work);
    yield* finishFolder(work);
    const seconds = (performance.now() - started) / 1000;
    return {
      folder,
      models: countModels(work.ranges),
      diverged: work.diverged,
      trained: trained.models,
      engine: trained.engine,
      seconds,
      samplesPerSecond: trained.samples / seconds,
    };
  } finally {
    lock.release();
  }
}
