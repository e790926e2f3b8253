/** Writing so that a crash leaves either the old or the new, never half: temporary name, sync, rename, sync. */
import fs from 'node:fs';
import path from 'node:path';

/** Names with this ending are unfinished; whoever owns the folder may remove them. */
export const UNFINISHED = '.unfinished';

/** A file name that cannot be used, or a place that holds something already. */
export class StoreError extends Error {
  override name = 'StoreError';
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; )
    at += fs.writeSync(file, bytes, at, Math.min(bytes.length - at, 2 ** 30));
}

/** Writes the parts one after the other and has the disk confirm them. Removes the file if that fails. */
export function writeSynced(file: string, parts: readonly Uint8Array[]): void {
  const open = fs.openSync(file, 'w');
  try {
    for (const part of parts) writeAll(open, part);
    fs.fsyncSync(open);
  } catch (error) {
    fs.rmSync(file, { force: true });
    throw error;
  } finally {
    fs.closeSync(open);
  }
}

/** Has the disk confirm the names in a folder. */
export function syncFolder(folder: string): void {
  const open = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(open);
  } finally {
    fs.closeSync(open);
  }
}

/** Gives a finished temporary file its real name, for good. */
export function commitFile(temporary: string, file: string): void {
  fs.renameSync(temporary, file);
  syncFolder(path.dirname(file));
}

/** Writes a file whole or not at all, in place of one that is there. */
export function replaceFile(file: string, parts: readonly Uint8Array[]): void {
  writeSynced(file + UNFINISHED, parts);
  commitFile(file + UNFINISHED, file);
}

/** Text as UTF-8. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
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

/** @throws StoreError if a folder is missing only because its replacement was killed. */
export function checkInPlace(folder: string): void {
  const place = realFolder(folder);
  if (!isAside(place)) return;
  throw new StoreError(`${folder}: its replacement was interrupted; rename ${asideOf(place)} back to it`);
}

/** A folder to be filled before it gets its name, made beside it. */
function makeFresh(place: string): string {
  const fresh = `${place}.${process.pid}${UNFINISHED}`;
  fs.mkdirSync(path.dirname(fresh), { recursive: true });
  fs.rmSync(fresh, { recursive: true, force: true });
  fs.mkdirSync(fresh);
  return fresh;
}

/** Puts `fresh` where `folder` is; the old one keeps its place until the new one is complete. */
function swapFolder(fresh: string, folder: string): void {
  const old = asideOf(folder);
  fs.rmSync(old, { recursive: true, force: true });
  fs.renameSync(folder, old);
  try {
    fs.renameSync(fresh, folder);
  } catch (error) {
    fs.renameSync(old, folder);
    throw error;
  }
  fs.rmSync(old, { recursive: true, force: true });
}

/** What `--force` may replace: a folder of nothing but files of these names. @throws StoreError */
function checkReplaceable(folder: string, place: string, names: readonly string[]): void {
  if (!fs.statSync(place).isDirectory()) throw new StoreError(`${folder}: expected a folder, got a file`);
  const other = fs.readdirSync(place).find((name) => !names.includes(name));
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
  if (isAside(place)) fs.renameSync(asideOf(place), place);
  fs.rmdirSync(makeFresh(place));
  if (!fs.existsSync(place)) return;
  if (!force)
    throw new StoreError(`${folder} exists already; pass --force to replace it, or --out for another place`);
  checkReplaceable(folder, place, names);
}

/**
 * Writes a folder of files whole or not at all. An existing folder is refused, unless `force`, which replaces
 * it once the new one is complete, and only if it holds nothing but files of the same names.
 * @throws StoreError if the folder exists; the system's error if it cannot be written.
 */
export function writeFolder(
  folder: string,
  files: Readonly<Record<string, readonly Uint8Array[]>>,
  force = false,
): void {
  checkFree(folder, Object.keys(files), force);
  const place = realFolder(folder);
  const fresh = makeFresh(place);
  try {
    for (const [name, parts] of Object.entries(files)) writeSynced(path.join(fresh, name), parts);
    syncFolder(fresh);
    if (fs.existsSync(place)) swapFolder(fresh, place);
    else fs.renameSync(fresh, place);
    syncFolder(path.dirname(place));
  } catch (error) {
    fs.rmSync(fresh, { recursive: true, force: true });
    throw error;
  }
}
