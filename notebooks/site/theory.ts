/** The losses that theory gives for one model, where it gives any. Runs in the worker: it takes a while. */
import type { Problem } from '../../sim/problem.ts';
import { exactLoss } from '../../sim/theory/exactLoss.ts';
import { type Kgon, kgonModel, solveKgon } from '../../sim/theory/kgon.ts';
import { bestSolution, inputVariance, meanOverFeatures } from '../../sim/theory/phase.ts';

/** A loss that theory gives, mean over features as in training. */
export interface Reference {
  name: string;
  loss: number;
}

const NAMES: Record<number, string> = { 4: 'two digons', 5: 'pentagon', 6: 'hexagon', 7: 'heptagon' };

const kgons = new Map<number, Kgon | null>();

/** The best k-gon of the sparse limit, solved once. */
function kgon(k: number): Kgon | null {
  if (!kgons.has(k)) kgons.set(k, solveKgon(k));
  return kgons.get(k)!;
}

/** Linear model: the m features of most variance times importance kept, each other one costs that much. */
function linearReference({ family, density, importance }: Problem): Reference {
  const { features: n, hidden: m } = family;
  const costs = Array.from(importance, (own, i) => own * inputVariance(density[i])).sort((a, b) => b - a);
  const loss = costs.slice(m).reduce((sum, cost) => sum + cost, 0);
  return { name: `${Math.min(m, n)} kept`, loss: meanOverFeatures(loss, n) };
}

/** ReLU-output model in two dimensions: exact losses of k-gons with the sparse limit's length and bias, and of the two
 * first features kept, the others guessed by their mean: the optimum at density 1. */
function kgonReferences({ family, density, importance }: Problem): Reference[] {
  const n = family.features;
  const two = { W: Float64Array.from({ length: 2 * n }, (_, at) => (at === 0 || at === 3 ? 1 : 0)), b: new Float64Array(n).fill(density[0] / 2, 2) }; // biome-ignore format: one model
  const kept = { name: '2 kept', loss: exactLoss(family, two, density, importance).loss };
  const polygons = [4, 5, 6, 7].flatMap((k) => {
    const shape = k <= n ? kgon(k) : null;
    if (!shape) return [];
    const model = kgonModel(n, shape);
    model.b.fill(density[0] / 2, k);
    return [{ name: NAMES[k], loss: exactLoss(family, { ...model }, density, importance).loss }];
  });
  return [kept, ...polygons];
}

/** Reference losses of a problem of one instance, lowest first, at most two; none where theory is silent. */
export function references(problem: Problem): Reference[] {
  const { family, density, importance } = problem;
  const { features: n, hidden: m } = family;
  if (!density.every((p) => p === density[0])) return []; // the closed forms have one density
  if (!family.tied || family.hiddenActivation !== 'identity' || family.sets.length > 0) return [];
  if (family.outputActivation === 'identity') return [linearReference(problem)];
  if ((n === 2 || n === 3) && m === n - 1 && importance.subarray(0, n - 1).every((i) => i === 1)) {
    const { solution, loss } = bestSolution(n, density[0], importance[n - 1]);
    return [{ name: solution, loss: meanOverFeatures(loss, n) }];
  }
  const descending = importance.every((own, i) => i === 0 || own <= importance[i - 1]); // the first are kept
  if (m !== 2 || n < 4 || n > 7 || !descending) return [];
  return kgonReferences(problem)
    .sort((a, b) => a.loss - b.loss)
    .slice(0, 2);
}
