/**
 * Training: from a spec to trained models. `train` is an async iterator of events that ends in the result;
 * `trainBlocks` is the same without keeping anything, for sweeps that stream to disk.
 */
import { ENGINE_NAMES, type EngineName, type EngineReport, type Session } from './engine.ts';
import { type Choice, chooseEngine } from './engines.ts';
import { type Params, type Problem, sliceProblem } from './family.ts';
import { expandGrid, type Grid, type Group } from './grid.ts';
import { initParams } from './params.ts';
import { parseSpec, type Spec, SpecError, type SpecInput, show } from './spec.ts';

export interface TrainOptions {
  engine?: EngineName | 'auto'; // default auto
  threads?: number; // CPU engines; 0 or absent = all cores
  signal?: AbortSignal; // stops the training within a second
  blockInstances?: number; // at most so many instances resident at once; default by memory
}

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

export interface Progress {
  kind: 'progress';
  group: number;
  step: number; // updates done in the current block
  steps: number;
  instances: number; // instances of the whole training
  instancesDone: number; // those that are finished
  fraction: number; // of all samples
  loss: number; // mean of the last recorded losses of the current block; NaN before the first
  samplesPerSecond: number;
  seconds: number;
  etaSeconds: number;
}

export interface BlockDone {
  kind: 'block';
  block: Block;
}

export type TrainEvent = Progress | BlockDone;

/** All instances of one group, trained. I = instances, S = recorded losses. */
export interface TrainedGroup {
  rows: Int32Array; // (I) row numbers in the sweep
  problem: Problem;
  params: Params;
  divergedAt: Int32Array; // (I)
  lossSteps: number[]; // (S)
  losses: Float32Array; // (S, I)
  snapshots: Snapshot[];
}

export interface TrainSummary {
  engine: EngineReport;
  samples: number; // one sample = one model, one input, forward and backward
  seconds: number; // training alone
  samplesPerSecond: number;
}

export interface TrainResult extends TrainSummary {
  spec: Spec;
  grid: Grid;
  groups: TrainedGroup[];
}

/** Instances resident at once take at most this much memory on a CPU engine. */
const MEMORY_BUDGET = 768 * 2 ** 20; // bytes
/** A step over more instances than this would make an abort wait. */
const BLOCK_LIMIT = 65_536;
const STRETCH_SECONDS = 0.12;
const MAX_STRETCH = 4_096; // steps

/** Samples that training a group takes. */
function samplesOf(problem: Problem): number {
  return problem.instances * problem.training.batch * problem.training.steps;
}

/** Clock of a whole training: how many samples are done, and what that says about the rest. */
interface Meter {
  started: number; // ms
  samples: number; // of all
  done: number;
}

function progress(meter: Meter, at: Omit<Progress, 'kind' | MeterFields>): Progress {
  const seconds = (performance.now() - meter.started) / 1000;
  const samplesPerSecond = meter.done / Math.max(seconds, 1e-9);
  const etaSeconds = (meter.samples - meter.done) / Math.max(samplesPerSecond, 1e-9);
  return {
    kind: 'progress',
    ...at,
    fraction: meter.done / meter.samples,
    samplesPerSecond,
    seconds,
    etaSeconds,
  };
}
type MeterFields = 'fraction' | 'samplesPerSecond' | 'seconds' | 'etaSeconds';

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

interface Work {
  choice: Choice;
  threads: number;
  lossEvery: number;
  snapshots: readonly number[];
  signal: AbortSignal | undefined;
  meter: Meter;
  instances: number;
  instancesDone: number;
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
    const before = performance.now();
    const part = await session.run(until);
    await new Promise((resolve) => setTimeout(resolve)); // an engine without threads must let signals through
    const seconds = (performance.now() - before) / 1000;
    stretch = Math.min(2 * stretch, ((until - step) * STRETCH_SECONDS) / Math.max(seconds, 1e-6));
    work.meter.done += (until - step) * batch * problem.instances;
    step = until;
    lossSteps.push(...part.lossSteps);
    losses.push(part.losses);
    if (part.lossSteps.length > 0) loss = finiteMean(part.losses.subarray(-problem.instances));
    yield progress(work.meter, {
      group,
      step,
      steps,
      instances: work.instances,
      instancesDone: work.instancesDone,
      loss,
    });
  }
  return {
    params: await session.read(),
    divergedAt: await session.diverged(),
    lossSteps,
    losses: concatenate(losses),
    snapshots,
  };
}

/** One Float32Array after the other. */
export function concatenate(parts: Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Trains instances [from, to) of a group, resident together. */
async function* trainBlock(
  group: Group,
  index: number,
  from: number,
  to: number,
  work: Work,
): AsyncGenerator<TrainEvent, EngineReport> {
  const started = performance.now();
  const problem = sliceProblem(group.problem, from, to);
  const params = initParams(problem, group.initStd.subarray(from, to));
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

/** Instances of a group that are resident at once. */
export function blockSize(problem: Problem, bytesPerInstance: number, limit = BLOCK_LIMIT): number {
  return Math.max(
    1,
    Math.min(limit, BLOCK_LIMIT, Math.floor(MEMORY_BUDGET / bytesPerInstance), problem.instances),
  );
}

/**
 * Trains every group of a grid, block after block, and yields progress and finished blocks without keeping
 * them. Returns what ran and how fast.
 * @throws the signal's reason when aborted; EngineLostError, EngineUnavailableError.
 */
export async function* trainBlocks(
  grid: Grid,
  options: TrainOptions = {},
): AsyncGenerator<TrainEvent, TrainSummary> {
  checkOptions(options);
  options.signal?.throwIfAborted();
  const choice = await chooseEngine(options.engine ?? 'auto');
  const samples = grid.groups.reduce((sum, group) => sum + samplesOf(group.problem), 0);
  const meter: Meter = { started: performance.now(), samples, done: 0 };
  const { lossEvery, snapshots } = grid.spec.record;
  const work: Work = {
    choice,
    threads: options.threads ?? 0,
    lossEvery,
    snapshots: [...new Set(snapshots)].sort((a, b) => a - b),
    signal: options.signal,
    meter,
    instances: grid.groups.reduce((sum, group) => sum + group.rows.length, 0),
    instancesDone: 0,
  };
  let report: EngineReport | undefined;
  for (const [index, group] of grid.groups.entries()) {
    const size = blockSize(
      group.problem,
      choice.engine.bytesPerInstance(group.problem),
      options.blockInstances,
    );
    for (let from = 0; from < group.rows.length; from += size) {
      report = yield* trainBlock(group, index, from, Math.min(from + size, group.rows.length), work);
    }
  }
  const seconds = (performance.now() - meter.started) / 1000;
  return { engine: report!, samples, seconds, samplesPerSecond: samples / seconds };
}

function checkOptions(options: TrainOptions): void {
  const { engine = 'auto', threads = 0, blockInstances = 1 } = options;
  const wrong = (path: string, expected: string, got: unknown) =>
    new SpecError([{ path, expected, got: show(got) }]);
  if (engine !== 'auto' && !ENGINE_NAMES.includes(engine)) {
    throw wrong('options.engine', `auto or one of ${ENGINE_NAMES.join(', ')}`, engine);
  }
  if (!Number.isInteger(threads) || threads < 0 || threads > 1024) {
    throw wrong('options.threads', 'an integer in [0, 1024]', threads);
  }
  if (!Number.isInteger(blockInstances) || blockInstances < 1) {
    throw wrong('options.blockInstances', 'an integer of at least 1', blockInstances);
  }
}

/** Weights of several blocks of one group, in order, as one. */
function joinParams(parts: Params[]): Params {
  return {
    W: concatenate(parts.map((p) => p.W)),
    V: parts[0].V ? concatenate(parts.map((p) => p.V!)) : null,
    b: concatenate(parts.map((p) => p.b)),
  };
}

/** Losses (S, I_b) of several blocks side by side: (S, I). */
function joinLosses(blocks: Block[], instances: number): Float32Array {
  const records = blocks[0].lossSteps.length;
  const out = new Float32Array(records * instances);
  for (const block of blocks) {
    const own = block.rows.length;
    for (let s = 0; s < records; s++) {
      out.set(block.losses.subarray(s * own, (s + 1) * own), s * instances + block.from);
    }
  }
  return out;
}

/** The blocks of one group, in order, as one trained group. */
export function joinBlocks(group: Group, blocks: Block[]): TrainedGroup {
  const divergedAt = new Int32Array(group.rows.length);
  for (const block of blocks) divergedAt.set(block.divergedAt, block.from);
  return {
    rows: group.rows,
    problem: group.problem,
    params: joinParams(blocks.map((block) => block.params)),
    divergedAt,
    lossSteps: blocks[0].lossSteps,
    losses: joinLosses(blocks, group.rows.length),
    snapshots: blocks[0].snapshots.map(({ step }, k) => ({
      step,
      params: joinParams(blocks.map((block) => block.snapshots[k].params)),
    })),
  };
}

/**
 * Trains every model of a spec. Iterate for progress; the iterator's return value is the result. The same call
 * works in Node and in a page.
 * @throws SpecError for a bad spec or option, before anything starts; the signal's reason when aborted.
 */
export async function* train(
  spec: SpecInput | Spec,
  options: TrainOptions = {},
): AsyncGenerator<TrainEvent, TrainResult> {
  const grid = expandGrid(parseSpec(spec));
  const blocks: Block[][] = grid.groups.map(() => []);
  const events = trainBlocks(grid, options);
  let next = await events.next();
  try {
    for (; !next.done; next = await events.next()) {
      if (next.value.kind === 'block') blocks[next.value.block.group].push(next.value.block);
      yield next.value;
    }
  } finally {
    if (!next.done) await events.return(undefined as never);
  }
  const groups = grid.groups.map((group, index) => joinBlocks(group, blocks[index]));
  return { spec: grid.spec, grid, groups, ...next.value };
}

/** Trains to the end and returns the result; `onEvent` sees each event on the way. */
export async function trainAll(
  spec: SpecInput | Spec,
  options: TrainOptions = {},
  onEvent: (event: TrainEvent) => void = () => {},
): Promise<TrainResult> {
  const events = train(spec, options);
  for (;;) {
    const next = await events.next();
    if (next.done) return next.value;
    onEvent(next.value);
  }
}
