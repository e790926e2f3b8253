/** Trains a model in the worker, then dictionaries on it, row after row of the map, and scores them on the way. */
import type { EngineReport } from '../../sim/engine.ts';
import { expandGrid } from '../../sim/grid.ts';
import type { Scores } from '../../sim/metrics/dictionaryScores.ts';
import { initParams } from '../../sim/params.ts';
import type { Params } from '../../sim/problem.ts';
import { parseSpec } from '../../sim/spec.ts';
import {
  DICTIONARY_STEPS,
  type DictionariesState,
  LAMBDAS,
  MODEL_STEPS,
  modelSpec,
  rowSpec,
  sizesOf,
} from './dictionariesState.ts';
import { newest } from './newest.ts';
import { reasonOf } from './page.ts';
import { startTrainer, type Trainer } from './trainer.ts';

/** One cell of the map. */
export interface DictionaryCell {
  latents: number;
  sparsity: number;
  scores: Scores; // means over the cell's dictionaries
  decoder: Float32Array; // (L, 2) of the one whose MMCS is highest
}

/** Where the training stands. */
export interface Progressed {
  state: DictionariesState;
  report: EngineReport;
  W: Float32Array; // (n, 2) of the model that is read
  cells: (DictionaryCell | null)[]; // (sizes, λ)
  share: number; // of all steps that are done
  trained: number; // dictionaries that are finished
}

export interface Listeners {
  moved(now: Progressed): void;
  lost(reason: string): void;
}

/** Held-out samples on which a dictionary is scored while one looks. */
const SAMPLES = 512;
/** Steps between two pictures. */
const STRETCH = 500;
/** Share of all the work that the model is. */
const MODEL_SHARE = 0.1;

/** W of the model of lowest exact loss. */
async function trainModel(trainer: Trainer, state: DictionariesState): Promise<[Float32Array, EngineReport]> {
  const spec = modelSpec(state);
  await trainer.open({ spec, firstStep: 0, params: null, engine: 'auto', purpose: 'many models' });
  const { params, report } = await trainer.advance(MODEL_STEPS);
  const losses = await trainer.exact();
  const best = losses.reduce((low, loss, k) => (loss < losses[low] ? k : low), 0);
  const size = 2 * state.features;
  return [params.W.slice(best * size, (best + 1) * size), report];
}

/** A dictionary problem of one row, and first weights that read W. */
function begin(state: DictionariesState, latents: number, W: Float32Array) {
  const [{ problem, initStd }] = expandGrid(parseSpec(rowSpec(state, latents))).groups;
  const all = new Float32Array(problem.instances * W.length);
  for (let i = 0; i < problem.instances; i++) all.set(W, i * W.length);
  return { problem, params: initParams(problem, initStd, { W: all }) };
}

const SCORED = ['mmcs', 'found', 'r2', 'dead_share', 'l0', 'true_l0'] as const;

/** The cells of a row from its weights and the scores of all its dictionaries. */
function cellsOf(
  { seeds }: DictionariesState,
  latents: number,
  params: Params,
  all: readonly Scores[],
): DictionaryCell[] {
  return LAMBDAS.map((sparsity, k) => {
    const own = all.slice(k * seeds, (k + 1) * seeds);
    const best = own.reduce((top, { mmcs }, i) => (mmcs > own[top].mmcs ? i : top), 0);
    const means = SCORED.map((name) => [name, own.reduce((sum, one) => sum + one[name], 0) / seeds]);
    const at = (k * seeds + best) * 2 * latents;
    return {
      latents,
      sparsity,
      scores: { ...own[best], ...Object.fromEntries(means) },
      decoder: params.decoder.slice(at, at + 2 * latents),
    };
  });
}

/** Trains all rows, smallest first. */
async function trainMap(
  trainer: Trainer,
  state: DictionariesState,
  moved: Listeners['moved'],
  isStale: () => boolean,
): Promise<void> {
  const [W, report] = await trainModel(trainer, state);
  const sizes = sizesOf(state);
  const cells: Progressed['cells'] = new Array(sizes.length * LAMBDAS.length).fill(null);
  const tell = (own: EngineReport, rows: number, trained: number) => {
    const share = MODEL_SHARE + ((1 - MODEL_SHARE) * rows) / sizes.length;
    if (!isStale()) moved({ state, report: own, W, cells: [...cells], share, trained });
  };
  tell(report, 0, 0);
  for (const [row, latents] of sizes.entries()) {
    const { problem, params: first } = begin(state, latents, W);
    const spec = rowSpec(state, latents);
    await trainer.open({ spec, firstStep: 0, params: first, engine: 'auto', purpose: 'many models' });
    for (let step = 0; step < DICTIONARY_STEPS && !isStale(); ) {
      step = Math.min(DICTIONARY_STEPS, step + STRETCH);
      const { params, report: now } = await trainer.advance(step);
      const scores = await trainer.score(SAMPLES);
      cells.splice(row * LAMBDAS.length, LAMBDAS.length, ...cellsOf(state, latents, params, scores));
      const done = row * problem.instances + (step === DICTIONARY_STEPS ? problem.instances : 0);
      tell(now, row + step / DICTIONARY_STEPS, done);
    }
    if (isStale()) return;
  }
}

/** Returns a function that trains a state's map; a new call abandons the one before. */
export function mapper({ moved, lost }: Listeners): (state: DictionariesState) => Promise<void> {
  let trainer = startTrainer();
  return newest(async (isStale, state: DictionariesState) => {
    try {
      await trainMap(trainer, state, moved, isStale);
    } catch (error) {
      trainer.close();
      trainer = startTrainer();
      if (!isStale()) lost(reasonOf(error));
    }
  });
}
