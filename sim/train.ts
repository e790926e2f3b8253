/**
 * Training: from a spec to trained models. `train` is an async iterator of events that ends in the result;
 * `trainBlocks` is the same without keeping anything, for sweeps that stream to disk.
 */
import { type Block, blockOn, type TrainEvent, trainBlock, type Work } from './block.ts';
import { ENGINE_NAMES, type EngineReport } from './engine.ts';
import { engineFor, type Running, settle } from './engines.ts';
import { givenTensors, modelSamples, trainsModels } from './firstStage.ts';
import { expandGrid, type Grid } from './grid.ts';
import { joinBlocks, type TrainedModels } from './join.ts';
import { type Params, samplesOf } from './problem.ts';
import { parseSpec, type Spec, type SpecInput } from './spec.ts';
import { SpecError, show } from './specError.ts';
import { arraysOf, startFrom } from './start.ts';

/** How to train; what to train is the spec. Only the engine and `start` change a number. */
export interface TrainOptions extends Running {
  /** Weights to begin with, in place of random ones: of one model, as many as replicas, or as rows. For specs of one group. */
  start?: Params;
  blockInstances?: number; // at most so many instances resident at once; default by memory
}

/** What ran and how fast. */
export interface TrainSummary {
  engine: EngineReport; // read back from the engine
  samples: number; // one sample = one model, one input, forward and backward
  seconds: number; // training alone
  samplesPerSecond: number;
}

/** All trained models, and how they were trained. */
export interface TrainResult extends TrainedModels, TrainSummary {}

/** What all blocks of a training share; the clock starts here. */
function planWork(grid: Grid, choice: Work['choice'], { threads = 0, signal }: TrainOptions): Work {
  const own = grid.groups.reduce((sum, group) => sum + samplesOf(group.problem), 0);
  const samples = own + modelSamples(grid.groups);
  const { lossEvery, snapshots } = grid.spec.record;
  return {
    choice,
    threads,
    lossEvery,
    snapshots: [...new Set(snapshots)].sort((a, b) => a - b),
    signal,
    meter: { started: performance.now(), samples, done: 0 },
    instances: grid.groups.reduce((sum, group) => sum + group.rows.length, 0),
    instancesDone: 0,
    modelChoice: null,
    models: new Map(),
  };
}

/**
 * Trains every group of a grid, block after block, and yields progress and finished blocks without keeping
 * them. Returns what ran and how fast.
 * @throws the signal's reason when aborted; EngineLostError, EngineRefusedError, EngineUnavailableError.
 */
export async function* trainBlocks(
  grid: Grid,
  options: TrainOptions = {},
): AsyncGenerator<TrainEvent, TrainSummary> {
  checkOptions(options);
  options.signal?.throwIfAborted();
  if (options.start) {
    const { start, ...rest } = options;
    return yield* trainBlocks(startGrid(grid, start), rest);
  }
  const settled = await settle(options.engine);
  const choice = engineFor(settled, ...grid.groups.map(({ problem }) => problem));
  const work = planWork(grid, choice, options);
  const read = grid.groups.filter(trainsModels).map(({ first }) => first!.group.problem);
  if (read.length > 0) work.modelChoice = engineFor(settled, ...read);
  let report: EngineReport | undefined;
  for (const [index, group] of grid.groups.entries()) {
    const { size } = await blockOn(choice.engine, group.problem, options.threads, options.blockInstances);
    for (let from = 0; from < group.rows.length; from += size) {
      const to = Math.min(from + size, group.rows.length);
      const given = yield* givenTensors(group, index, from, to, work);
      report = yield* trainBlock(group, index, from, to, work, given);
    }
  }
  const { started, samples } = work.meter;
  const seconds = (performance.now() - started) / 1000;
  return { engine: report!, samples, seconds, samplesPerSecond: samples / seconds };
}

/** A grid of one group whose instances begin with given weights. @throws SpecError if they do not fit. */
function startGrid(grid: Grid, params: Params): Grid {
  const [group, ...others] = grid.groups;
  if (others.length > 0) {
    const [path, expected] = ['options.start', 'a sweep over one group of models of the same shape'];
    throw new SpecError([{ path, expected, got: `${grid.groups.length} groups` }]);
  }
  const { family } = group.problem;
  const size = { count: grid.rows, replicas: grid.spec.replicas };
  const start = startFrom(arraysOf(params, family), family, 'options.start', group.rows, size);
  const initStd = new Float64Array(group.rows.length); // as they are, whatever the spec says of others
  return { ...grid, groups: [{ ...group, initStd, start }] };
}

function checkOptions(options: TrainOptions): void {
  const { engine = 'auto', threads = 0, blockInstances = 1 } = options;
  const wrong = (path: string, expected: string, got: unknown) =>
    new SpecError([{ path, expected, got: show(got) }]);
  if (typeof engine === 'string' && engine !== 'auto' && !ENGINE_NAMES.includes(engine)) {
    throw wrong('options.engine', `auto or one of ${ENGINE_NAMES.join(', ')}`, engine);
  }
  if (!Number.isInteger(threads) || threads < 0 || threads > 1024) {
    throw wrong('options.threads', 'an integer in [0, 1024]', threads);
  }
  if (!Number.isInteger(blockInstances) || blockInstances < 1) {
    throw wrong('options.blockInstances', 'an integer of at least 1', blockInstances);
  }
}

/** The events of an iterator, whose result goes to `keep`: a `for await` over them closes it on every way out. */
export async function* keepResult<Event, Result>(
  events: AsyncGenerator<Event, Result>,
  keep: (result: Result) => void,
): AsyncGenerator<Event, void> {
  keep(yield* events);
}

/**
 * Runs an iterator of events to its end and returns its result; `onEvent` sees each event on the way. Whatever
 * `onEvent` or the iterator throws is thrown here, after the iterator was closed.
 */
export async function finish<Event, Result>(
  events: AsyncGenerator<Event, Result>,
  onEvent: (event: Event) => void | Promise<void> = () => {},
): Promise<Result> {
  let result!: Result;
  const keep = (value: Result) => {
    result = value;
  };
  for await (const event of keepResult(events, keep)) await onEvent(event);
  return result;
}

/**
 * Trains every model of a spec. Iterate for progress; the iterator's return value is the result. The same call
 * works in Node and in a page. Leave the iterator by `break`, an error or its `return()`, and its threads end.
 * @throws SpecError for a bad spec or option, before anything starts; the signal's reason when aborted.
 */
export async function* train(
  spec: SpecInput | Spec,
  options: TrainOptions = {},
): AsyncGenerator<TrainEvent, TrainResult> {
  const grid = expandGrid(parseSpec(spec));
  const blocks: Block[][] = grid.groups.map(() => []);
  let summary!: TrainSummary;
  const keep = (value: TrainSummary) => {
    summary = value;
  };
  for await (const event of keepResult(trainBlocks(grid, options), keep)) {
    if (event.kind === 'block') blocks[event.block.group].push(event.block);
    yield event;
  }
  const groups = grid.groups.map((group, index) => joinBlocks(group, blocks[index]));
  return { spec: grid.spec, grid, groups, ...summary };
}

/** Trains to the end and returns the result; `onEvent` sees each event on the way. */
export async function trainAll(
  spec: SpecInput | Spec,
  options: TrainOptions = {},
  onEvent: (event: TrainEvent) => void = () => {},
): Promise<TrainResult> {
  return finish(train(spec, options), onEvent);
}
