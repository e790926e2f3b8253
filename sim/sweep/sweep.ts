/**
 * A sweep: every model of a spec, trained block by block into a folder that survives anything. Whatever
 * happens, the blocks that were finished stay, and the folder in the end holds the same bytes.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Block } from '../block.ts';
import type { Engine, EngineName, EngineReport } from '../engine.ts';
import { engineFor, settle } from '../engines.ts';
import { evaluate } from '../evaluate.ts';
import { expandGrid, type Grid, type Group } from '../grid.ts';
import { joinBlocks } from '../join.ts';
import type { Progress } from '../progress.ts';
import { parseSpec, type Spec, type SpecInput } from '../spec.ts';
import { StoreError, syncFolder, UNFINISHED } from '../store/files.ts';
import { keepResult, type TrainOptions, type TrainSummary, trainBlocks } from '../train.ts';
import { BLOCK_FOLDER, blockName, readBlock, type StoredBlock, writeBlock } from './blockFile.ts';
import { type BlockRange, blockGroup, cutBlocks, type Shard, shardBlocks } from './blocks.ts';
import { CHECKSUMS, damagedFiles, finishSweep } from './finish.ts';
import { awaitSilence, type Lock, lockFolder, untilSilent } from './lock.ts';
import {
  checkSame,
  createManifest,
  type Format,
  MANIFEST,
  type Manifest,
  readManifest,
  type SweepChoices,
  writeManifest,
} from './manifest.ts';
import { retryDiverged } from './retry.ts';

/** How to sweep. Only engine, retryDiverged and formats change what is in the folder, and blockInstances how it is cut. */
export interface SweepOptions {
  engine?: EngineName | 'auto';
  threads?: number; // 0 or absent = all cores
  signal?: AbortSignal; // stops it within a second; finished blocks stay
  resume?: boolean; // continue what is in the folder
  blockInstances?: number | null; // models in a block; null or absent = by their cost
  shard?: Shard | null; // only this part; null or absent = the whole
  retryDiverged?: number | null; // factor on the learning rate of models that diverged
  formats?: Format[]; // of the tables; default parquet and csv
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
export type SweepEvent = Progress | BlockStored | SweepNote;

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
}

/** Puts a manifest into a new folder, or checks it against the one that is there. */
function agreeOnManifest(folder: string, wanted: Manifest, resume: boolean): Manifest {
  if (!fs.existsSync(path.join(folder, MANIFEST))) {
    const others = fs.readdirSync(folder).filter((name) => !/^lock|^blocks$|\.unfinished$/.test(name));
    if (others.length > 0)
      throw new StoreError(`${folder} holds other files (${others[0]} …); choose an empty folder`);
    writeManifest(folder, wanted);
    return wanted;
  }
  const found = readManifest(folder);
  if (!resume) throw new StoreError(`${folder} holds a sweep already; continue it with --resume`);
  checkSame(folder, found, wanted);
  if (wanted.retry === null || wanted.retry === found.retry) return found;
  fs.rmSync(path.join(folder, CHECKSUMS), { force: true });
  writeManifest(folder, wanted);
  return wanted;
}

/** Removes what a killed process left half done. Call it under the lock. */
function removeUnfinished(folder: string): void {
  for (const name of fs.readdirSync(folder)) {
    if (name.endsWith(UNFINISHED) || /^lock\./.test(name))
      fs.rmSync(path.join(folder, name), { force: true });
  }
  const blocks = path.join(folder, BLOCK_FOLDER);
  for (const name of fs.readdirSync(blocks)) {
    if (name.endsWith(UNFINISHED)) fs.rmSync(path.join(blocks, name));
  }
}

/** What is to be done for one block of the folder, and what stands there. */
interface Inspection {
  state: 'done' | 'missing' | 'retry';
  block?: StoredBlock;
  damage?: string; // why what stands there cannot be used
}

function inspectBlock({ folder, manifest }: Work, range: BlockRange): Inspection {
  if (!fs.existsSync(path.join(folder, blockName(range)))) return { state: 'missing' };
  try {
    const block = readBlock(folder, range, manifest.specHash);
    const hasDiverged = block.firstDivergedAt.some((step) => step >= 0);
    const wantsRetry = hasDiverged && manifest.retry !== null && block.retry !== manifest.retry;
    return { state: wantsRetry ? 'retry' : 'done', block };
  } catch (error) {
    return { state: 'missing', damage: (error as Error).message };
  }
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
  writeBlock(folder, range, trained, group.problem.family, manifest.specHash);
  return stored(range, trained);
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
    const block = readBlock(work.folder, range, work.manifest.specHash);
    models += block.firstDivergedAt.filter((step) => step >= 0).length;
    yield await storeBlock(work, range, block);
  }
  return models;
}

const countModels = (ranges: BlockRange[]) => ranges.reduce((sum, { from, to }) => sum + to - from, 0);

/** Looks at every block of the folder, trains what is missing or damaged, and says what it found. */
async function* completeBlocks(work: Work): AsyncGenerator<SweepEvent, Trained> {
  const found: Record<Inspection['state'], BlockRange[]> = { done: [], missing: [], retry: [] };
  for (const range of work.ranges) {
    const { state, block, damage } = inspectBlock(work, range);
    found[state].push(range);
    if (state === 'done') yield stored(range, block!);
    if (!damage) continue;
    yield { kind: 'note', text: `${damage}; it is trained again` };
    fs.rmSync(path.join(work.folder, blockName(range)));
  }
  const { done, missing, retry } = found;
  if (done.length > 0) {
    yield { kind: 'note', text: `${done.length} of ${work.ranges.length} blocks were finished before` };
  }
  if (missing.length + retry.length > 0) fs.rmSync(path.join(work.folder, CHECKSUMS), { force: true });
  const trained = yield* trainMissing(work, missing);
  return { ...trained, models: countModels(missing) + (yield* retryStored(work, retry)) };
}

/** Tables and checksums, unless they are there and right. */
function finish({ folder, manifest, grid, ranges, lock }: Work): void {
  const damaged = damagedFiles(folder);
  if (damaged === false || damaged.length > 0) finishSweep(folder, manifest, grid, ranges, lock.renew);
}

function summarize({ folder, manifest, ranges }: Work): Pick<SweepSummary, 'models' | 'diverged'> {
  let diverged = 0;
  for (const range of ranges) {
    const { divergedAt } = readBlock(folder, range, manifest.specHash);
    diverged += divergedAt.filter((step) => step >= 0).length;
  }
  return { models: countModels(ranges), diverged };
}

/** What the user chose, and where nothing was said, what the folder was begun with. */
function choicesOf(options: SweepOptions, found: Manifest | null): Omit<SweepChoices, 'engine'> {
  const { shard = null, retryDiverged: retry = null } = options;
  const { blockInstances = found?.blockInstances ?? null, formats = found?.formats ?? ['parquet', 'csv'] } =
    options;
  return { shard, retry, blockInstances, formats };
}

/** Opens the folder (already locked) and settles what is to be done in it. */
async function prepare(spec: Spec, folder: string, options: SweepOptions, lock: Lock): Promise<Work> {
  const found = options.resume && fs.existsSync(path.join(folder, MANIFEST)) ? readManifest(folder) : null;
  const { threads, signal, engine: named = 'auto' } = options;
  const grid = expandGrid(spec);
  const choice = await settle(named === 'auto' && found ? found.engine : named);
  const { engine } = engineFor(choice, ...grid.groups.map(({ problem }) => problem));
  const wanted = createManifest(spec, { engine: engine.name, ...choicesOf(options, found) });
  const ranges = shardBlocks(cutBlocks(grid, wanted.blockInstances), wanted.shard);
  const manifest = agreeOnManifest(folder, wanted, options.resume ?? false);
  fs.mkdirSync(path.join(folder, BLOCK_FOLDER), { recursive: true });
  removeUnfinished(folder);
  syncFolder(folder);
  return { folder, manifest, grid, ranges, engine, lock, options: { engine: engine.name, threads, signal } };
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
  const spec = parseSpec(input);
  fs.mkdirSync(folder, { recursive: true });
  if (options.resume && untilSilent(folder) > 0) {
    const seconds = Math.ceil(untilSilent(folder) / 1000);
    yield {
      kind: 'note',
      text: `${folder} was in use on another machine: ${seconds} s without a sign of it, and it goes on here`,
    };
    await awaitSilence(folder, options.signal);
  }
  const lock = lockFolder(folder);
  try {
    if (options.resume && !fs.existsSync(path.join(folder, MANIFEST))) {
      yield { kind: 'note', text: `${folder} held no sweep; it begins there` };
    }
    const work = await prepare(spec, folder, options, lock);
    const trained = yield* completeBlocks(work);
    finish(work);
    const counts = summarize(work);
    const seconds = (performance.now() - started) / 1000;
    return {
      folder,
      ...counts,
      trained: trained.models,
      engine: trained.engine,
      seconds,
      samplesPerSecond: trained.samples / seconds,
    };
  } finally {
    lock.release();
  }
}
