/**
 * The models behind figures. Those of one spec are trained once in a run, whichever figures show them; with a folder
 * for models each spec is a sweep in it, so that a run that was stopped goes on, and another run finds them.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { TrainEvent } from '../sim/block.ts';
import type { EngineReport } from '../sim/engine.ts';
import type { Running } from '../sim/engines.ts';
import type { TrainedModels } from '../sim/join.ts';
import { parseSpec, type SpecInput } from '../sim/spec.ts';
import { specHash } from '../sim/store/provenance.ts';
import { MANIFEST } from '../sim/sweep/manifest.ts';
import { readSweep } from '../sim/sweep/read.ts';
import { removeSweep } from '../sim/sweep/remove.ts';
import { type SweepEvent, sweep } from '../sim/sweep/sweep.ts';
import { keepResult, train } from '../sim/train.ts';

/** Where models are kept. */
export interface Keeping extends Running {
  models?: string; // folder; absent = in memory, for this run alone
  force?: boolean; // train even what is there
}

/** Trained models, and what ran; null if all of them were there. */
export interface Shown extends TrainedModels {
  engine: EngineReport | null;
}

/** Models of this run by the key of their spec. */
export type Trained = Map<string, Shown>;

/** What is said on the way. */
type TrainedEvent = Exclude<TrainEvent | SweepEvent, { kind: 'block' }>;

/** What a spec's models are found by, the same for every figure that shows them: in a folder for models, their folder. */
export const keyOf = (spec: SpecInput): string => specHash(parseSpec(spec)).slice(0, 16);

async function* trainInto(
  folder: string,
  spec: SpecInput,
  { engine, threads, signal, force }: Keeping,
): AsyncGenerator<SweepEvent, Shown> {
  const isThere = fs.existsSync(path.join(folder, MANIFEST));
  if (isThere && force) removeSweep(folder);
  const resume = isThere && !force;
  const ran = yield* sweep(spec, folder, { engine, threads, signal, resume });
  return { ...(yield* readSweep(folder, signal)), engine: ran.engine };
}

/** The models of a spec: of this run, of the folder for models, or trained now. */
export async function* trainOnce(
  spec: SpecInput,
  keeping: Keeping,
  trained: Trained,
): AsyncGenerator<TrainedEvent, Shown> {
  const key = keyOf(spec);
  if (!trained.has(key)) {
    const { models } = keeping;
    const events = models ? trainInto(path.join(models, key), spec, keeping) : train(spec, keeping);
    const keep = (own: Shown) => trained.set(key, own);
    for await (const event of keepResult<TrainEvent | SweepEvent, Shown>(events, keep)) {
      if (event.kind !== 'block') yield event;
    }
  }
  return trained.get(key)!;
}
