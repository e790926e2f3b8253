/** What made a result: versions, machine, and the identity of a spec. */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import os from 'node:os';

const require = createRequire(import.meta.url);

export const PACKAGE_VERSION: string = require('toy-superposition/package.json').version;

/** How random numbers hang together, said once for every file. */
export const SEED_RULE =
  'row r of seed s has its own key (s, r); initial weights are keyed by (key, tensor, entry), samples by (key, step, sample). Nothing depends on threads, blocks, shards or order.';

interface Versions {
  superpose: string;
  node: string;
  'gpu.js': string;
  platform: string;
  cpu: string;
}

export function versions(): Versions {
  return {
    superpose: PACKAGE_VERSION,
    node: process.versions.node,
    'gpu.js': require('gpu.js/package.json').version,
    platform: `${os.platform()} ${os.release()} ${os.arch()}`,
    cpu: `${os.cpus()[0]?.model.trim() ?? 'unknown'} × ${os.availableParallelism()}`,
  };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

/** SHA-256 of a checked spec, as this version or an older one has it, whatever the order of its keys. 64 hexadecimal digits. */
export function specHash(spec: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(spec)))
    .digest('hex');
}
