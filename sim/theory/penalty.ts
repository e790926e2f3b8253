/**
 * Features under the loss plus λ‖h‖₁, for a linear hidden layer whose neurons each hold one feature alone or an
 * antipodal pair: what each can save at most, and the arrangement that saves most. Losses are sums over the features,
 * Σ I_i E (x_i − x'_i)² + penalty · E‖h‖₁; where training takes the mean over n features, penalty = λ n.
 */
import { reluOutputFamily } from '../family.ts';
import type { Model } from '../model.ts';
import { exactLoss } from './exactLoss.ts';
import { reluMoments } from './moments.ts';
import { minimise } from './optimum.ts';
import { visitPatterns } from './patterns.ts';
import { inputVariance } from './phase.ts';

/**
 * E |Σ_i w_i x_i| for independent features, each U[0, 1] with probability p, else 0. Patterns less probable than
 * `negligible` are left out.
 */
export function meanSize(w: readonly number[], p: number, negligible = 0): number {
  const family = reluOutputFamily(w.length, 1);
  const density = w.map(() => p);
  let sum = 0;
  visitPatterns(family, density, negligible, (active, probability) => {
    const [up, down] = [1, -1].map((sign) => reluMoments(0, null, active.map((i) => sign * w[i])).mean); // biome-ignore format: one line
    sum += probability * (up + down);
  });
  return sum;
}

/** E‖h‖₁ of a model of n features with a linear hidden layer. W is (n, m). */
export function meanHiddenSize(W: ArrayLike<number>, m: number, p: number, negligible = 0): number {
  const neurons = Array.from({ length: m }, (_, k) => Array.from(W).filter((_, at) => at % m === k));
  return neurons.reduce((sum, w) => sum + meanSize(w, p, negligible), 0);
}

/** Penalised loss of the features of one neuron, of importance (k). x is W (k), then b (k). */
function neuronLoss(importance: readonly number[], p: number, penalty: number, x: ArrayLike<number>): number {
  const k = importance.length;
  const model: Model = { W: Float64Array.from(x).slice(0, k), b: Float64Array.from(x).slice(k) };
  const { loss } = exactLoss(reluOutputFamily(k, 1), model, new Array<number>(k).fill(p), importance);
  return k * loss + penalty * meanSize([...model.W], p);
}

/**
 * Most that one neuron saves by holding one feature or two, against representing nothing: Σ I_i Var x_i less the least
 * penalised loss; at least 0. importance has one or two entries.
 */
export function mostSaved(importance: readonly number[], p: number, penalty: number): number {
  const zeros = importance.map(() => 0);
  const starts = [1, 0.85, 0.7].map((w) => [...[w, -w].slice(0, importance.length), ...zeros]);
  const losses = starts.map((x) => minimise((at) => neuronLoss(importance, p, penalty, at), x).value);
  const nothing = importance.reduce((sum, I) => sum + I * inputVariance(p), 0);
  return Math.max(0, nothing - Math.min(...losses));
}

/** Features alone on a neuron and antipodal pairs, and what they save together. */
interface Arrangement {
  alone: number[];
  pairs: [number, number][];
  saved: number;
}

/** The arrangement on m neurons that saves most among those of lone features and pairs. importance is (n), falling. */
export function bestArrangement(
  importance: readonly number[],
  m: number,
  p: number,
  penalty: number,
): Arrangement {
  const saved = new Map<string, number>();
  const save = (...features: number[]) => {
    const key = features.join();
    if (!saved.has(key)) saved.set(key, mostSaved(features.map((i) => importance[i]), p, penalty)); // biome-ignore format: one line
    return saved.get(key)!;
  };
  const nothing: Arrangement = { alone: [], pairs: [], saved: 0 };
  const better = (a: Arrangement, b: Arrangement) => (b.saved > a.saved + 1e-12 ? b : a);
  const fill = (left: readonly number[], neurons: number): Arrangement => {
    if (neurons === 0 || left.length === 0) return nothing;
    const [i, ...rest] = left;
    let best = nothing; // the most important feature left is dropped, and with it all others
    if (save(i) > 0) {
      const others = fill(rest, neurons - 1);
      best = better(best, { ...others, alone: [i, ...others.alone], saved: others.saved + save(i) });
    }
    for (const j of rest) {
      if (save(i, j) <= save(i)) break; // a partner of less importance gains less
      const others = fill(rest.filter((k) => k !== j), neurons - 1); // biome-ignore format: one line
      best = better(best, { ...others, pairs: [[i, j], ...others.pairs], saved: others.saved + save(i, j) });
    }
    return best;
  };
  return fill([...importance.keys()], m);
}
