/** The losses that theory gives for the playground's settings, where it gives any. */
import { expandGrid } from '../../sim/grid.ts';
import { parseSpec } from '../../sim/spec.ts';
import { exactLoss } from '../../sim/theory/exactLoss.ts';
import { type Kgon, kgonModel, solveKgon } from '../../sim/theory/kgon.ts';
import { bestSolution, inputVariance, meanOverFeatures } from '../../sim/theory/phase.ts';
import type { Reference } from './lossCurve.ts';
import { type Live, type State, specOf } from './state.ts';

const NAMES: Record<number, string> = { 4: 'two digons', 5: 'pentagon', 6: 'hexagon', 7: 'heptagon' };

const kgons = new Map<number, Kgon | null>();
/** The best k-gon of the sparse limit, solved once. */
function kgon(k: number): Kgon | null {
  if (!kgons.has(k)) kgons.set(k, solveKgon(k));
  return kgons.get(k)!;
}

/** Linear model: the m most important features kept, each other one costs its variance. */
function linearReference({ features: n, hidden: m }: State, { density, importance }: Live): Reference[] {
  let loss = 0;
  for (let i = m; i < n; i++) loss += importance ** i * inputVariance(density);
  return [{ name: `${Math.min(m, n)} kept`, loss: meanOverFeatures(loss, n) }];
}

/** ReLU-output model in two dimensions: the exact loss of a k-gon with the sparse limit's length and bias. */
function kgonReferences(state: State, live: Live): Reference[] {
  const n = state.features;
  const { family, density, importance } = expandGrid(parseSpec(specOf(state, live))).groups[0].problem;
  return [4, 5, 6, 7].flatMap((k) => {
    const shape = k <= n ? kgon(k) : null;
    if (!shape) return [];
    const model = kgonModel(n, shape);
    model.b.fill(live.density / 2, k);
    return [{ name: NAMES[k], loss: exactLoss(family, { ...model, V: null }, density, importance).loss }];
  });
}

/** Reference losses, lowest first, at most two; none where theory is silent or slow. */
export function references(state: State, live: Live): Reference[] {
  const { features: n, hidden: m, model, pairs } = state;
  if (pairs !== 'none') return [];
  if (model === 'linear') return linearReference(state, live);
  if (model !== 'relu') return [];
  if ((n === 2 && m === 1) || (n === 3 && m === 2 && live.importance === 1)) {
    const { solution, loss } = bestSolution(n, live.density, live.importance);
    return [{ name: solution, loss: meanOverFeatures(loss, n) }];
  }
  if (m !== 2 || n > 7 || n < 4) return [];
  return kgonReferences(state, live)
    .sort((a, b) => a.loss - b.loss)
    .slice(0, 2);
}
