/** Shards of one sweep joined into the folder that one machine would have made, byte for byte. */
import fs from 'node:fs';
import path from 'node:path';
import type { Grid } from '../grid.ts';
import { makeFolder, realFolder, replaceFile, StoreError, syncFolder, UNFINISHED } from '../store/files.ts';
import { loadInputs } from '../store/inputs.ts';
import { PACKAGE_VERSION } from '../store/provenance.ts';
import { finish } from '../train.ts';
import { BLOCK_FOLDER, blockName, readBlockBytes } from './blockFile.ts';
import { type BlockRange, cutBlocks, shardBlocks } from './blocks.ts';
import { checkArchive, compareSums, expectedFiles, type Finishing, finishSweep, pause } from './finish.ts';
import { layOut } from './layOut.ts';
import { LOCK, type Lock, lockFolder } from './lock.ts';
import { checkSame, MANIFEST, type Manifest, readManifest, writeManifest } from './manifest.ts';

/** How to merge. */
export interface MergeOptions {
  signal?: AbortSignal; // stops it within a second, and nothing is there
  onEvent?: (event: Finishing) => void;
}

/** Sweep folders named directly, or inside a folder that is named. */
function sweepFolders(places: readonly string[]): string[] {
  return places.flatMap((place) => {
    if (fs.existsSync(path.join(place, MANIFEST))) return [place];
    const isFolder = fs.statSync(place, { throwIfNoEntry: false })?.isDirectory();
    const inside = isFolder ? fs.readdirSync(place).sort() : [];
    const found = inside
      .filter((name) => !name.endsWith(UNFINISHED)) // a merge that was killed
      .map((name) => path.join(place, name))
      .filter((f) => fs.existsSync(path.join(f, MANIFEST)));
    if (found.length === 0) throw new StoreError(`${place}: expected a sweep folder or a folder of them`);
    return found;
  });
}

/** Which folder has each block. @throws StoreError if a block is in two folders or in none. */
function locateBlocks(folders: string[], ranges: BlockRange[]): string[] {
  return ranges.map((range) => {
    const holders = folders.filter((folder) => fs.existsSync(path.join(folder, blockName(range))));
    if (holders.length === 1) return holders[0];
    if (holders.length === 0) {
      const rows = `instances ${range.from} to ${range.to - 1} of group ${range.group}`;
      throw new StoreError(`block ${range.index} (${rows}) is missing: a shard is not here`);
    }
    throw new StoreError(`block ${range.index} is in both ${holders[0]} and ${holders[1]}`);
  });
}

/** @throws StoreError unless the folder is finished, and every file as it was written. */
async function* checkFinished(
  folder: string,
  manifest: Manifest,
  grid: Grid,
  signal?: AbortSignal,
): AsyncGenerator<Finishing, void> {
  const ranges = shardBlocks(cutBlocks(grid, manifest.blockInstances), manifest.shard);
  const damage = yield* compareSums(folder, expectedFiles(manifest, ranges), {}, signal);
  if (damage === null)
    throw new StoreError(`${folder}: expected a finished sweep; continue it with --resume`);
  const names = Object.entries(damage).map(([name, what]) => `${name} (${what})`);
  if (names.length > 0) {
    throw new StoreError(`${folder}: damaged: ${names.join(', ')}; repair it with --resume`);
  }
}

/** The manifest that the shards share, and the grid of its spec. @throws StoreError if a shard is not whole */
async function* readShards(
  folders: string[],
  signal?: AbortSignal,
): AsyncGenerator<Finishing, Pick<Parts, 'manifest' | 'grid'>> {
  const manifests = folders.map(readManifest);
  const [first] = manifests;
  if (first.superpose !== PACKAGE_VERSION) {
    throw new StoreError(
      `${folders[0]}: superpose: expected ${JSON.stringify(PACKAGE_VERSION)}, got ${JSON.stringify(first.superpose)}; another version may place axes and draw numbers otherwise: merge with that version`,
    );
  }
  await loadInputs(first.spec); // the very bytes: the spec says their hash
  const grid = yield* layOut(first.spec, signal);
  for (const [k, folder] of folders.entries()) {
    checkSame(folder, first, manifests[k], true);
    yield* checkFinished(folder, manifests[k], grid, signal);
  }
  return { manifest: { ...first, shard: null }, grid };
}

/** What a merge puts together, and from where. */
interface Parts {
  manifest: Manifest;
  grid: Grid;
  ranges: BlockRange[];
  holders: string[]; // the folder of each block
}

/** Checks that the shards are the whole of one sweep. @throws StoreError */
async function* collectParts(
  places: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<Finishing, Parts> {
  const folders = sweepFolders(places);
  const { manifest, grid } = yield* readShards(folders, signal);
  const ranges = cutBlocks(grid, manifest.blockInstances);
  checkArchive(grid, manifest);
  return { manifest, grid, ranges, holders: locateBlocks(folders, ranges) };
}

/** Copies every block into a folder, each checked as it is read. */
async function* copyBlocks(fresh: string, { ranges, holders }: Parts, lock: Lock, signal?: AbortSignal) {
  for (const [done, range] of ranges.entries()) {
    yield { kind: 'finishing', what: 'copying blocks', done, of: ranges.length } as const;
    await pause({ renew: lock.renew, signal });
    const bytes = readBlockBytes(path.join(holders[done], blockName(range)));
    replaceFile(path.join(fresh, blockName(range)), [bytes], lock.renew);
  }
}

/** Empties a folder of whatever a merge that was killed left there. */
function emptyFolder(fresh: string, lock: Lock): void {
  lock.clean();
  for (const name of fs.readdirSync(fresh)) {
    lock.renew();
    if (name !== LOCK && !name.startsWith(`${LOCK}.`)) fs.rmSync(path.join(fresh, name), { recursive: true });
  }
}

/** Makes the whole sweep in a folder that has no name yet, and gives it its name. */
async function* fillFolder(
  place: string,
  parts: Parts,
  signal?: AbortSignal,
): AsyncGenerator<Finishing, void> {
  const fresh = place + UNFINISHED;
  makeFolder(fresh);
  const lock = lockFolder(fresh); // against another merge to the same place
  try {
    emptyFolder(fresh, lock);
    fs.mkdirSync(path.join(fresh, BLOCK_FOLDER));
    writeManifest(fresh, parts.manifest, lock.renew);
    yield* copyBlocks(fresh, parts, lock, signal);
    const { manifest, grid, ranges } = parts;
    yield* finishSweep({ folder: fresh, manifest, grid, ranges, renew: lock.renew, signal });
    lock.renew();
  } catch (error) {
    discard(fresh, lock);
    throw error;
  }
  try {
    fs.renameSync(fresh, place); // with the lock in it, so that no other merge comes between
    syncFolder(path.dirname(place));
  } finally {
    lock.release(fs.existsSync(fresh) ? fresh : place);
  }
}

/** Removes a folder that came to nothing (a full disk, say), unless another merge has it now. */
function discard(fresh: string, lock: Lock): void {
  try {
    lock.renew();
    fs.rmSync(fresh, { recursive: true, force: true });
  } catch {} // the error that led here says more
  lock.release();
}

async function* merging(places: readonly string[], out: string, signal?: AbortSignal) {
  const parts = yield* collectParts(places, signal);
  yield* fillFolder(realFolder(out), parts, signal);
  return parts.grid.rows;
}

/**
 * Joins finished shards, given in any order, into `out`: whole or not at all. Returns the number of models.
 * @throws StoreError if shards are missing, doubled, unfinished, damaged or of different sweeps, or `out` exists;
 * the system's error if the disk is full; the signal's reason.
 */
export async function mergeSweeps(
  places: readonly string[],
  out: string,
  { signal, onEvent }: MergeOptions = {},
): Promise<number> {
  if (fs.existsSync(out)) throw new StoreError(`${out} exists already; choose another place with --out`);
  return finish(merging(places, out, signal), onEvent);
}
