/** A sweep read back is what `train` gives: weights, losses and snapshots, in the order of the groups. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { correlatedPairs } from '../sim/experiments/correlatedPairs.ts';
import { ddSizes } from '../sim/experiments/ddSizes.ts';
import type { Experiment } from '../sim/experiments/experiment.ts';
import { partsPentagon } from '../sim/experiments/partsPentagon.ts';
import { saePentagon } from '../sim/experiments/saePentagon.ts';
import type { TrainedModels } from '../sim/join.ts';
import type { SpecInput } from '../sim/spec.ts';
import { readSweep, type SweepOptions, sweep } from '../sim/sweep/index.ts';
import { finish, trainAll } from '../sim/train.ts';
import { shrink } from './shrink.ts';

let folder: string;
test.before.each(async () => {
  folder = await mkdtemp(join(tmpdir(), 'read-'));
});
test.after.each(() => rm(folder, { recursive: true }));

const sweepInto = (spec: SpecInput, options: SweepOptions = {}) =>
  finish(sweep(spec, folder, { engine: 'simd', threads: 1, ...options }));

const numbers = ({ groups }: TrainedModels) =>
  groups.map(({ rows, params, losses, lossSteps, divergedAt, snapshots }) => ({
    ...{ rows, params, losses, lossSteps, divergedAt, snapshots },
  }));

function same(got: TrainedModels, expected: TrainedModels): void {
  assert.equal(got.spec, expected.spec);
  assert.equal(got.grid.axisValues, expected.grid.axisValues);
  assert.equal(
    got.groups.map(({ problem }) => problem),
    expected.groups.map(({ problem }) => problem),
  );
  assert.equal(numbers(got), numbers(expected));
}

const first = (experiment: unknown) => shrink((experiment as Experiment).specs('quick')[0]);
const models: SpecInput = { ...first(correlatedPairs), record: { lossEvery: 5, snapshots: [0, 7, 12] } };

/** A spec of every kind, and the models in a block. */
const kinds: [kind: string, spec: SpecInput, blockInstances: number][] = [
  ['models', models, 7],
  ['training sets, a group for each T', first(ddSizes), 2],
  ['dictionaries', first(saePentagon), 50],
  ['decompositions', first(partsPentagon), 2],
];

for (const [kind, spec, blockInstances] of kinds) {
  test(`${kind}: the same numbers from a folder as from memory, whatever the blocks`, async () => {
    const expected = await trainAll(spec, { engine: 'simd', threads: 1 });
    await sweepInto(spec, { blockInstances });
    const events: string[] = [];
    const got = await finish(readSweep(folder), ({ what }) => void events.push(what));
    same(got, expected);
    assert.ok(events.includes('reading models'));
  });
}

test('a shard, a folder without a sweep and one whose block is missing are refused by name', async () => {
  const refused = (pattern: RegExp) =>
    finish(readSweep(folder)).then(
      () => assert.unreachable('it was read'),
      (error) => assert.match(error.message, pattern),
    );
  await refused(/is no sweep folder/);
  await sweepInto(models, { blockInstances: 6, shard: { index: 0, of: 2 } });
  await refused(/expected a whole sweep, got shard 0\/2/);
  await rm(folder, { recursive: true });
  await sweepInto(models, { blockInstances: 6 });
  await rm(join(folder, 'blocks/block-0000001.safetensors'));
  await refused(/block-0000001\.safetensors: missing/);
});

test('reading ends when it is aborted', async () => {
  await sweepInto(models, { blockInstances: 7 });
  const controller = new AbortController();
  const reading = readSweep(folder, controller.signal);
  await reading.next();
  controller.abort();
  await finish(reading).then(
    () => assert.unreachable('it was read'),
    (error) => assert.is(error.name, 'AbortError'),
  );
});

test.run();
