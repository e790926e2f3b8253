/** Exit codes and error messages. */
import { CommanderError } from 'commander';
import { EngineRefusedError } from '../engine.ts';
import { SpecError } from '../specError.ts';
import { StoreError } from '../store/files.ts';

export const FAILED = 1;
const BAD_INPUT = 2;
const OPEN_CLAIM = 3;
const INTERRUPTED = 130;

/** Something the user wrote that cannot be used. */
export class InputError extends Error {
  override name = 'InputError';
}

/** The user stopped the work; the message says what was kept. */
export class InterruptedError extends Error {
  override name = 'InterruptedError';
}

/** The work is done, and a claim of it that fails is not settled. */
export class OpenClaimError extends Error {
  override name = 'OpenClaimError';
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : BAD_INPUT;
  if (error instanceof InterruptedError) return INTERRUPTED;
  if (error instanceof OpenClaimError) return OPEN_CLAIM;
  const isBadPath = BAD_PATH.includes((error as NodeJS.ErrnoException)?.code ?? '');
  const kinds = [SpecError, StoreError, InputError, EngineRefusedError];
  const isInput = isBadPath || kinds.some((kind) => error instanceof kind);
  return isInput ? BAD_INPUT : FAILED;
}

/** System errors of a path that can never work, as it was written. */
const BAD_PATH = ['ENOTDIR', 'EISDIR', 'EEXIST', 'ENAMETOOLONG', 'ELOOP'];

const SYSTEM_MESSAGES: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EACCES: 'no permission',
  EROFS: 'the file system is read-only',
  ENOENT: 'no such file',
  ENOTDIR: 'part of the path is a file, not a folder',
  EISDIR: 'that is a folder, not a file',
  EEXIST: 'something else has that name',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'the link leads in a circle',
  EADDRINUSE: 'the port is taken',
  EDQUOT: 'the disk quota is used up',
};

/** One message for a person; with SUPERPOSE_DEBUG the stack as well. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return `error: ${error}`;
  if (process.env.SUPERPOSE_DEBUG) return error.stack ?? error.message;
  const { code, path, message } = error as NodeJS.ErrnoException;
  const known = code && SYSTEM_MESSAGES[code];
  const text = known ? `${path ? `${path}: ` : ''}${known} (${code})` : message;
  return error instanceof InterruptedError ? text : `error: ${text}`;
}

/** One Ctrl-C can come twice: from the terminal, and from what started this process (tsx, npm). */
const ECHO_SECONDS = 1;

/**
 * A signal that Ctrl-C (or a scheduler's SIGTERM, or a closed terminal's SIGHUP) aborts. A second Ctrl-C, a second or more after the first, ends
 * the process at once.
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  let first = 0;
  const stop = () => {
    const now = performance.now();
    if (!controller.signal.aborted) first = now;
    else if (now - first > 1000 * ECHO_SECONDS) process.exit(INTERRUPTED);
    controller.abort(new InterruptedError('interrupted'));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop); // the terminal was closed, or the line to it broke
  return controller.signal;
}
