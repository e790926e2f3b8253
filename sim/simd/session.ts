/** A session of the simd engine: blocks of instances in their workers, advanced together. */
import { EngineLostError, type EngineReport, type Session, type Stretch } from '../engine.ts';
import { concatenate, mapTensors, type Params, type Problem } from '../problem.ts';
import { type Layout, STEPS_PER_CALL } from './layout.ts';
import type { Request, Thread } from './pool.ts';
import { packWeights, stepTable, unpackWeights } from './records.ts';

/** Recorded losses that a worker holds before it hands them over, unless one step has more. */
const LOSSES_HELD = 1 << 18;

/** Threads that help a worker in its memory, and the word there that sends them home. */
export interface Team {
  threads: Thread[];
  ended: Int32Array<SharedArrayBuffer>; // (1)
}

/** A worker and the rows of the problem that live in it. */
export interface Resident {
  thread: Thread;
  rows: Int32Array;
  team?: Team;
}

/** Every thread of some blocks. */
export const threadsOf = (blocks: readonly Resident[]): Thread[] =>
  blocks.flatMap(({ thread, team }) => [thread, ...(team?.threads ?? [])]);

/** What the calls of a session share. */
interface State {
  problem: Problem;
  layout: Layout;
  blocks: Resident[];
  lossEvery: number;
  done: number; // steps that all instances have behind them
  closed: boolean;
}

/** Recorded steps whose losses a worker with `instances` instances has room for. */
export const slotsHeld = (instances: number): number =>
  Math.max(1, Math.min(STEPS_PER_CALL, Math.floor(LOSSES_HELD / instances)));

/** Asks one worker, and its helpers to help where it trains. */
async function askOne({ thread, team }: Resident, request: Request): Promise<ArrayBuffer> {
  if (request.type !== 'run' || !team) return thread.ask(request);
  Atomics.store(team.ended, 0, 0);
  const helping = team.threads.map((helper) => helper.ask({ type: 'help' }));
  const [answer] = await Promise.all([thread.ask(request), ...helping]);
  return answer;
}

/** Asks every worker for something of its own; throws EngineLostError if one fails. */
async function askEach(
  state: State,
  requestOf: (block: Resident, k: number) => Request,
): Promise<ArrayBuffer[]> {
  if (state.closed) throw new Error('simd: the session is closed');
  try {
    return await Promise.all(state.blocks.map((block, k) => askOne(block, requestOf(block, k))));
  } catch (error) {
    if (state.closed) throw new Error('simd: the session is closed');
    throw new EngineLostError('simd', state.done, (error as Error).message);
  }
}

const askAll = (state: State, request: Request) => askEach(state, () => request);

/** The losses' row of each step that the next call takes on, or −1 for a step whose loss is not recorded. */
function nextSlots({ problem, blocks, lossEvery, done }: State, until: number): number[] {
  const room = slotsHeld(Math.max(...blocks.map((block) => block.rows.length)));
  const slots: number[] = [];
  let used = 0;
  for (let s = done; s < until && slots.length < STEPS_PER_CALL; s++) {
    const recorded = s % lossEvery === 0 || s === problem.training.steps - 1;
    if (recorded && used === room) break;
    slots.push(recorded ? used++ : -1);
  }
  return slots;
}

/** Copies a block's values (count, rows) to the columns `rows` of `to` (count, instances). */
function scatter(to: Float32Array, instances: number, own: Float32Array, rows: Int32Array): void {
  for (let k = 0; k < own.length; k++) {
    const row = Math.floor(k / rows.length);
    to[row * instances + rows[k % rows.length]] = own[k];
  }
}

/** One call of every kernel; returns the recorded losses (slots, instances). */
async function advance(state: State, slots: number[]): Promise<Float32Array> {
  const { problem, layout, blocks, done } = state;
  const count = Math.max(...slots) + 1;
  const answers = await askAll(state, {
    type: 'run',
    table: stepTable(problem, layout, done, slots),
    tableAt: layout.table,
    steps: slots.length,
    step: done,
    word: problem.firstStep + done,
    slots: count,
  });
  const losses = new Float32Array(count * problem.instances);
  answers.forEach((bytes, k) => {
    scatter(losses, problem.instances, new Float32Array(bytes), blocks[k].rows);
  });
  state.done += slots.length;
  return losses;
}

async function run(state: State, until: number): Promise<Stretch> {
  const lossSteps: number[] = [];
  const parts: Float32Array[] = [];
  while (state.done < until) {
    const from = state.done;
    const slots = nextSlots(state, until);
    parts.push(await advance(state, slots));
    slots.forEach((slot, s) => {
      if (slot >= 0) lossSteps.push(from + s);
    });
  }
  return { lossSteps, losses: concatenate(parts) };
}

async function read(state: State): Promise<Params> {
  const { problem, layout, blocks } = state;
  const params = mapTensors(problem.family, (_, size) => new Float32Array(problem.instances * size));
  const { weights: at, size } = layout.record;
  const answers = await askAll(state, { type: 'gather', at, words: layout.weights, size });
  answers.forEach((bytes, k) => {
    unpackWeights(layout, new Float32Array(bytes), blocks[k].rows, params);
  });
  return params;
}

/** What workers keep at `at` of each record, `now` in place of `before` except of diverged instances. */
async function replace(
  state: State,
  at: number,
  alive: (row: number) => boolean,
  now: (before: Float32Array<ArrayBuffer>, block: Resident) => Float32Array<ArrayBuffer>,
): Promise<void> {
  const { layout, blocks } = state;
  const [words, size] = [layout.weights, layout.record.size];
  const held = await askAll(state, { type: 'gather', at, words, size });
  const next = held.map((bytes, k) => {
    const before = new Float32Array(bytes);
    const own = now(before, blocks[k]);
    blocks[k].rows.forEach((row, i) => {
      if (!alive(row)) own.set(before.subarray(i * words, (i + 1) * words), i * words);
    });
    return own.buffer;
  });
  await askEach(state, (_, k) => ({ type: 'scatter', at, words, size, bytes: next[k] }));
}

async function write(state: State, params: Params, cleared: Params): Promise<void> {
  const { weights, first, second } = state.layout.record;
  const lost = await diverged(state);
  const alive = (row: number) => lost[row] < 0;
  await replace(state, weights, alive, (_, { rows }) => packWeights(state.layout, params, rows));
  if (state.problem.training.optimizer === 'sgld') return; // what it keeps there is where it began, no moment
  if (Object.values(cleared).every((marks) => marks.every((mark) => mark === 0))) return;
  for (const at of second > 0 ? [first, second] : [first]) {
    await replace(state, at, alive, (before, { rows }) => {
      const zero = packWeights(state.layout, cleared, rows);
      return before.map((value, k) => (zero[k] === 0 ? value : 0));
    });
  }
}

async function diverged(state: State): Promise<Int32Array> {
  const { diverged: at, size } = state.layout.record;
  const steps = new Int32Array(state.problem.instances);
  const answers = await askAll(state, { type: 'gather', at, words: 1, size });
  answers.forEach((bytes, k) => {
    new Int32Array(bytes).forEach((step, i) => {
      steps[state.blocks[k].rows[i]] = step;
    });
  });
  return steps;
}

async function close(state: State): Promise<void> {
  if (state.closed) return;
  state.closed = true;
  await Promise.all(threadsOf(state.blocks).map((thread) => thread.close()));
}

/** The session over `blocks`. */
export function sessionOf(
  problem: Problem,
  layout: Layout,
  blocks: Resident[],
  report: EngineReport,
  lossEvery: number,
): Session {
  const state: State = { problem, layout, blocks, lossEvery, done: 0, closed: false };
  return {
    report,
    run: (until) => run(state, until),
    read: () => read(state),
    write: (params, cleared) => write(state, params, cleared),
    diverged: () => diverged(state),
    close: () => close(state),
  };
}
