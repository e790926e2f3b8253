/**
 * A page's worker from the file worker.js, which bundlers and hosts with a strict policy want to see as a file. The
 * packed package has another version of this file: it carries the text of worker.js (notebooks/package.ts), since not every
 * bundler finds a worker's file within a package.
 */
export function startPageWorker(name: string): Worker {
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name });
}
