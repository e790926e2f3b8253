/**
 * The contract between training and whatever does the arithmetic. An engine opens a session on one problem
 * (all instances resident), the session advances all of them step by step, and says afterwards what ran.
 */
import type { Params, Problem } from './problem.ts';

/** The engines; `superpose devices` says which of them run here. `reference` is the definition of the others. */
export type EngineName = 'simd' | 'webgpu' | 'webgl2' | 'webasm' | 'cpu' | 'reference';
export const ENGINE_NAMES: readonly EngineName[] = ['simd', 'webgpu', 'webgl2', 'webasm', 'cpu', 'reference'];

/** What ran, read back from the engine itself, never assumed. */
export interface EngineReport {
  engine: EngineName;
  why: string; // how it was chosen: asked for by name, or why auto picked it
  device: string; // adapter name and driver, or CPU threads and kernel shape
  threads: number; // CPU threads, 0 on a GPU
}

/** What a stretch of steps gave back. S = number of recorded steps in the stretch. */
export interface Stretch {
  lossSteps: number[]; // (S) recorded step numbers, relative to the problem's first step
  losses: Float32Array; // (S, I) minibatch loss before the update of that step; NaN after a divergence
}

/** A problem resident on an engine. Calls must not overlap. */
export interface Session {
  readonly report: EngineReport;
  /**
   * Advances all instances to `step` updates done. Records the loss of every step s with
   * s % lossEvery === 0, and of the last step of training. Throws EngineLostError when the device is lost.
   */
  run(step: number): Promise<Stretch>;
  /** Current weights. */
  read(): Promise<Params>;
  /**
   * Sets weights between two runs, and the optimiser's moments to 0 where an entry of `cleared` is not 0; instances that
   * have diverged stay as they are. Absent where an engine trains nothing that is edited.
   */
  write?(params: Params, cleared: Params): Promise<void>;
  /** (I) step at which the loss of an instance stopped being finite, −1 for the others. It then stays as it was before that step's update. */
  diverged(): Promise<Int32Array>;
  /** Releases everything the session took. Safe to call twice, and during a run, which then rejects. */
  close(): Promise<void>;
}

/** How an engine is opened. */
export interface SessionOptions {
  lossEvery: number; // ≥ 1
  threads: number; // CPU engines; 0 = all cores
}

/** Something that trains: it opens a session on a problem and its first weights. */
export interface Engine {
  name: EngineName;
  /** Why the engine cannot run here, or null. Cheap; starts nothing that stays. */
  unavailable(): Promise<string | null>;
  /** Why the engine cannot run this problem, for people, or null. Starts nothing. */
  refuses(problem: Problem): string | null;
  /** Bytes that one instance of the problem's family takes while resident. */
  bytesPerInstance(problem: Problem): number;
  /** Bytes that a block takes besides, whatever its size, on so many threads (0 = all cores). Nothing if absent. */
  sharedBytes?(problem: Problem, threads: number): Promise<number>;
  open(problem: Problem, params: Params, options: SessionOptions): Promise<Session>;
}

/** The device went away during `step`; blocks finished before are kept. */
export class EngineLostError extends Error {
  override name = 'EngineLostError';
  readonly engine: EngineName;
  readonly step: number;
  constructor(engine: EngineName, step: number, reason: string) {
    super(`${engine} lost its device at step ${step}: ${reason}`);
    this.engine = engine;
    this.step = step;
  }
}

/** An engine was asked for that cannot run the problem. */
export class EngineRefusedError extends Error {
  override name = 'EngineRefusedError';
  constructor(engine: EngineName, reason: string) {
    super(`engine "${engine}" cannot train this: ${reason}`);
  }
}

/** An engine was asked for that this machine cannot run. */
export class EngineUnavailableError extends Error {
  override name = 'EngineUnavailableError';
  constructor(engine: EngineName, reason: string) {
    super(`engine "${engine}" cannot run here: ${reason}`);
  }
}
