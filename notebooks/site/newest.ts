/** One piece of work at a time, and only the newest: what is asked for while another runs takes its place. */

/**
 * Returns a function that runs `work`. A new call makes the one before stale, waits for its end, and is dropped if a
 * newer one comes meanwhile. The promise resolves when the call's work, or what was dropped for it, has ended.
 */
export function newest<T extends unknown[]>(
  work: (isStale: () => boolean, ...input: T) => Promise<void>,
): (...input: T) => Promise<void> {
  let current = 0;
  let tail: Promise<void> = Promise.resolve();
  return (...input) => {
    const call = ++current;
    const isStale = () => call !== current;
    const begin = () => (isStale() ? undefined : work(isStale, ...input));
    const own = tail.then(begin);
    tail = own.catch(() => {}); // a piece that failed tells its caller and holds up no other
    return own;
  };
}
