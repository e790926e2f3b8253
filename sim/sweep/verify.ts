/** Whether every file of a folder is as it was written: a sweep, a run, or any folder with a list of checksums. */
import fs from 'node:fs';
import path from 'node:path';
import { DamageError, placeOf, StoreError } from '../store/files.ts';
import { UNFINISHED } from '../store/process.ts';
import { RUN_FILES, readRun } from '../store/run.ts';
import { CHECKSUMS, readSums } from '../store/sums.ts';
import { finish } from '../train.ts';
import { blockName, checkBlock } from './blockFile.ts';
import { cutBlocks, shardBlocks } from './blocks.ts';
import { compareSums, type Damage, expectedFiles, type Finishing, pause } from './finish.ts';
import { layOut } from './layOut.ts';
import { MANIFEST, type Manifest, readManifest } from './manifest.ts';

/** What was found in a folder. */
export interface FolderVerdict {
  kind: 'sweep' | 'run' | 'folder';
  finished: boolean; // false: a sweep whose tables and list are to come
  files: number; // that were read and are as they were written
  damaged: Damage; // what is wrong, by the name of the file
  foreign: string[]; // names that are on no list: nobody can say what they should hold
}

type Checking = AsyncGenerator<Finishing, FolderVerdict>;

/** Whether a folder is another one or lies in it. */
const isWithin = (folder: string, other: string) => `${folder}${path.sep}`.startsWith(`${other}${path.sep}`);

/** Names of all files below a folder that `known` does not have, beside locks and what is half written. */
function foreignTo(folder: string, known: Iterable<string>): string[] {
  const names = new Set([...known, CHECKSUMS]);
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  const others = files.filter(({ name, parentPath }) => name === CHECKSUMS && parentPath !== folder); // have lists of their own
  return files
    .filter(({ parentPath }) => !others.some((other) => isWithin(parentPath, other.parentPath)))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((name) => !names.has(name) && !name.endsWith(UNFINISHED) && !/^lock(\.\w+)?$/.test(name))
    .sort();
}

/** A verdict over files that are `expected` and of which `damaged` says what is wrong. */
function judge(
  kind: FolderVerdict['kind'],
  folder: string,
  expected: string[],
  damaged: Damage,
  finished = true,
): FolderVerdict {
  const files = expected.filter((name) => damaged[name] === undefined).length;
  return { kind, finished, files, damaged, foreign: foreignTo(folder, expected) };
}

/** The files that a list names, whatever they are. */
async function* checkList(kind: FolderVerdict['kind'], folder: string, signal?: AbortSignal): Checking {
  const sums = readSums(folder);
  const names = sums === null || sums === 'damaged' ? [] : Object.keys(sums);
  const damaged = (yield* compareSums(folder, names, {}, signal)) ?? { [CHECKSUMS]: 'missing' };
  return judge(kind, folder, names, damaged);
}

/** A run: its list, and that its files belong together. */
async function* checkRun(folder: string, signal?: AbortSignal): Checking {
  const verdict = yield* checkList('run', folder, signal);
  if (Object.keys(verdict.damaged).length > 0) return { ...verdict, ...blameless(folder) };
  try {
    readRun(folder);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    verdict.damaged['run.json'] = error.message;
  }
  return verdict;
}

/** Foreign files of a run whose list cannot be used: its own are known by name. */
const blameless = (folder: string) => ({ foreign: foreignTo(folder, RUN_FILES) });

/** The blocks of a sweep that is not finished, each by its own checksum. */
async function* checkBlocks(folder: string, names: Map<string, () => void>, signal?: AbortSignal): Checking {
  const damaged: Damage = {};
  let done = 0;
  for (const [name, check] of names) {
    yield { kind: 'finishing', what: 'reading blocks', done: done++, of: names.size } as const;
    await pause({ renew: () => {}, signal });
    try {
      check();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      damaged[name] = error instanceof DamageError ? 'not as it was written' : error.message;
    }
  }
  return judge('sweep', folder, [MANIFEST, ...names.keys()], damaged, false);
}

async function* checkSweep(folder: string, signal?: AbortSignal): Checking {
  let manifest: Manifest;
  try {
    manifest = readManifest(folder);
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
    const verdict = yield* checkList('sweep', folder, signal);
    return { ...verdict, damaged: { ...verdict.damaged, [MANIFEST]: error.message } };
  }
  const grid = yield* layOut(manifest.spec, signal);
  const ranges = shardBlocks(cutBlocks(grid, manifest.blockInstances), manifest.shard);
  const expected = expectedFiles(manifest, ranges);
  const damaged = yield* compareSums(folder, expected, {}, signal);
  if (damaged) return judge('sweep', folder, expected, damaged);
  const there = ranges.filter((range) => fs.existsSync(path.join(folder, blockName(range))));
  const checks = there.map(
    (range) => [blockName(range), () => void checkBlock(folder, range, manifest)] as const,
  );
  const verdict = yield* checkBlocks(folder, new Map(checks), signal);
  return { ...verdict, foreign: verdict.foreign.filter((name) => !expected.includes(name)) };
}

function checking(folder: string, signal?: AbortSignal): Checking {
  const place = placeOf(folder);
  const has = (name: string) => fs.existsSync(path.join(place, name));
  if (has(MANIFEST)) return checkSweep(place, signal);
  if (has('run.json')) return checkRun(place, signal);
  if (has(CHECKSUMS)) return checkList('folder', place, signal);
  throw new StoreError(`${folder}: expected a sweep, a run, or a folder with ${CHECKSUMS}`);
}

/** How to verify. */
export interface VerifyOptions {
  signal?: AbortSignal; // stops it within a second
  onEvent?: (event: Finishing) => void;
}

/**
 * Reads every file of a sweep, run or other folder with a list of checksums, and says which are as they were
 * written. It writes nothing, so it works on a read-only disk, and beside a sweep that runs.
 * @throws StoreError if the folder is none of these; the system's error if a file cannot be read; the signal's reason.
 */
export async function verifyFolder(folder: string, options: VerifyOptions = {}): Promise<FolderVerdict> {
  return finish(checking(folder, options.signal), options.onEvent);
}
