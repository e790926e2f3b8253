/**
 * The fused CPU engine: WebAssembly SIMD kernels generated for a problem's family, one worker a thread, each
 * with its own block of instances in its own memory. No shared memory, so any page can run it; but where there are
 * fewer models than threads, and models of many fixed samples, the threads to spare help in the memory of the others.
 */
import { resolveAttack } from '../attack.ts';
import type { Engine, EngineReport, Session, SessionOptions } from '../engine.ts';
import { cores } from '../host.ts';
import type { Params, Problem } from '../problem.ts';
import { type Tables, tablesOf } from '../table.ts';
import { planFixed, TEAM } from './fixed/plan.ts';
import { assemble, kernelText, layoutFor } from './kernel.ts';
import type { Layout } from './layout.ts';
import { type Thread, takeThread } from './pool.ts';
import { placeTables, recordBytes, scratchBytes } from './records.ts';
import { type Resident, sessionOf, slotsHeld, type Team, threadsOf } from './session.ts';

const PAGE = 65536;
/** Most memory of one worker; WebAssembly's 32-bit addresses end at 4 GB. */
const MEMORY_LIMIT = 3.5e9;
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

/** Pages of a worker with `instances` instances. Throws a RangeError when it cannot have that much. */
function pagesOf(layout: Layout, rows: Int32Array, tables?: Tables): number {
  const instances = rows.length;
  const own = placeTables(layout, tables, rows, instances * layout.record.size).end;
  const bytes = layout.records + own + 4 * instances * slotsHeld(instances);
  if (bytes > MEMORY_LIMIT) {
    const gigabytes = (bytes / 1e9).toFixed(1);
    throw new RangeError(
      `instances: expected a block of at most ${MEMORY_LIMIT / 1e9} GB a worker, got ${instances} instances in ${gigabytes} GB`,
    );
  }
  return Math.ceil(bytes / PAGE);
}

/** What the workers of a session are opened with. */
interface Opening {
  problem: Problem;
  params: Params;
  layout: Layout;
  tables?: Tables;
}

/** The rows of a block, its pages, and how many threads beside its own help with them. */
interface Share {
  rows: Int32Array;
  pages: number;
  helpers: number;
}

/** Whether threads can share memory: always in Node, on a page if it is isolated from others. */
const canShare = (): boolean =>
  typeof SharedArrayBuffer === 'function' && globalThis.crossOriginIsolated !== false;

/** Helpers of block `k` of `blocks`: the threads to spare, dealt evenly, and no more than have a range to take. */
function helpersOf(problem: Problem, layout: Layout, k: number, blocks: number, threads: number): number {
  if (layout.shape !== 'fixed' || !canShare()) return 0;
  const spare = threads - blocks;
  const own = Math.floor(spare / blocks) + Number(k < spare % blocks);
  return Math.max(0, Math.min(own, planFixed(problem).ranges - 1));
}

/** Sends helpers into the memory of a block. */
async function gatherTeam(
  { problem, layout }: Opening,
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  helpers: number,
): Promise<Team> {
  const at = layout.work + planFixed(problem).team + TEAM.ended;
  const ended = new Int32Array(memory.buffer as unknown as SharedArrayBuffer, at, 1);
  const threads = await openAll(Array.from({ length: helpers }, takeThread), (thread) => [thread]);
  try {
    await Promise.all(threads.map((thread) => thread.ask({ type: 'join', module, memory })));
  } catch (error) {
    await Promise.all(threads.map((thread) => thread.close()));
    throw error;
  }
  return { threads, ended };
}

/** Gives a share of the rows to a worker, and helpers to that. */
async function openBlock(opening: Opening, { rows, pages, helpers }: Share): Promise<Resident> {
  const { problem, params, layout, tables } = opening;
  const module = await assemble(kernelText(problem, layout, helpers > 0 ? pages : 0));
  const memory = helpers > 0 ? new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }) : undefined; // biome-ignore format: one line
  const scratch = scratchBytes(problem, layout);
  const records = recordBytes(problem, params, layout, rows, tables);
  const thread = await takeThread();
  try {
    const request = { type: 'open', module, pages, scratch, records, instances: rows.length, memory } as const; // biome-ignore format: one line
    await thread.ask(request, [scratch, records]);
    return { thread, rows, team: memory && (await gatherTeam(opening, module, memory, helpers)) };
  } catch (error) {
    await thread.close();
    throw error;
  }
}

/** Opens all, or none: closes the threads of what was opened if one fails. */
async function openAll<Opened>(
  starts: Promise<Opened>[],
  threads: (opened: Opened) => Thread[],
): Promise<Opened[]> {
  const settled = await Promise.allSettled(starts);
  const opened = settled.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const failure = settled.find((start) => start.status === 'rejected');
  if (!failure) return opened;
  await Promise.all(opened.flatMap(threads).map((thread) => thread.close()));
  throw failure.reason;
}

async function open(given: Problem, params: Params, options: SessionOptions): Promise<Session> {
  const problem = resolveAttack(given);
  const layout = layoutFor(problem);
  const tables = problem.source && tablesOf(problem);
  const wanted = options.threads || cores();
  const dealt = dealRows(problem, Math.max(1, Math.min(wanted, problem.instances)));
  const shares = dealt.map((rows, k) => ({
    rows,
    pages: pagesOf(layout, rows, tables),
    helpers: helpersOf(problem, layout, k, dealt.length, wanted),
  }));
  const opening = { problem, params, layout, tables };
  const blocks = await openAll(shares.map((share) => openBlock(opening, share)), (block) => threadsOf([block])); // biome-ignore format: one line
  const threads = threadsOf(blocks).length;
  const { features, hidden, shape } = layout;
  const device = `${threads} CPU ${threads === 1 ? 'thread' : 'threads'}, WebAssembly SIMD, ${shape} kernel (${features}, ${hidden})`;
  const report: EngineReport = { engine: 'simd', why: '', device, threads };
  return sessionOf(problem, layout, blocks, report, options.lossEvery);
}

/** Bytes of the table of an instance, as its densities let expect. */
function expectedTable({ source, density, instances }: Problem): number {
  if (!source) return 0;
  const active = density.reduce((sum, p) => sum + p, 0) / instances;
  return (source.given ? 0 : source.count) * (8 * active + 8);
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
  refuses: ({ family, source }) =>
    family.gating === 'latent' && !source ? 'latent points without fixed samples (input.samples)' : null,
  bytesPerInstance: (problem) => layoutFor(problem).record.size + 4 + expectedTable(problem),
  sharedBytes: async (problem, threads) => layoutFor(problem).records * (threads || cores()),
  open,
};
