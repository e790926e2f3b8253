/**
 * One process at a time on a folder. The lock is a file that names its holder. A holder that this process can see
 * is found dead by its process id and start time; any other (another machine, boot or container) by a heartbeat
 * that stopped.
 *
 * A lock is never moved or removed but by its holder. Who takes over from a dead one makes a second file, whose
 * name follows from the place and the text of the first, so that only one process can; the last of such a chain
 * holds the folder. It removes all of them, first to last, when it is done.
 */
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError } from '../store/files.ts';
import { isAlive, ownProcess, type ProcessName, temporaryName } from '../store/process.ts';

export const LOCK = 'lock';

/** A lock file and what it says. */
interface Link {
  file: string;
  text: string;
}

const HEARTBEAT = 15_000; // ms
const SILENCE = 120_000; // ms without a heartbeat after which a holder that cannot be seen is taken for dead
const POLL = 500; // ms
const ATTEMPTS = 20;

/** @throws the system's error, unless the file is not there */
function readIfThere(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** The file of whoever takes over from a holder. */
function successorOf({ file, text }: Link): string {
  const name = createHash('sha256')
    .update(`${path.basename(file)}\n${text}`)
    .digest('hex');
  return path.join(path.dirname(file), `${LOCK}.${name.slice(0, 16)}`);
}

/** The locks of a folder: each took over from the one before it, the last holds the folder. */
function chainOf(folder: string): Link[] {
  const chain: Link[] = [];
  for (let file = path.join(folder, LOCK); ; file = successorOf(chain.at(-1)!)) {
    const text = readIfThere(file);
    if (text === null) return chain;
    chain.push({ file, text });
  }
}

/** When a lock was last written, in ms, if it is there. */
function lastBeat({ file }: Link): number | undefined {
  return fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}

/** Milliseconds since the last heartbeat, by the clock of the disk; infinite if there is no lock. */
function silenceOf(link: Link): number {
  const probe = temporaryName(link.file);
  fs.writeFileSync(probe, '', { flag: 'wx' });
  const now = fs.statSync(probe, { throwIfNoEntry: false })?.mtimeMs; // a new holder may have cleaned up
  fs.rmSync(probe, { force: true });
  return now === undefined ? 0 : now - (lastBeat(link) ?? Number.NEGATIVE_INFINITY);
}

/**
 * A heartbeat: writes the first character of a lock again, which dates it by the clock of the disk. The clock of
 * this machine may be minutes off, or set back.
 */
function touch(lock: string): void {
  const open = fs.openSync(lock, 'r+');
  try {
    fs.writeSync(open, '{', 0);
  } finally {
    fs.closeSync(open);
  }
}

/** Who holds a lock; null if the file does not say it (a power cut can do that to a file system). */
function readHolder({ text }: Link): ProcessName | null {
  try {
    const { host, boot, namespace = '', pid, started } = JSON.parse(text);
    return { host, boot, namespace, pid, started };
  } catch {
    return null;
  }
}

/** Whether a holder lives, if that can be seen from here. */
function seenAlive(link: Link): boolean | null {
  const holder = readHolder(link);
  return holder && isAlive(holder);
}

const isHeld = (link: Link) => seenAlive(link) ?? silenceOf(link) < SILENCE;

/** What a system says that makes no hard links, or not here. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EACCES'];

/** Writes a file that was not there, and has the disk confirm it. */
function writeNew(file: string, text: string): void {
  const open = fs.openSync(file, 'wx');
  try {
    fs.writeFileSync(open, text);
    fs.fsyncSync(open);
  } catch (error) {
    fs.rmSync(file, { force: true });
    throw error;
  } finally {
    fs.closeSync(open);
  }
}

/** The second way, for disks without hard links: the file appears empty, and its content a moment later. */
function createInPlace(file: string, text: string): boolean {
  try {
    writeNew(file, text);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Makes a lock file unless it is there. It appears with its content or not at all. */
function create(file: string, text: string): boolean {
  const own = temporaryName(file);
  writeNew(own, text);
  try {
    fs.linkSync(own, file);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false; // a new holder cleaned up meanwhile
    if (code === 'EEXIST') return readIfThere(file) === text; // a network may lose the answer and ask again
    if (NO_LINKS.includes(code)) return createInPlace(file, text);
    throw error;
  } finally {
    fs.rmSync(own, { force: true });
  }
}

function refuse(folder: string, link: Link): never {
  const holder = readHolder(link);
  if (!holder) {
    const text = `${link.file} does not say who holds it (a power cut?)`;
    throw new StoreError(`${text}; try again in two minutes, or delete it if nothing works on this folder`);
  }
  throw new StoreError(
    `${folder} is in use by process ${holder.pid} on ${holder.host}; wait for it, or stop it, then use --resume`,
  );
}

const isSame = (a: Link[], b: Link[]) =>
  a.length === b.length && a.every(({ file, text }, k) => file === b[k].file && text === b[k].text);

/** Takes a folder, over dead holders if need be. Returns the chain that ends in this process. @throws StoreError */
function take(folder: string): Link[] {
  for (let attempt = 0; ; attempt++) {
    const chain = chainOf(folder);
    const last = chain.at(-1);
    if (last && (attempt === ATTEMPTS || isHeld(last))) refuse(folder, last);
    if (attempt === ATTEMPTS) throw new StoreError(`${folder}: others take and leave it; try again`);
    const file = last ? successorOf(last) : path.join(folder, LOCK);
    const own = { file, text: JSON.stringify({ ...ownProcess(), nonce: randomBytes(8).toString('hex') }) };
    if (!create(own.file, own.text)) continue;
    const wanted = [...chain, own];
    if (isSame(chainOf(folder), wanted) && !(last && isHeld(last))) return wanted;
    fs.rmSync(own.file, { force: true }); // what it follows is gone, or lives after all
  }
}

/**
 * Milliseconds until a holder that cannot be seen from here is taken for dead unless it is heard of: 0 if nobody
 * holds the folder, if the holder can be seen, or if it has been silent for long enough.
 */
export function untilSilent(folder: string): number {
  const last = chainOf(folder).at(-1);
  return !last || seenAlive(last) !== null ? 0 : Math.max(0, SILENCE - silenceOf(last));
}

/** Who holds a folder, in words. */
export function holderOf(folder: string): string {
  const last = chainOf(folder).at(-1);
  const holder = last && readHolder(last);
  return holder ? `process ${holder.pid} on ${holder.host}` : 'an unknown process';
}

/**
 * Waits while a holder that cannot be seen is silent, until it is taken for dead: a killed job that comes back on
 * another node finds its own lock. Ends at a heartbeat too, and `lockFolder` then refuses.
 * @throws the signal's reason when aborted.
 */
export async function awaitSilence(folder: string, signal?: AbortSignal): Promise<void> {
  const first = chainOf(folder).at(-1);
  if (!first) return;
  const beat = lastBeat(first);
  while (lastBeat(first) === beat && untilSilent(folder) > 0) {
    await sleep(POLL);
    signal?.throwIfAborted();
  }
}

/** A lock that is held. */
export interface Lock {
  /** Says that this process lives; ask before anything is renamed or removed. @throws StoreError if it lost the lock. */
  renew(): void;
  /** Removes what others left of their locks. */
  clean(): void;
  /** Gives the folder free, which may have another name by now. */
  release(folder?: string): void;
}

/** The lock files of a folder that no holder needs, of processes that were killed. */
function cleanLocks(folder: string, chain: Link[]): void {
  const needed = [...chain.map(({ file }) => file), successorOf(chain.at(-1)!)];
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    if (name.startsWith(`${LOCK}.`) && !needed.includes(file)) fs.rmSync(file, { force: true });
  }
}

/**
 * Locks a folder. A process that was silent for two minutes (suspended, or cut off from the disk) can lose its
 * lock to one that cannot see it; it finds out at `renew`, before it changes anything.
 * @throws StoreError if another process, here or elsewhere, is working on it.
 */
export function lockFolder(folder: string): Lock {
  const chain = take(folder);
  const { file } = chain.at(-1)!;
  let heard = performance.now();
  const isOurs = () => isSame(chainOf(folder), chain);
  const renew = () => {
    if (!isOurs()) {
      const seconds = Math.round((performance.now() - heard) / 1000);
      const text = `${folder}: the lock is no longer this process's, which last renewed it ${seconds} s ago`;
      throw new StoreError(`${text}: another process took over, or somebody removed it`);
    }
    touch(file);
    heard = performance.now();
  };
  const beat = setInterval(() => {
    try {
      renew();
    } catch {} // the next block is not written: its own renew says why
  }, HEARTBEAT);
  beat.unref();
  return {
    renew,
    clean: () => cleanLocks(folder, chain),
    release(now = folder) {
      clearInterval(beat);
      const own = chain.map((link) => ({ ...link, file: path.join(now, path.basename(link.file)) }));
      for (let attempt = 0; attempt < 2; attempt++) {
        try {
          if (isSame(chainOf(now), own)) for (const link of own) fs.rmSync(link.file, { force: true });
          return;
        } catch {} // once more; on a disk that is gone the lock ends with this process
      }
    },
  };
}
