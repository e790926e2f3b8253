/**
 * One process at a time on a folder. The lock is a file that names its holder. On the same machine a holder
 * that no longer lives is found by its process id and start time; on another one (a shared disk, a job moved
 * to another node) by a heartbeat that stopped.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { StoreError } from '../store/files.ts';

interface Holder {
  host: string;
  boot: string;
  pid: number;
  started: string; // of the process, so that a reused id is not taken for it
}

const HEARTBEAT = 15_000; // ms
const SILENCE = 120_000; // ms without a heartbeat after which a holder elsewhere is taken for dead

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

/** Milliseconds since the last heartbeat, by the clock of the disk. */
function silenceOf(lock: string): number {
  const probe = `${lock}.${process.pid}.now`;
  fs.writeFileSync(probe, '');
  const now = fs.statSync(probe).mtimeMs;
  fs.rmSync(probe);
  return now - fs.statSync(lock).mtimeMs;
}

function isAlive(holder: Holder, lock: string): boolean {
  const here = self();
  if (holder.host !== here.host) return silenceOf(lock) < SILENCE;
  if (holder.boot !== here.boot || !isRunning(holder.pid)) return false;
  const { state, started } = processStat(holder.pid);
  return state !== 'Z' && started === holder.started;
}

/** Takes the lock if nobody has it. The file appears with its content or not at all. */
function tryLock(lock: string): boolean {
  const own = `${lock}.${process.pid}`;
  fs.writeFileSync(own, JSON.stringify(self()));
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

function refuse(folder: string, holder: Holder): never {
  throw new StoreError(
    `${folder} is in use by process ${holder.pid} on ${holder.host}; wait for it, or stop it, then use --resume`,
  );
}

/**
 * Locks a folder and returns the function that unlocks it.
 * @throws StoreError if another process, here or elsewhere, is working on it.
 */
export function lockFolder(folder: string): () => void {
  const lock = path.join(folder, 'lock');
  for (let attempt = 0; !tryLock(lock); attempt++) {
    const seen = readText(lock);
    if (seen === '') continue; // it was released this moment
    const holder: Holder = JSON.parse(seen);
    if (attempt > 3 || isAlive(holder, lock)) refuse(folder, holder);
    removeStale(lock, seen);
  }
  const beat = setInterval(() => fs.utimesSync(lock, new Date(), new Date()), HEARTBEAT);
  beat.unref();
  return () => {
    clearInterval(beat);
    fs.rmSync(lock, { force: true });
  };
}
