/** One block: a range of instances of a group that is resident on an engine from its first step to its last. */
import { edited, nextEdit } from './edits.ts';
import type { Engine, EngineReport, Session, Stretch } from './engine.ts';
import type { Choice } from './engines.ts';
import type { Group } from './grid.ts';
import { disturb, initParams } from './params.ts';
import { concatenate, type Params, type Problem, rowRange, takeRows } from './problem.ts';
import { type Meter, type Progress, progress } from './progress.ts';
import { startParams } from './start.ts';

/** Weights of a block after `step` updates. */
export interface Snapshot {
  step: number;
  params: Params;
}

/** A finished range of instances of one group. I = instances in the block, S = recorded losses. */
export interface Block {
  group: number;
  from: number; // first instance of the block within its group
  rows: Int32Array; // (I) row numbers in the sweep
  params: Params;
  divergedAt: Int32Array; // (I) step of the first non-finite loss, −1 if none
  lossSteps: number[]; // (S)
  losses: Float32Array; // (S, I) minibatch loss before the update of each recorded step
  snapshots: Snapshot[];
  seconds: number;
}

/** A block has been trained to its last step. */
export interface BlockDone {
  kind: 'block';
  block: Block;
}

/** What `train` yields: how far it is, or a finished block. */
export type TrainEvent = Progress | BlockDone;

/** Instances resident at once take at most this much memory on a CPU engine. */
const MEMORY_BUDGET = 768 * 2 ** 20; // bytes
/** A step over more instances than this would make an abort wait. */
const BLOCK_LIMIT = 65_536;
const STRETCH_SECONDS = 0.12;
const MAX_STRETCH = 4_096; // steps

/** Instances of a group that are resident at once, where `shared` bytes are taken whatever their number. */
export function blockSize(
  problem: Problem,
  bytesPerInstance: number,
  limit = BLOCK_LIMIT,
  shared = 0,
): number {
  const room = Math.floor((MEMORY_BUDGET - shared) / bytesPerInstance);
  return Math.max(1, Math.min(limit, BLOCK_LIMIT, room, problem.instances));
}

/** Instances of a problem that an engine takes at once, and the bytes that they take there. */
export async function blockOn(
  engine: Engine,
  problem: Problem,
  threads = 0,
  limit?: number,
): Promise<{ size: number; bytes: number }> {
  const own = engine.bytesPerInstance(problem);
  const shared = (await engine.sharedBytes?.(problem, threads)) ?? 0;
  const size = blockSize(problem, own, limit, shared);
  return { size, bytes: shared + size * own };
}

/** Next step to stop at: a guess at STRETCH_SECONDS of work, cut at snapshots and at the end. */
function nextStop(step: number, stretch: number, stops: readonly number[]): number {
  const limit = step + Math.min(MAX_STRETCH, Math.max(1, Math.floor(stretch)));
  return Math.min(limit, stops.find((stop) => stop > step) ?? limit);
}

function finiteMean(values: Float32Array): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    sum += value;
    count++;
  }
  return count ? sum / count : Number.NaN;
}

/** What the blocks of a training share. */
export interface Work {
  choice: Pick<Choice, 'engine' | 'why'>;
  threads: number;
  lossEvery: number;
  snapshots: readonly number[];
  signal: AbortSignal | undefined;
  meter: Meter;
  instances: number;
  instancesDone: number;
  modelChoice: Pick<Choice, 'engine' | 'why'> | null; // of the models that a second stage reads
  models: Map<number, Params>; // their weights by row, of those that are trained
}

/** Makes the edits that are due after `step` steps. */
async function editAt(session: Session, problem: Problem, step: number): Promise<void> {
  const edit = edited(problem, step);
  if (!edit) return;
  if (!session.write) throw new Error(`${session.report.engine}: weights cannot be edited during training`);
  const { params, cleared } = edit(await session.read());
  await session.write(params, cleared);
}

/** Trains from step `from` to `until`, with the edits that are due before each step, and says how long that took. */
async function runTo(
  session: Session,
  problem: Problem,
  from: number,
  until: number,
): Promise<Stretch & { seconds: number }> {
  const before = performance.now();
  const parts: Stretch[] = [];
  for (let step = from; step < until; ) {
    await editAt(session, problem, step);
    step = Math.min(until, nextEdit(problem, step));
    parts.push(await session.run(step));
  }
  const lossSteps = parts.flatMap((part) => part.lossSteps);
  const losses = concatenate(parts.map((part) => part.losses));
  await new Promise((resolve) => setTimeout(resolve)); // an engine without threads must let signals through
  return { lossSteps, losses, seconds: (performance.now() - before) / 1000 };
}

/** Steps of the next stretch when the last one, of `steps` of at most `stretch`, took `seconds`. */
function nextStretch(stretch: number, steps: number, seconds: number): number {
  return Math.min(2 * stretch, (steps * STRETCH_SECONDS) / Math.max(seconds, 1e-6));
}

/** Runs a session to the end of its training, yielding progress, and returns all but the weights' origin. */
async function* runSession(
  session: Session,
  problem: Problem,
  group: number,
  work: Work,
): AsyncGenerator<Progress, Omit<Block, 'group' | 'from' | 'rows' | 'seconds'>> {
  const { steps, batch } = problem.training;
  const stops = [...work.snapshots, steps];
  const lossSteps: number[] = [];
  const losses: Float32Array[] = [];
  const snapshots: Snapshot[] = [];
  let stretch = 1;
  let loss = Number.NaN;
  for (let step = 0; ; ) {
    if (work.snapshots.includes(step)) snapshots.push({ step, params: await session.read() });
    if (step === steps) break;
    work.signal?.throwIfAborted();
    const until = nextStop(step, stretch, stops);
    const part = await runTo(session, problem, step, until);
    stretch = nextStretch(stretch, until - step, part.seconds);
    work.meter.done += (until - step) * batch * problem.instances;
    step = until;
    for (const at of part.lossSteps) lossSteps.push(at);
    losses.push(part.losses);
    if (part.lossSteps.length > 0) loss = finiteMean(part.losses.subarray(-problem.instances));
    const { instances, instancesDone } = work;
    yield progress(work.meter, { group, step, steps, instances, instancesDone, loss });
  }
  return {
    params: await session.read(),
    divergedAt: await session.diverged(),
    lossSteps,
    losses: concatenate(losses),
    snapshots,
  };
}

/** Trains instances [from, to) of a group, resident together; tensors that are `given` begin as they are. */
export async function* trainBlock(
  group: Group,
  index: number,
  from: number,
  to: number,
  work: Work,
  given: Params = {},
): AsyncGenerator<TrainEvent, EngineReport> {
  const started = performance.now();
  const problem = takeRows(group.problem, rowRange(from, to));
  const start = group.start && { ...group.start, of: group.start.of.subarray(from, to) };
  const std = group.initStd.subarray(from, to);
  const begun = start ? disturb(startParams(start, problem.family), problem, std) : given;
  const params = initParams(problem, std, begun);
  const { engine, why } = work.choice;
  const session = await engine.open(problem, params, { lossEvery: work.lossEvery, threads: work.threads });
  const close = () => void session.close().catch(() => {});
  work.signal?.addEventListener('abort', close, { once: true });
  try {
    const trained = yield* runSession(session, problem, index, work);
    work.instancesDone += problem.instances;
    const seconds = (performance.now() - started) / 1000;
    yield {
      kind: 'block',
      block: { group: index, from, rows: group.rows.slice(from, to), ...trained, seconds },
    };
    return { ...session.report, why };
  } catch (error) {
    work.signal?.throwIfAborted(); // an abort closes the session under a run: say so, not what that broke
    throw error;
  } finally {
    work.signal?.removeEventListener('abort', close);
    await session.close();
  }
}
