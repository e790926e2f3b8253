/**
 * The gallery: for each experiment train → data → signature → figure → files. A figure whose specs, scale, revision
 * and package version are unchanged is not trained again; its data is read back and its picture drawn anew. With a
 * folder for models a run that was stopped goes on in the middle of a figure.
 */
import { createHash } from 'node:crypto';
import type { EngineReport } from '../sim/engine.ts';
import { type Choice, settle } from '../sim/engines.ts';
import type { Claim, Experiment, Scale } from '../sim/experiments/experiment.ts';
import type { TrainedModels } from '../sim/join.ts';
import type { Progress } from '../sim/progress.ts';
import { withKept } from '../sim/settle/settled.ts';
import { PACKAGE_VERSION } from '../sim/store/provenance.ts';
import type { Finishing } from '../sim/sweep/finish.ts';
import { keepResult } from '../sim/train.ts';
import { type Browser, openBrowser } from './browser.ts';
import type { Entry } from './entry.ts';
import { figures } from './figures/index.ts';
import { filesOf, openPlace, type Place, SHARED } from './place.ts';
import { keptEvidence } from './scoreboard/kept.ts';
import { type Keeping, type Shown, type Trained, trainOnce } from './trained.ts';
import { readEntry, writeAssets, writeFigure, writeIndex, writePictures } from './write.ts';

export interface GalleryOptions extends Keeping {
  scale: Scale;
  out: string; // folder: a gallery, empty, or absent
}

/** A figure has begun: `index` of `count`. */
interface FigureStart {
  kind: 'start';
  experiment: Experiment;
  index: number;
  count: number;
}

/** A figure's files are written. `kept` = its stored data was used and nothing was trained. */
export interface FigureDone {
  kind: 'done';
  experiment: Experiment;
  claims: Claim[];
  kept: boolean;
  seconds: number;
  files: string[];
}

/** Something that a person should know: no Chromium, models that diverged. */
interface Note {
  kind: 'note';
  text: string;
}

/** Training progress of the figure begun last, over its spec number `spec` of `specs`. */
interface FigureProgress {
  kind: 'training';
  experiment: Experiment;
  spec: number;
  specs: number;
  progress: Progress;
}

export type GalleryEvent = FigureStart | FigureProgress | FigureDone | Finishing | Note;

/** What makes stored data still valid: package, scale, specs, and the revision of `data` where it has one. */
function hashOf(experiment: Experiment, scale: Scale): string {
  const parts: unknown[] = [PACKAGE_VERSION, scale, experiment.specs(scale)];
  if (experiment.revision) parts.push(experiment.revision);
  const content = JSON.stringify(parts);
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}

/** Trains the specs of an experiment, but those that are trained. */
async function* trainSpecs(
  experiment: Experiment,
  options: GalleryOptions,
  trained: Trained,
): AsyncGenerator<GalleryEvent, Shown[]> {
  const inputs = experiment.specs(options.scale);
  const shown: Shown[] = [];
  for (const [spec, input] of inputs.entries()) {
    const events = trainOnce(input, options, trained);
    for await (const event of keepResult(events, (own) => shown.push(own))) {
      if (event.kind !== 'progress') yield event;
      else yield { kind: 'training', experiment, spec, specs: inputs.length, progress: event };
    }
  }
  return shown;
}

/** Number of models whose loss stopped being finite. */
function countDiverged(results: TrainedModels[]): number {
  return results
    .flatMap((result) => result.groups)
    .reduce((count, group) => count + group.divergedAt.filter((step) => step >= 0).length, 0);
}

/** What trained the models; null if there are none. */
function reportOf(results: Shown[], { engine, why }: Choice, threads: number): EngineReport | null {
  if (results.length === 0) return null;
  const ran = results.findLast((own) => own.engine)?.engine;
  return ran ?? { engine: engine.name, why, device: 'trained before', threads };
}

/** Trains an experiment and computes its data. */
async function* makeEntry(
  experiment: Experiment,
  options: GalleryOptions,
  trained: Trained,
): AsyncGenerator<GalleryEvent, Entry> {
  const started = performance.now();
  const { scale, threads = 0, signal } = options;
  const engine = await settle(options.engine);
  const results = yield* trainSpecs(experiment, options, trained);
  const data = await experiment.data(results, { scale, engine, threads, signal });
  return {
    name: experiment.name,
    scale,
    hash: hashOf(experiment, scale),
    engine: reportOf(results, engine, threads),
    models: results.reduce((sum, { grid }) => sum + grid.rows, 0),
    diverged: countDiverged(results),
    seconds: (performance.now() - started) / 1000,
    date: new Date().toISOString().slice(0, 10),
    size: { width: 0, height: 0 },
    claims: [],
    data,
  };
}

/** The stored entry of an experiment if it is still valid. Pure theory is always computed anew. */
async function storedEntry(experiment: Experiment, options: GalleryOptions): Promise<Entry | null> {
  if (options.force || experiment.specs(options.scale).length === 0) return null;
  const entry = await readEntry(options.out, experiment.name);
  return entry?.hash === hashOf(experiment, options.scale) ? entry : null;
}

/** What all figures of a run share. */
interface Tools {
  place: Place;
  browser: Browser | null;
  trained: Trained;
}

/** Makes one figure and writes its files. */
async function* makeFigure(
  experiment: Experiment,
  options: GalleryOptions,
  { place, browser, trained }: Tools,
): AsyncGenerator<GalleryEvent, Entry> {
  const stored = await storedEntry(experiment, options);
  const entry = stored ?? (yield* makeEntry(experiment, options, trained));
  const figure = figures[experiment.name](entry.data);
  const { name, signature } = experiment;
  entry.claims = withKept(signature(entry.data, options.scale), name, options.scale, keptEvidence);
  entry.size = { width: figure.layout.width, height: figure.layout.height };
  const files = writeFigure(place, experiment, entry, figure, browser !== null);
  if (browser) files.push(...(await writePictures(place, experiment.name, figure, browser)));
  if (entry.diverged > 0) {
    yield {
      kind: 'note',
      text: `${experiment.name}: ${entry.diverged} of ${entry.models} models diverged`,
    };
  }
  const { claims, seconds } = entry;
  yield { kind: 'done', experiment, claims, kept: stored !== null, seconds, files };
  return entry;
}

/**
 * Makes the figures of the chosen experiments and the index page over all figures of the folder, yielding
 * progress. Returns the entries made. Figures finished before an abort stay.
 * @throws StoreError if the folder holds files that no gallery wrote; the signal's reason when aborted; EngineLostError, EngineRefusedError, EngineUnavailableError.
 */
export async function* makeGallery(
  chosen: readonly Experiment[],
  wanted: GalleryOptions,
): AsyncGenerator<GalleryEvent, Entry[]> {
  const { out, scale } = wanted;
  const place = openPlace(out, [...SHARED, ...chosen.flatMap((experiment) => filesOf(experiment, scale))]);
  try {
    return yield* makeFigures(chosen, wanted, place);
  } finally {
    place.release();
  }
}

async function* makeFigures(
  chosen: readonly Experiment[],
  wanted: GalleryOptions,
  place: Place,
): AsyncGenerator<GalleryEvent, Entry[]> {
  const options = { ...wanted, engine: await settle(wanted.engine) }; // chosen once for all figures
  const { browser, note } = await openBrowser();
  if (note) yield { kind: 'note', text: note };
  const entries: Entry[] = [];
  const tools: Tools = { place, browser, trained: new Map() };
  try {
    await writeAssets(place);
    for (const [index, experiment] of chosen.entries()) {
      options.signal?.throwIfAborted();
      yield { kind: 'start', experiment, index, count: chosen.length };
      entries.push(yield* makeFigure(experiment, options, tools));
      await writeIndex(place, options.scale);
    }
  } finally {
    await browser?.close();
  }
  return entries;
}
