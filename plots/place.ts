/**
 * The folder of a gallery: whose files are in it, and one process at a time that writes there. Its list of checksums
 * names what is finished: an entry goes before its file is replaced by another, and comes with `list`.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Experiment, Scale } from '../sim/experiments/experiment.ts';
import { jsonBytes, makeFolder, replaceFile, StoreError, UNFINISHED, utf8 } from '../sim/store/files.ts';
import { leftovers } from '../sim/store/process.ts';
import { PACKAGE_VERSION } from '../sim/store/provenance.ts';
import { CHECKSUMS, readSums, type Sums, sumsBytes } from '../sim/store/sums.ts';
import { type Lock, lockFolder } from '../sim/sweep/lock.ts';

const MARKER = 'gallery.json';
const FORMAT = 'superpose-gallery';
const LOCK_NAME = /^lock(\.[0-9a-f]{16})?$/;

/** Files that all pages of a folder share. */
export const SHARED = ['index.html', 'scoreboard.json', 'plotly.js', 'page.js', 'style.css', CHECKSUMS];

/** Every file that a figure may have. */
export function filesOf(experiment: Experiment, scale: Scale): string[] {
  const { name } = experiment;
  const specs = experiment.specs(scale).map((_, k) => `${name}.spec-${k + 1}.json`);
  return [...['json', 'html', 'svg', 'png', 'plotly.json'].map((ending) => `${name}.${ending}`), ...specs];
}

/** A folder that this process alone writes to. */
export interface Place {
  folder: string;
  /** Writes a file whole or not at all. Returns its path. @throws StoreError if the folder is another's by now. */
  write(name: string, content: string | Uint8Array): string;
  /** Puts what was written into the list of checksums. */
  list(): void;
  release(): void;
}

function readJson(file: string): Record<string, unknown> | null {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return null; // no such file, or none of ours
  }
}

/** Names of the files that galleries wrote into a folder; null if none did. */
function ownFiles(folder: string): string[] | null {
  const marker = readJson(path.join(folder, MARKER));
  if (marker?.format === FORMAT && Array.isArray(marker.files)) return marker.files as string[];
  const old = readJson(path.join(folder, 'scoreboard.json')); // of version 0.1, which left no marker
  const isOld = Array.isArray(old?.figures) && /superpose figures/.test(String(old.command));
  return isOld ? fs.readdirSync(folder) : null;
}

/** What stands in a folder, other than galleries of their own and what a process left that was killed. */
function contents(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !(entry.isDirectory() && ownFiles(path.join(folder, entry.name))))
    .map((entry) => entry.name)
    .filter((name) => !LOCK_NAME.test(name) && !name.endsWith(UNFINISHED));
}

/** The files of ours in a folder. @throws StoreError if one of `names` is there and is not ours, or all is another's. */
function checkOurs(folder: string, names: readonly string[]): string[] {
  const present = contents(folder);
  const own = ownFiles(folder);
  const foreign = own ? present.find((name) => names.includes(name) && !own.includes(name)) : present[0];
  if (foreign === undefined) return own ?? [];
  throw new StoreError(
    `${folder} holds ${foreign}, which no gallery wrote; choose an empty folder, or a gallery, with --out`,
  );
}

/** What is finished in a folder, by its list of checksums; nothing if it has none that can be believed. */
function finishedIn(folder: string, files: readonly string[]): Sums {
  const sums = readSums(folder);
  if (sums === null || sums === 'damaged') return {};
  return Object.fromEntries(Object.entries(sums).filter(([name]) => files.includes(name)));
}

/** How files are written into a folder that is locked and holds `files` of ours. */
function writing(folder: string, lock: Lock, files: readonly string[]): Pick<Place, 'write' | 'list'> {
  const listed = finishedIn(folder, files);
  const written: Sums = {};
  const putList = () => replaceFile(path.join(folder, CHECKSUMS), [sumsBytes(listed)], lock.renew);
  return {
    write(name, content) {
      const bytes = typeof content === 'string' ? utf8(content) : content;
      const hash = createHash('sha256').update(bytes).digest('hex');
      if (listed[name] !== undefined && listed[name] !== hash) {
        delete listed[name];
        putList();
      }
      written[name] = replaceFile(path.join(folder, name), [bytes], lock.renew);
      return path.join(folder, name);
    },
    list() {
      Object.assign(listed, written);
      putList();
    },
  };
}

/**
 * Takes a folder for the files `names`, makes it if it is not there, and says in it that they are a gallery's.
 * @throws StoreError, before anything is written, if a file of that name is not ours, or another process writes here.
 */
export function openPlace(folder: string, names: readonly string[]): Place {
  checkOurs(folder, names);
  makeFolder(folder);
  const lock = lockFolder(folder);
  try {
    const files = [...new Set([MARKER, ...checkOurs(folder, names), ...names])].sort();
    for (const name of files) {
      for (const left of leftovers(path.join(folder, name)))
        fs.rmSync(path.join(folder, left), { force: true });
    }
    const place = { folder, ...writing(folder, lock, files), release: () => lock.release() };
    place.write(MARKER, jsonBytes({ format: FORMAT, superpose: PACKAGE_VERSION, files }));
    return place;
  } catch (error) {
    lock.release();
    throw error;
  }
}
