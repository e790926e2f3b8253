/** Who a process is, so that another one can tell whether it still lives, and names that are its own. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Names with this ending are unfinished; whoever owns the folder may remove them. */
export const UNFINISHED = '.unfinished';

/** A process. Its id means something only within its namespace of one boot of one machine. */
export interface ProcessName {
  host: string;
  boot: string; // '' where the system does not say
  namespace: string; // of process ids: containers have their own
  pid: number;
  started: string; // so that a reused id is not taken for it
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8').trim();
  } catch {
    return ''; // no such file outside Linux
  }
}

function readNamespace(): string {
  try {
    return fs.readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
  } catch {
    return '';
  }
}

/** State and start time of a process, from Linux; empty elsewhere. */
function processStat(pid: number): { state: string; started: string } {
  const fields = readText(`/proc/${pid}/stat`).split(') ').at(-1)!.split(' ');
  return { state: fields[0], started: fields[19] ?? '' };
}

export function ownProcess(): ProcessName {
  return {
    host: os.hostname(),
    boot: readText('/proc/sys/kernel/random/boot_id'),
    namespace: readNamespace(),
    pid: process.pid,
    started: processStat(process.pid).started,
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether a process lives; null if that cannot be seen from here: another machine, boot or container. */
export function isAlive(other: ProcessName): boolean | null {
  const here = ownProcess();
  const isSeen = (['host', 'boot', 'namespace'] as const).every((field) => other[field] === here[field]);
  if (!isSeen) return null;
  if (!isRunning(other.pid)) return false;
  const { state, started } = processStat(other.pid);
  return state !== 'Z' && started === other.started;
}

const LONGEST = 40; // characters of a name that are kept in the temporary one: at most 120 of 255 bytes

const beginningOf = (file: string) => path.basename(file).slice(0, LONGEST);

/** A name beside `file` that no other process uses, on this machine or another one. */
export function temporaryName(file: string): string {
  const { namespace, pid } = ownProcess();
  const host = os.hostname().replace(/\W/g, '_').slice(0, 40);
  const own = [host, namespace, pid, randomBytes(6).toString('hex')].join('-');
  return path.join(path.dirname(file), `${beginningOf(file)}.${own}${UNFINISHED}`);
}

const STALE = 3_600_000; // ms after which nobody writes on what no process here can be asked about

/** Names beside `file` that processes left which were killed. Those of other machines count after an hour. */
export function leftovers(file: string): string[] {
  const folder = path.dirname(file);
  const here = ownProcess();
  const host = here.host.replace(/\W/g, '_').slice(0, 40);
  return fs.readdirSync(folder).filter((name) => {
    if (!name.startsWith(`${beginningOf(file)}.`) || !name.endsWith(UNFINISHED)) return false;
    const [, of, namespace, pid] = name.match(/\.(\w+)-(\d*)-(\d+)-[0-9a-f]{12}\.unfinished$/) ?? [];
    if (pid === undefined) return false;
    if (of === host && namespace === here.namespace) return !isRunning(Number(pid));
    const changed = fs.statSync(path.join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    return Date.now() - changed > STALE;
  });
}
