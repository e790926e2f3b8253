/**
 * Writing so that a crash or a power cut leaves either the old or the new, never half: a temporary name that is
 * nobody else's, sync, rename, sync. What a checksum list says is the hash of what was meant, taken on the way.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { leftovers, temporaryName, UNFINISHED } from './process.ts';
import { CHECKSUMS, type Sums, sumsBytes } from './sums.ts';

export { UNFINISHED };

/** A file name that cannot be used, or a place that holds something already. */
export class StoreError extends Error {
  override name = 'StoreError';
}

/** Bytes that are not those that were written. Only a checksum says so; a file that cannot be read is no proof. */
export class DamageError extends StoreError {}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; )
    at += fs.writeSync(file, bytes, at, Math.min(bytes.length - at, 2 ** 30)); // a short write is no error
}

/** All bytes of a file, through one descriptor. @throws the system's error */
export function readBytes(file: string): Uint8Array<ArrayBuffer> {
  const open = fs.openSync(file, 'r');
  try {
    const bytes = new Uint8Array(fs.fstatSync(open).size);
    for (let at = 0, read = 1; at < bytes.length && read > 0; at += read) {
      read = fs.readSync(open, bytes, at, Math.min(bytes.length - at, 2 ** 30), at);
      if (read === 0) return bytes.subarray(0, at); // cut while it was read
    }
    return bytes;
  } finally {
    fs.closeSync(open);
  }
}

/** Has the disk confirm the names in a folder. */
export function syncFolder(folder: string): void {
  const open = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(open);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EINVAL' && code !== 'ENOTSUP') throw error; // a file system that syncs no folders
  } finally {
    fs.closeSync(open);
  }
}

/** Makes a folder and those above it, and has the disk confirm the names of all. */
export function makeFolder(folder: string): void {
  const first = fs.mkdirSync(folder, { recursive: true });
  const top = path.dirname(first === undefined ? path.resolve(folder) : path.resolve(first));
  for (let place = path.resolve(folder); place !== top && place !== path.dirname(place); ) {
    place = path.dirname(place);
    try {
      syncFolder(place);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error; // above a folder that was made for us
    }
  }
}

/** A file that is being written under a temporary name. */
export interface Output {
  write(bytes: Uint8Array): void;
  /** Has the disk confirm all, and gives the file its name. Returns the SHA-256 of what was written, in hexadecimal. */
  commit(): string;
  /** Gives up. After `commit` it does nothing. */
  discard(): void;
}

/** Opens a file to be written whole or not at all. `mayRename` is asked before it gets its name, and may throw. */
export function openOutput(file: string, mayRename: () => void = () => {}): Output {
  const temporary = temporaryName(file);
  const open = fs.openSync(temporary, 'wx'); // follows no link that waits there
  const hash = createHash('sha256');
  let size = 0;
  let state: 'open' | 'closed' | 'named' = 'open';
  const close = () => {
    if (state !== 'open') return;
    state = 'closed';
    fs.closeSync(open);
  };
  return {
    write(bytes) {
      writeAll(open, bytes);
      hash.update(bytes);
      size += bytes.length;
    },
    commit() {
      fs.fsyncSync(open);
      const there = fs.fstatSync(open).size;
      if (there !== size) throw new StoreError(`${file}: wrote ${size} bytes, the disk has ${there}`);
      close();
      mayRename();
      fs.renameSync(temporary, file);
      state = 'named';
      syncFolder(path.dirname(file));
      return hash.digest('hex');
    },
    discard() {
      if (state === 'named') return;
      try {
        close();
      } finally {
        fs.rmSync(temporary, { force: true });
      }
    },
  };
}

/** Writes a file whole or not at all, in place of one that is there. Returns its SHA-256. */
export function replaceFile(file: string, parts: Iterable<Uint8Array>, mayRename?: () => void): string {
  const output = openOutput(file, mayRename);
  try {
    for (const part of parts) output.write(part);
    return output.commit();
  } finally {
    output.discard();
  }
}

/** Text as UTF-8. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** UTF-8 as text. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** A value as indented JSON with a last newline. */
export function jsonBytes(value: unknown): Uint8Array {
  return utf8(`${JSON.stringify(value, null, 2)}\n`);
}

/** Where a folder is or will be: absolute, no slash at its end, links followed, also one that leads nowhere yet. */
export function realFolder(folder: string): string {
  const full = path.resolve(folder);
  if (fs.existsSync(full)) return fs.realpathSync(full);
  const link = fs.lstatSync(full, { throwIfNoEntry: false })?.isSymbolicLink();
  return link ? realFolder(path.resolve(path.dirname(full), fs.readlinkSync(full))) : full;
}

/** Where a folder that is being replaced waits between two renames. */
function asideOf(folder: string): string {
  return `${folder}.old${UNFINISHED}`;
}

/** Whether a process was killed between the two renames: the old folder waits, and nothing is in its place. */
function isAside(folder: string): boolean {
  return !fs.existsSync(folder) && fs.existsSync(asideOf(folder));
}

/** Where the files of a folder are: there, or aside if its replacement was interrupted. */
export function placeOf(folder: string): string {
  const place = realFolder(folder);
  return isAside(place) ? asideOf(place) : place;
}

/** A folder to be filled before it gets its name, made beside it. Removes what killed processes left there. */
function makeFresh(place: string): string {
  makeFolder(path.dirname(place));
  for (const name of leftovers(place)) {
    fs.rmSync(path.join(path.dirname(place), name), { recursive: true, force: true });
  }
  const fresh = temporaryName(place);
  fs.mkdirSync(fresh);
  return fresh;
}

/** Gives a folder another name, for good. */
function moveFolder(from: string, to: string): void {
  fs.renameSync(from, to);
  syncFolder(path.dirname(to)); // before anything else happens to either: renames alone may reach the disk in any order
}

/** Puts `fresh` where `folder` is; the old one keeps its place until the new one is complete. */
function swapFolder(fresh: string, folder: string): void {
  const old = asideOf(folder);
  fs.rmSync(old, { recursive: true, force: true });
  moveFolder(folder, old);
  try {
    moveFolder(fresh, folder);
  } catch (error) {
    fs.renameSync(old, folder);
    throw error;
  }
  fs.rmSync(old, { recursive: true, force: true });
}

/** What `--force` may replace: a folder of nothing but files of these names. @throws StoreError */
function checkReplaceable(folder: string, place: string, names: readonly string[]): void {
  if (!fs.statSync(place).isDirectory()) throw new StoreError(`${folder}: expected a folder, got a file`);
  const other = fs.readdirSync(place).find((name) => name !== CHECKSUMS && !names.includes(name));
  if (other === undefined) return;
  throw new StoreError(
    `${folder} holds other files (${other} …), which --force does not replace; choose another place with --out`,
  );
}

/**
 * Says no, before any work is done, to a place where `writeFolder` could not put files of these names. An old
 * folder that a killed replacement left aside gets its place back first.
 * @throws StoreError if the place is taken; the system's error if nothing can be written there.
 */
export function checkFree(folder: string, names: readonly string[], force: boolean): void {
  const place = realFolder(folder);
  if (isAside(place)) moveFolder(asideOf(place), place);
  fs.rmdirSync(makeFresh(place));
  if (!fs.existsSync(place)) return;
  if (!force)
    throw new StoreError(`${folder} exists already; pass --force to replace it, or --out for another place`);
  checkReplaceable(folder, place, names);
}

/**
 * Writes a folder of files and their checksum list whole or not at all. An existing folder is refused, unless
 * `force`, which replaces it once the new one is complete, and only if it holds nothing but files of the same names.
 * @throws StoreError if the folder exists; the system's error if it cannot be written.
 */
export function writeFolder(
  folder: string,
  files: Readonly<Record<string, Iterable<Uint8Array>>>,
  force = false,
): void {
  checkFree(folder, Object.keys(files), force);
  const place = realFolder(folder);
  const fresh = makeFresh(place);
  try {
    const sums: Sums = {};
    for (const [name, parts] of Object.entries(files))
      sums[name] = replaceFile(path.join(fresh, name), parts);
    replaceFile(path.join(fresh, CHECKSUMS), [sumsBytes(sums)]);
    if (fs.existsSync(place)) swapFolder(fresh, place);
    else moveFolder(fresh, place);
  } catch (error) {
    fs.rmSync(fresh, { recursive: true, force: true });
    throw error;
  }
}
