/** Shards of one sweep joined into the folder that one machine would have made, byte for byte. */
import fs from 'node:fs';
import path from 'node:path';
import { expandGrid, type Grid } from '../grid.ts';
import { realFolder, StoreError, syncFolder, UNFINISHED } from '../store/files.ts';
import { BLOCK_FOLDER, blockName } from './blockFile.ts';
import { type BlockRange, cutBlocks } from './blocks.ts';
import { checkFinished, finishSweep } from './finish.ts';
import { lockFolder } from './lock.ts';
import { checkSame, MANIFEST, type Manifest, readManifest, writeManifest } from './manifest.ts';

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

function copySynced(from: string, to: string): void {
  fs.copyFileSync(from, to, fs.constants.COPYFILE_FICLONE);
  const open = fs.openSync(to, 'r+');
  fs.fsyncSync(open);
  fs.closeSync(open);
}

function readShards(folders: string[]): Manifest {
  const [first, ...others] = folders.map(readManifest);
  others.forEach((manifest, k) => {
    checkSame(folders[k + 1], first, manifest, true);
  });
  for (const folder of folders) checkFinished(folder);
  return { ...first, shard: null };
}

/** What a merge puts together, and from where. */
interface Parts {
  manifest: Manifest;
  grid: Grid;
  ranges: BlockRange[];
  holders: string[]; // the folder of each block
}

/** Checks that the shards are the whole of one sweep. @throws StoreError */
function collectParts(places: readonly string[]): Parts {
  const folders = sweepFolders(places);
  const manifest = readShards(folders);
  const grid = expandGrid(manifest.spec);
  const ranges = cutBlocks(grid, manifest.blockInstances);
  return { manifest, grid, ranges, holders: locateBlocks(folders, ranges) };
}

/** Makes the whole sweep in a folder that has no name yet, whatever a merge that was killed left there. */
function fillFolder(fresh: string, { manifest, grid, ranges, holders }: Parts): void {
  fs.mkdirSync(fresh, { recursive: true });
  const lock = lockFolder(fresh); // against another merge to the same place
  try {
    for (const name of fs.readdirSync(fresh)) {
      if (name !== 'lock') fs.rmSync(path.join(fresh, name), { recursive: true });
    }
    fs.mkdirSync(path.join(fresh, BLOCK_FOLDER));
    for (const [k, range] of ranges.entries()) {
      lock.renew();
      copySynced(path.join(holders[k], blockName(range)), path.join(fresh, blockName(range)));
    }
    writeManifest(fresh, manifest);
    finishSweep(fresh, manifest, grid, ranges, lock.renew);
  } catch (error) {
    if (!(error instanceof StoreError)) fs.rmSync(fresh, { recursive: true, force: true }); // a full disk, say
    throw error;
  } finally {
    lock.release();
  }
}

/**
 * Joins finished shards, given in any order, into `out`: whole or not at all. Returns the number of models.
 * @throws StoreError if shards are missing, doubled, unfinished, damaged or of different sweeps, or `out` exists;
 * the system's error if the disk is full.
 */
export function mergeSweeps(places: readonly string[], out: string): number {
  if (fs.existsSync(out)) throw new StoreError(`${out} exists already; choose another place with --out`);
  const parts = collectParts(places);
  const place = realFolder(out);
  const fresh = place + UNFINISHED;
  fillFolder(fresh, parts);
  fs.renameSync(fresh, place);
  syncFolder(path.dirname(place));
  return parts.grid.rows;
}
