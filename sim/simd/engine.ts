/**
 * The fused CPU engine: WebAssembly SIMD kernels generated for a problem's family, one worker a thread, each
 * with its own block of instances in its own memory. No shared memory, so any page can run it.
 */
import {
  type Engine,
  EngineLostError,
  type EngineReport,
  type Session,
  type SessionOptions,
  type Stretch,
} from '../engine.ts';
import type { Params, Problem } from '../family.ts';
import { assemble, kernelText, layoutFor } from './kernel.ts';
import { type Layout, STEPS_PER_CALL } from './layout.ts';
import { cores, startThread, type Thread } from './pool.ts';
import { recordBytes, scratchBytes, stepTable, unpackWeights } from './records.ts';

const PAGE = 65536;
/** Most memory of one worker; WebAssembly's 32-bit addresses end at 4 GB. */
const MEMORY_LIMIT = 3.5e9;
/** Recorded losses that a worker holds before it hands them over, unless one step has more. */
const LOSSES_HELD = 1 << 18;

/** A worker and the rows of the problem that live in it. */
interface Block {
  thread: Thread;
  rows: Int32Array;
}

/**
 * Rows of each of `count` workers. Rows are dealt in order of expected active features, forwards and backwards
 * in turn, so that each worker gets as many costly ones as the others.
 */
export function dealRows(problem: Problem, count: number): Int32Array[] {
  const n = problem.family.features;
  const active = new Float64Array(problem.instances);
  for (let i = 0; i < active.length; i++) {
    for (let j = 0; j < n; j++) active[i] += problem.density[i * n + j];
  }
  const order = Int32Array.from(active.keys()).sort((p, q) => active[q] - active[p] || p - q);
  const owner = (place: number) => {
    const turn = place % (2 * count);
    return turn < count ? turn : 2 * count - 1 - turn;
  };
  return Array.from({ length: count }, (_, worker) =>
    order.filter((_, place) => owner(place) === worker).sort(),
  );
}

const slotsHeld = (instances: number): number =>
  Math.max(1, Math.min(STEPS_PER_CALL, Math.floor(LOSSES_HELD / instances)));

/** Pages of a worker with `instances` instances. Throws a RangeError when it cannot have that much. */
function pagesOf(layout: Layout, instances: number): number {
  const bytes = layout.records + instances * (layout.record.size + 4 * slotsHeld(instances));
  if (bytes > MEMORY_LIMIT) {
    const gigabytes = (bytes / 1e9).toFixed(1);
    throw new RangeError(
      `instances: expected a block of at most ${MEMORY_LIMIT / 1e9} GB a worker, got ${instances} instances in ${gigabytes} GB`,
    );
  }
  return Math.ceil(bytes / PAGE);
}

/** Starts a worker with rows `rows` of the problem. */
async function openBlock(
  problem: Problem,
  params: Params,
  layout: Layout,
  module: WebAssembly.Module,
  pages: number,
  rows: Int32Array,
): Promise<Block> {
  const scratch = scratchBytes(problem, layout);
  const records = recordBytes(problem, params, layout, rows);
  const thread = await startThread();
  try {
    const request = { type: 'open', module, pages, scratch, records, instances: rows.length } as const;
    await thread.ask(request, [scratch, records]);
  } catch (error) {
    await thread.close();
    throw error;
  }
  return { thread, rows };
}

/** Opens all blocks, or none. */
async function openBlocks(starts: Promise<Block>[]): Promise<Block[]> {
  const settled = await Promise.allSettled(starts);
  const blocks = settled.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const failure = settled.find((start) => start.status === 'rejected');
  if (!failure) return blocks;
  await Promise.all(blocks.map((block) => block.thread.close()));
  throw failure.reason;
}

/** Steps [from, to) that one call takes on: each step's row of losses, or −1. */
function nextSlots(problem: Problem, every: number, from: number, until: number, held: number): number[] {
  const slots: number[] = [];
  let used = 0;
  for (let s = from; s < until && slots.length < STEPS_PER_CALL; s++) {
    const recorded = s % every === 0 || s === problem.training.steps - 1;
    if (recorded && used === held) break;
    slots.push(recorded ? used++ : -1);
  }
  return slots;
}

/** The session over `blocks`. Its functions share how many steps are done. */
function sessionOf(
  problem: Problem,
  layout: Layout,
  blocks: Block[],
  report: EngineReport,
  lossEvery: number,
): Session {
  const { instances, family } = problem;
  const held = slotsHeld(Math.max(...blocks.map((block) => block.rows.length)));
  let done = 0;
  let closed = false;

  async function askAll(request: Parameters<Thread['ask']>[0]): Promise<ArrayBuffer[]> {
    try {
      return await Promise.all(blocks.map((block) => block.thread.ask(request)));
    } catch (error) {
      if (closed) throw new Error('simd: the session was closed');
      throw new EngineLostError('simd', done, (error as Error).message);
    }
  }

  /** One call of every kernel; returns the recorded losses (slots, instances). */
  async function advance(slots: number[]): Promise<Float32Array> {
    const rows = Math.max(...slots) + 1;
    const answers = await askAll({
      type: 'run',
      table: stepTable(problem, done, slots),
      tableAt: layout.table,
      steps: slots.length,
      step: done,
      word: problem.firstStep + done,
      slots: rows,
    });
    const losses = new Float32Array(rows * instances);
    answers.forEach((bytes, k) => {
      const own = new Float32Array(bytes);
      const count = blocks[k].rows.length;
      for (let r = 0; r < rows; r++) {
        for (let i = 0; i < count; i++) losses[r * instances + blocks[k].rows[i]] = own[r * count + i];
      }
    });
    done += slots.length;
    return losses;
  }

  async function run(until: number): Promise<Stretch> {
    const lossSteps: number[] = [];
    const parts: Float32Array[] = [];
    while (done < until) {
      const from = done;
      const slots = nextSlots(problem, lossEvery, from, until, held);
      parts.push(await advance(slots));
      slots.forEach((slot, s) => {
        if (slot >= 0) lossSteps.push(from + s);
      });
    }
    const losses = new Float32Array(lossSteps.length * instances);
    let at = 0;
    for (const part of parts) {
      losses.set(part, at);
      at += part.length;
    }
    return { lossSteps, losses };
  }

  async function read(): Promise<Params> {
    const { features: n, hidden: m, tied } = family;
    const params: Params = {
      W: new Float32Array(instances * n * m),
      V: tied ? null : new Float32Array(instances * n * m),
      b: new Float32Array(instances * n),
    };
    const at = layout.record.weights;
    const answers = await askAll({ type: 'gather', at, words: layout.weights, size: layout.record.size });
    answers.forEach((bytes, k) => {
      unpackWeights(layout, new Float32Array(bytes), blocks[k].rows, params);
    });
    return params;
  }

  async function diverged(): Promise<Int32Array> {
    const steps = new Int32Array(instances);
    const answers = await askAll({
      type: 'gather',
      at: layout.record.diverged,
      words: 1,
      size: layout.record.size,
    });
    answers.forEach((bytes, k) => {
      new Int32Array(bytes).forEach((step, i) => {
        steps[blocks[k].rows[i]] = step;
      });
    });
    return steps;
  }

  async function close(): Promise<void> {
    closed = true;
    await Promise.all(blocks.map((block) => block.thread.close()));
  }

  return { report, run, read, diverged, close };
}

async function open(problem: Problem, params: Params, options: SessionOptions): Promise<Session> {
  const layout = layoutFor(problem);
  const wanted = options.threads || (await cores());
  const shares = dealRows(problem, Math.max(1, Math.min(wanted, problem.instances)));
  const pages = shares.map((rows) => pagesOf(layout, rows.length));
  const module = await assemble(kernelText(problem, layout));
  const blocks = await openBlocks(
    shares.map((rows, k) => openBlock(problem, params, layout, module, pages[k], rows)),
  );
  const threads = blocks.length;
  const { features, hidden, shape } = layout;
  const device = `${threads} CPU threads, WebAssembly SIMD, ${shape} kernel (${features}, ${hidden})`;
  const report: EngineReport = { engine: 'simd', why: '', device, threads };
  return sessionOf(problem, layout, blocks, report, options.lossEvery);
}

/** A module of one function with one SIMD instruction; an engine without SIMD rejects it. */
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11,
]);

export const simd: Engine = {
  name: 'simd',
  unavailable: async () => {
    if (typeof WebAssembly !== 'object') return 'no WebAssembly';
    return WebAssembly.validate(SIMD_PROBE) ? null : 'WebAssembly without SIMD';
  },
  bytesPerInstance: (problem) => layoutFor(problem).record.size + 4,
  open,
};
