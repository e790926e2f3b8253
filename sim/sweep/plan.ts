/** What a sweep will take, before it runs: counted where it can be counted, measured where it cannot. */

import { blockOn } from '../block.ts';
import { COLUMN_NAMES } from '../columns.ts';
import type { Engine, EngineName } from '../engine.ts';
import { engineFor, type Running, settle } from '../engines.ts';
import type { Grid } from '../grid.ts';
import { samplesOf } from '../problem.ts';
import { parseSpec, type Spec, type SpecInput } from '../spec.ts';
import { loadInputs } from '../store/inputs.ts';
import { PIECE } from '../store/table.ts';
import { finish, trainBlocks } from '../train.ts';
import { type BlockRange, blockGroup, cutBlocks, type Shard, shardBlocks, storedBytes } from './blocks.ts';
import type { Finishing } from './finish.ts';
import { layOut } from './layOut.ts';
import type { Format } from './manifest.ts';

/** The options of the sweep that is planned. */
export interface PlanOptions extends Running {
  blockInstances?: number | null;
  shard?: Shard | null;
  formats?: Format[];
  onEvent?: (event: Finishing) => void; // while millions of models are laid out
}

/** What a sweep, or the shard of one, will take. */
export interface Plan {
  models: number; // instances
  groups: number;
  blocks: number; // files that a crash can cost one of
  steps: number; // updates, all models together
  samples: number; // one sample = one model, one input, forward and backward
  memoryBytes: number; // at the same time
  diskBytes: number; // of the finished folder
  seconds: number; // of training
  samplesPerSecond: number; // of the whole
  measuredSeconds: number; // how long it was measured
  engine: EngineName;
  why: string;
}

const MEASURED_SECONDS = 1;
const METRIC_COLUMNS = 14;
const BYTES_PER_CELL = { csv: 14, parquet: 6, npz: 0 } as const; // a metric, seen on real tables
const BYTES_PER_LOSS = { csv: 26, parquet: 6, npz: 0 } as const; // row, step and loss

/** Bytes of a piece of a table while it is turned into text: some twenty columns of numbers and their digits. */
const TABLE_BYTES = PIECE * 20 * 80;

const stepsIn = (grid: Grid, { group, from, to }: BlockRange) =>
  (to - from) * grid.groups[group].problem.training.steps;

const samplesIn = (grid: Grid, range: BlockRange) =>
  stepsIn(grid, range) * grid.groups[range.group].problem.training.batch;

/** Times that the numbers of a block are in memory at once: as trained, joined, and as the bytes of its file. */
const COPIES = 3;

/** Bytes of the block that takes most: on the engine, and what comes of it. */
async function largestBlock(
  grid: Grid,
  ranges: BlockRange[],
  engine: Engine,
  threads?: number,
): Promise<number> {
  let largest = 0;
  const longest = new Map<number, BlockRange>(); // of each group; its first is
  for (const range of ranges) if (!longest.has(range.group)) longest.set(range.group, range);
  for (const range of longest.values()) {
    const group = blockGroup(grid, range);
    const { bytes } = await blockOn(engine, group.problem, threads);
    largest = Math.max(largest, bytes + COPIES * group.rows.length * storedBytes(grid, group));
  }
  return largest;
}

/** Samples/s of real training on the first block of a group, for about so many seconds. */
async function measure(grid: Grid, range: BlockRange, seconds: number, options: PlanOptions) {
  const group = blockGroup(grid, range);
  const { engine, threads } = options;
  let first: { done: number; at: number } | undefined;
  let rate = 0;
  for await (const event of trainBlocks({ ...grid, groups: [group] }, { engine, threads })) {
    if (event.kind !== 'progress') break;
    const done = event.fraction * samplesOf(group.problem);
    first ??= { done, at: event.seconds }; // the first stretch also compiles
    rate = (done - first.done) / Math.max(event.seconds - first.at, 1e-9);
    if (event.seconds - first.at > seconds) break;
    if (rate === 0) rate = event.samplesPerSecond; // all that there is, if the training ends here
  }
  return rate;
}

/** At most four groups spread over the sweep: first, last and between. */
function probes(groups: number): number[] {
  const count = Math.min(4, groups);
  return [
    ...new Set(
      Array.from({ length: count }, (_, k) => Math.round((k * (groups - 1)) / Math.max(1, count - 1))),
    ),
  ];
}

/** Seconds that the blocks take, each group at the rate of the nearest one measured. */
async function estimateSeconds(grid: Grid, ranges: BlockRange[], options: PlanOptions): Promise<number> {
  const present = [...new Set(ranges.map(({ group }) => group))];
  const measured = probes(present.length).map((k) => present[k]);
  const rates = new Map<number, number>();
  for (const group of measured) {
    const range = ranges.find((r) => r.group === group)!;
    rates.set(group, await measure(grid, range, MEASURED_SECONDS / measured.length, options));
  }
  return ranges.reduce((seconds, range) => {
    const near = measured.reduce((a, b) => (Math.abs(b - range.group) < Math.abs(a - range.group) ? b : a));
    return seconds + samplesIn(grid, range) / rates.get(near)!;
  }, 0);
}

function diskBytes(grid: Grid, ranges: BlockRange[], formats: Format[]): number {
  const { lossEvery } = grid.spec.record;
  return ranges.reduce((sum, { group: g, from, to }) => {
    const group = grid.groups[g];
    const losses = 2 + Math.floor((group.problem.training.steps - 1) / lossEvery);
    const tables = formats.map(
      (format) => METRIC_COLUMNS * BYTES_PER_CELL[format] + losses * BYTES_PER_LOSS[format],
    );
    const arrays = formats.includes('npz') ? storedBytes(grid, group) : 0;
    return sum + (to - from) * (storedBytes(grid, group) + arrays + tables.reduce((a, b) => a + b, 0));
  }, 0);
}

/** Bytes of the grid's own columns, held during the whole sweep. */
const gridBytes = (grid: Grid) =>
  grid.groups.reduce((sum, { problem }) => {
    const columns = COLUMN_NAMES.reduce((bytes, name) => bytes + problem[name].byteLength, 0);
    return sum + columns + 20 * problem.instances; // keys, rows, scale
  }, 0);

/**
 * Plans a sweep: counts models, steps, bytes, and measures a second of real training for the time.
 * @throws SpecError; EngineRefusedError; EngineUnavailableError.
 */
export async function planSweep(input: SpecInput | Spec, options: PlanOptions = {}): Promise<Plan> {
  const spec = await loadInputs(parseSpec(input));
  const grid = await finish(layOut(spec, options.signal), options.onEvent);
  const choice = await settle(options.engine);
  const { engine, why } = engineFor(choice, ...grid.groups.map(({ problem }) => problem));
  const ranges = shardBlocks(cutBlocks(grid, options.blockInstances ?? null), options.shard ?? null);
  const samples = ranges.reduce((sum, range) => sum + samplesIn(grid, range), 0);
  const seconds = await estimateSeconds(grid, ranges, options);
  return {
    models: ranges.reduce((sum, { from, to }) => sum + to - from, 0),
    groups: new Set(ranges.map(({ group }) => group)).size,
    blocks: ranges.length,
    steps: ranges.reduce((sum, range) => sum + stepsIn(grid, range), 0),
    samples,
    memoryBytes: gridBytes(grid) + (await largestBlock(grid, ranges, engine, options.threads)) + TABLE_BYTES,
    diskBytes: diskBytes(grid, ranges, options.formats ?? ['parquet', 'csv']),
    seconds,
    samplesPerSecond: samples / seconds,
    measuredSeconds: MEASURED_SECONDS,
    engine: engine.name,
    why,
  };
}
