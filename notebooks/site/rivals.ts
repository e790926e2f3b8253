/**
 * How a model stands beside the best shapes that are known for its inputs: all by the exact expected loss. A shape is
 * a local minimum of that loss, reached from a regular start, so lengths and biases are its best ones. Runs in a
 * worker of its own, since it takes up to a second.
 */
import { expandGrid } from '../../sim/grid.ts';
import type { Model } from '../../sim/model.ts';
import type { Problem } from '../../sim/problem.ts';
import { parseSpec, type SpecInput } from '../../sim/spec.ts';
import { exactLoss } from '../../sim/theory/exactLoss.ts';
import { minimiseExactLoss } from '../../sim/theory/optimum.ts';
import { shapeInWords, shapesOf } from './words.ts';

/** A shape and what it costs. */
interface Rival {
  name: string; // in words
  loss: number; // exact, mean over features
}

/** Where a model stands. */
export interface Standing {
  loss: number; // exact, of the weights as they are
  held: Rival; // the minimum whose basin the weights are in
  best: Rival; // the lowest minimum known, `held` among them
}

/** Most features for which minima are found within a second. */
const MOST = 6;

/** Whether minima of a problem's exact loss are looked for. */
function known({ family, density, importance }: Problem): boolean {
  // the starts keep the first features: those must be the most important, and all as rare as each other
  const ordered =
    density.every((p) => p === density[0]) &&
    importance.every((own, i) => i === 0 || own <= importance[i - 1]);
  if (!ordered) return false;
  const plain = family.tied && family.hiddenActivation === 'identity' && family.outputActivation === 'relu';
  return plain && family.sets.length === 0 && family.features <= MOST && family.hidden <= 2;
}

type Rows = [x: number, y: number][];

const ring = (k: number): Rows =>
  Array.from({ length: k }, (_, i) => {
    const angle = (2 * Math.PI * i) / k;
    return [Math.cos(angle), Math.sin(angle)];
  });

/** Regular starts: k-gons of the k first features, and digons beside features with a dimension of their own. */
function starts(n: number, m: number): Rows[] {
  if (m === 1) return [[[1, 0]], [[1, 0], [-1, 0]]]; // biome-ignore format: two starts
  const polygons = Array.from({ length: n - 2 }, (_, k) => ring(k + 3)).filter(({ length }) => length !== 4);
  const pair: Rows = [[1, 0], [0, 1]]; // biome-ignore format: two rows
  const one: Rows = [...pair, [0, -1]];
  const two: Rows = [[1, 0], [-1, 0], [0, 1], [0, -1]]; // biome-ignore format: four rows
  return [...polygons, pair, one, two].filter(({ length }) => length <= n);
}

function startModel(rows: Rows, n: number, m: number, p: number): Model {
  const W = new Float64Array(n * m);
  rows.forEach((row, i) => {
    for (let k = 0; k < m; k++) W[i * m + k] = row[k];
  });
  return { W, b: Float64Array.from({ length: n }, (_, i) => (i < rows.length ? -0.05 : p / 2)) };
}

function minimumFrom({ family, density, importance }: Problem, start: Model): Rival {
  const { model, loss } = minimiseExactLoss(family, start, density, importance);
  return { name: shapeInWords(shapesOf(model.W, family.features, family.hidden)), loss };
}

const lower = (a: Rival, b: Rival) => (b.loss < a.loss * (1 - 1e-6) ? b : a);

let last: { key: string; best: Rival } | null = null; // of the settings asked for last

/** The lowest of the known shapes under a problem's settings. */
function bestOf(problem: Problem): Rival {
  const { family, density, importance } = problem;
  const key = JSON.stringify([family.features, family.hidden, density[0], [...importance]]);
  if (last?.key === key) return last.best;
  const { features: n, hidden: m } = family;
  const all = starts(n, m).map((rows) => minimumFrom(problem, startModel(rows, n, m, density[0])));
  last = { key, best: all.reduce(lower) };
  return last.best;
}

/** Where the weights W (n, m), b (n) stand under a spec's settings, or null where no minima are looked for. */
export function standingOf(
  spec: SpecInput,
  weights: { W: ArrayLike<number>; b: ArrayLike<number> },
): Standing | null {
  const { problem } = expandGrid(parseSpec(spec)).groups[0];
  if (!known(problem)) return null;
  const model = { W: Float64Array.from(weights.W), b: Float64Array.from(weights.b) };
  const { loss } = exactLoss(problem.family, model, problem.density, problem.importance);
  const held = minimumFrom(problem, model);
  return { loss, held, best: lower(held, bestOf(problem)) };
}
