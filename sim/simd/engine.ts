/**
 * The fused CPU engine: WebAssembly SIMD kernels generated for a problem's family, one worker a thread, each
 * with its own block of instances in its own memory. No shared memory, so any page can run it.
 */
import { resolveAttack } from '../attack.ts';
import type { Engine, EngineReport, Session, SessionOptions } from '../engine.ts';
import { cores } from '../host.ts';
import type { Params, Problem } from '../problem.ts';
import { type Tables, tablesOf } from '../table.ts';
import { assemble, kernelText, layoutFor } from './kernel.ts';
import type { Layout } from './layout.ts';
import { takeThread } from './pool.ts';
import { placeTables, recordBytes, scratchBytes } from './records.ts';
import { type Resident, sessionOf, slotsHeld } from './session.ts';

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
  const own = placeTables(tables, rows, instances * layout.record.size).end;
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
  module: WebAssembly.Module;
}

/** Gives rows `rows` of the problem to a worker with so many pages. */
async function openBlock(opening: Opening, rows: Int32Array, pages: number): Promise<Resident> {
  const { problem, params, layout, tables, module } = opening;
  const scratch = scratchBytes(problem, layout);
  const records = recordBytes(problem, params, layout, rows, tables);
  const thread = await takeThread();
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
async function openBlocks(starts: Promise<Resident>[]): Promise<Resident[]> {
  const settled = await Promise.allSettled(starts);
  const blocks = settled.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const failure = settled.find((start) => start.status === 'rejected');
  if (!failure) return blocks;
  await Promise.all(blocks.map((block) => block.thread.close()));
  throw failure.reason;
}

async function open(given: Problem, params: Params, options: SessionOptions): Promise<Session> {
  const problem = resolveAttack(given);
  const layout = layoutFor(problem);
  const tables = problem.source && tablesOf(problem);
  const wanted = options.threads || cores();
  const shares = dealRows(problem, Math.max(1, Math.min(wanted, problem.instances)));
  const pages = shares.map((rows) => pagesOf(layout, rows, tables));
  const module = await assemble(kernelText(problem, layout));
  const opening = { problem, params, layout, tables, module };
  const blocks = await openBlocks(shares.map((rows, k) => openBlock(opening, rows, pages[k])));
  const threads = blocks.length;
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
