/** One cell of the phase diagram: its best model, what it is worth, and what theory says of it. */

import { capacity, featureDimensionality } from '../../sim/metrics/dimensionality.ts';
import { interference } from '../../sim/metrics/interference.ts';
import { featureNorms, fractionRepresented } from '../../sim/metrics/norms.ts';
import { type Region, regionOf } from '../../sim/metrics/phaseRegion.ts';
import { bestSolution, candidateLosses, meanOverFeatures, regionOfSolution } from '../../sim/theory/phase.ts';
import { type AxisName, heldAt, isAxis, QUANTITIES, sidesOf } from './phaseAxes.ts';
import { cellValues, type PhaseState } from './phaseState.ts';
import type { CellModel, Sweep } from './phaseTraining.ts';

/** What theory says of a cell. */
export interface CellTheory {
  region: Region;
  solution: string;
  loss: number; // mean over features
  candidates: { solution: string; loss: number }[];
}

/** Closed forms are known for two features in one dimension and three in two, all important alike but the last. */
export function hasTheory(features: number, hidden: number): features is 2 | 3 {
  return (features === 2 || features === 3) && hidden === features - 1;
}

/** What theory says of a cell's quantities, or null where it has no closed form. */
function theoryOf({ features: n, hidden, density, importance }: Record<AxisName, number>): CellTheory | null {
  if (!hasTheory(n, hidden)) return null;
  const { solution, loss } = bestSolution(n, density, importance);
  return {
    region: regionOfSolution(solution),
    solution,
    loss: meanOverFeatures(loss, n),
    candidates: candidateLosses(n, density, importance).map(([name, cost]) => ({
      solution: name,
      loss: meanOverFeatures(cost, n),
    })),
  };
}

type Models = Sweep['models'];

/** Models of one size, their directions one beside the other. */
interface OneSize {
  cells: number[]; // (I)
  directions: { W: Float32Array }; // (I, n, m)
  shape: { features: number; hidden: number };
}

/** All models by their size. */
function bySize(models: Models): OneSize[] {
  const sizes = new Map<string, number[]>();
  models.forEach((model, cell) => {
    if (!model) return;
    const key = `${model.features} ${model.hidden}`;
    if (!sizes.get(key)?.push(cell)) sizes.set(key, [cell]);
  });
  return [...sizes.values()].map((cells) => {
    const { features, hidden } = models[cells[0]]!;
    const W = new Float32Array(cells.length * features * hidden);
    cells.forEach((cell, at) => {
      W.set(models[cell]!.W, at * features * hidden);
    });
    return { cells, directions: { W }, shape: { features, hidden } };
  });
}

/** The last feature's number of each model, of numbers (I, n). Shape (I). */
const lastOf = (numbers: Float64Array, { shape: { features: n }, cells }: OneSize): Float64Array =>
  Float64Array.from(cells, (_, at) => numbers[at * n + n - 1]);

/** Numbers of models of one size, nothing clipped. Each (I). */
const MEASURES = {
  /** Norm of the last feature's direction. */
  norm: (own: OneSize) => lastOf(featureNorms(own.directions, own.shape), own),
  /** Of the other features with it. */
  interference: (own: OneSize) => lastOf(interference(own.directions, own.shape), own),
  /** D of the last feature: of how much of a dimension it disposes. */
  share: (own: OneSize) => lastOf(featureDimensionality(own.directions, own.shape), own),
  /** Features with a norm over one half. */
  kept: ({ directions, shape }: OneSize) =>
    fractionRepresented(directions, shape).map((share) => Math.round(share * shape.features)),
  /** Σ D_i / m: the share of the hidden dimensions that is in use. */
  packing: ({ directions, shape }: OneSize) => capacity(directions, shape).map((sum) => sum / shape.hidden),
} as const;

/** What is measured on a cell's best model. */
export const SCORES = ['norm', 'interference', 'loss', 'share', 'kept', 'packing'] as const;
export type Score = (typeof SCORES)[number];

/** One number of every cell's best model; NaN where none has begun. Shape (cells). */
export function scoresOf(models: Models, score: Score): Float64Array {
  const out = new Float64Array(models.length).fill(Number.NaN);
  if (score === 'loss') return out.map((none, cell) => models[cell]?.loss ?? none);
  for (const own of bySize(models)) {
    const numbers = MEASURES[score](own);
    own.cells.forEach((cell, at) => {
      out[cell] = numbers[at];
    });
  }
  return out;
}

/** All numbers of one model. */
function allScores(model: CellModel): Record<Score, number> {
  const own = SCORES.map((score) => [score, scoresOf([model], score)[0]] as const);
  return Object.fromEntries(own) as Record<Score, number>;
}

export interface PhaseCell {
  values: Record<AxisName, number>;
  model: CellModel;
  scores: Record<Score, number>;
  region: Region;
  theory: CellTheory | null;
}

/** Cell (x, y), both counted from the lower ends of the axes; null where nothing has begun to train. */
export function cellAt({ state, models }: Sweep, x: number, y: number): PhaseCell | null {
  const model = models[y * sidesOf(state)[0] + x];
  if (!model) return null;
  const scores = allScores(model);
  const values = cellValues(state, x, y);
  return {
    values,
    model,
    scores,
    region: regionOf(scores.norm, scores.interference),
    theory: theoryOf(values),
  };
}

/** Why theory has no lines on this diagram, or null where it has. */
export function whyNoLines(state: PhaseState): string | null {
  const [n, hidden] = [heldAt(state, 'features'), heldAt(state, 'hidden')];
  if (!isAxis(state, 'density') || !isAxis(state, 'importance'))
    return "Theory's boundaries run over density and importance: they are drawn where these are the axes.";
  if (!hasTheory(n, hidden || n - 1))
    return "Theory's boundaries are known for 2 features in 1 dimension and 3 in 2.";
  return null;
}

/** A trained cell is a stray when it costs so many times what theory's best costs: all its seeds stayed in a worse shape. */
const STRAY = 1.1;

/**
 * Cells (row-major, from the lower ends) whose best model is in a local minimum; at the end only, and only where theory
 * has lines and the training is the usual one, which reaches what it will reach.
 */
export function strays({ state, models }: Pick<Sweep, 'state' | 'models'>): number[] {
  const [columns] = sidesOf(state);
  const usual = (['rate', 'decay', 'steps'] as const).every((name) => state[name] === QUANTITIES[name].held);
  if (!usual || whyNoLines(state)) return [];
  return Array.from(models.keys()).filter((cell) => {
    const theory = theoryOf(cellValues(state, cell % columns, Math.floor(cell / columns)));
    return models[cell]!.loss > STRAY * theory!.loss;
  });
}
