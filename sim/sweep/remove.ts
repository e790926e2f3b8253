/** A sweep taken away, so that it can begin anew. */
import fs from 'node:fs';
import path from 'node:path';
import { LOCK, lockFolder } from './lock.ts';
import { MANIFEST } from './manifest.ts';

/** Names in a folder, but those of its locks, the manifest last: until it goes, the folder can be resumed. */
function namesIn(folder: string): string[] {
  const names = fs.readdirSync(folder).filter((name) => name !== LOCK && !name.startsWith(`${LOCK}.`));
  return [...names.filter((name) => name !== MANIFEST), MANIFEST];
}

/** Empties the folder of a sweep. @throws StoreError if another process works on it. */
export function removeSweep(folder: string): void {
  const lock = lockFolder(folder);
  try {
    for (const name of namesIn(folder)) {
      lock.renew();
      fs.rmSync(path.join(folder, name), { recursive: true, force: true });
    }
  } finally {
    lock.release();
  }
}
