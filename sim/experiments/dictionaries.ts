/** What the experiments on dictionaries share: scores of trained ones in the order of their rows, and means over cells. */
import type { TrainedGroup, TrainedModels } from '../join.ts';
import { type Scores, scoresOf, specimenAt } from '../metrics/dictionaryScores.ts';
import { takeFrom, takeParams } from '../problem.ts';
import type { Dictionary } from '../theory/dictionary.ts';

/** Held-out samples on which a dictionary is scored here. */
const SAMPLES = 1024;

/** Something of every dictionary of a result, in the order of the rows. */
export function byRow<T>(result: TrainedModels, of: (group: TrainedGroup, i: number) => T): T[] {
  const out: T[] = [];
  for (const group of result.groups) {
    group.rows.forEach((row, i) => {
      out[row] = of(group, i);
    });
  }
  return out;
}

/** Scores of instance i of a group. */
export function scoreAt({ problem, params }: TrainedGroup, i: number): Scores {
  return scoresOf(specimenAt(problem, params, i, SAMPLES));
}

/** W (n, m) of the model that instance i of a group reads. */
export function truthAt({ params, problem: { family } }: TrainedGroup, i: number): Float32Array {
  return takeFrom(params.W, [i], family.features * family.hidden);
}

/** Mean of the values that are numbers; null of none, as JSON keeps it. */
export function meanOf(values: readonly number[]): number | null {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}

/** Runs of `size` neighbours: the replicas and seeds of each cell. */
export function runs<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: values.length / size }, (_, k) => values.slice(k * size, (k + 1) * size));
}

/** Whether five directions W (5, 2) are a pentagon: all long, and no two within 60° of each other. */
export function isPentagon(W: ArrayLike<number>): boolean {
  for (let a = 0; a < 5; a++) {
    const length = Math.hypot(W[2 * a], W[2 * a + 1]);
    if (length < 0.8) return false;
    for (let b = 0; b < a; b++) {
      const other = Math.hypot(W[2 * b], W[2 * b + 1]);
      if ((W[2 * a] * W[2 * b] + W[2 * a + 1] * W[2 * b + 1]) / (length * other) > 0.5) return false;
    }
  }
  return true;
}

/** M (rows, m) times Wᵀ of W (n, m): rows seen from the features. Shape (rows, n). */
function seenFrom(W: ArrayLike<number>, M: ArrayLike<number>, m: number): Float64Array {
  const n = W.length / m;
  const out = new Float64Array((M.length / m) * n);
  for (let at = 0; at < out.length; at++) {
    const [row, f] = [Math.floor(at / n) * m, (at % n) * m];
    for (let k = 0; k < m; k++) out[at] += M[row + k] * W[f + k];
  }
  return out;
}

/** Dictionary i of a group that reads as many orthonormal features as there are dimensions, with those as axes. */
export function inFeatureAxes({ problem: { family }, params }: TrainedGroup, i: number): Dictionary {
  const { W, encoder, decoder, encoderBias, decoderBias } = takeParams(params, family, [i]);
  const m = family.hidden;
  return {
    encoder: seenFrom(W, encoder, m),
    decoder: seenFrom(W, decoder, m),
    encoderBias: Float64Array.from(encoderBias),
    decoderBias: seenFrom(W, decoderBias, m),
  };
}

/** The one of some dictionaries whose `loss` is least. */
export function leastOf<T extends { loss: number }>(all: readonly T[]): T {
  return all.reduce((low, other) => (other.loss < low.loss ? other : low));
}
