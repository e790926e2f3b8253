/**
 * One process at a time on a folder. The lock is a file that names its holder. On the same machine a holder
 * that no longer lives is found by its process id and start time; on another one (a shared disk, a job moved
 * to another node) by a heartbeat that stopped.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError, utf8, writeSynced } from '../store/files.ts';

interface Holder {
  host: string;
  boot: string;
  pid: number;
  started: string; // of the process, so that a reused id is not taken for it
}

const HEARTBEAT = 15_000; // ms
const SILENCE = 120_000; // ms without a heartbeat after which a holder elsewhere is taken for dead
const POLL = 500; // ms

function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

/** State and start time of a process, from Linux; empty elsewhere. */
function processStat(pid: number): { state: string; started: string } {
  const fields = readText(`/proc/${pid}/stat`).split(') ').at(-1)!.split(' ');
  return { state: fields[0], started: fields[19] ?? '' };
}

function self(): Holder {
  const boot = readText('/proc/sys/kernel/random/boot_id');
  return { host: os.hostname(), boot, pid: process.pid, started: processStat(process.pid).started };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a lock was last written, in ms, if it is there. */
function lastBeat(lock: string): number | undefined {
  return fs.statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
}

/** Milliseconds since the last heartbeat, by the clock of the disk; infinite if there is no lock. */
function silenceOf(lock: string): number {
  const probe = `${lock}.${process.pid}.now`;
  fs.writeFileSync(probe, '');
  const now = fs.statSync(probe).mtimeMs;
  fs.rmSync(probe);
  return now - (lastBeat(lock) ?? Number.NEGATIVE_INFINITY);
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
function readHolder(text: string): Holder | null {
  try {
    const { host, boot, pid, started } = JSON.parse(text);
    return { host, boot, pid, started };
  } catch {
    return null;
  }
}

function isAlive(holder: Holder | null, lock: string): boolean {
  const here = self();
  if (holder?.host !== here.host) return silenceOf(lock) < SILENCE;
  if (holder.boot !== here.boot || !isRunning(holder.pid)) return false;
  const { state, started } = processStat(holder.pid);
  return state !== 'Z' && started === holder.started;
}

/** Takes the lock if nobody has it. The file appears with its content or not at all. */
function tryLock(lock: string): boolean {
  const own = `${lock}.${process.pid}`;
  writeSynced(own, [utf8(JSON.stringify(self()))]);
  try {
    fs.linkSync(own, lock);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && code !== 'ENOENT') throw error; // ENOENT: a new holder cleaned up meanwhile
    return false;
  } finally {
    fs.rmSync(own, { force: true });
  }
}

/** Removes the lock of a dead holder, unless another process was faster. */
function removeStale(lock: string, seen: string): void {
  const aside = `${lock}.${process.pid}.stale`;
  try {
    fs.renameSync(lock, aside);
  } catch {
    return; // somebody else removed it
  }
  if (readText(aside) !== seen) fs.linkSync(aside, lock); // not the one we saw: give it back
  fs.rmSync(aside);
}

function refuse(folder: string, holder: Holder | null): never {
  if (!holder) {
    const text = `${folder}/lock does not say who holds it (a power cut?)`;
    throw new StoreError(`${text}; try again in two minutes, or delete it if nothing works on this folder`);
  }
  throw new StoreError(
    `${folder} is in use by process ${holder.pid} on ${holder.host}; wait for it, or stop it, then use --resume`,
  );
}

/** Takes the lock, over a dead holder's if need be. @throws StoreError if a living process holds it. */
function takeLock(folder: string, lock: string): void {
  for (let attempt = 0; !tryLock(lock); attempt++) {
    if (!fs.existsSync(lock)) continue; // it was released this moment
    const seen = readText(lock);
    const holder = readHolder(seen);
    if (attempt > 3 || isAlive(holder, lock)) refuse(folder, holder);
    removeStale(lock, seen);
  }
}

/**
 * Milliseconds until a holder on another machine is taken for dead unless it is heard of: 0 if nobody holds the
 * folder, if the holder is on this machine, or if it has been silent for long enough.
 */
export function untilSilent(folder: string): number {
  const lock = path.join(folder, 'lock');
  if (lastBeat(lock) === undefined || readHolder(readText(lock))?.host === os.hostname()) return 0;
  return Math.max(0, SILENCE - silenceOf(lock));
}

/**
 * Waits while a holder on another machine is silent, until it is taken for dead: a killed job that comes back on
 * another node finds its own lock. Ends at a heartbeat too, and `lockFolder` then refuses.
 * @throws the signal's reason when aborted.
 */
export async function awaitSilence(folder: string, signal?: AbortSignal): Promise<void> {
  const lock = path.join(folder, 'lock');
  const first = lastBeat(lock);
  while (lastBeat(lock) === first && untilSilent(folder) > 0) {
    await sleep(POLL);
    signal?.throwIfAborted();
  }
}

/** A lock that is held. */
export interface Lock {
  /** Says that this process lives. @throws StoreError if another one has taken the lock over. */
  renew(): void;
  release(): void;
}

/**
 * Locks a folder. A process that was silent for two minutes (suspended, or cut off from the disk) can lose its
 * lock to one on another machine; it finds out at `renew`, before it writes anything.
 * @throws StoreError if another process, here or elsewhere, is working on it.
 */
export function lockFolder(folder: string): Lock {
  const lock = path.join(folder, 'lock');
  takeLock(folder, lock);
  const own = readText(lock);
  const isOurs = () => readText(lock) === own;
  const renew = () => {
    if (!isOurs()) throw new StoreError(`${folder}: another process took over while this one was silent`);
    touch(lock);
  };
  const beat = setInterval(() => {
    try {
      renew();
    } catch {} // the next block is not written: its own renew says why
  }, HEARTBEAT);
  beat.unref();
  return {
    renew,
    release() {
      clearInterval(beat);
      if (isOurs()) fs.rmSync(lock, { force: true });
    },
  };
}
