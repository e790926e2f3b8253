/** A sweep folder as models in memory, the way `train` gives them. */
import { joinBlocks, type TrainedModels } from '../join.ts';
import { StoreError } from '../store/files.ts';
import { loadInputs } from '../store/inputs.ts';
import { readBlock } from './blockFile.ts';
import { cutBlocks } from './blocks.ts';
import { type Finishing, pause } from './finish.ts';
import { layOut } from './layOut.ts';
import { readManifest } from './manifest.ts';

/**
 * Reads all models of a sweep, every block checked by its checksum. They take as much memory as their weights,
 * losses and snapshots do. Yields how many blocks are read.
 * @throws StoreError if the folder is no sweep, is a shard, or a block is missing; DamageError if one is not as it was
 * written; the signal's reason when aborted.
 */
export async function* readSweep(
  folder: string,
  signal?: AbortSignal,
): AsyncGenerator<Finishing, TrainedModels> {
  const manifest = readManifest(folder);
  if (manifest.shard) {
    const { index, of } = manifest.shard;
    throw new StoreError(
      `${folder}: expected a whole sweep, got shard ${index}/${of}; merge its shards first`,
    );
  }
  const spec = await loadInputs(manifest.spec);
  const grid = yield* layOut(spec, signal);
  const ranges = cutBlocks(grid, manifest.blockInstances);
  const parts: Parameters<typeof joinBlocks>[1][] = grid.groups.map(() => []);
  for (const [done, range] of ranges.entries()) {
    yield { kind: 'finishing', what: 'reading models', done, of: ranges.length };
    await pause({ renew: () => {}, signal });
    parts[range.group].push({ ...readBlock(folder, range, manifest), from: range.from });
  }
  return { spec, grid, groups: grid.groups.map((group, g) => joinBlocks(group, parts[g])) };
}
