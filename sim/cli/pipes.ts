/** What becomes of the work when nobody reads what it prints. */
import { messageOf } from './exit.ts';

/** Whether something that was printed got lost, other than by a reader who had read enough. */
interface Pipes {
  failed(): boolean;
}

/**
 * Lets the work go on when a reader closes standard output or standard error early, as `head` does: what is
 * printed from then on is dropped, files are written, and the exit code is that of the work. Any other
 * error of standard output (a full disk) is said once, and `failed` remembers it.
 */
export function watchPipes(): Pipes {
  let failed = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (failed || error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return;
    failed = true;
    process.stderr.write(`${messageOf(error)}; standard output is not complete\n`);
  });
  process.stderr.on('error', () => {}); // there is nowhere left to say it
  return { failed: () => failed };
}
